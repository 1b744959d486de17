"""Where does a request really go?

    name --> addresses --> may each be gone to? --> connect to the first that takes it

No connection comes about but through here, whatever asks for it. It leads to an address that was
looked at, while the certificate and the Host header stay those of the name: nobody asks for the
addresses again, and gets other ones.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import httpx

from alertd.channels.causes import is_about_tls
from alertd.core.guard import barred
from alertd.errors import AlertdError

if TYPE_CHECKING:
    import ssl

    from alertd.channels.cutoff import Cutoff
    from alertd.channels.lookup import Lookup
    from alertd.core.guard import Allowed

PORTS = {"http": 80, "https": 443}


class Barred(AlertdError):
    """A request wanted to go where it may not."""


class Guarded(httpx.BaseTransport):
    """Connects to addresses that were looked at, wherever a request wants to go.

    A request brings its `cutoff` among its extensions.
    """

    def __init__(self, trust: ssl.SSLContext, allowed: Allowed, lookup: Lookup) -> None:
        # No connection is kept: an idle one breaks unseen, and a cutoff must see each one open.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._inner = httpx.HTTPTransport(verify=trust, trust_env=False, limits=limits)
        self._trust, self._allowed, self._lookup = trust, allowed, lookup

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the first address that connects.

        raises: httpx.TransportError; OSError when the name is not known in time; Barred.
        """
        cutoff: Cutoff = request.extensions["cutoff"]
        *others, last = self._addresses(request.url, cutoff)
        for number, address in enumerate(others):
            try:
                # An address that is silent leaves time for those behind it.
                share = cutoff.left / (len(others) + 1 - number)
                return self._inner.handle_request(_towards(address, request, share))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if cutoff.passed or is_about_tls(error):
                    raise
        return self._inner.handle_request(_towards(last, request, cutoff.left))

    def reach(self, url: httpx.URL, cutoff: Cutoff) -> None:
        """Connect as a request would, TLS included, and hang up: nothing is asked for.

        raises: httpx.ConnectTimeout; OSError, TimeoutError when the name is not known in time;
                Barred.
        """
        *others, last = self._addresses(url, cutoff)
        for number, address in enumerate(others):
            try:
                share = cutoff.left / (len(others) + 1 - number)
                return self._greet(address, url, cutoff, share)
            except (httpx.ConnectTimeout, OSError) as error:
                if cutoff.passed or is_about_tls(error):
                    raise
        return self._greet(last, url, cutoff, cutoff.left)

    def _addresses(self, url: httpx.URL, cutoff: Cutoff) -> tuple[str, ...]:
        """Return the addresses that a URL leads to, if it may be gone to each of them."""
        host = url.raw_host.decode("ascii")
        found = self._lookup.addresses(host, url.port or PORTS[url.scheme], cutoff)
        if reason := barred(host, found, self._allowed):
            raise Barred(reason)
        return found

    def _greet(self, address: str, url: httpx.URL, cutoff: Cutoff, wait: float) -> None:
        place = (address, url.port or PORTS[url.scheme])
        try:
            with socket.create_connection(place, wait) as connection:
                cutoff.watch(connection)
                connection.settimeout(cutoff.left)
                if url.scheme == "https":
                    self._trust.wrap_socket(connection, server_hostname=_name(url)).close()
        except TimeoutError as error:
            raise httpx.ConnectTimeout(str(error)) from error


def _towards(address: str, request: httpx.Request, wait: float) -> httpx.Request:
    """Return the same request to one address; Host and certificate stay those of the name."""
    timeout = {**request.extensions["timeout"], "connect": wait}
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": _name(request.url), "timeout": timeout},
    )


def _name(url: httpx.URL) -> str:
    """Return the name that a certificate has to be for."""
    return url.raw_host.decode("ascii").rstrip(".")
