"""Fetching over ssh: OpenSSH's own server on this machine, with keys that are right, wrong and changed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from apps.repositories import failures, mirror
from apps.repositories.transport import Access
from tests.apps.repositories.origins import Origin, refs_of
from tests.servers import ssh
from tests.servers.ssh import Server


@pytest.fixture
def server(settings: Settings, tmp_path: Path) -> Iterator[Server]:
    settings.INTERNAL_HOSTS = ["127.0.0.1"]
    with ssh.serve(tmp_path) as server:
        yield server


@pytest.fixture
def access(server: Server, tmp_path: Path) -> Access:
    """A key that the server lets in, and the server's own."""
    server.authorise(ssh.new_key(tmp_path / "key"))
    return Access(secret=(tmp_path / "key").read_text(), host_keys=keys_of(server))


def keys_of(server: Server) -> tuple[str, ...]:
    return tuple(f"{key.type} {key.base64}" for key in server.host_keys)


def fetch(server: Server, target: Path, access: Access, timeout: float = 20) -> mirror.Mirror:
    return mirror.update(server.url("origin"), target, timeout=timeout, access=access)


def test_a_deploy_key(origin: Origin, server: Server, target: Path, access: Access) -> None:
    assert fetch(server, target, access).head == origin.git("rev-parse", "main")
    pushed = origin.push("main")
    assert fetch(server, target, access).head == pushed
    assert refs_of(target) == {"refs/heads/main": pushed}
    mirror.look(server.url("origin"), timeout=20, access=access)


def test_a_key_that_is_missing_or_not_let_in(origin: Origin, server: Server, target: Path, access: Access) -> None:
    with pytest.raises(failures.NoAccess, match="Give it access"):
        fetch(server, target, Access(host_keys=access.host_keys))
    server.authorise_nobody()
    with pytest.raises(failures.NoAccess, match="refuses the credential"):
        fetch(server, target, access)
    assert not target.exists()


def test_a_host_that_nobody_confirmed(origin: Origin, server: Server, target: Path, access: Access) -> None:
    with pytest.raises(failures.HostKey, match="nobody has confirmed") as failed:
        fetch(server, target, Access(secret=access.secret))
    assert failed.value.offered == access.host_keys
    assert "Accepted" not in server.log()


def test_a_host_that_shows_another_key(origin: Origin, server: Server, target: Path, access: Access) -> None:
    expected = fetch(server, target, access)
    server.change_host_key()
    with pytest.raises(failures.HostKey, match="another key than the one that is known") as failed:
        fetch(server, target, access)
    assert failed.value.offered == keys_of(server) != access.host_keys
    assert refs_of(target) == {"refs/heads/main": expected.head}
    assert fetch(server, target, Access(secret=access.secret, host_keys=keys_of(server))) == expected


def test_a_server_that_says_nothing(origin: Origin, server: Server, target: Path, access: Access) -> None:
    server.silent = True
    start = time.monotonic()
    with pytest.raises(failures.TooSlow):
        fetch(server, target, access, timeout=1)
    assert time.monotonic() - start < 4


def test_nobody_listens(origin: Origin, server: Server, target: Path, access: Access) -> None:
    url = server.url("origin").replace(str(server.port), "1")
    with pytest.raises(failures.Unreachable, match="Connection refused"):
        mirror.update(url, target, timeout=20, access=access)
