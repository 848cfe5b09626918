"""A server on this machine that speaks TLS and answers as a test says; `answers` has what it may say.

    with https.serve(answers.git(root)) as server:
        clone(server.url("/origin.git"), ca=server.ca)
        server.answer = answers.refuse(503)

An exception in an answer of a test's own is raised again where the server is closed.
"""

from __future__ import annotations

import functools
import socket
import ssl
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import IO, Any, NamedTuple

from tests.servers.certificates import Identity, issue
from tests.servers.loopback import Loopback, outlast


class Hit(NamedTuple):
    path: str
    authorization: str | None


class Request(BaseHTTPRequestHandler):
    """One request, to be answered by `begin` and then `chunk`s, or at once by `reply`."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server
    body: IO[bytes]

    def setup(self) -> None:
        self.request.do_handshake()
        super().setup()

    def do_GET(self) -> None:
        self.server.hits.append(Hit(self.path, self.headers["Authorization"]))
        # A file and no pipe: whoever answers may take the body whenever it likes, or not at all.
        with tempfile.TemporaryFile() as self.body:
            self.receive()
            self.server.answer(self)

    do_POST = do_GET

    def receive(self) -> None:
        if self.headers["Transfer-Encoding"] == "chunked":
            while size := int(self.rfile.readline() or b"0", 16):  # nothing at all if the client was killed
                self.body.write(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
        else:
            self.body.write(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.body.seek(0)

    def begin(self, status: int, headers: Iterable[tuple[str, str]] = ()) -> None:
        self.head(status, [*headers, ("Transfer-Encoding", "chunked")])

    def chunk(self, data: bytes) -> None:
        """Send a part of the answer; an empty one ends it."""
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

    def reply(self, status: int, body: bytes = b"", headers: Iterable[tuple[str, str]] = ()) -> None:
        self.head(status, [*headers, ("Content-Length", str(len(body)))])
        self.wfile.write(body)

    def head(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()

    def outlast(self) -> None:
        """Say nothing until the other side is gone."""
        outlast(self.connection)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


Answer = Callable[[Request], None]


class Server(Loopback):
    """`answer` may be replaced at any time; the next request gets the new one."""

    def __init__(self, answer: Answer, folder: Path, identity: Identity) -> None:
        self.answer = answer
        self.hits: list[Hit] = []
        self.ca = folder / "ca.pem"
        self.ca.write_bytes(identity.authority)
        chain = folder / "chain.pem"
        chain.write_bytes(identity.chain)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(chain)
        super().__init__(Request)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"https://{host}:{self.port}{path}"

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        # The handshake is left to the thread of the connection: a client that never does it holds up nobody else.
        return self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address


@functools.cache
def usual() -> Identity:
    """One for all servers of this process, so that who trusts one trusts the others."""
    return issue()


@contextmanager
def serve(answer: Answer, identity: Identity | None = None) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="https-") as folder:
        server = Server(answer, Path(folder), identity or usual())
        with server.running():
            yield server
