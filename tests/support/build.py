"""Small builders: values as tests like to write them.

Times of day are New York's; the default day, Monday 2026-03-09, is a whole session (13:30 to
20:00 UTC).
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from alertd.core.almanac import Almanac, Outlook, Targets
from alertd.core.bars import Bar, Series, Symbol
from alertd.core.book import Cursor, Market
from alertd.core.calendars import Calendar
from alertd.core.engine import Judgement, judge
from alertd.core.events import Kind, event
from alertd.core.levels import named
from alertd.core.notices import Notice, OtherLevel, Severity
from alertd.core.rules import AlertId, Band, Condition, Level, Move, Rule, SessionCount, Trail
from alertd.core.terms import asked

if TYPE_CHECKING:
    from alertd.core.sessions import Session
    from alertd.core.splits import Rebase

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = "2026-03-09"
XNYS = Calendar("XNYS")
EARNINGS = 7.5
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
    """Return a rule: `rule("below 150", hold=Closes(2))`.

    The level may be `148..152`, `5%`, `5% within 1h`, `5% within 5 sessions`, `52w high - 2%`.
    """
    condition, level = words.split(maxsplit=1)
    return Rule(AlertId(id), Symbol(symbol), Condition(condition), _level(condition, level), **more)  # type: ignore[arg-type]


def _level(condition: str, words: str) -> Level:
    if found := re.fullmatch(r"([\d.]+?)\.\.([\d.]+)", words):
        return Band(float(found[1]), float(found[2]))
    if re.fullmatch(r"[\d.]+", words):
        return float(words)
    if condition in ("rises", "falls", "moves", "trails"):
        percent, _, within = words.partition("% within ")
        far = float(percent.rstrip("%"))
        return Trail(far) if condition == "trails" else Move(far, _within(within))
    return named(words)


def _within(words: str) -> timedelta | SessionCount | None:
    if not words:
        return None
    count, _, unit = words.partition(" ")
    if unit.startswith("session"):
        return SessionCount(int(count))
    return timedelta(**{{"m": "minutes", "h": "hours", "d": "days"}[count[-1]]: int(count[:-1])})


def almanac(*days: Bar, outlook: Outlook | None = None, whole: bool = True) -> Almanac:
    """Return daily history; without days, fourteen months around 150 up to 2026-03-11."""
    return Almanac(days or _DAYS, outlook=outlook or OUTLOOK, whole=whole)


def market(digits: int = 4, **closes: float) -> Market:
    """Return the New York market, where bars settle at once; closes as `d2026_03_09=150.0`."""
    official = {
        session.open: price
        for name, price in closes.items()
        for session in SESSIONS.days
        if session.open.date() == date.fromisoformat(name[1:].replace("_", "-"))
    }
    return Market(SESSIONS, digits, timedelta(0), timedelta(0), official, almanac())


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


def _day(number: int, session: Session) -> Bar:
    close = 149.5 + number % 5 * 0.25
    length = session.close - session.open
    return Bar(session.open, length, close, close + 1, close - 1, close, 1000.0)


_DAYS = tuple(
    _day(number, session)
    for number, session in enumerate(XNYS.sessions(date(2025, 1, 2), date(2026, 3, 11)).days)
)
OUTLOOK = Outlook(
    at("23:00", "2026-12-30"), "yahoo", 150.0, "USD",
    150.0 / EARNINGS, 150.0 / EARNINGS, Targets(mean=152.0, high=1500.0, low=149.0),
)  # fmt: skip
_MARKET = market()


def found(
    rule: Rule, price: float, clock: str, *, kind: Kind = Kind.FIRED, level: float | None = None
) -> Notice:
    """Return the notice of an event in the minute that began then, found as it ended.

    `level` is where it happened; without it the rule's own number, or the price.
    """
    start = at(clock)
    own = rule.level if isinstance(rule.level, float) else price
    happened = event(
        rule, kind, level=own if level is None else level, price=price, at=start, gap=False,
        bar_start=start, resolution=timedelta(minutes=1),
    )  # fmt: skip
    return Notice(
        event=happened, name=f"{rule.id} in words", condition=rule.condition, hold=None,
        severity=Severity.WARNING, note="look at it", currency="USD", zone="America/New_York",
        digits=2, price_now=price, price_at=start,
        others=(OtherLevel(AlertId("high"), "52-week high", 192.0, 28.1),),
        detected_at=start + timedelta(minutes=1), late=False, source="yahoo", simulated=False,
        asked=asked(rule),
    )  # fmt: skip


def history(since: str, until: str, **days: str) -> tuple[Bar, ...]:
    """Return the daily bars from one day to another, both included: 149 to 151, of 1,000 shares.

    A day of its own is given by its prices: `d2026_03_09="150 152 149 151"`.
    """
    found = []
    for session in XNYS.sessions(date.fromisoformat(since), date.fromisoformat(until)).days:
        own = days.get(f"d{session.open:%Y_%m_%d}", "150 151 149 150")
        first, high, low, close = (float(price) for price in own.split())
        length = session.close - session.open
        found.append(Bar(session.open, length, first, high, low, close, 1000.0))
    return tuple(found)


def knowing(
    days: tuple[Bar, ...] = (), outlook: Outlook | None = None, *splits: Rebase, whole: bool = False
) -> Market:
    """Return the New York market with what is known of its past; bars settle at once."""
    known = Almanac(days, outlook=outlook, whole=whole)
    return replace(_MARKET, almanac=known, splits=splits)
