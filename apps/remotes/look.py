"""Asks a DVC remote which of the objects that a commit needs are there, those of folders included."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence

from apps.audit.storage import Held, Storage
from apps.remotes.models import RemoteAccess
from apps.remotes.sftp import LARGEST
from apps.remotes.stores import RemoteError, Store, opened
from apps.repositories.models import Repository

# Of all lists of folders together, in bytes.
LARGEST_LISTS = 100_000_000
GONE, HERE = Held(1, 1), Held(0, 1)
DAMAGED = Held(1, 1, "the list of its files is damaged in the remote")


def access_to(repository: Repository) -> RemoteAccess | None:
    """What an administrator gave for it."""
    return RemoteAccess.objects.filter(repository=repository).first()


def look(access: RemoteAccess, keys: Sequence[str]) -> Storage:
    """What the remote holds of these keys; a remote that cannot be asked says why."""
    try:
        with opened(access) as store:
            return Storage(access.url, dict(held(store, keys)))
    except RemoteError as error:
        return Storage(access.url, {}, f"{access.url}: {error}")


def held(store: Store, keys: Sequence[str]) -> Iterator[tuple[str, Held]]:
    sizes = store.sizes(keys)
    lists = dict[str, list[str] | Held]()
    for key in keys:
        if key.endswith(".dir") and key in sizes:
            lists[key] = read_list(store, key, sizes)
        else:
            yield key, HERE if key in sizes else GONE
    files = store.sizes({file for each in lists.values() if isinstance(each, list) for file in each})
    for key, each in lists.items():
        yield key, each if isinstance(each, Held) else Held(sum(file not in files for file in each), len(each))


def read_list(store: Store, key: str, sizes: Mapping[str, int]) -> list[str] | Held:
    """The keys of a folder's files; what is known of the folder where its list cannot be used."""
    if sizes[key] > LARGEST or sum(size for each, size in sizes.items() if each.endswith(".dir")) > LARGEST_LISTS:
        return Held(0, 1, f"the list of its files has {sizes[key]:,} bytes and was not read")
    content = store.read(key)
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != re.sub(r"files/md5/|/|\.dir", "", key):
        return DAMAGED
    layout = "files/md5/" if key.startswith("files/md5/") else ""
    try:
        return [f"{layout}{entry['md5'][:2]}/{entry['md5'][2:]}" for entry in json.loads(content)]
    except (ValueError, TypeError, KeyError, RecursionError):
        return DAMAGED
