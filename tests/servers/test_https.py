"""The servers that other tests rely on do what they say, to the plain programs that speak to them."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.apps.repositories.origins import Origin
from tests.servers import answers, client, https
from tests.servers.certificates import DAY, Identity, issue
from tests.servers.https import Answer


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    return Origin(tmp_path / "origin.git")


def git(*arguments: str, ca: Path, seconds: float = 10) -> subprocess.CompletedProcess[str]:
    return client.git(*arguments, seconds=seconds, GIT_SSL_CAINFO=str(ca))


def test_clone_and_fetch_over_tls(origin: Origin, tmp_path: Path) -> None:
    with https.serve(answers.git(tmp_path)) as server:
        assert git("clone", "--mirror", server.url("/origin.git"), str(tmp_path / "copy"), ca=server.ca).returncode == 0
        pushed = origin.push("main")
        assert git("-C", str(tmp_path / "copy"), "fetch", ca=server.ca).returncode == 0
        assert client.git("-C", str(tmp_path / "copy"), "rev-parse", "main").stdout.strip() == pushed
        assert git("ls-remote", server.url("/other.git"), ca=server.ca).stderr.endswith("not found\n")
    assert server.hits[0] == ("/origin.git/info/refs?service=git-upload-pack", None)


@pytest.mark.parametrize(("version", "header"), [(0, "Content-Encoding"), (2, "Transfer-Encoding")])
def test_long_requests_are_zipped_or_come_in_chunks(origin: Origin, tmp_path: Path, version: int, header: str) -> None:
    many = range(2000 if header == "Transfer-Encoding" else 100)
    story = "".join(f"commit refs/heads/{n}\ncommitter A <a> {n} +0000\ndata 0\n\n" for n in many)
    origin.git("fast-import", stdin=story.encode())
    seen: set[str] = set()

    def answer(request: https.Request) -> None:
        seen.update(request.headers.keys())
        answers.git(tmp_path)(request)

    with https.serve(answer) as server:
        options = ("-c", f"protocol.version={version}", "-c", "http.postBuffer=131072")
        clone = ("clone", "--mirror", server.url("/origin.git"), str(tmp_path / "copy"))
        assert git(*options, *clone, ca=server.ca).returncode == 0
    assert header in seen


@pytest.mark.parametrize("identity", [issue("elsewhere.example.org"), issue(until=-DAY)], ids=["name", "time"])
def test_a_certificate_that_does_not_hold(origin: Origin, tmp_path: Path, identity: Identity) -> None:
    with https.serve(answers.git(tmp_path), identity) as server:
        assert "certificate" in git("ls-remote", server.url("/origin.git"), ca=server.ca).stderr
    assert server.hits == []


def test_credentials(origin: Origin, tmp_path: Path) -> None:
    with https.serve(answers.require("ada", "s3cret", answers.git(tmp_path))) as server:
        for user, status in (("", 128), ("ada:wrong@", 128), ("ada:s3cret@", 0)):
            url = server.url("/origin.git", host=f"{user}localhost")
            assert git("ls-remote", url, ca=server.ca).returncode == status
    assert server.hits[-1].authorization == "Basic YWRhOnMzY3JldA=="


@pytest.mark.parametrize("status", [200, 403])
def test_an_echo_makes_git_print_the_secret(status: int) -> None:
    with https.serve(answers.echo(status)) as server:
        said = git("ls-remote", server.url("/a.git", host="ada:s3cret@localhost"), ca=server.ca).stderr
    assert "remote error: ada:s3cret" in said or "remote: ada:s3cret" in said


def test_a_redirect(origin: Origin, tmp_path: Path) -> None:
    with https.serve(answers.git(tmp_path)) as inner, https.serve(answers.redirect(inner.url)) as outer:
        ask = ("ls-remote", outer.url("/origin.git"))
        assert git("-c", "http.followRedirects=false", *ask, ca=inner.ca).returncode == 128
        assert inner.hits == []
        assert git("-c", "http.followRedirects=true", *ask, ca=inner.ca).returncode == 0


@pytest.mark.parametrize("allow", [True, False])
def test_a_filter_is_honoured_or_ignored(origin: Origin, tmp_path: Path, allow: bool) -> None:
    copy = tmp_path / "copy"
    with https.serve(answers.git(tmp_path, allow_filter=allow)) as server:
        url = server.url("/origin.git")
        assert git("clone", "--bare", "--filter=blob:none", url, str(copy), ca=server.ca).returncode == 0
    listed = client.git("-C", str(copy), "rev-list", "--objects", "--missing=print", "--all").stdout
    assert ("?" in listed) is allow


def test_the_answer_may_change(origin: Origin, tmp_path: Path) -> None:
    with https.serve(answers.refuse(503, b"Later.", Content_Type="text/plain", Retry_After="1")) as server:
        ask = ("ls-remote", server.url("/origin.git"))
        assert "remote: Later." in git(*ask, ca=server.ca).stderr
        server.answer = answers.git(tmp_path)
        assert git(*ask, ca=server.ca).returncode == 0


@pytest.mark.parametrize(("end", "takes_long"), [(answers.stall, True), (answers.cut, False)])
def test_an_answer_that_ends_inside_the_pack(
    origin: Origin, tmp_path: Path, end: Callable[[Answer, int], Answer], takes_long: bool
) -> None:
    origin.push("main", os.urandom(1 << 20))
    asked, ended = threading.Event(), threading.Event()
    with https.serve(answers.watch(end(answers.git(tmp_path), 1 << 19), asked, ended)) as server:
        url = server.url("/origin.git")
        assert git("ls-remote", url, ca=server.ca).returncode == 0
        ended.clear()
        done = git("clone", "--bare", url, str(tmp_path / "copy"), ca=server.ca, seconds=2)
        assert done.returncode == (client.KILLED if takes_long else 128)
        assert ended.wait(5)
    assert [hit.path.rpartition("/")[2] for hit in server.hits[-2:]] == ["git-upload-pack"] * 2


@pytest.mark.parametrize("answer", [answers.silent(), answers.slow(0.02)], ids=["silent", "slow"])
def test_an_answer_without_an_end_notices_that_the_client_is_gone(answer: Answer) -> None:
    asked, ended = threading.Event(), threading.Event()
    with https.serve(answers.watch(answer, asked, ended)) as server:
        assert git("ls-remote", server.url("/a.git"), ca=server.ca, seconds=0.5).returncode == client.KILLED
        assert asked.is_set()
        assert ended.wait(5)


@pytest.mark.parametrize(
    "answer",
    [answers.silent(), answers.slow(), answers.endless(), answers.wait(threading.Event(), answers.refuse(500))],
    ids=["silent", "slow", "endless", "wait"],
)
def test_closing_ends_every_answer(answer: Answer) -> None:
    asked, ended = threading.Event(), threading.Event()
    with https.serve(answers.watch(answer, asked, ended)) as server:
        asking = threading.Thread(target=git, args=("ls-remote", server.url("/a.git")), kwargs={"ca": server.ca})
        asking.start()
        assert asked.wait(5)
    assert ended.is_set()
    asking.join()


def test_an_advertisement_without_an_end_is_well_formed() -> None:
    with https.serve(answers.endless()) as server:
        trust = ssl.create_default_context(cafile=str(server.ca))
        with urllib.request.urlopen(server.url("/a.git"), context=trust) as response:
            assert response.read(34) == answers.SERVICE
            lines = [response.read(int(response.read(4), 16) - 4) for _ in range(50_000)]
    assert lines[-1] == b"%040x refs/heads/49999\n" % 1


def test_an_answer_waits_for_its_event(origin: Origin, tmp_path: Path) -> None:
    event = threading.Event()
    with https.serve(answers.wait(event, answers.git(tmp_path))) as server:
        threading.Timer(0.2, event.set).start()
        assert git("ls-remote", server.url("/origin.git"), ca=server.ca).returncode == 0
    assert event.is_set()


def test_a_client_that_does_not_speak_tls_holds_up_nobody(origin: Origin, tmp_path: Path) -> None:
    with https.serve(answers.git(tmp_path)) as server, socket.create_connection(("127.0.0.1", server.port)):
        assert git("ls-remote", server.url("/origin.git"), ca=server.ca).returncode == 0


def test_a_client_that_leaves_in_the_middle_of_its_request_is_no_mistake(tmp_path: Path) -> None:
    with https.serve(answers.git(tmp_path)) as server:
        trust = ssl.create_default_context(cafile=str(server.ca))
        with (
            socket.create_connection(("127.0.0.1", server.port)) as plain,
            trust.wrap_socket(plain, server_hostname="localhost") as connection,
        ):
            connection.sendall(
                b"POST /origin.git/git-upload-pack HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n00"
            )


def test_a_mistake_in_an_answer_comes_out() -> None:
    def answer(_: https.Request) -> None:
        raise ZeroDivisionError

    with pytest.raises(ExceptionGroup, match="an answer has failed"), https.serve(answer) as server:
        git("ls-remote", server.url("/a.git"), ca=server.ca)
