"""A server that speaks S3, as a process of its own on this machine, with a bucket and many objects in it.

with s3.serve() as server:
    server.put("key", b"content")
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import obstore
from obstore.store import S3Store

KEY, SECRET, BUCKET, PATIENCE = "AKIAIOSFODNN7INVENTED", "canary-3/secret+key", "data", 60
PROGRAM = f"""
import sys
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.server import main
backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
backend.create_bucket({BUCKET!r}, "us-east-1")
for key in sys.stdin.read().split():
    backend.put_object({BUCKET!r}, key, b"x")
main(["-H", "127.0.0.1", "-p", sys.argv[1]])
"""


@dataclass(frozen=True)
class Server:
    endpoint: str

    @property
    def bucket(self) -> S3Store:
        return S3Store(
            BUCKET,
            endpoint=self.endpoint,
            region="us-east-1",
            access_key_id=KEY,
            secret_access_key=SECRET,
            client_options={"allow_http": True, "timeout": "30s"},
        )

    def put(self, key: str, content: bytes) -> None:
        obstore.put(self.bucket, key, content)


@contextmanager
def serve(keys: Iterable[str] = ()) -> Iterator[Server]:
    """With objects of these keys from the beginning: put one by one from outside, many would take minutes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", PROGRAM, str(port)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin
        process.stdin.write("\n".join(keys).encode())
        process.stdin.close()
        try:
            wait_for(process, port)
            yield Server(f"http://127.0.0.1:{port}")
        finally:
            process.kill()


def wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the S3 server did not start")
