"""Which host, which network, which mailbox, and may it be shown?

Domains may be read by anybody; what stands before the @ belongs to a person.
"""

from __future__ import annotations

import re
from email.utils import getaddresses
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network

_LABEL = r"[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?"
# A last label that is a number makes an address of the whole: "10.0.0", "2130706433", "0x7f.1".
_NAME = re.compile(rf"(?=.{{1,253}}$)({_LABEL}\.)*(?!([0-9]+|0x[0-9a-f]*)$){_LABEL}", re.IGNORECASE)
_MAPPED = IPv6Network("::ffff:0:0/96")

_MAILBOX = re.compile(r"[^\s@<>\"(),:;]+@([^\s@<>\"(),:;]+)")


def mailbox(address: str) -> str:
    """Return the bare address of "me@example.com" or "alertd <me@example.com>".

    raises: ValueError, without quoting it, when there is not exactly one such address.
    """
    found = [bare for _, bare in getaddresses([address])]
    if not address.isprintable() or len(found) != 1 or not _MAILBOX.fullmatch(found[0]):
        msg = 'expected one mail address, as "me@example.com" or "alertd <me@example.com>"'
        raise ValueError(msg)
    return found[0]


def masked(text: str) -> str:
    """Return text as one line in which only the domains of mail addresses can be read."""
    printable = "".join(each if each.isprintable() else " " for each in text)
    return _MAILBOX.sub(r"***@\1", " ".join(printable.split()))


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, by its name or address alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def network(text: str) -> Network | None:
    """Return the network that a text names, of a single address too; None where it names none."""
    try:
        # A network has no interface of ours in it, whatever Python makes of "fe80::1%eth0".
        return None if "%" in text else ip_network(text)
    except ValueError:
        return None


def allow_problem(entry: str) -> str | None:
    """Return what is wrong with an entry of `allow_hosts`, without quoting it, or None."""
    listed = network(entry)
    if listed is None:
        whole = _NAME.fullmatch(entry)
        return None if whole else 'expected "desk.lan", "10.0.0.7" or "10.0.0.0/8", or their like'
    if listed.prefixlen == 0:
        return "expected a part of the network, found the whole"
    if listed.is_unspecified or listed.is_multicast:
        return "expected an address that one receiver can have"
    if isinstance(listed, IPv6Network) and listed.subnet_of(_MAPPED):
        return "expected an IPv4 address in its own form, found it as an IPv6 one"
    return None
