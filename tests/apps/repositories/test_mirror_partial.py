"""Mirrors without large files: they cost no disk, nobody fetches them later, and everything else is there."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from pytest_django import Settings

from apps.repositories import mirror, mirror_folder
from tests.apps.repositories.origins import Origin, is_whole, refs_of
from tests.servers import answers, https
from tests.servers.https import Server

LARGE = Random(7).randbytes(2_000_000)


@pytest.fixture
def server(settings: Settings, tmp_path: Path, origin: Origin) -> Iterator[Server]:
    settings.LEFT_OUT_BYTES = 1_000_000
    with https.serve(answers.git(tmp_path)) as server:
        settings.INTERNAL_HOSTS, settings.CA_FILE = ["127.0.0.1"], server.ca
        origin.push("main", LARGE)
        yield server


def update(server: Server, target: Path) -> mirror.Mirror:
    return mirror.update(server.url("/origin.git"), target, timeout=30)


def missing(target: Path) -> int:
    command = ["git", "--git-dir", str(target), "rev-list", "--objects", "--all", "--missing=print"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.count("\n?")


def test_large_files_stay_on_the_server(origin: Origin, server: Server, target: Path, settings: Settings) -> None:
    held = update(server, target)
    assert (held.head, held.left_out) == (origin.git("rev-parse", "main"), settings.LEFT_OUT_BYTES)
    assert missing(target) == 1
    assert mirror_folder.size(target) < 100_000
    pushed = origin.push("main", LARGE[::-1])
    assert update(server, target).head == pushed
    assert missing(target) == 2
    assert is_whole(target)


def test_nobody_fetches_them_later(origin: Origin, server: Server, target: Path) -> None:
    update(server, target)
    asked = len(server.hits)
    blob = origin.git("rev-parse", "main:b.py")
    read = subprocess.run(["git", "--git-dir", str(target), "cat-file", "-s", blob], capture_output=True, text=True)
    assert read.returncode != 0
    assert len(server.hits) == asked
    update(server, target)  # nothing new: a list of refs and a fetch of nothing
    assert [hit.path for hit in server.hits[asked:]].count("/origin.git/git-upload-pack") <= 2


def test_a_folder_of_this_machine_is_mirrored_alike(origin: Origin, target: Path, settings: Settings) -> None:
    settings.LEFT_OUT_BYTES = 1_000_000
    origin.push("main", LARGE)
    mirror.update(str(origin), target, timeout=30)
    assert missing(target) == 1


def test_a_server_without_filters_sends_everything(origin: Origin, server: Server, target: Path) -> None:
    server.answer = answers.git(origin.path.parent, allow_filter=False)
    update(server, target)
    assert missing(target) == 0
    assert is_whole(target)


def test_nothing_is_left_out_where_that_is_asked_for(server: Server, target: Path, settings: Settings) -> None:
    settings.LEFT_OUT_BYTES = 0
    assert update(server, target).left_out == 0
    assert missing(target) == 0


def test_another_limit_makes_another_mirror(server: Server, target: Path, settings: Settings) -> None:
    update(server, target)
    settings.LEFT_OUT_BYTES = 3_000_000
    assert update(server, target).left_out == 3_000_000
    assert missing(target) == 0
    assert refs_of(target)


def test_packs_of_a_partial_mirror_do_not_pile_up(
    origin: Origin, server: Server, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "MOST_PACKS", 2)
    for number in range(4):
        origin.push("main", b"%d" % number)
        update(server, target)
    assert len(list(target.glob("objects/pack/*.pack"))) <= 2
    assert missing(target) == 1
    assert is_whole(target)


def honest_but_old(origin: Origin) -> str:
    tree = origin.git("rev-parse", "main^{tree}")
    old = f"tree {tree}\nauthor Ada 1100000000 +0000\ncommitter Ada 1100000000 +0000\n\nold\n".encode()
    commit = origin.git("hash-object", "-w", "-t", "commit", "--literally", "--stdin", stdin=old)
    origin.git("update-ref", "refs/heads/main", commit)
    return commit


def test_old_faults_are_forgiven_in_a_whole_mirror_where_git_cannot_in_a_partial_one(
    origin: Origin, server: Server, target: Path
) -> None:
    update(server, target)
    for _ in range(2):
        old = honest_but_old(origin)
        assert update(server, target).head == old
    held = update(server, target)
    assert (held.left_out == 0) is (missing(target) == 0)
