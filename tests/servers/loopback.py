"""A server on this machine with a thread for each connection, which ends, with all its threads, when a test does."""

from __future__ import annotations

import socket
import socketserver
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

PATIENCE = 10  # seconds


class Loopback(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, handler: type[socketserver.BaseRequestHandler]) -> None:
        self.closing = threading.Event()
        self.connections: set[socket.socket] = set()
        self.errors: list[Exception] = []
        super().__init__(("127.0.0.1", 0), handler)

    @property
    def port(self) -> int:
        port: int = self.server_address[1]
        return port

    @contextmanager
    def running(self) -> Iterator[None]:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield
        finally:
            self.close()

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self.connections.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exception()
        # An OSError is a client that left, or TLS that failed; all else is a mistake of ours.
        if isinstance(error, Exception) and not isinstance(error, OSError):
            self.errors.append(error)

    def close(self) -> None:
        """Take no more connections, and end those that there are."""
        self.closing.set()
        self.shutdown()
        for connection in list(self.connections):
            with suppress(OSError):
                # Not SSLSocket's own, which would pull TLS from under the thread that uses it.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
        deadline = time.monotonic() + PATIENCE
        while self.connections and time.monotonic() < deadline:
            time.sleep(0.005)
        self.server_close()
        if self.connections:
            raise TimeoutError("an answer goes on although the server has closed")
        if self.errors:
            raise ExceptionGroup("an answer has failed", self.errors)


def outlast(connection: socket.socket) -> None:
    """Say nothing until the other side is gone."""
    with suppress(OSError):
        while connection.recv(1 << 10):
            pass
