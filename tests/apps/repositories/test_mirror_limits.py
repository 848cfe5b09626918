"""What no repository may take: more than its share of the disk, the last of the disk, a list of refs without end."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from pytest_django import Settings

from apps.repositories import failures, mirror, mirror_folder, refs
from apps.repositories.git import Git
from tests.apps.repositories.origins import Origin, is_whole, refs_of

DEFAULTS = Git.__init__.__defaults__ or ()


def grow(origin: Origin, files: int) -> None:
    for number in range(files):
        origin.push("main", Random(number).randbytes(900_000))


def test_more_than_its_share(origin: Origin, target: Path, settings: Settings) -> None:
    expected = mirror.update(str(origin), target, timeout=30)
    settings.MIRROR_BYTES = 2_000_000
    grow(origin, 4)
    for place in (target, target.with_name("2")):
        with pytest.raises(failures.TooLarge, match="more than 2 MB"):
            mirror.update(str(origin), place, timeout=30)
    assert refs_of(target) == {"refs/heads/main": expected.head}
    assert is_whole(target)
    assert mirror_folder.size(target) < 100_000
    assert not target.with_name("2").exists()
    settings.MIRROR_BYTES = 10_000_000
    assert mirror.update(str(origin), target, timeout=30).head == origin.git("rev-parse", "main")


def test_small_packs_that_are_too_much_together(
    origin: Origin, target: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    grow(origin, 2)
    mirror.update(str(origin), target, timeout=30)
    settings.MIRROR_BYTES = 1_500_000
    with pytest.raises(failures.TooLarge):
        mirror.update(str(origin), target, timeout=30)
    assert is_whole(target)


def test_the_last_of_the_disk(origin: Origin, target: Path, settings: Settings) -> None:
    expected = mirror.update(str(origin), target, timeout=30)
    origin.push("main")
    settings.FREE_BYTES = 1 << 60
    with pytest.raises(failures.DiskFull, match="An administrator has to make room"):
        mirror.update(str(origin), target, timeout=30)
    assert refs_of(target) == {"refs/heads/main": expected.head}


def test_too_many_branches(origin: Origin, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refs, "MOST_REFS", 3)
    for number in range(3):
        origin.push(f"branch-{number}")
    with pytest.raises(failures.TooLarge, match="4 branches and tags; at most 3"):
        mirror.update(str(origin), target, timeout=30)


def test_a_pack_that_is_larger_than_the_memory(
    origin: Origin, target: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, large = 100_000_000, 120_000_000
    monkeypatch.setattr(Git.__init__, "__defaults__", tuple(small if d == 4 << 30 else d for d in DEFAULTS))
    assert Git({}, 0).memory == small
    story = b"commit refs/heads/main\ncommitter A <a@x.org> 1700000000 +0000\ndata 5\nfeat:\n"
    files = (b"a.py", b"print()\n"), (b"model.bin", bytes(large))
    story += b"".join(b"M 100644 inline %b\ndata %d\n%b\n" % (path, len(text), text) for path, text in files)
    plainly = ["-c", "core.compression=0", "-c", "fastimport.unpackLimit=0"]
    origin.git(*plainly, "fast-import", "--quiet", "--force", stdin=story)
    assert mirror.update(str(origin), target, timeout=60).head == origin.git("rev-parse", "main")
    assert mirror_folder.size(target) < 100_000
