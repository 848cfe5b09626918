"""Connections to servers that people named: only to addresses that were checked, as mirrors are fetched."""

from __future__ import annotations

import socket
import ssl

from django.conf import settings

from apps.outbox.undelivered import Undelivered
from apps.repositories import network


def connect(host: str, port: int, seconds: float) -> socket.socket:
    """A connection to the first address of a host that answers. Raises Undelivered and OSError."""
    failure = OSError()
    for address in checked(host, port):
        try:
            return socket.create_connection((address, port), seconds)
        except OSError as error:
            failure = error
    raise failure


def checked(host: str, port: int) -> list[str]:
    try:
        return network.addresses_of(host, port, settings.INTERNAL_HOSTS)
    except network.Unknown as error:
        raise Undelivered(str(error)) from None  # names come and go
    except network.NotPublic as error:
        raise Undelivered(str(error), final=True) from None


def trust(host: str) -> ssl.SSLContext:
    """The certificates that a host is checked against."""
    internal = settings.CA_FILE and host in settings.INTERNAL_HOSTS
    return ssl.create_default_context(cafile=str(settings.CA_FILE) if internal else None)
