"""What is in a remote and what is not: on S3, in a folder, over HTTP and over ssh."""

from __future__ import annotations

import base64
import functools
import json
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import obstore
import pytest
from django.utils import timezone
from pytest_django import Settings

from apps.access.models import HostKey
from apps.audit.storage import Held, Storage
from apps.remotes.look import DAMAGED, look
from apps.remotes.models import RemoteAccess
from tests.apps.remotes.conftest import LOST, MANY, listing, place
from tests.servers import s3, ssh

Give = Callable[..., RemoteAccess]
FILES = [f"{number}\n".encode() for number in range(5)]
FOLDER = listing(FILES)
ALONE, ABSENT = b"alone", b"absent"
KEYS = [place(ALONE), place(ABSENT), place(FOLDER, ".dir"), place(ALONE, layout="")]
# The old layout's object is not where the new one's is, two of the folder's five files miss.
SEEN = {KEYS[0]: Held(0, 1), KEYS[1]: Held(1, 1), KEYS[2]: Held(2, 5), KEYS[3]: Held(0, 1)}
OBJECTS = {place(ALONE): ALONE, place(ALONE, layout=""): ALONE, place(FOLDER, ".dir"): FOLDER} | {
    place(each): each for each in FILES[2:]
}


def store(root: Path) -> Path:
    for key, content in OBJECTS.items():
        path = root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def test_a_folder(give: Give, tmp_path: Path) -> None:
    root = store(tmp_path / "remote")
    before = {path: (path.read_bytes(), path.stat().st_mode) for path in root.rglob("*") if path.is_file()}
    assert look(give(str(root)), KEYS) == Storage(str(root), SEEN)
    assert {path: (path.read_bytes(), path.stat().st_mode) for path in root.rglob("*") if path.is_file()} == before


def test_a_folder_that_nobody_listed(give: Give, settings: Settings, tmp_path: Path) -> None:
    settings.LOCAL_ROOTS = []
    assert "MLHEALTH_LOCAL_ROOTS" in look(give(str(store(tmp_path / "remote"))), KEYS).error


def test_s3(give: Give, server: s3.Server) -> None:
    for key, content in OBJECTS.items():
        server.put(f"some/path/{key}", content)
    access = give("s3://data/some/path", s3.SECRET, user=s3.KEY, endpoint=server.endpoint)
    assert look(access, KEYS) == Storage("s3://data/some/path", SEEN)


def test_ten_thousand_objects_on_s3(give: Give, server: s3.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    heads, key = list[str](), place(listing(MANY), ".dir")
    monkeypatch.setattr(obstore, "head", heads.append)
    access = give("s3://data/many", s3.SECRET, user=s3.KEY, endpoint=server.endpoint)
    assert look(access, [key]).objects == {key: Held(len(LOST), 10_000)}
    assert heads == []  # they were listed, a thousand at a time


def test_a_bucket_too_large_to_list_is_asked_for_each(
    give: Give, server: s3.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.remotes.stores.MOST_LISTED", 3)
    for key, content in OBJECTS.items():
        server.put(f"large/{key}", content)
    access = give("s3://data/large", s3.SECRET, user=s3.KEY, endpoint=server.endpoint)
    assert look(access, KEYS).objects == SEEN
    monkeypatch.setattr("apps.remotes.stores.MOST_ASKED", 1)
    assert "too many to ask for" in look(access, KEYS).error


class Web(SimpleHTTPRequestHandler):
    wanted = "Basic " + base64.b64encode(b"ada:canary-7").decode()

    def do_HEAD(self) -> None:
        if self.headers["Authorization"] == self.wanted:
            super().do_HEAD()
        else:
            self.send_error(401)

    def do_GET(self) -> None:
        if self.headers["Authorization"] == self.wanted:
            super().do_GET()
        else:
            self.send_error(401)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Web, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_http(give: Give, web: str, tmp_path: Path) -> None:
    store(tmp_path / "remote")
    assert look(give(f"{web}/remote", "canary-7", user="ada"), KEYS) == Storage(f"{web}/remote", SEEN)
    refused = look(give(f"{web}/remote", "canary-8", user="ada"), KEYS)
    assert "refuses the credential" in refused.error
    assert "canary" not in json.dumps(refused.to_json())


def test_ssh(give: Give, tmp_path: Path) -> None:
    store(tmp_path / "remote")
    public = ssh.new_key(tmp_path / "key")
    with ssh.serve(tmp_path) as server:
        server.serve_files()
        url = f"ssh://{server.user}@127.0.0.1:{server.port}{tmp_path}/remote"
        access = give(url, (tmp_path / "key").read_text())
        assert "nobody has confirmed" in look(access, KEYS).error
        # What the server showed is noted, for an administrator to confirm.
        assert HostKey.objects.filter(server=f"127.0.0.1:{server.port}").update(confirmed_at=timezone.now()) == 1
        assert "refuses the credential" in look(access, KEYS).error
        server.authorise(public)
        assert look(access, KEYS) == Storage(url, SEEN)


@pytest.mark.parametrize(
    ("url", "more", "error"),
    [
        ("s3://data/p", {"endpoint": "http://127.0.0.1:1"}, "does not answer"),
        ("s3://data/p", {"endpoint": "http://localhost:1"}, "MLHEALTH_INTERNAL_HOSTS"),
        ("s3://data/p", {"endpoint": "minio"}, "no address of a server"),
        ("http://169.254.169.254/latest", {}, "IP address"),
        ("ssh://git@127.0.0.1/a b", {}, "path"),
        ("gs://data/p", {"secret": "no JSON"}, "does not answer"),
    ],
)
def test_a_remote_that_cannot_be_asked_says_why(give: Give, url: str, more: dict[str, str], error: str) -> None:
    assert error in look(give(url, **more), KEYS).error


def test_a_bucket_that_does_not_exist(give: Give, server: s3.Server) -> None:
    access = give("s3://other/p", s3.SECRET, user=s3.KEY, endpoint=server.endpoint)
    assert "no such bucket" in look(access, KEYS).error


@pytest.mark.parametrize("content", [b"[{}]", b"[1]", b"{", b"[" * 100_000, b'[{"md5": 1}]', b"null"])
def test_a_list_that_is_no_list(give: Give, tmp_path: Path, content: bytes) -> None:
    key = place(content, ".dir")
    (tmp_path / key).parent.mkdir(parents=True)
    (tmp_path / key).write_bytes(content)
    assert look(give(str(tmp_path)), [key]).objects == {key: DAMAGED}


def test_a_list_with_another_content_than_its_name_says(give: Give, tmp_path: Path) -> None:
    key = place(FOLDER, ".dir")
    (tmp_path / key).parent.mkdir(parents=True)
    (tmp_path / key).write_bytes(listing(FILES[:1]))
    assert look(give(str(tmp_path)), [key]).objects == {key: DAMAGED}


def test_a_secret_opens_nothing_at_another_address(give: Give, server: s3.Server) -> None:
    access = give("s3://data/p", s3.SECRET, user=s3.KEY, endpoint=server.endpoint)
    access.endpoint = "https://evil.example.org"
    assert "not the one that was sealed" in look(access, KEYS).error
