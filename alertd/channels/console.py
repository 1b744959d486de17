"""How does a message reach the terminal or the journal?

As one block, followed by an empty line. This is the channel of a configuration that names none.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, TextIO

from alertd.core.retry import NOBODY, Failed, Outcome, Recipients, Sent

if TYPE_CHECKING:
    from alertd.core.messages import Message


class Console:
    """Writes messages to a text stream, which stays its owner's to close."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = Lock()

    @property
    def deadline(self) -> timedelta:
        """Return the longest that one `send` may take."""
        return timedelta(seconds=10)

    def send(
        self,
        message: Message,
        now: datetime,  # noqa: ARG002 - the port's shape
        done: Recipients = NOBODY,  # noqa: ARG002 - it has one reader
    ) -> Outcome:
        """Write one message; a stream that is gone or full is a failure, to be tried again."""
        block = f"{message.subject}\n{message.id}\n\n{message.text.strip()}\n\n"
        try:
            with self._lock:
                self._stream.write(_writable(block, self._stream))
                self._stream.flush()
        except OSError as error:
            return Failed(f"the console cannot be written: {error.strerror or error}")
        return Sent()


def _writable(text: str, stream: TextIO) -> str:
    # A terminal without UTF-8 gets an escape for what it cannot show, rather than no alert.
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
