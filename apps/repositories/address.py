"""The one parser of repository addresses: it takes them apart, checks each part and builds them anew.

Only what `parse` returns is ever stored or given to git.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from apps.repositories import folders, forges
from apps.repositories.forges import Forge

LONGEST = 500
EXAMPLE = "https://github.com/owner/name"
PORTS = {"https": 443, "ssh": 22}

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)(://|::)")
# As in git@github.com:owner/name; without a user only where it can be nothing else.
SCP = re.compile(r"(?:(?P<userinfo>[^/@]*)@(?P<host>[^/:@]*)|(?P<bare>[^/:@]+\.[^/:@]+)):(?P<path>.*)")
URL = re.compile(
    r"(?:(?P<userinfo>[^/?#]*)@)?(?P<host>\[[^\]/?#]*\]|[^:/?#\[\]]*)(?::(?P<port>[^/?#]*))?"
    r"(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?(?P<fragment>#.*)?"
)
USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}")
HOST_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
NUMBER_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
SEGMENT = re.compile(r"(?:[A-Za-z0-9._~+,=-]|%[0-9A-Fa-f]{2})+")
# These send a clone without .git elsewhere, which we do not follow, or would count it as another repository.
NAMES_END_IN_GIT = {Forge.GITHUB, Forge.GITLAB, Forge.BITBUCKET, Forge.GITEA}
# On these a repository is always owner/name, so anything longer is one of its pages.
OWNER_AND_NAME = {"github.com", "bitbucket.org", "codeberg.org"}


class AddressError(ValueError):
    """Says which part of an address is wrong, and how to mend it."""


@dataclass(frozen=True)
class Address:
    """Where a repository is: by https, by ssh, or (without a host) in a folder on this machine.

    Two addresses with one `identity` lead to one repository, however they are written.
    """

    url: str
    name: str
    identity: str
    scheme: str = "file"
    user: str = ""
    host: str = ""
    port: int = 0
    forge: Forge = Forge.NONE
    web_url: str = ""

    @property
    def origin(self) -> str:
        """The server, which is what a credential is for; "" for a folder."""
        return f"{self.scheme}://{self.server}" if self.host else ""

    @property
    def server(self) -> str:
        """Host, and the port where it is not the usual one."""
        return self.host if self.port == PORTS.get(self.scheme, 0) else f"{self.host}:{self.port}"


def parse(text: str, roots: Sequence[Path], internal_hosts: Collection[str] = ()) -> Address:
    """The address that a person typed, checked and rebuilt; a path must lead below one of `roots`.

    Only `internal_hosts` may be IP addresses or names without a domain.
    """
    text = text.strip()
    if not text:
        raise AddressError(f"Enter an address such as {EXAMPLE}.")
    if not text.isprintable():
        raise AddressError("The address holds invisible characters. Type it instead of pasting it.")
    if text.startswith("-"):
        raise AddressError(f"The address starts with a hyphen. Enter one such as {EXAMPLE}.")
    if text.startswith("/") and not text.startswith("//"):
        address = parse_path(text, roots)
    else:
        address = parse_remote(text, internal_hosts)
    if len(address.url) > LONGEST:
        raise AddressError(f"The address has {len(address.url)} characters; at most {LONGEST} are possible.")
    return address


def parse_path(text: str, roots: Sequence[Path]) -> Address:
    try:
        git_directory = folders.find(Path(text), roots)
    except folders.FolderError as error:
        raise AddressError(str(error)) from error
    named = git_directory.parent if git_directory.name == ".git" else git_directory
    return Address(url=str(git_directory), name=named.name.removesuffix(".git"), identity=str(git_directory))


def parse_remote(text: str, internal_hosts: Collection[str]) -> Address:
    match = SCHEME.match(text)
    if match is None:
        if scp := SCP.fullmatch(text):
            return parse_scp(scp, internal_hosts)
        raise AddressError(f"The scheme is missing. Start with https://, as in {EXAMPLE}.")
    scheme = match[1].lower()
    if scheme not in PORTS or match[2] != "://":
        raise AddressError(f"The scheme {scheme} is not possible. Start with https:// or ssh://, as in {EXAMPLE}.")
    match = URL.fullmatch(text[match.end() :])
    if match is None:
        raise AddressError(f"The host is malformed. Enter an address such as {EXAMPLE}.")
    if match["query"] is not None:
        raise AddressError("A query follows the path. Leave out the ? and what follows.")
    if match["fragment"] is not None:
        raise AddressError("A fragment follows the path. Leave out the # and what follows.")
    return (parse_ssh if scheme == "ssh" else parse_https)(match, internal_hosts)


def parse_https(match: re.Match[str], internal_hosts: Collection[str]) -> Address:
    if match["userinfo"] is not None:
        raise AddressError("A user name or password stands before the host. Leave out what is before the @, and the @.")
    host, port = checked_host(match["host"], internal_hosts), checked_port(match["port"], PORTS["https"])
    if host.removeprefix("www.") in OWNER_AND_NAME:
        host = host.removeprefix("www.")
    segments = checked_path(match["path"] or "", host)
    forge, bare = forges.recognise(host), segments[-1].removesuffix(".git")
    where = f"https://{host}" if port == PORTS["https"] else f"https://{host}:{port}"
    last = f"{bare}.git" if forge in NAMES_END_IN_GIT else segments[-1]
    page = "/".join([where, *segments[:-1], bare])
    return Address(
        url="/".join([where, *segments[:-1], last]),
        name=plain(bare),
        identity=page.lower().removeprefix("https://") if forge else page,
        scheme="https",
        host=host,
        port=port,
        forge=forge,
        web_url=page if forge else "",
    )


def parse_ssh(match: re.Match[str], internal_hosts: Collection[str]) -> Address:
    user, host = checked_user(match["userinfo"]), checked_host(match["host"], internal_hosts)
    return over_ssh(user, host, checked_port(match["port"], PORTS["ssh"]), match["path"] or "", scp=False)


def parse_scp(match: re.Match[str], internal_hosts: Collection[str]) -> Address:
    user, host = checked_user(match["userinfo"]), checked_host(match["host"] or match["bare"] or "", internal_hosts)
    path = match["path"]
    if re.match(r"\d+(/|$)", path):
        form = f"ssh://{user}@{host}:{path}"
        raise AddressError(f"A port cannot stand in this form. Write it as {form}, if {path.split('/')[0]} is one.")
    return over_ssh(user, host, PORTS["ssh"], path, scp=True)


def over_ssh(user: str, host: str, port: int, path: str, *, scp: bool) -> Address:
    """The form that was typed is kept: without a scheme, a path may begin in the user's home."""
    segments = checked_path(f"/{path.removeprefix('/')}", forges.web_host(host))
    page = forges.web_page(host, [*segments[:-1], segments[-1].removesuffix(".git")])
    server = host if port == PORTS["ssh"] else f"{host}:{port}"
    rebuilt = "/" * path.startswith("/") + "/".join(segments)
    place = f"{server}:{rebuilt}" if scp else f"{server}{rebuilt}"
    return Address(
        url=f"{user}@{place}" if scp else f"ssh://{user}@{place}",
        name=plain(segments[-1].removesuffix(".git")),
        identity=page.lower().removeprefix("https://") or f"ssh://{place.replace(':/', '/')}".removesuffix(".git"),
        scheme="ssh",
        user=user,
        host=host,
        port=port,
        forge=forges.recognise(forges.web_host(host)),
        web_url=page,
    )


