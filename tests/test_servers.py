"""The servers that other tests rely on do what they say, to the plain programs that speak to them."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.apps.repositories.origins import Origin
from tests.servers import answers, https
from tests.servers.certificates import DAY, Identity, issue

NOTHING_OF_THIS_MACHINE = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
}


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    return Origin(tmp_path / "origin.git")


def git(*arguments: str, ca: Path | None = None, seconds: float = 10) -> subprocess.CompletedProcess[str]:
    """Git to the end, or with all its children killed after that time and -9 to show for it."""
    variables = NOTHING_OF_THIS_MACHINE | ({"GIT_SSL_CAINFO": str(ca)} if ca else {})
    with subprocess.Popen(
        ["git", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=variables,
        process_group=0,
    ) as process:
        try:
            output, complaint = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, complaint = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, output, complaint)


def test_clone_and_fetch_over_tls(origin: Origin, tmp_path: Path) -> None:
    with https.serve(answers.git(tmp_path)) as server:
        assert git("clone", "--mirror", server.url("/origin.git"), str(tmp_path / "copy"), ca=server.ca).returncode == 0
        pushed = origin.push("main")
        assert git("-C", str(tmp_path / "copy"), "fetch", ca=server.ca).returncode == 0
        assert git("-C", str(tmp_path / "copy"), "rev-parse", "main").stdout.strip() == pushed
        assert git("ls-remote", server.url("/other.git"), ca=server.ca).stderr.endswith("not found\n")
    assert server.hits[0] == ("/origin.git/info/refs?service=git-upload-pack", None)


@pytest.mark.parametrize(("version", "header"), [(0, "Content-Encoding"), (2, "Transfer-Encoding")])
def test_long_requests_are_zipped_or_come_in_chunks(origin: Origin, tmp_path: Path, version: int, header: str) -> None:
    many = range(2000 if header == "Transfer-Encoding" else 100)
    story = "".join(f"commit refs/heads/{n}\ncommitter A <a> {n} +0000\ndata 0\n\n" for n in many)
    origin.git("fast-import", stdin=story.encode())
    seen: set[str] = set()

    def answer(request: https.Request) -> None:
        seen.update(request.headers.keys())
        answers.git(tmp_path)(request)

    with https.serve(answer) as server:
        options = ("-c", f"protocol.version={version}", "-c", "http.postBuffer=131072")
        clone = ("clone", "--mirror", server.url("/origin.git"), str(tmp_path / "copy"))
        assert git(*options, *clone, ca=server.ca).returncode == 0
    assert header in seen


@pytest.mark.parametrize("identity", [issue("elsewhere.example.org"), issue(until=-DAY)], ids=["name", "time"])
def test_a_certificate_that_does_not_hold(origin: Origin, tmp_path: Path, identity: Identity) -> None:
    with https.serve(answers.git(tmp_path), identity) as server:
        assert "certificate" in git("ls-remote", server.url("/origin.git"), ca=server.ca).stderr
    assert server.hits == []


def test_credentials(origin: Origin, tmp_path: Path) -> None:
    with https.serve(answers.require("ada", "s3cret", answers.git(tmp_path))) as server:
        for user, status in (("", 128), ("ada:wrong@", 128), ("ada:s3cret@", 0)):
            url = server.url("/origin.git", host=f"{user}localhost")
            assert git("ls-remote", url, ca=server.ca).returncode == status
    assert server.hits[-1].authorization == "Basic YWRhOnMzY3JldA=="


@pytest.mark.parametrize("status", [200, 403])
def test_an_echo_makes_git_print_the_secret(status: int) -> None:
    with https.serve(answers.echo(status)) as server:
        said = git("ls-remote", server.url("/a.git", host="ada:s3cret@localhost"), ca=server.ca).stderr
    assert "remote error: ada:s3cret" in said or "remote: ada:s3cret" in said


def test_a_redirect(origin: Origin, tmp_path: Path) -> None:
    with https.serve(answers.git(tmp_path)) as inner, https.serve(answers.redirect(inner.url)) as outer:
        ask = ("ls-remote", outer.url("/origin.git"))
        assert git("-c", "http.followRedirects=false", *ask, ca=inner.ca).returncode == 128
        assert inner.hits == []
        assert git("-c", "http.followRedirects=true", *ask, ca=inner.ca).returncode == 0


@pytest.mark.parametrize("allow", [True, False])
def test_a_filter_is_honoured_or_ignored(origin: Origin, tmp_path: Path, allow: bool) -> None:
    copy = tmp_path / "copy"
    with https.serve(answers.git(tmp_path, allow_filter=allow)) as server:
        url = server.url("/origin.git")
        assert git("clone", "--bare", "--filter=blob:none", url, str(copy), ca=server.ca).returncode == 0
    listed = git("-C", str(copy), "rev-list", "--objects", "--missing=print", "--all").stdout
    assert ("?" in listed) is allow


def test_the_answer_may_change(origin: Origin, tmp_path: Path) -> None:
    with https.serve(answers.refuse(503, b"Later.", Content_Type="text/plain", Retry_After="1")) as server:
        ask = ("ls-remote", server.url("/origin.git"))
        assert "remote: Later." in git(*ask, ca=server.ca).stderr
        server.answer = answers.git(tmp_path)
        assert git(*ask, ca=server.ca).returncode == 0
