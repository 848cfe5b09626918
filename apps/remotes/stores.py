"""The kinds of server that a DVC remote can be on. Each can be asked what is there and be read, and nothing else."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

import obstore
from django.conf import settings
from obstore.exceptions import BaseError, NotFoundError, PermissionDeniedError, UnauthenticatedError
from obstore.store import AzureStore, GCSStore, HTTPStore, LocalStore, S3Store

from apps.access import vault
from apps.remotes.models import RemoteAccess
from apps.remotes.sftp import LARGEST, Sftp
from apps.repositories import address, folders, network
from apps.repositories.address import AddressError
from apps.repositories.failures import Failure
from apps.repositories.folders import FolderError
from apps.repositories.git import Late

# Beyond so many keys a remote is not listed further, and only so many are then asked for one by one.
MOST_LISTED, MOST_ASKED, AT_A_TIME = 500_000, 5_000, 8
PORTS = {"http": 80, "https": 443}
NO_BUCKET = "the server knows no such bucket, container or folder"
RETRY: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=60)}


class RemoteError(Exception):
    """Why a remote cannot be asked, in words for who gave access to it."""


class Store(Protocol):
    """Read access, by keys below the remote's own path."""

    def sizes(self, keys: Iterable[str]) -> dict[str, int]:
        """The size in bytes of each of these that is there."""

    def read(self, key: str) -> bytes: ...


class Bucket:
    """Object storage. `lists` is false where a server can only be asked for one object at a time."""

    def __init__(self, store: Any, lists: bool = True) -> None:
        self.store, self.lists = store, lists
        self.listed = dict[str, dict[str, int]]()

    def sizes(self, keys: Iterable[str]) -> dict[str, int]:
        wanted, found = set(keys), dict[str, int]()
        if self.lists:
            for prefix in sorted({"files/md5" if key.startswith("files/md5/") else "" for key in wanted}):
                found |= {key: size for key, size in self.below(prefix).items() if key in wanted}
        if not self.lists or any(len(each) >= MOST_LISTED for each in self.listed.values()):
            found |= self.one_by_one(sorted(wanted - found.keys()))
        return found

    def one_by_one(self, keys: list[str]) -> dict[str, int]:
        if len(keys) > MOST_ASKED:
            raise RemoteError(f"it cannot be listed, and {len(keys):,} objects are too many to ask for one by one")
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            sizes = list(pool.map(self.size, keys))
        return {key: size for key, size in zip(keys, sizes, strict=True) if size is not None}

    def below(self, prefix: str) -> dict[str, int]:
        """Keys and sizes, listed once."""
        if prefix not in self.listed:
            self.listed[prefix] = found = dict[str, int]()
            deadline = time.monotonic() + settings.FETCH_SECONDS
            for some in obstore.list(self.store, prefix or None, chunk_size=1000):
                if time.monotonic() > deadline:
                    raise Late
                found.update((each["path"], each["size"]) for each in some)
                if len(found) >= MOST_LISTED:
                    break
        return self.listed[prefix]

    def size(self, key: str) -> int | None:
        try:
            return obstore.head(self.store, key)["size"]
        except (NotFoundError, FileNotFoundError):
            return None

    def read(self, key: str) -> bytes:
        content = bytearray()
        for chunk in obstore.get(self.store, key).stream():
            content += chunk
            if len(content) > LARGEST:
                raise RemoteError(f"{key} has more than {LARGEST:,} bytes")
        return bytes(content)


@contextmanager
def opened(access: RemoteAccess) -> Iterator[Store]:
    """The way to a remote. Raises RemoteError, here or while it is used."""
    try:
        url, secret = split(access.url), access.unseal()
        if url.scheme == "ssh":
            with Sftp.opened(access.url, secret) as store:
                yield store
        else:
            yield OPENERS[url.scheme](access, url, secret)
    except (AddressError, FolderError, network.NotPublic, vault.Unreadable, Failure) as error:
        raise RemoteError(str(error)) from None
    except Late:
        raise RemoteError(f"it did not answer within {settings.FETCH_SECONDS:.0f} seconds") from None
    # What a store's library says may hold the address with its signature, so none of it is passed on.
    except (PermissionDeniedError, UnauthenticatedError, PermissionError):
        raise RemoteError("the server refuses the credential that was given for it") from None
    except (NotFoundError, FileNotFoundError):
        raise RemoteError(NO_BUCKET) from None
    except (BaseError, OSError, ValueError) as error:
        if "NoSuchBucket" in str(error):
            raise RemoteError(NO_BUCKET) from None
        raise RemoteError("it does not answer as such a remote does; look at URL, endpoint and secret") from None


