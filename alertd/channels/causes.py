"""Why did no connection come about, in words that hold no secret?"""

from __future__ import annotations

import socket
import ssl


def cause(error: BaseException) -> str:
    """Return what is at the bottom of an error, as the end of a sentence about the peer."""
    seen: BaseException | None = error
    while seen is not None:
        if words := _words(seen):
            return words
        seen = seen.__cause__ or seen.__context__
    return "it cannot be reached"


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
