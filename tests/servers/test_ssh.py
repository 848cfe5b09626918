"""The server of `ssh` does what it says, to ssh itself and to git by way of it."""

from __future__ import annotations

import shlex
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.apps.repositories.origins import Origin
from tests.servers import client, ssh


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    return Origin(tmp_path / "origin.git")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ssh.Server]:
    with ssh.serve(tmp_path) as server:
        yield server


@pytest.fixture
def key(tmp_path: Path, server: ssh.Server) -> Path:
    """One that is authorised."""
    server.authorise(ssh.new_key(tmp_path / "key"))
    return tmp_path / "key"


def options(key: Path, known_hosts: str) -> list[str]:
    """What ssh is told to use this key, and know these hosts, and nothing else."""
    known = key.with_name("known_hosts")
    known.write_text(known_hosts)
    settings = {
        "BatchMode": "yes",
        "GlobalKnownHostsFile": "/dev/null",
        "IdentitiesOnly": "yes",
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": known,
    }
    return ["-F", "/dev/null", "-i", str(key), *(f"-o{name}={value}" for name, value in settings.items())]


def address(server: ssh.Server) -> list[str]:
    return ["-p", str(server.port), f"{server.user}@127.0.0.1"]


def git(*arguments: str, key: Path, known_hosts: str, seconds: float = 10) -> subprocess.CompletedProcess[str]:
    command = shlex.join(["ssh", *options(key, known_hosts)])
    return client.git(*arguments, seconds=seconds, GIT_SSH_COMMAND=command)


def test_clone_by_an_authorised_key_and_no_other(origin: Origin, server: ssh.Server, key: Path, tmp_path: Path) -> None:
    clone = ("clone", "--bare", server.url("origin"), str(tmp_path / "copy"))
    assert git(*clone, key=key, known_hosts=server.known_hosts()).returncode == 0
    assert origin.git("rev-parse", "main") in client.git("-C", str(tmp_path / "copy"), "show-ref").stdout
    assert "Accepted publickey" in server.log()

    ask = ("ls-remote", server.url("origin"))
    ssh.new_key(tmp_path / "other")
    assert "denied" in git(*ask, key=tmp_path / "other", known_hosts=server.known_hosts()).stderr
    server.authorise_nobody()
    assert "denied" in git(*ask, key=key, known_hosts=server.known_hosts()).stderr


def test_a_changed_host_key_is_noticed(origin: Origin, server: ssh.Server, key: Path) -> None:
    port, before = server.port, server.known_hosts()
    server.change_host_key()
    said = git("ls-remote", server.url("origin"), key=key, known_hosts=before).stderr
    assert "REMOTE HOST IDENTIFICATION HAS CHANGED" in said
    assert server.host_keys[0].fingerprint in said
    assert git("ls-remote", server.url("origin"), key=key, known_hosts=server.known_hosts()).returncode == 0
    assert server.port == port


def test_host_keys_as_others_see_them(tmp_path: Path) -> None:
    with ssh.serve(tmp_path, algorithms=("ed25519", "ecdsa")) as server:
        command = ["ssh-keyscan", "-t", "ed25519,ecdsa", "-p", str(server.port), "127.0.0.1"]
        scanned = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert sorted(scanned.splitlines()) == sorted(server.known_hosts().splitlines())
    shown = subprocess.run(["ssh-keygen", "-l", "-f", "-"], input=scanned, capture_output=True, text=True).stdout
    assert {line.split()[1] for line in shown.splitlines()} == {key.fingerprint for key in server.host_keys}


@pytest.mark.parametrize("allow", [True, False])
def test_a_filter_is_honoured_or_ignored(origin: Origin, tmp_path: Path, allow: bool) -> None:
    key, copy = tmp_path / "key", str(tmp_path / "copy")
    with ssh.serve(tmp_path, allow_filter=allow) as server:
        server.authorise(ssh.new_key(key))
        clone = ("clone", "--bare", "--filter=blob:none", server.url("origin"), copy)
        assert git(*clone, key=key, known_hosts=server.known_hosts()).returncode == 0
    listed = client.git("-C", copy, "rev-list", "--objects", "--missing=print", "--all").stdout
    assert ("?" in listed) is allow


@pytest.mark.parametrize(
    "command",
    ["", "id", "git-receive-pack '/origin.git'", "git-upload-pack '/../origin.git'", "git-upload-pack '/$(id).git'"],
)
def test_nothing_but_reading(origin: Origin, server: ssh.Server, key: Path, command: str) -> None:
    done = subprocess.run(
        ["ssh", *options(key, server.known_hosts()), *address(server), *([command] if command else [])],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (128, "")
    assert "only repositories to read" in done.stderr


def test_a_server_without_a_word(server: ssh.Server, key: Path) -> None:
    server.silent = True
    ask = ("ls-remote", server.url("origin"))
    assert git(*ask, key=key, known_hosts=server.known_hosts(), seconds=0.5).returncode == client.KILLED


def test_closing_ends_every_connection(origin: Origin, tmp_path: Path) -> None:
    with ssh.serve(tmp_path) as server, socket.create_connection(("127.0.0.1", server.port)) as stranger:
        server.authorise(ssh.new_key(tmp_path / "key"))
        reader = subprocess.Popen(
            [
                "ssh",
                *options(tmp_path / "key", server.known_hosts()),
                *address(server),
                "git-upload-pack '/origin.git'",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert reader.stdout
        assert reader.stdout.read(4)  # and now it waits for what we want
        assert stranger.recv(4) == b"SSH-"
        server.close()
        reader.communicate(timeout=5)
    assert reader.returncode == 255
