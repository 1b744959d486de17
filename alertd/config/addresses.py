"""Where may a message go?

A webhook's URL is a secret: a complaint names its scheme or host, never the whole.
"""

from __future__ import annotations

import re
from email.utils import parseaddr
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from alertd.config.values import matching
from alertd.config.wrong import Wrong, expected
from alertd.core.signature import secret_problem

if TYPE_CHECKING:
    from urllib.parse import SplitResult

CHANNEL = r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
HOST = rf"(?=[^@]{{1,253}}$){_LABEL}(\.{_LABEL})*"

_SERVER = r"(.*@)?(\[.*\]|[^:]*)(:(?P<port>[0-9]{0,6}))?"
_MAILBOX = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@" + HOST
_PORTS = range(1, 65_536)


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


def url(text: str, *, plain_http: bool) -> str:
    """Return an address that a webhook may be sent to."""
    parts = _split(text)
    if parts is None or parts.scheme not in {"http", "https"}:
        what = "expected an https URL, found something else"
        raise Wrong(what)
    if number := _port(parts):
        port(int(number))
    if parts.scheme == "http" and not plain_http:
        what = "expected an https URL, found an http one"
        raise Wrong(what, "set allow_http = true if the way there is private")
    return text


def signing_secret(text: str) -> str:
    """Return a Standard Webhooks secret."""
    if secret_problem(text):
        what = 'expected "whsec_" and the base64 of 24 to 64 random bytes, found something else'
        raise Wrong(what, 'make one with: echo "whsec_$(head -c 32 /dev/urandom | base64)"')
    return text


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
