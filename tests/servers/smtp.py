"""A mail server on this machine, which keeps what it takes and answers as a test says."""

from __future__ import annotations

import socket
import ssl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from tests.servers.https import usual

USER, PASSWORD = "mlhealth", "canary-9x@/:%"


class Server:
    """`recipient` and `taken` are what it answers to an address and to a mail; `then` is called with each that came."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.recipient = self.taken = "250 OK"
        self.then: Callable[[], None] = lambda: None
        self.port = 0
        self.ca = Path()

    async def handle_RCPT(self, _: Any, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if self.recipient.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, _: Any, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.envelopes.append(envelope)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.then()
        return self.taken


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve(server: Server | None = None, *, security: str = "", port: int = 0) -> Iterator[Server]:
    """Listen; `security` is "starttls" or "tls", and then it asks for USER and PASSWORD."""
    server = server or Server()
    server.port = port or free_port()
    with tempfile.TemporaryDirectory(prefix="smtp-") as folder:
        server.ca, chain = Path(folder, "ca.pem"), Path(folder, "chain.pem")
        server.ca.write_bytes(usual().authority)
        chain.write_bytes(usual().chain)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        options: dict[str, Any] = {}
        if security:
            tls_first = security == "starttls"
            options = {"authenticator": authenticate, "auth_required": tls_first, "auth_require_tls": tls_first}
            options["tls_context" if security == "starttls" else "ssl_context"] = context
        controller = Controller(server, "127.0.0.1", server.port, **options)
        controller.start()
        try:
            yield server
        finally:
            controller.stop()


def authenticate(_: Any, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)
