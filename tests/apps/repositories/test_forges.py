"""Links to a file and line at a commit."""

from __future__ import annotations

import pytest

from apps.repositories.address import parse
from apps.repositories.forges import Forge, link, recognise

COMMIT = "3f2a91c0" * 5


@pytest.mark.parametrize(
    ("host", "forge"),
    [
        ("github.com", Forge.GITHUB),
        ("github.example.org", Forge.GITHUB),
        ("gitlab.com", Forge.GITLAB),
        ("gitlab.inria.fr", Forge.GITLAB),
        ("bitbucket.org", Forge.BITBUCKET),
        ("bitbucket.example.org", Forge.NONE),
        ("codeberg.org", Forge.GITEA),
        ("forgejo.example.org", Forge.GITEA),
        ("gitea.com", Forge.GITEA),
        ("dev.azure.com", Forge.AZURE),
        ("org.visualstudio.com", Forge.AZURE),
        ("git.example.org", Forge.NONE),
        ("notgithub.com", Forge.NONE),
        ("huggingface.co", Forge.NONE),
        ("", Forge.NONE),
    ],
)
def test_recognise(host: str, forge: Forge) -> None:
    assert recognise(host) == forge


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        ("https://github.com/a/b.git", f"https://github.com/a/b/blob/{COMMIT}/src/m.py?plain=1#L7"),
        ("https://gitlab.com/g/h/b", f"https://gitlab.com/g/h/b/-/blob/{COMMIT}/src/m.py?plain=1#L7"),
        ("https://bitbucket.org/a/b", f"https://bitbucket.org/a/b/src/{COMMIT}/src/m.py#lines-7"),
        ("https://codeberg.org/a/b", f"https://codeberg.org/a/b/src/commit/{COMMIT}/src/m.py?display=source#L7"),
        (
            "https://dev.azure.com/o/My%20P/_git/b",
            f"https://dev.azure.com/o/My%20P/_git/b?path=/src/m.py&version=GC{COMMIT}"
            "&line=7&lineEnd=8&lineStartColumn=1&lineEndColumn=1",
        ),
        ("https://git.example.org/a/b", ""),
    ],
)
def test_a_line(typed: str, page: str) -> None:
    address = parse(typed, [])
    assert link(address.forge, address.web_url, COMMIT, "src/m.py", 7) == page


@pytest.mark.parametrize(
    ("path", "quoted"),
    [
        ("a b.py", "a%20b.py"),
        ("100%.csv", "100%25.csv"),
        ("what?.md", "what%3F.md"),
        ("#1.py", "%231.py"),
        ("a&b=c.py", "a%26b%3Dc.py"),
        ("{web}.py", "%7Bweb%7D.py"),
        ("données/été.py", "donn%C3%A9es/%C3%A9t%C3%A9.py"),
        ("caf\udce9.py", "caf%E9.py"),
        ("new\nline.py", "new%0Aline.py"),
        ('"><script>.py', "%22%3E%3Cscript%3E.py"),
        ("javascript:x", "javascript%3Ax"),
        ("..a/b..", "..a/b.."),
    ],
)
def test_odd_names_are_quoted(path: str, quoted: str) -> None:
    web = "https://github.com/a/b"
    assert link("github", web, COMMIT, path) == f"{web}/blob/{COMMIT}/{quoted}"


@pytest.mark.parametrize("path", ["../../evil/repo", "a/../../..", "./a", "a//b", "/etc/passwd", "", "a/", ".."])
def test_a_path_that_would_leave_the_repository_has_no_page(path: str) -> None:
    assert link("github", "https://github.com/a/b", COMMIT, path) == ""


@pytest.mark.parametrize("commit", ["", "main", "3f2a91c", "../x", COMMIT.upper(), COMMIT + "0"])
def test_only_whole_object_ids_have_pages(commit: str) -> None:
    assert link("github", "https://github.com/a/b", commit, "a.py") == ""
