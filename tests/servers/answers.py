"""What a server of `https` may answer: what git does, what a broken server does, what a hostile one does."""

from __future__ import annotations

import base64
import io
import itertools
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import parse_headers
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.servers.https import Answer, Request

BLOCK = 1 << 16
ADVERTISEMENT = ("Content-Type", "application/x-git-upload-pack-advertisement")
SERVICE = b"001e# service=git-upload-pack\n0000"  # what an advertisement begins with


def git(root: Path, *, allow_filter: bool = True) -> Answer:
    """What git itself answers for the repositories below `root`."""

    def answer(request: Request) -> None:
        with subprocess.Popen(
            ["git", "http-backend"],
            bufsize=0,  # what it has written is sent on at once
            stdin=request.body,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=cgi(request, root) | configuration(allow_filter),
            process_group=0,
        ) as process:
            assert process.stdout
            try:
                headers = parse_headers(process.stdout)
                status = headers.get("Status", "200")
                del headers["Status"], headers["Content-Length"]
                request.begin(int(status.split()[0]), headers.items())
                while block := process.stdout.read(BLOCK):
                    request.chunk(block)
                request.chunk(b"")
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    return answer


def cgi(request: Request, root: Path) -> dict[str, str]:
    path, _, query = request.path.partition("?")
    return {
        "PATH": os.environ["PATH"],
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        "PATH_INFO": unquote(path),
        "QUERY_STRING": query,
        "REQUEST_METHOD": request.command,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
    }


def configuration(allow_filter: bool) -> dict[str, str]:
    """The variables that tell a git that serves whether it may leave out what the other side does not want."""
    return {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "uploadpack.allowFilter",
        "GIT_CONFIG_VALUE_0": str(allow_filter).lower(),
    }


def refuse(status: int, body: bytes = b"", **headers: str) -> Answer:
    """The same to everyone; `refuse(503, Retry_After="1")`."""
    fields = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return lambda request: request.reply(status, body, fields)


def require(user: str, password: str, then: Answer) -> Answer:
    """`then` for whoever brings these credentials, 401 for all others."""
    expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    denied = refuse(401, WWW_Authenticate='Basic realm="git"')
    return lambda request: (then if request.headers["Authorization"] == expected else denied)(request)


def redirect(location: str | Callable[[str], str], status: int = 301) -> Answer:
    """Elsewhere; `location` is an address, or makes one of the path."""

    def answer(request: Request) -> None:
        target = location(request.path) if callable(location) else location
        request.reply(status, headers=[("Location", target)])

    return answer


def echo(status: int = 200) -> Answer:
    """Ask for credentials and repeat them wherever git may print them: 200 is an error in git's own protocol."""

    def answer(request: Request) -> None:
        encoded = (request.headers["Authorization"] or "").removeprefix("Basic ")
        if not encoded:
            request.reply(401, headers=[("WWW-Authenticate", 'Basic realm="git"')])
            return
        secret = f"{base64.b64decode(encoded).decode()} {encoded}"
        headers = [("X-Echo", secret), ("WWW-Authenticate", f'Basic realm="{secret}"')]
        if status == 200:
            request.reply(status, SERVICE + packet(f"ERR {secret}"), [*headers, ADVERTISEMENT])
        else:
            request.reply(status, secret.encode(), [*headers, ("Content-Type", "text/plain")])

    return answer


def silent() -> Answer:
    """Take the request and never answer."""
    return Request.outlast


def slow(seconds: float = 1) -> Answer:
    """Endless, as below, but one byte at a time."""

    def answer(request: Request) -> None:
        request.begin(200, [ADVERTISEMENT])
        for byte in itertools.chain.from_iterable(references()):
            request.chunk(bytes([byte]))
            if request.server.closing.wait(seconds):
                break

    return answer


def endless() -> Answer:
    """Advertise references and never come to an end."""

    def answer(request: Request) -> None:
        request.begin(200, [ADVERTISEMENT])
        lines = references()
        while True:
            request.chunk(b"".join(itertools.islice(lines, 1000)))

    return answer


def references() -> Iterator[bytes]:
    yield SERVICE
    yield packet(f"{1:040x} refs/heads/0\0side-band-64k ofs-delta\n")
    for number in itertools.count(1):
        yield packet(f"{1:040x} refs/heads/{number}\n")


def packet(line: str) -> bytes:
    return b"%04x%b" % (len(line) + 4, line.encode())


def stall(then: Answer, after_bytes: int) -> Answer:
    """`then`, but an answer longer than so many bytes stops there and goes on no more: choose it inside the pack."""
    return limited(then, after_bytes, Request.outlast)


def cut(then: Answer, after_bytes: int) -> Answer:
    """As `stall`, but the connection is lost."""
    return limited(then, after_bytes, lambda _: None)


def limited(then: Answer, most: int, end: Answer) -> Answer:
    def answer(request: Request) -> None:
        wire = request.wfile
        request.wfile = Limited(wire, most, lambda: end(request))
        try:
            then(request)
        finally:
            request.wfile = wire

    return answer


class Limited(io.BufferedIOBase):
    """Passes on so many bytes, and then ends the connection in some manner."""

    def __init__(self, wire: io.BufferedIOBase, left: int, end: Callable[[], None]) -> None:
        self.wire, self.left, self.end = wire, left, end

    def write(self, data: Any, /) -> int:
        self.wire.write(data[: self.left])
        self.left -= len(data)
        if self.left < 0:
            self.end()
            raise ConnectionAbortedError
        return len(data)


def wait(event: threading.Event, then: Answer) -> Answer:
    """`then`, but not before `event`."""

    def answer(request: Request) -> None:
        while not event.wait(0.02):
            if request.server.closing.is_set():
                return
        then(request)

    return answer


def watch(then: Answer, asked: threading.Event, ended: threading.Event) -> Answer:
    """`then`, and tell a test when it was asked for and when it was over: with `silent`, when the other side left."""

    def answer(request: Request) -> None:
        asked.set()
        try:
            then(request)
        finally:
            ended.set()

    return answer
