"""May a request go where a name leads?

    public                           yes
    loopback, private                if the name, the address or its network is listed
    anything else that is reserved   if the address or its network is listed
    multicast, unspecified           no

All addresses of a name are asked about, and one that may not be gone to bars them all: a name that
leads to a public address and a private one is made to be looked at once and followed twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Self

from alertd.core.addresses import network

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alertd.core.addresses import Network

Address = IPv4Address | IPv6Address

_AT_HOME = tuple(
    ip_network(each)
    for each in (
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
        "::1", "fc00::/7",
    )
)  # fmt: skip

# Python calls more than this global, each version something else: 64:ff9b::/96 and other prefixes
# behind which an IPv4 address hides, and what once was site-local.
_ASSIGNED = IPv6Network("2000::/3")
# Of that, 6to4 and Teredo lead to an IPv4 address too, and the last is for documentation.
_NOT_PUBLIC = tuple(map(IPv6Network, ("2002::/16", "2001::/32", "3fff::/20")))


@dataclass(frozen=True, slots=True)
class Allowed:
    """Where requests may go although it is not public."""

    names: frozenset[str]
    networks: tuple[Network, ...]

    @classmethod
    def of(cls, entries: Iterable[str]) -> Self:
        """Return what entries of `allow_hosts` allow; they are such as have no `allow_problem`."""
        networks = {entry: network(entry) for entry in entries}
        return cls(
            frozenset(_plain(entry) for entry, found in networks.items() if found is None),
            tuple(found for found in networks.values() if found is not None),
        )


def barred(host: str, addresses: Iterable[str], allowed: Allowed) -> str | None:
    """Return why no request may go to a host that leads there, and what to do; None if it may."""
    return next(filter(None, (_bar(host, address, allowed) for address in addresses)), None)


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the open internet, in no disguise."""
    if isinstance(address, IPv6Address) and (
        address not in _ASSIGNED or any(address in each for each in _NOT_PUBLIC)
    ):
        return False
    return address.is_global and not address.is_multicast


def _bar(host: str, text: str, allowed: Allowed) -> str | None:
    address = _unmapped(ip_address(text))
    where = host if host == str(address) else f"{host} leads to {address}, which"
    if address.is_multicast or address.is_unspecified:
        return f"{where} is no receiver's address"
    if is_public(address) or any(address in each for each in allowed.networks):
        return None
    if not any(address in each for each in _AT_HOME):
        return f"{where} is reserved; to allow it all the same, list {address} in allow_hosts"
    if _plain(host) in allowed.names:
        return None
    return f"{where} is not public; list it in allow_hosts"


def _unmapped(address: Address) -> Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _plain(name: str) -> str:
    return name.lower().rstrip(".")
