"""When does a snooze end?

2h, 1 day 2h             so long from now
until close              with the regular session that is open now, else with the next one
until 2026-12-01         as that day begins on the exchange's clock
until 2026-12-01 09:30   when that clock shows this
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from alertd.core import spans, words

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from alertd.core.sessions import Sessions

LONGEST = timedelta(days=366)

_FORMS = (
    'a time such as "2h" or "1 day 2h", "until close", "until 2026-12-01", '
    '"until 2026-12-01 09:30" or "off"'
)
_LONGEST_QUOTE = 40


class NoEnd(ValueError):
    """A text does not say when a snooze ends; `expected` would."""

    def __init__(self, found: str, expected: str, more: str = "") -> None:
        said = f'expected {expected}, found "{words.line(found, _LONGEST_QUOTE)}"'
        super().__init__(f"{said}; {more}" if more else said)


def until(text: str, now: datetime, sessions: Sessions, zone: ZoneInfo) -> datetime:
    """Return when a snooze that is asked for with these words ends.

    sessions, zone: those of the exchange that the alert's symbol trades on.
    raises: NoEnd where the words mean nothing, the past, or a time too far ahead.
    """
    end = _end(text, now, sessions, zone)
    # The difference of two moments can be had even where one of them has no place in UTC.
    ahead = end - now
    if ahead <= timedelta(0):
        here = words.local(now, zone)
        raise NoEnd(text, "a moment to come", f"it is {here} now")
    if ahead > LONGEST:
        raise NoEnd(text, f"at most {LONGEST.days} days", "`alertd pause` has no end")
    return end.astimezone(UTC)


def _end(text: str, now: datetime, sessions: Sessions, zone: ZoneInfo) -> datetime:
    head, *rest = text.split() or [""]
    if head.lower() == "until":
        return _moment(" ".join(rest), text, now, sessions, zone)
    try:
        span = spans.span(" ".join(text.split()))
    except spans.UnitTwice:
        raise NoEnd(text, "each unit once") from None
    if span is None:
        raise NoEnd(text, _FORMS)
    # A number of weeks can lie beyond the last year that there is.
    return now + min(span, 2 * LONGEST)


def _moment(named: str, text: str, now: datetime, sessions: Sessions, zone: ZoneInfo) -> datetime:
    if named.lower() == "close":
        return _close(text, now, sessions)
    try:
        moment = datetime.fromisoformat(named)
    except ValueError:
        raise NoEnd(text, _FORMS) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _close(text: str, now: datetime, sessions: Sessions) -> datetime:
    session = next(sessions.between(now, now + LONGEST), None)
    if session is None:
        raise NoEnd(text, "a day instead", "the exchange has not announced its next session")
    return session.close
