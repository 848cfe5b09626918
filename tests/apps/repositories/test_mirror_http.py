"""Fetching over https: a real git server on this machine, spoken to as to one on the internet."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from apps.repositories import failures, mirror
from apps.repositories.models import State
from apps.repositories.transport import Access
from tests.apps.repositories.origins import Origin, refs_of
from tests.servers import answers, https
from tests.servers.https import Answer, Server

SECRET = "canary-5tg/%+b"
NOBODY, TOKEN = Access(), Access(user="x-access-token", secret=SECRET)
Serve = Callable[[Answer], Server]


@pytest.fixture
def server(settings: Settings, tmp_path: Path) -> Iterator[Server]:
    """Serves the repositories of the temporary folder until it is told to answer otherwise."""
    with https.serve(answers.git(tmp_path)) as server:
        settings.INTERNAL_HOSTS, settings.CA_FILE = ["127.0.0.1", "localhost"], server.ca
        yield server


def fetch(server: Server, target: Path, *, access: Access = NOBODY, timeout: float = 20) -> mirror.Mirror:
    return mirror.update(server.url("/origin.git"), target, timeout=timeout, access=access)


def test_branches_and_tags_and_no_proposals(origin: Origin, server: Server, target: Path) -> None:
    origin.git("tag", "v1")
    origin.git("update-ref", "refs/pull/1/head", "main")
    assert fetch(server, target).head == origin.git("rev-parse", "main")
    pushed = origin.push("main")
    assert fetch(server, target).head == pushed
    assert refs_of(target).keys() == {"refs/heads/main", "refs/tags/v1"}
    assert {hit.authorization for hit in server.hits} == {None}
    assert server.url("") not in (target / "config").read_text()


def test_sha256(tmp_path: Path, server: Server, target: Path) -> None:
    origin = Origin(tmp_path / "origin.git", "sha256")
    for _ in range(2):
        assert fetch(server, target).head == origin.git("rev-parse", "main")


def test_a_name_nobody_knows_is_reached_at_its_checked_address(
    origin: Origin, server: Server, target: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.INTERNAL_HOSTS = ["git.example.org"]
    found = socket.getaddrinfo("127.0.0.1", server.port, type=socket.SOCK_STREAM)
    once = iter([found])  # whoever asks again gets no answer
    monkeypatch.setattr(socket, "getaddrinfo", lambda *question, **more: next(once))
    url = server.url("/origin.git", host="git.example.org")
    assert mirror.update(url, target, timeout=20).head == origin.git("rev-parse", "main")


def test_a_host_that_is_not_listed_is_never_asked(
    origin: Origin, server: Server, target: Path, settings: Settings
) -> None:
    settings.INTERNAL_HOSTS = ["elsewhere.example"]
    with pytest.raises(failures.Unreachable, match="IP address"):
        fetch(server, target)
    assert server.hits == []


def test_a_certificate_that_nobody_vouches_for(
    origin: Origin, server: Server, target: Path, settings: Settings
) -> None:
    settings.CA_FILE = None
    with pytest.raises(failures.Unreachable, match="certificate cannot be verified"):
        fetch(server, target, access=TOKEN)
    assert server.hits == []


def test_a_token(origin: Origin, server: Server, target: Path, tmp_path: Path) -> None:
    server.answer = answers.require(TOKEN.user, SECRET, answers.git(tmp_path))
    assert fetch(server, target, access=TOKEN).head == origin.git("rev-parse", "main")
    pushed = origin.push("main")
    assert fetch(server, target, access=TOKEN).head == pushed
    mirror.look(server.url("/origin.git"), timeout=20, access=TOKEN)


@pytest.mark.parametrize(
    ("access", "words"),
    [(NOBODY, "Give it access"), (Access(user="x", secret="wrong"), "refuses the credential")],
)
def test_a_token_that_is_missing_or_wrong(
    origin: Origin, server: Server, target: Path, tmp_path: Path, access: Access, words: str
) -> None:
    server.answer = answers.require(TOKEN.user, SECRET, answers.git(tmp_path))
    with pytest.raises(failures.NoAccess, match=words):
        fetch(server, target, access=access)
    assert not target.exists()


@pytest.mark.parametrize("status", [200, 400, 403, 404, 500])
def test_a_server_that_repeats_the_token(server: Server, target: Path, status: int) -> None:
    server.answer = answers.echo(status)
    with pytest.raises(mirror.Failure) as failed:
        fetch(server, target, access=TOKEN)
    for text in (str(failed.value), str(failed.value.__cause__), repr(failed.value.__cause__.__dict__)):
        assert SECRET not in text
        assert "canary" not in text


def test_a_token_goes_to_its_own_server_alone(origin: Origin, server: Server, target: Path) -> None:
    with https.serve(answers.echo()) as other:
        server.answer = answers.redirect(lambda path: other.url(path, host="localhost"))
        with pytest.raises(failures.Moved) as moved:
            fetch(server, target, access=TOKEN)
        assert other.hits == []
        assert f"Change its address to https://localhost:{other.port}/origin.git." in str(moved.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_what_is_no_address_is_not_repeated(server: Server, target: Path, status: int) -> None:
    server.answer = answers.redirect("https://me:hunter2@x.example/<b>/info/refs?service=git-upload-pack", status)
    with pytest.raises(failures.Moved, match="Open it in a browser") as moved:
        fetch(server, target)
    assert "x.example" not in str(moved.value)


def test_a_redirect_to_a_page_is_a_wish_for_a_login(server: Server, target: Path) -> None:
    server.answer = answers.redirect("https://login.example/oauth?next=x")
    with pytest.raises(failures.NoAccess, match="log in"):
        fetch(server, target)


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (answers.refuse(401, WWW_Authenticate='Basic realm="x"'), State.NO_ACCESS, "private, or does not exist"),
        (answers.refuse(403), State.NO_ACCESS, "private, or does not exist"),
        (answers.refuse(404), State.UNREACHABLE, "no such repository"),
        (answers.refuse(410), State.UNREACHABLE, "could not fetch it"),
        (answers.refuse(429), State.UNREACHABLE, "could not fetch it"),
        (answers.refuse(500), State.UNREACHABLE, "could not fetch it"),
        (answers.refuse(200), State.UNREACHABLE, "not that of a git server"),
        (answers.refuse(200, b"<html><body>Welcome</body></html>"), State.UNREACHABLE, "not that of a git server"),
    ],
)
def test_an_answer_that_is_none(server: Server, target: Path, answer: Answer, state: State, words: str) -> None:
    server.answer = answer
    with pytest.raises(mirror.Failure, match=words) as failed:
        fetch(server, target)
    assert failed.value.state == state
    assert not target.exists()


@pytest.mark.parametrize("answer", [answers.silent(), answers.slow(0.05)])
def test_a_server_that_never_ends_is_left_in_time(server: Server, target: Path, answer: Answer) -> None:
    asked, ended = threading.Event(), threading.Event()
    server.answer = answers.watch(answer, asked, ended)
    start = time.monotonic()
    with pytest.raises(failures.TooSlow):
        fetch(server, target, timeout=1)
    assert time.monotonic() - start < 4
    assert ended.wait(5)


def test_branches_without_end(server: Server, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.repositories.refs.LISTING_BYTES", 150_000_000)
    server.answer = answers.endless()
    with pytest.raises(failures.TooLarge):
        fetch(server, target, timeout=60)


def test_a_pack_that_stops_half_way(origin: Origin, server: Server, target: Path, tmp_path: Path) -> None:
    expected = fetch(server, target)
    origin.push("main", os.urandom(300_000))
    server.answer = answers.stall(answers.git(tmp_path), 100_000)
    with pytest.raises(failures.TooSlow):
        fetch(server, target, timeout=2)
    server.answer = answers.cut(answers.git(tmp_path), 100_000)
    with pytest.raises(failures.Unreachable):
        fetch(server, target)
    assert refs_of(target) == {"refs/heads/main": expected.head}
    assert not list(target.rglob("tmp_*"))


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_killed_job_takes_its_git_along(server: Server, target: Path) -> None:
    asked, ended = threading.Event(), threading.Event()
    server.answer = answers.watch(answers.silent(), asked, ended)

    def job() -> None:
        os.setpgid(0, 0)
        fetch(server, target)

    process = multiprocessing.get_context("fork").Process(target=job)
    process.start()
    assert asked.wait(5)
    assert process.pid is not None
    os.killpg(process.pid, signal.SIGKILL)
    process.join()
    assert ended.wait(5)
