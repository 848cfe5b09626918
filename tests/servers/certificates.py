"""A certificate authority for an afternoon, and the one server it vouches for."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

NAMES = ("git.example.org", "localhost", "127.0.0.1")
DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Identity:
    """What a client trusts and what a server presents, as PEM."""

    authority: bytes
    chain: bytes  # the server's private key and certificate


def issue(*names: str, until: datetime.timedelta = DAY) -> Identity:
    """A new authority, and a server by these names; ask for names or times that are wrong to test a client."""
    now = datetime.datetime.now(datetime.UTC)
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca_name, name = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in ("An authority of tests", "A server")
    )

    def certificate(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(ca_name).public_key(public)
        is_ca = x509.BasicConstraints(ca=subject == ca_name, path_length=None)
        return (
            builder.serial_number(x509.random_serial_number())
            .not_valid_before(now - 30 * DAY)
            .not_valid_after(now + until)
            .add_extension(is_ca, critical=True)
        )

    ca = certificate(ca_name, ca_key.public_key()).sign(ca_key, hashes.SHA256())
    alternatives = x509.SubjectAlternativeName([general_name(each) for each in names or NAMES])
    own = certificate(name, key.public_key()).add_extension(alternatives, critical=False).sign(ca_key, hashes.SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Identity(ca.public_bytes(Encoding.PEM), private + own.public_bytes(Encoding.PEM))


def general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
