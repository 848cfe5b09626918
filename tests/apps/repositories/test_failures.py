"""What servers, ssh and git say when they refuse, and the state that it means."""

from __future__ import annotations

import pytest

from apps.repositories.failures import explain
from apps.repositories.git import Failed
from apps.repositories.models import State

READ = "fatal: Could not read from remote repository."
SAID = [
    # GitHub, GitLab, Bitbucket, Gitea and Azure over ssh
    (f"ERROR: Repository not found.\n{READ}", State.UNREACHABLE),
    (
        f"remote: ERROR: The project you were looking for could not be found or you don't have …\n{READ}",
        State.UNREACHABLE,
    ),
    (
        f"repository access denied. deployment key is not associated with the requested repository.\n{READ}",
        State.NO_ACCESS,
    ),
    (f"Gitea: Unauthorized\n{READ}", State.NO_ACCESS),
    (f"remote: Public key authentication failed.\n{READ}", State.NO_ACCESS),
    (f"git@github.com: Permission denied (publickey).\n{READ}", State.NO_ACCESS),
    (f"fatal: '/srv/a.git' does not appear to be a git repository\n{READ}", State.UNREACHABLE),
    (f"Host key verification failed.\n{READ}", State.HOST_KEY),
    (f"@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.\n{READ}", State.HOST_KEY),
    (f"ssh: connect to host 10.0.0.7 port 22: Connection timed out\n{READ}", State.UNREACHABLE),
    (f"kex_exchange_identification: Connection closed by remote host\n{READ}", State.UNREACHABLE),
    # the same over https
    ("fatal: could not read Username for 'https://github.com': terminal prompts disabled", State.NO_ACCESS),
    (
        "remote: Invalid username or token.\nfatal: Authentication failed for 'https://github.com/a/b.git/'",
        State.NO_ACCESS,
    ),
    (
        "remote: Write access not granted.\nfatal: unable to access 'x': The requested URL returned error: 403",
        State.NO_ACCESS,
    ),
    ("remote: Repository not found.\nfatal: repository 'https://github.com/a/b.git/' not found", State.UNREACHABLE),
    ("fatal: unable to access 'x': The requested URL returned error: 503", State.UNREACHABLE),
    ("fatal: unable to access 'x': server certificate verification failed. CAfile: none", State.UNREACHABLE),
    ("fatal: unable to access 'x': Operation too slow. Less than 1000 bytes/sec", State.TOO_SLOW),
    ("fatal: unable to access 'x': The requested URL returned error: 301", State.MOVED),
    # git itself
    ("fatal: write error: No space left on device\nfatal: fetch-pack: invalid index-pack output", State.DISK_FULL),
    ("fatal: unable to write file: File too large\nfatal: fetch-pack: invalid index-pack output", State.TOO_LARGE),
    ("fatal: Out of memory, malloc failed (tried to allocate 524288 bytes)", State.TOO_LARGE),
    ("error: object 1: hasDotdot: contains '..'\nfatal: fsck error in packed object", State.REFUSED),
]


@pytest.mark.parametrize(("said", "state"), SAID)
def test_what_it_means(said: str, state: State) -> None:
    assert explain(Failed("said", said)).state == state


def test_who_can_mend_it_is_told_how() -> None:
    refused = Failed("x", "fatal: Authentication failed for 'x'")
    assert "Give it access" in str(explain(refused))
    assert "Replace it" in str(explain(refused, identified=True))


def test_a_brace_in_what_was_said_is_text() -> None:
    assert "{0} {x}" in str(explain(Failed("fatal: {0} {x}")))
