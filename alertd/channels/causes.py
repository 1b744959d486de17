"""Why did no connection come about, in words that hold no secret?"""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def cause(error: BaseException) -> str:
    """Return what is at the bottom of an error, as the end of a sentence about the peer."""
    return next(filter(None, map(_words, _chain(error))), "it cannot be reached")


def is_about_tls(error: BaseException) -> bool:
    """Tell whether a connection came about, and then no trust."""
    return any(isinstance(each, ssl.SSLError) for each in _chain(error))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def _words(error: BaseException) -> str | None:
    match error:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted ({error.verify_message.rstrip('.')})"
        case ssl.SSLError():
            return "it does not speak TLS as expected"
        case socket.gaierror():
            return "its name is not known"
        case ConnectionRefusedError():
            return "it refuses connections"
        case TimeoutError():
            return "it is silent"
        case _:
            return None
