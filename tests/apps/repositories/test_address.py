"""The parser of addresses: what it accepts it rebuilds, what it refuses it explains."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.repositories.address import AddressError, parse


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
        ("https://www.github.com/psf/requests", "https://github.com/psf/requests.git", "requests"),
        ("git@GitHub.com:psf/requests.git", "git@github.com:psf/requests.git", "requests"),
        ("github.com:psf/requests", "git@github.com:psf/requests", "requests"),
        ("me@git.example.org:/srv/a/b.git/", "me@git.example.org:/srv/a/b.git", "b"),
        ("git@git.example.org:~me/b", "git@git.example.org:~me/b", "b"),
        ("ssh://Git.Example.org:022/a/b", "ssh://git@git.example.org/a/b", "b"),
        ("SSH://me@git.example.org:2222/a/b.git", "ssh://me@git.example.org:2222/a/b.git", "b"),
        ("git@ssh.dev.azure.com:v3/org/My%20Project/repo", "git@ssh.dev.azure.com:v3/org/My%20Project/repo", "repo"),
    ],
)
def test_an_address_is_rebuilt(typed: str, url: str, name: str) -> None:
    address = parse(typed, [])
    assert (address.url, address.name) == (url, name)
    assert parse(url, []).url == url


SAME = [
    [
        *("https://github.com/psf/requests", "https://github.com/PSF/Requests.git", "HTTPS://GITHUB.COM/psf/requests/"),
        *("git@github.com:psf/requests.git", "ssh://git@github.com/psf/requests", "github.com:psf/requests"),
        *("ssh://git@ssh.github.com:443/psf/requests.git", "ssh://github.com/psf/requests.git"),
    ],
    ["https://gitlab.com/a/b/c", "git@altssh.gitlab.com:a/b/c.git", "ssh://git@altssh.gitlab.com:443/a/b/c.git"],
    [
        *("https://dev.azure.com/org/My%20Project/_git/repo", "git@ssh.dev.azure.com:v3/org/My%20Project/repo"),
        "org@vs-ssh.visualstudio.com:v3/org/My%20Project/repo",
    ],
    ["https://git.example.org/a/b", "https://git.example.org:443/a/b.git", "https://Git.example.org./a/b/"],
    ["me@git.example.org:/srv/b.git", "ssh://you@git.example.org:22/srv/b", "git.example.org:/srv/b"],
    ["me@git.example.org:srv/b.git", "you@git.example.org:srv/b"],  # below a home, which /srv/b is not
    ["https://git.example.org/A/b"],  # whether case counts is not known here
    ["https://git.example.org:8443/a/b"],
    ["ssh://git.example.org:2222/srv/b"],
]


def test_one_identity_per_repository() -> None:
    identities = [{parse(typed, []).identity for typed in spellings} for spellings in SAME]
    assert [len(each) for each in identities] == [1] * len(SAME)
    assert len(set.union(*identities)) == len(SAME)


@pytest.mark.parametrize(
    ("typed", "web_url", "origin"),
    [
        ("git@github.com:psf/requests.git", "https://github.com/psf/requests", "ssh://github.com"),
        ("ssh://git@gitlab.corp.example:2222/a/b", "https://gitlab.corp.example/a/b", "ssh://gitlab.corp.example:2222"),
        ("git@ssh.dev.azure.com:v3/o/p/r", "https://dev.azure.com/o/p/_git/r", "ssh://ssh.dev.azure.com"),
        ("git@git.example.org:a/b", "", "ssh://git.example.org"),
        ("https://git.example.org:8443/a/b", "", "https://git.example.org:8443"),
    ],
)
def test_what_an_address_tells(typed: str, web_url: str, origin: str) -> None:
    assert (parse(typed, []).web_url, parse(typed, []).origin) == (web_url, origin)


@pytest.mark.parametrize("typed", ["https://10.0.0.7/a/b", "git@gitserver:a/b", "ssh://git@gitserver:2222/a/b"])
def test_a_listed_host_needs_no_public_name(typed: str) -> None:
    with pytest.raises(AddressError, match="MLHEALTH_INTERNAL_HOSTS"):
        parse(typed, [])
    assert parse(typed, [], ["10.0.0.7", "gitserver"]).url == typed


REFUSED = {
    "Enter an address": ["", "   "],
    "hyphen": ["-x", "--upload-pack=touch /tmp/canary", "-oProxyCommand=x:foo", "-O./x"],
    "scheme": [
        *("github.com/a/b", "./rel", "../rel", "rel", "~/repo", "bundle", "//host/a/b", "http//x.y/z"),
        *("ext::sh -c 'touch /tmp/canary'", "fd::17", "file:///etc", "file://localhost/srv/x", "FILE:///srv/x"),
        *("http://github.com/a/b", "git://github.com/a/b", "ftp://github.com/a/b", "ftps://github.com/a/b"),
        *("dict://github.com/a", "gopher://github.com/a", "javascript://github.com/a/b", "data:text/plain,x"),
        *("git+ssh://github.com/a/b", "ssh::git@github.com/a/b", "localhost:a/b"),
        *("https::https://github.com/a/b", "https:github.com/a/b", "https:/github.com/a/b"),
    ],
    "password": ["ssh://me:secret@github.com/a/b", "me:secret@github.com:a/b", "ssh://:x@github.com/a/b"],
    "A port cannot": ["git@git.example.org:2222/a/b", "git@git.example.org:22"],
    "user name": [
        *("https://me@github.com/a/b", "https://me:secret@github.com/a/b", "https://@github.com/a/b"),
        *("ssh://-oProxyCommand=x@github.com/a/b", "$(id)@github.com:a/b", "@github.com:a/b"),
        *("ssh://a@b@github.com/a/b", "ssh://" + "a" * 33 + "@github.com/a/b"),
        *("https://github.com@evil.example/a/b", "https://github.com:443@evil.example/a/b", "https://a@b@c.d/e/f"),
    ],
    "host": [
        *("https://", "https:///a/b", "https://:443/a/b", "https://localhost/a/b", "https://intranet/a/b"),
        *("https://-oProxyCommand=x/a/b", "https://-github.com/a/b", "https://github-.com/a/b"),
        *("https://github..com/a/b", "https://.github.com/a/b", "https://git_hub.com/a/b", "https://a b.com/a"),
        *("https://good.example\\@evil.example/a/b", "https://exa%6dple.com/a/b", "https://bücher.example/a/b"),
        *("https://github.com。evil.example/a/b", "https://[::1/a/b", "https://::1/a/b", "https://$HOME.com/a/b"),
        *("ssh://-oProxyCommand=touch/x", "git@-oProxyCommand=x:a/b", "git@:a/b", "git@localhost:a/b", "ssh:///a/b"),
        "https://" + "a." * 130 + "com/a/b",
        "https://" + "a" * 64 + ".com/a/b",
    ],
    "IP address": [
        *("https://127.0.0.1/a/b", "https://127.1/a/b", "https://2130706433/a/b", "https://0x7f.1/a/b"),
        *("https://0177.0.0.1/a/b", "https://0/a/b", "https://[::1]/a/b", "https://[::ffff:127.0.0.1]/a/b"),
        *("https://169.254.169.254/latest", "https://10.0.0.1/a/b", "https://8.8.8.8/a/b", "https://1.2.3.0x4/a"),
        *("https://127.0.0.1./a/b", "https://[fe80::1%25eth0]/a/b", "ssh://git@127.0.0.1/a/b", "git@10.0.0.1:a/b"),
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
        *("git@git.example.org:", "git@git.example.org:-x/b", "git@git.example.org:a/../b", "git@git.example.org:a;b"),
        *("git@git.example.org:a/b#x", "git@github.com:a", "ssh://git@git.example.org", "git@github.com:a/b/tree/main"),
    ],
    "query": ["ssh://git@github.com/a/b?x", "https://github.com/a/b?private_token=x", "https://github.com/a/b?"],
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
        ("git@git.example.org:2222/a/b.git", "ssh://git@git.example.org:2222/a/b.git"),
        ("https://github.com/psf/requests/tree/main/src", "https://github.com/psf/requests"),
        ("https://gitlab.com/g/h/p/-/tree/main", "https://gitlab.com/g/h/p"),
    ],
)
def test_a_refusal_offers_an_address_that_is_accepted(typed: str, mend: str) -> None:
    with pytest.raises(AddressError) as refusal:
        parse(typed, [])
    assert f" {mend}" in str(refusal.value)
    assert parse(mend, []).url.startswith(mend)


@pytest.mark.parametrize("typed", ["https://me:hunter2@github.com/a/b", "ssh://me:hunter2@github.com/a/b"])
def test_a_refusal_does_not_repeat_a_secret(typed: str) -> None:
    with pytest.raises(AddressError) as refusal:
        parse(typed, [])
    assert "hunter2" not in str(refusal.value)


@given(
    st.sampled_from(["https://git.example.org/", "ssh://git@git.example.org/", "git@git.example.org:"]),
    st.text(alphabet="https:/.@?#%-[]\\ abAZ019~_\n;", max_size=40),
)
def test_whatever_is_accepted_is_safe_and_stays(start: str, rest: str) -> None:
    try:
        address = parse(start + rest, [])
    except AddressError:
        return
    assert parse(address.url, []) == address
    assert address.url.startswith(start)
    assert set(address.url.removeprefix(start)).isdisjoint(" @?#\\\n;:")
