"""Which host, which mailbox, and may it be shown?

Domains may be read by anybody; what stands before the @ belongs to a person.
"""

from __future__ import annotations

import re
from email.utils import getaddresses
from ipaddress import ip_address

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
