"""Fetching over the network: a real git server on this machine, spoken to as to one on the internet."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from apps.repositories import mirror
from apps.repositories.failures import explain
from apps.repositories.git import Failed, Git, Late, environment
from apps.repositories.refs import Refs
from tests.apps.repositories.origins import Origin, refs_of

HOST = "git.example.org"
Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def server(answer: Answer) -> Iterator[tuple[int, list[tuple[str, str | None]]]]:
    """Serve each request by `answer`; gives the port, and each request's path and credentials."""
    seen: list[tuple[str, str | None]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append((self.path, self.headers["Authorization"]))
            answer(self)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        yield listening.server_port, seen
        listening.shutdown()
        thread.join()


def backend(root: Path) -> Answer:
    """What git itself answers for the repositories below `root`."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        path, _, query = request.path.partition("?")
        variables = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": request.command,
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
        }
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        done = subprocess.run(["git", "http-backend"], input=body, env=variables, capture_output=True, check=True)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
        request.send_response(int(fields.pop("Status", "200").split()[0]))
        for name, value in fields.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(content)

    return answer


def refuse(status: int, body: bytes = b"", **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return answer


def follow(port: int, path: str, target: Path, *, seconds: float = 20) -> Refs:
    """As `update` does, but by http, and with this machine as the address of the pinned host."""
    target.parent.mkdir(exist_ok=True)
    deadline = time.monotonic() + seconds
    with mirror.locked(target, deadline) as lock:
        variables = environment(protocol="http", pin=f"{HOST}:{port}:127.0.0.1")
        return mirror.follow(Git(variables, deadline, mirror.silent, lock), f"http://{HOST}:{port}{path}", target)


def test_a_name_nobody_knows_is_reached_at_its_pinned_address(tmp_path: Path, target: Path) -> None:
    origin = Origin(tmp_path / "origin.git")
    origin.git("tag", "v1")
    origin.git("update-ref", "refs/pull/1/head", "main")
    with server(backend(tmp_path)) as (port, seen):
        assert follow(port, "/origin.git", target).head == origin.git("rev-parse", "main")
        pushed = origin.push("main")
        assert follow(port, "/origin.git", target).head == pushed
    assert refs_of(target).keys() == {"refs/heads/main", "refs/tags/v1"}
    assert {credentials for _, credentials in seen} == {None}


def test_sha256_over_http(tmp_path: Path, target: Path) -> None:
    origin = Origin(tmp_path / "origin.git", "sha256")
    with server(backend(tmp_path)) as (port, _):
        for _ in range(2):
            assert follow(port, "/origin.git", target).head == origin.git("rev-parse", "main")


def test_a_redirect_is_not_followed(tmp_path: Path, target: Path) -> None:
    with server(refuse(200)) as (inner, hits), server(refuse(301, Location=f"http://127.0.0.1:{inner}/x")) as (port, _):
        with pytest.raises(Failed) as failed:
            follow(port, "/origin.git", target)
        assert hits == []
    assert str(explain(str(failed.value))).startswith("It has moved.")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refuse(401, WWW_Authenticate='Basic realm="x"'), "private or does not exist"),
        (refuse(403), "private or does not exist"),
        (refuse(404), "private or does not exist"),
        (refuse(500), "could not fetch it"),
        (refuse(200), "not that of a git server"),
        (refuse(200, b"<html><body>Welcome</body></html>"), "not that of a git server"),
    ],
)
def test_an_answer_that_is_none(target: Path, answer: Answer, words: str) -> None:
    with server(answer) as (port, _), pytest.raises(Failed) as failed:
        follow(port, "/origin.git", target)
    assert words in str(explain(str(failed.value)))
    assert not target.exists()


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_killed_job_takes_its_git_along(target: Path) -> None:
    asked, ended = threading.Event(), threading.Event()

    def answer(request: BaseHTTPRequestHandler) -> None:
        asked.set()
        request.connection.recv(1)  # until the other side is gone
        ended.set()

    def job(port: int) -> None:
        os.setpgid(0, 0)
        follow(port, "/a.git", target)

    with server(answer) as (port, _):
        process = multiprocessing.get_context("fork").Process(target=job, args=(port,))
        process.start()
        assert asked.wait(5)
        assert process.pid is not None
        os.killpg(process.pid, signal.SIGKILL)
        process.join()
        assert ended.wait(5)


def test_a_server_that_says_nothing_is_left_in_time(target: Path) -> None:
    ended = threading.Event()

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.connection.recv(1)
        ended.set()

    with server(answer) as (port, _):
        with pytest.raises(Late):
            follow(port, "/a.git", target, seconds=1)
        assert ended.wait(5)
