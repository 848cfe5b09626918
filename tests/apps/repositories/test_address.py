"""The parser of addresses: what it accepts it rebuilds, what it refuses it explains."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from apps.repositories.address import AddressError, parse
from apps.repositories.example.story import write


@pytest.mark.parametrize(
    ("typed", "url", "name"),
    [
        ("https://github.com/psf/requests", "https://github.com/psf/requests.git", "requests"),
        ("https://github.com/psf/requests.git", "https://github.com/psf/requests.git", "requests"),
        ("  HTTPS://GitHub.com/psf/requests/ ", "https://github.com/psf/requests.git", "requests"),
        ("https://github.com.:443/psf/requests", "https://github.com/psf/requests.git", "requests"),
        ("https://gitlab.com/a/b/c", "https://gitlab.com/a/b/c.git", "c"),
        ("https://git.example.org:8443/a/b", "https://git.example.org:8443/a/b", "b"),
        ("https://git.example.org:0443/~me/b.git", "https://git.example.org/~me/b.git", "b"),
        ("https://git.example.org/b", "https://git.example.org/b", "b"),
        (
            "https://dev.azure.com/org/My%20Project/_git/repo",
            "https://dev.azure.com/org/My%20Project/_git/repo",
            "repo",
        ),
        (
            "https://huggingface.co/bert-base/uncased_v1.0",
            "https://huggingface.co/bert-base/uncased_v1.0",
            "uncased_v1.0",
        ),
        ("https://xn--bcher-kva.example/a/b", "https://xn--bcher-kva.example/a/b", "b"),
    ],
)
def test_an_address_is_rebuilt(typed: str, url: str, name: str) -> None:
    address = parse(typed, [])
    assert (address.url, address.name) == (url, name)
    assert parse(url, []).url == url


REFUSED = {
    "Enter an address": ["", "   "],
    "hyphen": ["-x", "--upload-pack=touch /tmp/canary", "-oProxyCommand=x:foo", "-O./x"],
    "scheme": [
        *("github.com/a/b", "./rel", "../rel", "rel", "~/repo", "bundle", "//host/a/b", "http//x.y/z"),
        *("ext::sh -c 'touch /tmp/canary'", "fd::17", "file:///etc", "file://localhost/srv/x", "FILE:///srv/x"),
        *("http://github.com/a/b", "git://github.com/a/b", "ftp://github.com/a/b", "ftps://github.com/a/b"),
        *("dict://github.com/a", "gopher://github.com/a", "javascript://github.com/a/b", "data:text/plain,x"),
        *("ssh://github.com/a/b", "ssh://-oProxyCommand=touch/x", "git+ssh://github.com/a/b"),
        *("https::https://github.com/a/b", "https:github.com/a/b", "https:/github.com/a/b"),
    ],
    "ssh": ["git@github.com:a/b.git", "git@host.example:a/b", "ssh://git@github.com/a/b"],
    "user name": [
        *("https://me@github.com/a/b", "https://me:secret@github.com/a/b", "https://@github.com/a/b"),
        *("https://github.com@evil.example/a/b", "https://github.com:443@evil.example/a/b", "https://a@b@c.d/e/f"),
    ],
    "host": [
        *("https://", "https:///a/b", "https://:443/a/b", "https://localhost/a/b", "https://intranet/a/b"),
        *("https://-oProxyCommand=x/a/b", "https://-github.com/a/b", "https://github-.com/a/b"),
        *("https://github..com/a/b", "https://.github.com/a/b", "https://git_hub.com/a/b", "https://a b.com/a"),
        *("https://good.example\\@evil.example/a/b", "https://exa%6dple.com/a/b", "https://bücher.example/a/b"),
        *("https://github.com。evil.example/a/b", "https://[::1/a/b", "https://::1/a/b", "https://$HOME.com/a/b"),
        "https://" + "a." * 130 + "com/a/b",
        "https://" + "a" * 64 + ".com/a/b",
    ],
    "IP address": [
        *("https://127.0.0.1/a/b", "https://127.1/a/b", "https://2130706433/a/b", "https://0x7f.1/a/b"),
        *("https://0177.0.0.1/a/b", "https://0/a/b", "https://[::1]/a/b", "https://[::ffff:127.0.0.1]/a/b"),
        *("https://169.254.169.254/latest", "https://10.0.0.1/a/b", "https://8.8.8.8/a/b", "https://1.2.3.0x4/a"),
        *("https://127.0.0.1./a/b", "https://[fe80::1%25eth0]/a/b"),
    ],
    "port": [
        *("https://github.com:0/a/b", "https://github.com:65536/a/b", "https://github.com:-1/a/b"),
        *("https://github.com:x/a/b", "https://github.com:٤٤٣/a/b", "https://github.com:443:443/a/b"),
    ],
    "path": [
        *("https://github.com", "https://github.com/", "https://github.com/a", "https://github.com/a/b/tree/main"),
        *("https://gitlab.com/a/b/-/tree/main", "https://git.example.org//a/b", "https://git.example.org/a//b"),
        *("https://git.example.org/a/../b", "https://git.example.org/./b", "https://git.example.org/a/%2e%2e/b"),
        *(
            "https://git.example.org/-x/b",
            "https://git.example.org/a/--upload-pack=x",
            "https://git.example.org/a/%2dx",
        ),
        *("https://git.example.org/a\\b", "https://git.example.org/a b", "https://git.example.org/a;b"),
        *("https://git.example.org/a/b%0a", "https://git.example.org/a/b%00", "https://git.example.org/a%2fb"),
        *("https://git.example.org/$HOME/b", "https://git.example.org/a/`id`", "https://git.example.org/a/%zz"),
        *("https://git.example.org/a/.git", "https://git.example.org/a/<b>", "https://git.example.org/a/ü"),
        "https://git.example.org/a/%ff",
    ],
    "query": ["https://github.com/a/b?private_token=x", "https://github.com/a/b?"],
    "fragment": ["https://github.com/a/b#readme", "https://github.com/a/b#"],
    "invisible": [
        "https://github.com/a/b\x00",
        "https://git\thub.com/a/b",
        "https://github.com/a\n/b",
        "/srv/\x1b[31m",
    ],
    "characters": ["https://github.com/a/" + "b" * 500],
    "MLHEALTH_LOCAL_ROOTS": ["/", "/etc", "/etc/passwd", "/nonexistent", "/proc/self/cwd"],
}


@pytest.mark.parametrize(("part", "typed"), [(part, each) for part, all_ in REFUSED.items() for each in all_])
def test_a_refusal_names_the_part(part: str, typed: str) -> None:
    with pytest.raises(AddressError, match=part):
        parse(typed, [])


@pytest.mark.parametrize(
    ("typed", "mend"),
    [
        ("git@github.com:psf/requests.git", "https://github.com/psf/requests"),
        ("ssh://git@git.example.org:2222/a/b.git", "https://git.example.org/a/b"),
        ("https://github.com/psf/requests/tree/main/src", "https://github.com/psf/requests"),
        ("https://gitlab.com/g/h/p/-/tree/main", "https://gitlab.com/g/h/p"),
    ],
)
def test_a_refusal_offers_an_address_that_is_accepted(typed: str, mend: str) -> None:
    with pytest.raises(AddressError) as refusal:
        parse(typed, [])
    assert f" {mend}." in str(refusal.value)
    assert parse(mend, []).url.startswith(mend)


def test_a_refusal_does_not_repeat_a_secret() -> None:
    with pytest.raises(AddressError) as refusal:
        parse("https://me:hunter2@github.com/a/b", [])
    assert "hunter2" not in str(refusal.value)


@given(st.text(alphabet="https:/.@?#%-[]\\ abAZ019~_\n;", max_size=40))
def test_whatever_is_accepted_is_safe_and_stays(rest: str) -> None:
    try:
        address = parse("https://git.example.org/" + rest, [])
    except AddressError:
        return
    assert parse(address.url, []) == address
    assert address.url.startswith("https://git.example.org/")
    assert set(address.url).isdisjoint(" @?#\\\n;")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    write(folder / "bare.git", [])
    write(folder / "work" / "tree" / ".git", [])
    write(tmp_path / "outside.git", [])
    return folder


def test_a_folder_below_a_root(root: Path) -> None:
    bare, tree = parse(f"{root}/bare.git/", [root]), parse(f"{root}/work/tree", [root])
    assert (bare.url, bare.name, bare.host, bare.forge) == (f"{root}/bare.git", "bare", "", "")
    assert (tree.url, tree.name) == (f"{root}/work/tree/.git", "tree")
    assert parse(tree.url, [root]) == tree


def test_a_link_inside_a_root_is_followed(root: Path) -> None:
    (root / "alias").symlink_to(root / "bare.git")
    assert parse(f"{root}/alias", [root]).url == f"{root}/bare.git"


@pytest.mark.parametrize("path", ["../outside.git", "bare.git/../../outside.git", "link", "tree"])
def test_nothing_outside_the_roots(root: Path, path: str) -> None:
    (root / "link").symlink_to(root.parent / "outside.git")
    (root / "tree").mkdir()
    (root / "tree" / ".git").symlink_to(root.parent / "outside.git")
    with pytest.raises(AddressError, match="not below a folder that an administrator listed"):
        parse(f"{root}/{path}", [root])


def test_mirrors_are_no_sources_or_one_team_would_read_anothers(root: Path, settings: Settings) -> None:
    settings.MIRRORS = root / "var" / "mirrors"
    write(root / "var" / "mirrors" / "1", [])
    with pytest.raises(AddressError, match="mlhealth's own"):
        parse(f"{root}/var/mirrors/1", [root])


def test_a_root_that_begins_alike_is_another(root: Path) -> None:
    write(root.parent / "root2" / "a.git", [])
    with pytest.raises(AddressError, match="not below"):
        parse(f"{root}2/a.git", [root])


def test_what_is_no_repository(root: Path) -> None:
    (root / "plain").mkdir()
    (root / "file").touch()
    for name in ("plain", "file", "absent"):
        with pytest.raises(AddressError, match="is not a git repository"):
            parse(f"{root}/{name}", [root])


def test_a_linked_work_tree_names_its_main_repository(root: Path) -> None:
    (root / "linked").mkdir()
    (root / "linked" / ".git").write_text(f"gitdir: {root.parent}/outside.git\n")
    with pytest.raises(AddressError, match="main repository"):
        parse(f"{root}/linked", [root])


@pytest.mark.parametrize("name", ["objects/info/alternates", "objects/info/http-alternates", "commondir"])
def test_a_repository_that_borrows_by_file(root: Path, name: str) -> None:
    place = root / "bare.git" / name
    place.parent.mkdir(exist_ok=True)
    place.write_text(f"{root.parent}/outside.git/objects\n")
    with pytest.raises(AddressError, match="borrows"):
        parse(f"{root}/bare.git", [root])


@pytest.mark.parametrize("name", ["objects", "refs", "refs/heads", "objects/pack", "objects/aa", "objects/pack/x.pack"])
def test_a_repository_that_borrows_by_link(root: Path, name: str) -> None:
    place, other = root / "bare.git" / name, root.parent / "outside.git"
    if place.is_dir():
        place.rename(root / "aside")
    place.symlink_to(other / "objects")
    with pytest.raises(AddressError, match="borrows"):
        parse(f"{root}/bare.git", [root])
