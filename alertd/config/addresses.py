"""Where may a message go?

A URL is a secret: a complaint names its scheme or host, never the whole.
"""

from __future__ import annotations

import re
from email.utils import parseaddr
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from alertd.config.values import matching
from alertd.config.wrong import Wrong, expected, shown
from alertd.core.addresses import allow_problem
from alertd.core.guard import Allowed, barred
from alertd.core.signature import secret_problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from urllib.parse import SplitResult

CHANNEL = r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
HOST = rf"(?=[^@]{{1,253}}$){_LABEL}(\.{_LABEL})*"

_SERVER = r"(.*@)?(\[.*\]|[^:]*)(:(?P<port>[0-9]{0,6}))?"
_MAILBOX = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@" + HOST
_PORTS = range(1, 65_536)
_SERVICE = r"[A-Za-z0-9]{1,32}://.+"
_LOCALHOST, _LOOPBACK = "localhost", "127.0.0.1"


def channel(value: object) -> str:
    """Return a channel's name."""
    return matching(CHANNEL, 'a name of letters, digits, "_" and "-"', value)


def host(value: object) -> str:
    """Return the name or address of a server."""
    if not (isinstance(value, str) and (re.fullmatch(HOST, value) or _is_address(value))):
        raise expected(value, 'the name of a server, such as "smtp.example.com"')
    return value


def port(value: object) -> int:
    """Return the number of a TCP port."""
    if isinstance(value, bool) or not isinstance(value, int) or value not in _PORTS:
        raise expected(value, f"a port from {_PORTS[0]} to {_PORTS[-1]}")
    return value


def mailbox(value: object) -> str:
    """Return a mail address, with or without a name: "Alerts <alerts@example.com>"."""
    if isinstance(value, str) and value.isprintable():
        name, address = parseaddr(value)
        whole = {address, f"<{address}>"} if not name else {f"{name} <{address}>"}
        quoted = f'"{name}" <{address}>'
        if re.fullmatch(_MAILBOX, address) and value in {*whole, quoted}:
            return value
    raise expected(value, 'a mail address such as "you@example.com"')


def mailboxes(value: object) -> tuple[str, ...]:
    """Return one or several mail addresses."""
    if isinstance(value, list) and value:
        return tuple(dict.fromkeys(mailbox(each) for each in value))
    return (mailbox(value),)


def allowed(value: object) -> tuple[str, ...]:
    """Return the names, addresses and networks that are allowed although they are not public."""
    if not (isinstance(value, list) and value):
        raise expected(value, 'a list such as ["desk.lan", "10.0.0.0/8"]')
    for each in value:
        if not isinstance(each, str):
            raise expected(each, "the name of a host, an address or a network")
        if wrong := allow_problem(each):
            what = f"{wrong}: {shown(each)}"
            raise Wrong(what)
    return tuple(dict.fromkeys(value))


def url(text: str, *, plain_http: bool, allowed: Sequence[str]) -> str:
    """Return an address that a request may be sent to.

    Where a name leads is seen when it is asked for; where no name has to be asked for, here.
    """
    parts = _split(text)
    if parts is None or parts.scheme not in {"http", "https"}:
        what = "expected an https URL, found something else"
        raise Wrong(what)
    if number := _port(parts):
        port(int(number))
    if parts.scheme == "http" and not plain_http:
        what = "expected an https URL, found an http one"
        raise Wrong(what, "set allow_http = true if the way there is private")
    if closed := _barred(str(parts.hostname), allowed):
        raise closed
    return text


def service(text: str) -> str:
    """Return a URL as Apprise writes it; whether its service knows it is for Apprise to say."""
    if not re.fullmatch(_SERVICE, text):
        what = "expected an Apprise URL, found something else"
        raise Wrong(what, 'its service, "://" and what that needs, such as "ntfys://TOPIC"')
    return text


def signing_secret(text: str) -> str:
    """Return a Standard Webhooks secret."""
    if secret_problem(text):
        what = 'expected "whsec_" and the base64 of 24 to 64 random bytes, found something else'
        raise Wrong(what, 'make one with: echo "whsec_$(head -c 32 /dev/urandom | base64)"')
    return text


def _barred(host: str, allowed: Sequence[str]) -> Wrong | None:
    """Return why a request may not go to a host, as far as its name alone says so."""
    address = _LOOPBACK if host.rstrip(".") == _LOCALHOST else host
    if not _is_address(address):
        return None
    reason = barred(host, (address,), Allowed.of(allowed))
    if reason is None:
        return None
    # Found later it is told in one line, and here in two.
    what, _, hint = reason.partition("; ")
    return Wrong(what, hint or None)


def _split(text: str) -> SplitResult | None:
    """Return the parts of a URL that names a server; None when it does not."""
    if not text.isascii() or not text.isprintable() or " " in text:
        return None
    try:
        parts = urlsplit(text)
        named = host(parts.hostname) and _port(parts) is not None
    except ValueError:
        return None
    return parts if named else None


def _port(parts: SplitResult) -> str | None:
    """Return the digits of a URL's port, "" where it has none; None when they are no digits."""
    server = re.fullmatch(_SERVER, parts.netloc)
    return (server["port"] or "") if server else None


def _is_address(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return False