def split(url: str) -> SplitResult:
    """The parts of a remote's URL; no scheme stands for a folder. Raises RemoteError."""
    parts = urlsplit(url)
    if parts.scheme not in {*OPENERS, "ssh"} or not (parts.netloc or parts.path.startswith("/")):
        raise RemoteError("Enter s3://, gs://, azure://, ssh://, https:// or the path of a folder.")
    if parts.scheme != "ssh" and "@" in parts.netloc:
        raise RemoteError("Leave out what is before the @; user and secret have fields of their own.")
    return parts


def client(scheme: str, **more: Any) -> Any:
    return {"timeout": "30s", "connect_timeout": "10s", "allow_http": scheme == "http", **more}


def reachable(url: str) -> SplitResult:
    """The parts of the address of a server that we may talk to."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise RemoteError(f"{url} is no address of a server. Enter one such as https://minio.example.org.")
    host = address.checked_host(parts.hostname, settings.INTERNAL_HOSTS)
    network.addresses_of(host, parts.port or PORTS[parts.scheme], settings.INTERNAL_HOSTS)
    return parts


def s3(access: RemoteAccess, url: SplitResult, secret: str) -> Store:
    server = reachable(access.endpoint) if access.endpoint else None
    options: dict[str, Any] = {"region": access.region or "us-east-1", "virtual_hosted_style_request": server is None}
    if server:
        options["endpoint"] = access.endpoint
    # Without a key it must not look for one in this machine's surroundings.
    key = {"access_key_id": access.user, "secret_access_key": secret} if secret else {"skip_signature": True}
    scheme = server.scheme if server else "https"
    return Bucket(
        S3Store(
            url.netloc,
            prefix=url.path.strip("/") or None,
            client_options=client(scheme),
            retry_config=RETRY,
            **options,
            **key,
        )
    )


def gcs(access: RemoteAccess, url: SplitResult, secret: str) -> Store:
    key: dict[str, Any] = {"service_account_key": secret} if secret else {"skip_signature": True}
    prefix = url.path.strip("/") or None
    return Bucket(GCSStore(url.netloc, prefix=prefix, client_options=client("https"), retry_config=RETRY, **key))


def azure(access: RemoteAccess, url: SplitResult, secret: str) -> Store:
    key: dict[str, Any] = {"skip_signature": True}
    if secret:
        key = {"sas_key": secret} if "sig=" in secret else {"account_key": secret}
    prefix = url.path.strip("/") or None
    made = AzureStore(
        url.netloc, prefix=prefix, account_name=access.user, client_options=client("https"), retry_config=RETRY, **key
    )
    return Bucket(made)


def http(access: RemoteAccess, url: SplitResult, secret: str) -> Store:
    reachable(access.url)
    pair = base64.b64encode(f"{access.user}:{secret}".encode()).decode()
    headers = {"default_headers": {"Authorization": f"Basic {pair}"}} if secret else {}
    made = HTTPStore.from_url(access.url, client_options=client(url.scheme, **headers), retry_config=RETRY)
    return Bucket(made, lists=False)


def folder(access: RemoteAccess, url: SplitResult, secret: str) -> Store:
    return Bucket(LocalStore(folders.contained(Path(url.path), settings.LOCAL_ROOTS)))


OPENERS: dict[str, Callable[[RemoteAccess, SplitResult, str], Store]] = {
    "": folder,
    "s3": s3,
    "gs": gcs,
    "azure": azure,
    "http": http,
    "https": http,
}
