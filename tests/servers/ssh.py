"""OpenSSH's server on this machine, letting those in whom a test authorises, to read the repositories of a folder.

    with ssh.serve(root) as server:
        server.authorise(ssh.new_key(tmp_path / "key"))
        clone(server.url("origin"), key=tmp_path / "key", known_hosts=server.known_hosts())

We take the connections and start an sshd for each, as inetd does: so the port is ours before anyone learns of it and
stays ours when the host's key changes, and there is nothing to wait for.
"""

from __future__ import annotations

import base64
import getpass
import hashlib
import os
import shlex
import shutil
import socketserver
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.servers.answers import configuration
from tests.servers.loopback import Loopback, outlast

Algorithm = Literal["ed25519", "ecdsa"]
SETTINGS = """
AcceptEnv GIT_PROTOCOL
AllowTcpForwarding no
AuthenticationMethods publickey
AuthorizedKeysFile {folder}/authorized_keys
ForceCommand {folder}/read
LogLevel VERBOSE
PermitRootLogin prohibit-password
PermitTTY no
PermitUserRC no
PrintLastLog no
PrintMotd no
StrictModes no
UsePAM no
"""
# What the client asks for is cut and compared, never evaluated.
READ = """#!/bin/sh
refuse() { echo "Here are only repositories to read." >&2; exit 128; }
case $SSH_ORIGINAL_COMMAND in "git-upload-pack '/"*".git'") ;; *) refuse ;; esac
name=${SSH_ORIGINAL_COMMAND#"git-upload-pack '/"}
name=${name%".git'"}
case $name in *[!A-Za-z0-9_./-]* | *..*) refuse ;; esac
"""


class HostKey(NamedTuple):
    type: str
    base64: str

    @property
    def fingerprint(self) -> str:
        return "SHA256:" + base64.b64encode(hashlib.sha256(base64.b64decode(self.base64)).digest()).decode().rstrip("=")


def new_key(path: Path, algorithm: Algorithm = "ed25519") -> str:
    """A new private key at this path; gives the public one, as in a line of authorized_keys."""
    private = (
        ed25519.Ed25519PrivateKey.generate() if algorithm == "ed25519" else ec.generate_private_key(ec.SECP256R1())
    )
    path.touch(0o600)
    path.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    return private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


class Connection(socketserver.BaseRequestHandler):
    server: Server

    def handle(self) -> None:
        if self.server.silent:
            return outlast(self.request)
        command = [self.server.program, "-i", "-e", "-f", str(self.server.folder / "sshd_config")]
        with (
            (self.server.folder / "log").open("ab") as log,
            subprocess.Popen(command, stdin=self.request, stdout=self.request, stderr=log) as process,
        ):
            process.wait()
        return None


class Server(Loopback):
    """`user` is the one to log in as: sshd takes only users that exist, and we may become no other than ourselves."""

    silent = False  # whether connections are taken and then left without a word

    def __init__(self, root: Path, folder: Path, algorithms: Sequence[Algorithm], allow_filter: bool) -> None:
        self.folder, self.algorithms = folder, algorithms
        self.user = getpass.getuser()
        self.program = sshd()
        self.change_host_key()
        self.authorise_nobody()
        (folder / "log").touch()
        keys = "".join(f"HostKey {self.host_key(each)}\n" for each in algorithms)
        (folder / "sshd_config").write_text(SETTINGS.format(folder=folder) + keys)
        environment = {"PATH": os.environ["PATH"]} | configuration(allow_filter)
        variables = shlex.join(f"{name}={value}" for name, value in environment.items())
        serve = f'exec env {variables} git upload-pack --strict {shlex.quote(str(root))}/"$name.git"\n'
        (folder / "read").write_text(READ + serve)
        (folder / "read").chmod(0o700)
        super().__init__(Connection)

    def url(self, name: str, host: str = "127.0.0.1") -> str:
        return f"ssh://{self.user}@{host}:{self.port}/{name}.git"

    def serve_files(self) -> None:
        """Speak SFTP from the next connection on, in place of git."""
        path = self.folder / "sshd_config"
        forced = f"ForceCommand {self.folder}/read"
        path.write_text(path.read_text().replace(forced, "Subsystem sftp internal-sftp\nForceCommand internal-sftp"))

    def authorise(self, public_key: str) -> None:
        """Let in whoever has the private key to this one, too."""
        with (self.folder / "authorized_keys").open("a") as keys:
            keys.write(f"{public_key}\n")

    def authorise_nobody(self) -> None:
        (self.folder / "authorized_keys").write_text("")

    def host_key(self, algorithm: Algorithm) -> Path:
        return self.folder / f"host_{algorithm}"

    def change_host_key(self) -> None:
        """Be another host from the next connection on, at the same port."""
        self.host_keys = [HostKey(*new_key(self.host_key(each), each).split()) for each in self.algorithms]

    def known_hosts(self, host: str = "127.0.0.1") -> str:
        """What a client writes down that knows this server."""
        return "".join(f"[{host}]:{self.port} {key.type} {key.base64}\n" for key in self.host_keys)

    def log(self) -> str:
        """What sshd has said so far, of all connections."""
        return (self.folder / "log").read_text(errors="replace")


def sshd() -> str:
    """The program, ready to run; skips the test where there is none."""
    # Outside the PATH of those who are not expected to administer a machine.
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("OpenSSH's server is not installed")
    if os.getuid() == 0:
        # Started by root, it shuts the part of itself that strangers talk to in here; usually an init script makes it.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    return program


@contextmanager
def serve(root: Path, *, algorithms: Sequence[Algorithm] = ("ed25519",), allow_filter: bool = True) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="ssh-") as folder:
        server = Server(root, Path(folder), algorithms, allow_filter)
        with server.running():
            yield server
