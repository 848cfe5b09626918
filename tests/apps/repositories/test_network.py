"""Hosts that we may talk to."""

from __future__ import annotations

import pytest

from apps.repositories.network import NotPublic, addresses_of, curl_pin, is_public

PUBLIC = ["8.8.8.8", "140.82.121.4", "1.1.1.1", "2606:4700::1111", "2a00:1450:4001:830::200e", "::ffff:8.8.8.8"]
PRIVATE = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254"),
    *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1"),
    *("198.18.0.1", "198.51.100.1", "203.0.113.7", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"),
    *("64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "fc00::1"),
    *("fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "ff0e::1"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_not_public(address: str) -> None:
    assert not is_public(address)


def test_a_host_is_asked_for_once_and_pinned() -> None:
    answers = iter([["8.8.8.8", "2606:4700::1111"], ["127.0.0.1"]])
    addresses = addresses_of("git.example.org", 443, resolver=lambda host, port: next(answers))
    assert curl_pin("git.example.org", 443, addresses) == "git.example.org:443:8.8.8.8,[2606:4700::1111]"
    assert next(answers) == ["127.0.0.1"]


def test_one_private_address_is_enough_to_refuse() -> None:
    with pytest.raises(NotPublic, match=r"leads to 10\.0\.0\.1.*MLHEALTH_INTERNAL_HOSTS"):
        addresses_of("git.example.org", 443, resolver=lambda host, port: ["8.8.8.8", "10.0.0.1"])


def test_a_listed_host_may_be_anywhere() -> None:
    inside = ["10.0.0.1", "fd00::1"]
    assert addresses_of("git.corp.example", 22, ["git.corp.example"], lambda host, port: inside) == inside
    with pytest.raises(NotPublic):
        addresses_of("a.git.corp.example", 22, ["git.corp.example"], lambda host, port: inside)


def test_a_host_without_an_address() -> None:
    with pytest.raises(NotPublic, match="no address"):
        addresses_of("git.example.org", 443, resolver=lambda host, port: [])
    with pytest.raises(NotPublic, match=r"git\.invalid is unknown"):
        addresses_of("git.invalid", 443)


# Each is another spelling of 127.0.0.1 to the system's resolver.
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0"])
def test_a_name_of_this_machine(host: str) -> None:
    with pytest.raises(NotPublic, match="not on the public internet"):
        addresses_of(host, 443)
