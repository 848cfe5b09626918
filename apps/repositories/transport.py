"""How git gets to a repository: the one protocol and address it may use, and credentials that it alone can read.

A secret is in no argument, no variable, no configuration and on no disk: git and ssh read it from a file in our
memory, which is gone when we are.
"""

from __future__ import annotations

import base64
import os
import re
import shlex
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from django.conf import settings

from apps.repositories import network
from apps.repositories.address import Address
from apps.repositories.git import Failed, Git, Late, environment

# The only configuration that git reads beside a repository's own when it serves a local git directory to us.
LOCAL_CONFIGURATION = Path(__file__).with_name("local.gitconfig")
# The name by which git knows the repository in its configuration, which is all in the environment.
REMOTE = "origin"
SCAN_SECONDS = 5
HOST_KEY = re.compile(r"\S+ ((?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp(?:256|384|521)) [A-Za-z0-9+/=]{50,1000})")
SSH_OPTIONS = {
    "BatchMode": "yes",
    "CheckHostIP": "no",
    "ConnectTimeout": "10",
    "ForwardAgent": "no",
    "GlobalKnownHostsFile": "/dev/null",
    "IdentitiesOnly": "yes",
    "IdentityAgent": "none",
    "LogLevel": "ERROR",
    "PreferredAuthentications": "publickey",
    "ProxyCommand": "none",
    "ServerAliveCountMax": "2",
    "ServerAliveInterval": "15",
    "StrictHostKeyChecking": "yes",
    "UpdateHostKeys": "no",
}


@dataclass(frozen=True)
class Access:
    """What a server is shown, and by which keys it is known."""

    user: str = ""
    secret: str = field(default="", repr=False)  # a token for https, a private key for ssh
    host_keys: tuple[str, ...] = ()  # as in known_hosts, without the host: "ssh-ed25519 AAAA…"


NOBODY = Access()


@dataclass(frozen=True)
class Link:
    """An open way to a repository."""

    source: Address
    address: str  # of the host: the one that was checked
    environment: dict[str, str]
    secrets: tuple[str, ...]


@contextmanager
def link(source: Address, access: Access = NOBODY) -> Iterator[Link]:
    """Open the way to a repository. Raises NotPublic where its host is not for us to talk to."""
    location = {f"remote.{REMOTE}.url": source.url}
    if not source.host:
        variables = environment(location, GIT_ALLOW_PROTOCOL="file", GIT_CONFIG_GLOBAL=str(LOCAL_CONFIGURATION))
        yield Link(source, "", variables, ())
        return
    addresses = network.addresses_of(source.host, source.port, settings.INTERNAL_HOSTS)
    with ExitStack() as files:
        if source.scheme == "ssh":
            command = shlex.join(["ssh", *files.enter_context(ssh_options(source, addresses[0], access))])
            variables = environment(location, GIT_ALLOW_PROTOCOL="ssh", GIT_SSH_COMMAND=command, GIT_SSH_VARIANT="ssh")
            yield Link(source, addresses[0], variables, ())
        else:
            location["http.curloptResolve"] = network.curl_pin(source.host, source.port, addresses)
            if settings.CA_FILE and source.host in settings.INTERNAL_HOSTS:
                location["http.sslCAInfo"] = str(settings.CA_FILE)
            if access.secret:
                location |= files.enter_context(credential_helper(source, access))
            variables = environment(location, GIT_ALLOW_PROTOCOL="https")
            yield Link(source, addresses[0], variables, spellings(access))


@contextmanager
def credential_helper(source: Address, access: Access) -> Iterator[dict[str, str]]:
    """Configuration that has git ask a shell, which reads our memory; for this one server."""
    with in_memory(f"username={access.user}\npassword={access.secret}\n") as path:
        helper = f'!f() {{ test "$1" = get && cat {path}; }}; f'
        yield {f"credential.{source.origin}.helper": helper}


@contextmanager
def ssh_options(source: Address, address: str, access: Access) -> Iterator[list[str]]:
    """What ssh and sftp are told, so that they take nothing from this machine's own configuration."""
    known_hosts = "".join(f"{source.host} {key}\n" for key in access.host_keys)
    with in_memory(known_hosts) as known, in_memory(access.secret) as key:
        options = SSH_OPTIONS | {
            "HostName": address,
            "HostKeyAlias": source.host,
            "IdentityFile": key if access.secret else "none",
            "UserKnownHostsFile": known,
        }
        yield ["-F", "/dev/null", *(f"-o{name}={value}" for name, value in options.items())]


@contextmanager
def in_memory(content: str) -> Iterator[str]:
    """The path of a file that is on no disk, and that only processes of our own user can read while we live."""
    descriptor = os.memfd_create("mlhealth")
    try:
        os.fchmod(descriptor, 0o600)
        os.write(descriptor, content.encode())
        yield f"/proc/{os.getpid()}/fd/{descriptor}"
    finally:
        os.close(descriptor)


def spellings(access: Access) -> tuple[str, ...]:
    """A secret as a server could repeat it to us."""
    if not access.secret:
        return ()
    pair = base64.b64encode(f"{access.user}:{access.secret}".encode()).decode()
    alone = base64.b64encode(access.secret.encode()).decode()
    return tuple(dict.fromkeys([pair, access.secret, quote(access.secret, safe=""), alone]))


def scan(git: Git, way: Link) -> tuple[str, ...]:
    """The keys that a host shows, as `Access.host_keys` has them; whose they are is for a person to say."""
    command = ["ssh-keyscan", "-T", str(SCAN_SECONDS), "-p", str(way.source.port), "--", way.address]
    try:
        lines = git.call(*command).decode(errors="replace").splitlines()
    except (Failed, Late):
        return ()
    return tuple(match[1] for line in lines[:20] if (match := HOST_KEY.fullmatch(line)))
