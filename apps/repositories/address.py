"""The one parser of repository addresses: it takes them apart, checks each part and builds them anew.

Only what `parse` returns is ever stored or given to git.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from apps.repositories import folders, forges
from apps.repositories.forges import Forge

LONGEST = 500
EXAMPLE = "https://github.com/owner/name"

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)(://|::)")
SSH = re.compile(r"(?:ssh://)?[^/:@]+@(?P<host>[^/:]+)(?::(?!\d+/)|(?::\d+)?/)(?P<path>[^/].*)")
HTTPS = re.compile(
    r"(?:(?P<userinfo>[^/?#]*)@)?(?P<host>\[[^\]/?#]*\]|[^:/?#\[\]]*)(?::(?P<port>[^/?#]*))?"
    r"(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?(?P<fragment>#.*)?"
)
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
    """Where a repository is: an https URL, or (without a host) a folder on this machine."""

    url: str
    name: str
    host: str = ""
    port: int = 443
    forge: Forge = Forge.NONE
    web_url: str = ""


def parse(text: str, roots: Sequence[Path]) -> Address:
    """The address that a person typed, checked and rebuilt; a path must lead below one of `roots`."""
    text = text.strip()
    if not text:
        raise AddressError(f"Enter an address such as {EXAMPLE}.")
    if not text.isprintable():
        raise AddressError("The address holds invisible characters. Type it instead of pasting it.")
    is_path = text.startswith("/") and not text.startswith("//")
    address = parse_path(text, roots) if is_path else parse_https(without_scheme(text))
    if len(address.url) > LONGEST:
        raise AddressError(f"The address has {len(address.url)} characters; at most {LONGEST} are possible.")
    return address


def parse_path(text: str, roots: Sequence[Path]) -> Address:
    try:
        git_directory = folders.find(Path(text), roots)
    except folders.FolderError as error:
        raise AddressError(str(error)) from error
    named = git_directory.parent if git_directory.name == ".git" else git_directory
    return Address(url=str(git_directory), name=named.name.removesuffix(".git"))


def without_scheme(text: str) -> str:
    if text.startswith("-"):
        raise AddressError(f"The address starts with a hyphen. Enter one such as {EXAMPLE}.")
    if match := SSH.fullmatch(text):
        form = f"https://{match['host']}/{match['path']}".removesuffix(".git")
        raise AddressError(f"The address is for ssh. Enter its https form, which may be {form}.")
    match = SCHEME.match(text)
    if match is None:
        raise AddressError(f"The scheme is missing. Start with https://, as in {EXAMPLE}.")
    scheme = match[1].lower()
    if scheme != "https" or match[2] != "://":
        raise AddressError(f"The scheme {scheme} is not possible. Start with https://, as in {EXAMPLE}.")
    return text[match.end() :]


def parse_https(rest: str) -> Address:
    match = HTTPS.fullmatch(rest)
    if match is None:
        raise AddressError(f"The host is malformed. Enter an address such as {EXAMPLE}.")
    if match["userinfo"] is not None:
        raise AddressError("A user name or password stands before the host. Leave out what is before the @, and the @.")
    if match["query"] is not None:
        raise AddressError("A query follows the path. Leave out the ? and what follows.")
    if match["fragment"] is not None:
        raise AddressError("A fragment follows the path. Leave out the # and what follows.")
    host, port = checked_host(match["host"].lower()), checked_port(match["port"])
    forge = forges.recognise(host)
    segments = checked_path(match["path"] or "", host)
    bare = segments[-1].removesuffix(".git")
    where = f"https://{host}" if port == 443 else f"https://{host}:{port}"
    web_url = "/".join([where, *segments[:-1], bare])
    last = f"{bare}.git" if forge in NAMES_END_IN_GIT else segments[-1]
    return Address(
        url="/".join([where, *segments[:-1], last]),
        name=unquote_to_bytes(bare).decode(errors="replace"),
        host=host,
        port=port,
        forge=forge,
        web_url=web_url if forge else "",
    )


def checked_host(host: str) -> str:
    if not host:
        raise AddressError(f"The host is missing. Enter an address such as {EXAMPLE}.")
    host = host.removesuffix(".")
    labels = host.split(".")
    if host.startswith("[") or NUMBER_LABEL.fullmatch(labels[-1]):
        raise AddressError(f"The host {host} is an IP address. Write its name, as in github.com.")
    if not host.isascii():
        raise AddressError(f"The host {host} holds letters beyond a to z. Write it in its xn-- form.")
    if len(host) > 253 or not all(HOST_LABEL.fullmatch(label) for label in labels):
        raise AddressError(f"The host {host} is malformed. It is letters, digits and hyphens between dots.")
    if len(labels) == 1:
        raise AddressError(f"The host {host} is not a full name. Write it with its domain, as in github.com.")
    return host


def checked_port(port: str | None) -> int:
    if not port:
        return 443
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536):
        raise AddressError(f"The port {port} is not a number from 1 to 65535. Leave it out to use 443.")
    return int(port)


def checked_path(path: str, host: str) -> list[str]:
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
        plain = unquote_to_bytes(segment).decode(errors="replace")
        if not segment or plain in {".", "..", ".git"} or plain.startswith("-"):
            raise AddressError(f"The path {path} has the odd part '{plain}'. Enter it as the forge shows it.")
        if not SEGMENT.fullmatch(segment) or not plain.isprintable() or not set(plain).isdisjoint("/\\?#%\ufffd"):
            raise AddressError(f"The path {path} holds odd characters. Enter it as the forge shows it.")
    return segments
