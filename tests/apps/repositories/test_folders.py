"""Repositories that are folders of this machine: only below listed roots, and only such as hold all they show."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from apps.repositories.address import AddressError, parse
from apps.repositories.example.story import write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    write(folder / "bare.git", [])
    write(folder / "work" / "tree" / ".git", [])
    write(tmp_path / "outside.git", [])
    return folder


def test_a_folder_below_a_root(root: Path) -> None:
    bare, tree = parse(f"{root}/bare.git/", [root]), parse(f"{root}/work/tree", [root])
    assert (bare.url, bare.name, bare.host, bare.forge) == (f"{root}/bare.git", "bare", "", "")
    assert (tree.url, tree.name) == (f"{root}/work/tree/.git", "tree")
    assert parse(tree.url, [root]) == tree


def test_a_link_inside_a_root_is_followed(root: Path) -> None:
    (root / "alias").symlink_to(root / "bare.git")
    assert parse(f"{root}/alias", [root]).url == f"{root}/bare.git"


@pytest.mark.parametrize("path", ["../outside.git", "bare.git/../../outside.git", "link", "tree"])
def test_nothing_outside_the_roots(root: Path, path: str) -> None:
    (root / "link").symlink_to(root.parent / "outside.git")
    (root / "tree").mkdir()
    (root / "tree" / ".git").symlink_to(root.parent / "outside.git")
    with pytest.raises(AddressError, match="not below a folder that an administrator listed"):
        parse(f"{root}/{path}", [root])


def test_mirrors_are_no_sources_or_one_team_would_read_anothers(root: Path, settings: Settings) -> None:
    settings.MIRRORS = root / "var" / "mirrors"
    write(root / "var" / "mirrors" / "1", [])
    with pytest.raises(AddressError, match="mlhealth's own"):
        parse(f"{root}/var/mirrors/1", [root])


def test_a_root_that_begins_alike_is_another(root: Path) -> None:
    write(root.parent / "root2" / "a.git", [])
    with pytest.raises(AddressError, match="not below"):
        parse(f"{root}2/a.git", [root])


def test_what_is_no_repository(root: Path) -> None:
    (root / "plain").mkdir()
    (root / "file").touch()
    for name in ("plain", "file", "absent"):
        with pytest.raises(AddressError, match="is not a git repository"):
            parse(f"{root}/{name}", [root])


def test_a_linked_work_tree_names_its_main_repository(root: Path) -> None:
    (root / "linked").mkdir()
    (root / "linked" / ".git").write_text(f"gitdir: {root.parent}/outside.git\n")
    with pytest.raises(AddressError, match="main repository"):
        parse(f"{root}/linked", [root])


@pytest.mark.parametrize("name", ["objects/info/alternates", "objects/info/http-alternates", "commondir"])
def test_a_repository_that_borrows_by_file(root: Path, name: str) -> None:
    place = root / "bare.git" / name
    place.parent.mkdir(exist_ok=True)
    place.write_text(f"{root.parent}/outside.git/objects\n")
    with pytest.raises(AddressError, match="borrows"):
        parse(f"{root}/bare.git", [root])


@pytest.mark.parametrize("name", ["objects", "refs", "refs/heads", "objects/pack", "objects/aa", "objects/pack/x.pack"])
def test_a_repository_that_borrows_by_link(root: Path, name: str) -> None:
    place, other = root / "bare.git" / name, root.parent / "outside.git"
    if place.is_dir():
        place.rename(root / "aside")
    place.symlink_to(other / "objects")
    with pytest.raises(AddressError, match="borrows"):
        parse(f"{root}/bare.git", [root])