def checked_user(userinfo: str | None) -> str:
    if userinfo is None:
        return "git"
    if ":" in userinfo:
        raise AddressError("A password stands before the host. Leave it out; a key is asked for later.")
    if not USER.fullmatch(userinfo):
        raise AddressError("The user name before the @ holds odd characters. It is mostly git, as in git@github.com.")
    return userinfo


def checked_host(host: str, internal_hosts: Collection[str]) -> str:
    host = host.lower().removesuffix(".")
    if not host:
        raise AddressError(f"The host is missing. Enter an address such as {EXAMPLE}.")
    if host in internal_hosts:
        return host
    labels = host.split(".")
    listed = "or ask an administrator to list it in MLHEALTH_INTERNAL_HOSTS"
    if host.startswith("[") or NUMBER_LABEL.fullmatch(labels[-1]):
        raise AddressError(f"The host {host} is an IP address. Write its name, as in github.com, {listed}.")
    if not host.isascii():
        raise AddressError(f"The host {host} holds letters beyond a to z. Write it in its xn-- form.")
    if len(host) > 253 or not all(HOST_LABEL.fullmatch(label) for label in labels):
        raise AddressError(f"The host {host} is malformed. It is letters, digits and hyphens between dots.")
    if len(labels) == 1:
        raise AddressError(f"The host {host} is not a full name. Write it with its domain, {listed}.")
    return host


def checked_port(port: str | None, usual: int) -> int:
    if not port:
        return usual
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536):
        raise AddressError(f"The port {port} is not a number from 1 to 65535. Leave it out to use {usual}.")
    return int(port)


def checked_path(path: str, host: str) -> list[str]:
    """The path's segments, on a forge whose pages are at `host`."""
    segments = path.removesuffix("/").split("/")[1:]
    if not segments:
        raise AddressError(f"The path is missing. Enter the address of a repository, as in {EXAMPLE}.")
    first_page = segments[: segments.index("-")] if "-" in segments else segments
    if host in OWNER_AND_NAME:
        first_page = first_page[:2]
    if segments != first_page or (host in OWNER_AND_NAME and len(segments) < 2):
        example = EXAMPLE if len(first_page) < 2 else f"https://{host}/{'/'.join(first_page)}"
        raise AddressError(f"The path {path} is not a repository's. Enter its first page, as in {example}.")
    for segment in segments:
        meant = plain(segment)
        if not segment or meant in {".", "..", ".git"} or meant.startswith("-"):
            raise AddressError(f"The path {path} has the odd part '{meant}'. Enter it as the forge shows it.")
        if not SEGMENT.fullmatch(segment) or not meant.isprintable() or not set(meant).isdisjoint("/\\?#%\ufffd"):
            raise AddressError(f"The path {path} holds odd characters. Enter it as the forge shows it.")
    return segments


def plain(segment: str) -> str:
    return unquote_to_bytes(segment).decode(errors="replace")
