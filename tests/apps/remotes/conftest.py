"""Remotes with the objects of a folder, on each kind of server that can be had on one machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from apps.accounts.models import Team
from apps.remotes.models import RemoteAccess
from apps.repositories.models import Repository
from tests.servers import s3


def digest(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def place(content: bytes, ending: str = "", layout: str = "files/md5/") -> str:
    """Where DVC keeps it."""
    name = digest(content)
    return f"{layout}{name[:2]}/{name[2:]}{ending}"


def listing(files: list[bytes]) -> bytes:
    """The list of a folder's files, as DVC writes it."""
    return json.dumps([{"md5": digest(each), "relpath": f"{n}.txt"} for n, each in enumerate(files)]).encode()


@pytest.fixture(autouse=True)
def loopback(settings: Settings, tmp_path: Path) -> None:
    settings.INTERNAL_HOSTS, settings.LOCAL_ROOTS = ["127.0.0.1"], [tmp_path]
    settings.MIRRORS = tmp_path / "mirrors"
    settings.CREDENTIAL_KEYS, settings.CREDENTIAL_KEY_FILE = [], tmp_path / "keys"


MANY = [f"object {number}".encode() for number in range(10_000)]
LOST = MANY[::100]


@pytest.fixture(scope="session")
def server() -> Iterator[s3.Server]:
    """Its bucket has most of many objects below `many`."""
    with s3.serve(f"many/{place(each)}" for each in set(MANY) - set(LOST)) as server:
        server.put(f"many/{place(listing(MANY), '.dir')}", listing(MANY))
        yield server


@pytest.fixture
def repository(db: None) -> Repository:
    return Repository.objects.create(team=Team.objects.default(), name="churn", url="/x", identity="/x")


@pytest.fixture
def give(repository: Repository) -> Any:
    """Gives read access to a remote."""

    def access(url: str, secret: str = "", **more: str) -> RemoteAccess:
        RemoteAccess.objects.filter(repository=repository).delete()
        given = RemoteAccess(repository=repository, url=url, **more)
        given.seal(secret)
        given.save()
        return given

    return access
