"""By how much does the clock of a server run ahead of ours?

Every answer says when it was made, to the second. One from a cache says how old it is as well.
"""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


class Headers(Protocol):
    """Headers of an answer, by their names."""

    def get(self, key: str, /) -> str | None:
        """Return a header; None where the answer has none of this name."""
        ...


class Dates:
    """Hears the dates of answers; `ahead` is what the newest has said."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.ahead: timedelta | None = None

    def heard(self, headers: Headers) -> None:
        """Take note of an answer that has just come; one without a date says nothing."""
        said = _date(headers.get("Date"))
        if said is not None:
            self.ahead = said + _age(headers.get("Age")) - self._now()


def _date(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _age(text: str | None) -> timedelta:
    said = re.fullmatch("[0-9]{1,6}", text or "")
    return timedelta(seconds=int(said[0]) if said else 0)
