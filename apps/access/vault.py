"""Secrets at rest: sealed by AES-256-GCM with a key that is not in the database, and bound to the row they are of.

A sealed text is `v1.<key>.<nonce and ciphertext>`, where `key` tells which of our keys opens it. The keys are those of
MLHEALTH_CREDENTIAL_KEYS and of a file in the data folder, which is made when no other is there; the first one seals.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

VERSION, KEY_BYTES, NONCE_BYTES = "v1", 32, 12


class Unreadable(Exception):
    """No key of ours opens a sealed text, or it is not the text that this row sealed."""


def seal(secret: str, row: str) -> str:
    """A text that only `unseal` for the same row can open."""
    key, nonce = keys()[0], secrets.token_bytes(NONCE_BYTES)
    sealed = nonce + AESGCM(key).encrypt(nonce, secret.encode(), row.encode())
    return ".".join([VERSION, name_of(key), base64.urlsafe_b64encode(sealed).decode()])


def unseal(sealed: str, row: str) -> str:
    """What was sealed for this row. Raises Unreadable."""
    version, _, rest = sealed.partition(".")
    name, _, encoded = rest.partition(".")
    key = next((key for key in keys() if name_of(key) == name), None)
    if version != VERSION or key is None:
        raise Unreadable("The key that the stored credential was sealed with is not there.")
    try:
        content = base64.urlsafe_b64decode(encoded)
        return AESGCM(key).decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], row.encode()).decode()
    except (InvalidTag, ValueError):
        raise Unreadable("The stored credential is not the one that was sealed.") from None


def is_current(sealed: str) -> bool:
    """Whether a text is sealed with the key that seals now."""
    return sealed.startswith(f"{VERSION}.{name_of(keys()[0])}.")


def name_of(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:8]


def keys() -> list[bytes]:
    """All keys, the one that seals first; read anew each time, as another process may be changing them."""
    path: Path = settings.CREDENTIAL_KEY_FILE
    if not settings.CREDENTIAL_KEYS and not path.exists():
        with suppress(FileExistsError):  # another process was faster
            keep([new_key()], put=os.link)
    lines = path.read_text().split() if path.exists() else []
    return [*settings.CREDENTIAL_KEYS, *map(base64.urlsafe_b64decode, lines)]


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def keep(wanted: list[bytes], put: Callable[[str, Path], None] = os.replace) -> None:
    """Have these keys in the file, for no eyes but ours; nobody ever reads half of it."""
    path: Path = settings.CREDENTIAL_KEY_FILE
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.writelines(f"{base64.urlsafe_b64encode(key).decode()}\n" for key in wanted)
            file.flush()
            os.fsync(descriptor)
        put(draft, path)
    finally:
        Path(draft).unlink(missing_ok=True)
