"""Which hosts we may talk to: a name that leads to a private network must not make us its messenger."""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection, Sequence
from ipaddress import IPv6Address, ip_address, ip_network

# What `is_global` wrongly trusts: tunnels and translations that carry a private address inside a public one.
NEVER_PUBLIC = tuple(
    ip_network(network)
    for network in (
        *("100.64.0.0/10", "192.88.99.0/24"),
        *("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "fec0::/10"),
    )
)

Resolver = Callable[[str, int], list[str]]


class NotPublic(Exception):
    """A host that is unknown, or that leads to somewhere else than the public internet."""


class Unknown(NotPublic):
    """A host without an address, for now."""


def is_public(address: str) -> bool:
    ip = ip_address(address)
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    # Some versions of Python let through by is_global what the other three know.
    if not ip.is_global or ip.is_multicast or ip.is_reserved or ip.is_link_local:
        return False
    return not any(ip in network for network in NEVER_PUBLIC)


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, best first."""
    answers = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def addresses_of(host: str, port: int, internal_hosts: Collection[str] = (), resolver: Resolver = resolve) -> list[str]:
    """The addresses of a host that we may talk to: asked for once, and all of them public.

    Only those of `internal_hosts`, which an administrator listed, may be anywhere.
    """
    try:
        addresses = resolver(host, port)
    except OSError as error:
        raise Unknown(f"The host {host} is unknown: {error.strerror or error}.") from error
    if not addresses:
        raise Unknown(f"The host {host} has no address.")
    inside = [address for address in addresses if not is_public(address)]
    if inside and host not in internal_hosts:
        raise NotPublic(
            f"The host {host} leads to {inside[0]}, which is not on the public internet. "
            "If it should be reached, ask an administrator to list it in MLHEALTH_INTERNAL_HOSTS."
        )
    return addresses


def curl_pin(host: str, port: int, addresses: Sequence[str]) -> str:
    """`host:port:addresses` as curl takes it, so that the addresses we checked are the ones that are used."""
    return f"{host}:{port}:{','.join(f'[{each}]' if ':' in each else each for each in addresses)}"
