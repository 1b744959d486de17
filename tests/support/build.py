"""Small builders: values as tests like to write them.

Times of day are New York's; the default day, Monday 2026-03-09, is a whole session (13:30 to
20:00 UTC).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from alertd.core.bars import Bar, Series, Symbol
from alertd.core.calendars import Calendar
from alertd.core.engine import Cursor, Judgement, Market, judge
from alertd.core.events import Kind, event
from alertd.core.notices import Notice, OtherLevel, Severity
from alertd.core.rules import AlertId, Condition, Rule

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = "2026-03-09"
XNYS = Calendar("XNYS")
SESSIONS = XNYS.sessions(date(2026, 1, 2), date(2026, 12, 31))


def at(clock: str, day: str = MONDAY) -> datetime:
    """Return a New York time of day as UTC."""
    local = datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), NEW_YORK)
    return local.astimezone(UTC)


def bar(clock: str, prices: str, day: str = MONDAY, minutes: float = 1) -> Bar:
    """Return a bar; `prices` are open, high, low and close, or one price for all four."""
    numbers = [float(number) for number in prices.split()]
    first, high, low, close = numbers * 4 if len(numbers) == 1 else numbers
    return Bar(at(clock, day), timedelta(minutes=minutes), first, high, low, close)


def flat(clock: str, *prices: float, day: str = MONDAY) -> list[Bar]:
    """Return one-minute bars of a single price each, from a time of day on."""
    start = at(clock, day)
    return [
        Bar(start + timedelta(minutes=i), timedelta(minutes=1), *([price] * 4))
        for i, price in enumerate(prices)
    ]


def daily(day: str, prices: str) -> Bar:
    """Return the daily bar of a session."""
    session = next(s for s in SESSIONS.days if s.open.date() == date.fromisoformat(day))
    return Bar(session.open, session.close - session.open, *(float(n) for n in prices.split()))


def rule(words: str, *, id: str = "a", symbol: str = "BABA", **more: object) -> Rule:  # noqa: A002
    """Return a rule: `rule("below 150", hold=Closes(2))`."""
    condition, level = words.split()
    return Rule(AlertId(id), Symbol(symbol), Condition(condition), float(level), **more)  # type: ignore[arg-type]


def market(digits: int = 4, **closes: float) -> Market:
    """Return the New York market, where bars settle at once; closes as `d2026_03_09=150.0`."""
    official = {
        session.open: price
        for name, price in closes.items()
        for session in SESSIONS.days
        if session.open.date() == date.fromisoformat(name[1:].replace("_", "-"))
    }
    return Market(SESSIONS, digits, timedelta(0), timedelta(0), official)


def judged(rules: Rule | list[Rule], bars: list[Bar], market: Market | None = None) -> Judgement:
    """Return what bars do to new alerts when all of them have settled."""
    rules = [rules] if isinstance(rules, Rule) else rules
    place = market or _MARKET
    return judge(rules, {}, Cursor(), bars, market=place, now=bars[-1].end)


def told(rules: Rule | list[Rule], bars: list[Bar], market: Market | None = None) -> list[str]:
    """Return what is told about new alerts: `fired 149.6 at 09:31`, with ` gap` where it is one."""
    return [
        f"{event.kind} {event.price:g} at {event.at.astimezone(NEW_YORK):%H:%M}"
        + (" gap" if event.gap else "")
        for event in judged(rules, bars, market).events
    ]


def series(bars: list[Bar], symbol: str = "BABA", digits: int = 4) -> Series:
    """Return bars as a source would give them."""
    return Series(Symbol(symbol), tuple(bars), digits, "USD")


_MARKET = market()


def found(rule: Rule, price: float, clock: str, *, kind: Kind = Kind.FIRED) -> Notice:
    """Return the notice of an event in the minute that began then, found as it ended."""
    start = at(clock)
    happened = event(
        rule, kind, price=price, at=start, gap=False,
        bar_start=start, resolution=timedelta(minutes=1),
    )  # fmt: skip
    return Notice(
        event=happened, name=f"{rule.id} in words", condition=rule.condition, hold=None,
        severity=Severity.WARNING, note="look at it", currency="USD", zone="America/New_York",
        digits=2, price_now=price, price_at=start,
        others=(OtherLevel(AlertId("high"), "52-week high", 192.0, 28.1),),
        detected_at=start + timedelta(minutes=1), late=False, source="yahoo", simulated=False,
    )  # fmt: skip
