"""Git directories on this machine: only below listed folders, and only such as hold all that they show."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

# Each could make another repository's history appear as this one's.
BORROWING = ("commondir", "objects/info/alternates", "objects/info/http-alternates")
NEVER_LINKED = ("HEAD", "config", "packed-refs", "objects", "refs", "objects/info", "objects/pack")


class FolderError(ValueError):
    """Says why a folder cannot be registered or read, and how to mend it."""


def find(path: Path, roots: Sequence[Path]) -> Path:
    """The git directory that `path` is, or holds as a work tree, without symbolic links."""
    try:
        folder = contained(path, roots)
        nested = folder / ".git"
        if nested.is_file():
            raise FolderError(f"{folder} keeps its history elsewhere. Enter the path of its main repository.")
        git_directory = contained(nested, roots) if nested.is_dir() else folder
        check(git_directory)
    except OSError as error:
        raise FolderError(f"{path} cannot be read: {error.strerror}. Let mlhealth's user read it.") from error
    return git_directory


def contained(path: Path, roots: Sequence[Path]) -> Path:
    """`path` without symbolic links; a refusal says nothing about what exists outside `roots`."""
    real = Path(os.path.realpath(path))
    if real.is_relative_to(os.path.realpath(settings.MIRRORS)):
        raise FolderError(f"{path} is mlhealth's own. Enter the address of the repository itself.")
    if not path.is_absolute() or not any(real.is_relative_to(os.path.realpath(root)) for root in roots):
        raise FolderError(
            f"{path} is not below a folder that an administrator listed. Ask for it in MLHEALTH_LOCAL_ROOTS."
        )
    return real


def check(git_directory: Path) -> None:
    objects, refs = git_directory / "objects", git_directory / "refs"
    if not ((git_directory / "HEAD").exists() and objects.is_dir() and refs.is_dir()):
        raise FolderError(f"{git_directory} is not a git repository. Enter the folder that holds .git.")
    places = [git_directory / name for name in NEVER_LINKED]
    places += [entry for folder in places if folder.is_dir() for entry in folder.iterdir()]
    if any(os.path.lexists(git_directory / name) for name in BORROWING) or any(map(Path.is_symlink, places)):
        raise FolderError(
            f"{git_directory} borrows objects from another repository. Make it whole: git clone --no-local."
        )
