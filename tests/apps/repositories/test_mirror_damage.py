"""Mirrors whose files are cut, gone or changed: each is healed, and none is called ready before."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from apps.repositories import failures, mirror, mirror_folder
from tests.apps.repositories.origins import Origin, is_whole, refs_of


def truncate(path: Path) -> None:
    path.chmod(0o644)
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(b"")


def flip(path: Path) -> None:
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


DAMAGE: list[tuple[str, Callable[[Path], None]]] = [
    ("objects/pack/*.pack", truncate),
    ("objects/pack/*.pack", empty),
    ("objects/pack/*.pack", flip),
    ("objects/pack/*.pack", Path.unlink),
    ("objects/pack/*.idx", truncate),
    ("objects/pack/*.idx", Path.unlink),
    ("refs/heads/main", empty),
    ("refs/heads/main", Path.unlink),
    ("HEAD", empty),
    ("HEAD", Path.unlink),
    ("config", empty),
    ("config", Path.unlink),
    (mirror_folder.MARK, empty),
    (mirror_folder.MARK, Path.unlink),
]


@pytest.mark.parametrize(("pattern", "harm"), DAMAGE, ids=lambda value: getattr(value, "__name__", value))
def test_damage_is_healed(origin: Origin, target: Path, pattern: str, harm: Callable[[Path], None]) -> None:
    expected = mirror.update(str(origin), target, timeout=30)
    for path in list(target.glob(pattern)):
        harm(path)
    assert mirror.update(str(origin), target, timeout=30) == expected
    assert is_whole(target)
    assert refs_of(target) == refs_of(origin.path)


@pytest.mark.parametrize("harm", [truncate, Path.unlink])
def test_damage_far_from_every_tip_is_healed(origin: Origin, target: Path, harm: Callable[[Path], None]) -> None:
    mirror.update(str(origin), target, timeout=30)
    (old,) = target.glob("objects/pack/*.pack")
    origin.push("main")
    expected = mirror.update(str(origin), target, timeout=30)
    harm(old)
    assert mirror.update(str(origin), target, timeout=30) == expected
    assert is_whole(target)


def test_a_byte_that_flips_in_a_tree_is_healed(origin: Origin, target: Path) -> None:
    expected = mirror.update(str(origin), target, timeout=30)
    (index,) = target.glob("objects/pack/*.idx")
    listing = subprocess.run(["git", "verify-pack", "-v", str(index)], capture_output=True, text=True).stdout
    offset = next(int(line.split()[4]) for line in listing.splitlines() if " tree " in line)
    pack = index.with_suffix(".pack")
    pack.chmod(0o644)
    content = bytearray(pack.read_bytes())
    content[offset + 8] ^= 0xFF
    pack.write_bytes(content)
    assert mirror.update(str(origin), target, timeout=30) == expected
    assert is_whole(target)


def test_damage_is_not_called_ready_when_the_repository_is_gone(origin: Origin, target: Path) -> None:
    mirror.update(str(origin), target, timeout=30)
    for pack in target.glob("objects/pack/*.pack"):
        truncate(pack)
    tip = origin.git("rev-parse", "main")
    (origin.path / "objects" / tip[:2] / tip[2:]).unlink(missing_ok=True)
    for pack in origin.path.glob("objects/pack/*.pack"):
        empty(pack)
    with pytest.raises(failures.Unreachable):
        mirror.update(str(origin), target, timeout=30)
    assert not (target / mirror_folder.MARK).exists()


def test_an_unreachable_repository_leaves_the_mirror(origin: Origin, target: Path) -> None:
    mirror.update(str(origin), target, timeout=30)
    before = refs_of(target)
    origin.path.rename(origin.path.with_name("elsewhere"))
    with pytest.raises(failures.Unreachable, match="is not a git repository"):
        mirror.update(str(origin), target, timeout=30)
    assert (target / mirror_folder.MARK).exists()
    assert refs_of(target) == before
