"""Markets of the world: each is asked in its own hours, and speaks in its own time and money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Bar, Symbol
from alertd.core.calendars import listing
from alertd.core.sessions import Hours
from tests.support.build import rule
from tests.weather.sky import MINUTE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alertd.core.calendars import Listing
    from tests.weather.conftest import Skies
    from tests.weather.sky import Sky

PACE = timedelta(minutes=30)
SETTLE = timedelta(minutes=5)

# From a Friday to a Tuesday; New York changes its clocks in between, nobody else does.
START, END = datetime(2026, 3, 6, 21, 30, tzinfo=UTC), datetime(2026, 3, 9, 21, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Market:
    """A listing whose price falls from `before` to `after` at a moment; both are its quotes."""

    symbol: str
    level: str
    before: float
    after: float
    falls_at: str
    currency: str
    subject: str
    when: str
    digits: int = 2

    @property
    def place(self) -> Listing:
        return listing(Symbol(self.symbol))

    def bars(self, since: datetime, until: datetime) -> list[Bar]:
        """Return the minutes of its sessions, of which the one that falls shows both prices."""
        falls_at, hours = datetime.fromisoformat(self.falls_at), Hours.REGULAR
        sessions, found = self.place.calendar.around(since, until), []
        start = since.replace(second=0, microsecond=0)
        while start < until:
            session = sessions.at(start, hours)
            if session and not (session.rest and session.rest[0] <= start < session.rest[1]):
                first = self.before if start <= falls_at else self.after
                last = self.before if start < falls_at else self.after
                found.append(
                    Bar(start, MINUTE, first, max(first, last), min(first, last), last, 100.0)
                )
            start += MINUTE
        return found


MARKETS = [
    Market(
        "BABA", "below 150", 151, 149.5, "2026-03-09T14:07:00+00:00", "USD",
        "BABA fell below $150.00, at $149.50", "2026-03-09 10:07 EDT (14:07 UTC)",
    ),
    Market(
        "9988.HK", "below 120", 121, 119.5, "2026-03-09T02:12:00+00:00", "HKD",
        "9988.HK fell below 120.00 HKD, at 119.50 HKD", "2026-03-09 10:12 HKT (02:12 UTC)",
    ),
    Market(
        "SAP.DE", "below 200", 201, 199, "2026-03-09T08:30:00+00:00", "EUR",
        "SAP.DE fell below 200.00 EUR, at 199.00 EUR", "2026-03-09 09:30 CET (08:30 UTC)",
    ),
    Market(
        "VOD.L", "below 72.5", 73, 72.25, "2026-03-09T08:30:00+00:00", "GBp",
        "VOD.L fell below 72.50 pence, at 72.25 pence", "2026-03-09 08:30 GMT (08:30 UTC)",
    ),
    Market(
        "NPN.JO", "below 410000", 410500, 409000, "2026-03-09T08:31:00+00:00", "ZAc",
        "NPN.JO fell below 410,000.00 ZA cents, at 409,000.00 ZA cents",
        "2026-03-09 10:31 SAST (08:31 UTC)",
    ),
    Market(
        "BTC-USD", "below 90000", 90500, 89900, "2026-03-07T12:00:00+00:00", "USD",
        "BTC-USD fell below $90,000.00, at $89,900.00", "2026-03-07 12:00 UTC",
    ),
    Market(
        "EURUSD=X", "below 1.05", 1.0512, 1.0497, "2026-03-09T00:40:00+00:00", "USD",
        "EURUSD=X fell below $1.05, at $1.0497", "2026-03-09 00:40 UTC", 4,
    ),
]  # fmt: skip


@dataclass(slots=True)
class Week:
    """A long weekend and the Monday after it, with when each symbol was asked for."""

    sky: Sky
    asked: dict[str, list[datetime]]


@pytest.fixture
def week(skies: Skies) -> Week:
    rules = [rule(each.level, id=each.symbol.lower(), symbol=each.symbol) for each in MARKETS]
    sky = skies(*rules, start=START - PACE, interval=PACE)
    asked: dict[str, list[datetime]] = {each.symbol: [] for each in MARKETS}

    def play(market: Market) -> None:
        def seen(_symbol: str, since: datetime, until: datetime) -> Sequence[Bar]:
            asked[market.symbol].append(sky.clock.now())
            now = sky.clock.now() - market.place.delay
            return market.bars(since, min(until, now))

        sky.yahoo.play(market.symbol, seen)
        zone = market.place.calendar.zone.key
        sky.yahoo.describe(
            market.symbol, currency=market.currency, exchangeTimezoneName=zone,
            priceHint=market.digits,
        )  # fmt: skip

    for each in MARKETS:
        play(each)
    sky.until(END)
    return Week(sky, asked)


def test_each_market_is_asked_in_its_own_hours_and_speaks_in_its_own_time_and_money(
    week: Week,
) -> None:
    for market in MARKETS:
        own = [m for m in week.sky.letters.messages if m.thread == market.symbol.lower()]
        assert [message.subject for message in own] == [market.subject]
        assert f" at {market.when}" in own[0].text
        assert own[0].payload["data"]["currency"] == market.currency  # type: ignore[index]
        _asked_in_its_hours(market, week.asked[market.symbol])
    assert len(week.sky.receiver.calls) == len(MARKETS)


def _asked_in_its_hours(market: Market, asked: list[datetime]) -> None:
    place, now = market.place, START + PACE
    sessions = place.calendar.around(START, END)
    # What is new is asked for at once, wherever it trades.
    times = asked[1:]
    while now < END:
        session = sessions.last(now, Hours.REGULAR)
        assert session
        over = session.close + place.delay + SETTLE
        polled = [each for each in times if now <= each < now + PACE]
        if session.open <= now and now + PACE <= session.close:
            rests = session.rest and session.rest[0] < now + PACE and now < session.rest[1]
            assert len(polled) == 1 or rests, (market.symbol, now)
        elif now >= over + PACE:
            assert polled == [], (market.symbol, now)
        now += PACE
