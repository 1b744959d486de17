"""A split, and what is said by the share: earnings, what analysts expect, the usual volume."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alertd.core.almanac import Almanac, Outlook, Targets
from alertd.core.events import Kind
from alertd.core.rules import Figure
from alertd.core.splits import rescaled
from alertd.core.states import Origin, State
from tests.core.splitting import BELOW, FRIDAY, MONDAY, OLD, TEN, seen
from tests.support.build import at, bar, flat, history, knowing, rule

if TYPE_CHECKING:
    from alertd.core.book import Market

SAID = Outlook(at("20:00", FRIDAY), "yahoo", 1200.0, "USD", 50.0)  # 24 dollars a share
ALERT = rule("below 45", of=Figure.PE)


def place(outlook: Outlook) -> Market:
    return knowing(history("2026-02-02", FRIDAY), outlook)


def test_earnings_are_rescaled_and_an_older_saying_is_not_taken_for_new() -> None:
    thursday = replace(SAID, at=at("20:00", "2026-03-05"))
    first = seen(ALERT, OLD, place=place(thursday))
    assert first.states[ALERT.id].basis.scale == 24
    monday = flat("09:30", 121, 107, day=MONDAY)
    found = seen(ALERT, monday, first, place=place(SAID), shown=[*OLD, *monday])
    (event,) = found.events
    assert (event.kind, event.unit, event.price) == (Kind.FIRED, 2.4, 44.5833)
    assert event.origin == Origin("EPS", 2.4, thursday.at)
    poll = seen(ALERT, flat("09:32", 106, day=MONDAY), found, place=place(SAID))
    assert poll.states[ALERT.id].basis.scale == 2.4


def test_earnings_that_were_said_since_the_split_are_taken() -> None:
    thursday = replace(SAID, at=at("20:00", "2026-03-05"))
    first = seen(ALERT, OLD, place=place(thursday))
    fresh = Outlook(at("05:00", MONDAY), "yahoo", 120.0, "USD", 48.0)
    monday = flat("09:30", 121, day=MONDAY)
    found = seen(ALERT, monday, first, place=place(fresh), shown=[*OLD, *monday])
    assert found.states[ALERT.id].basis.scale == 2.5


def test_an_alert_that_is_new_on_the_day_waits_for_a_saying_in_new_shares() -> None:
    first = seen(BELOW, [*OLD, bar("09:30", "121", day=MONDAY)])
    new = replace(first, states={ALERT.id: State(since=at("09:31", MONDAY))})
    bars = flat("09:31", 121, 40, day=MONDAY)
    found = seen(ALERT, bars, new, place=place(SAID))
    assert found.events == ()
    assert found.states[ALERT.id].basis.lack is not None


def test_the_mean_volume_grows_with_the_shares() -> None:
    alert = rule("above 3", of=Figure.VOLUME)
    place = replace(knowing(), almanac=Almanac(history("2026-02-02", FRIDAY), splits=(TEN,)))
    day = replace(bar("09:30", "121", day=MONDAY), volume=9000.0)
    bars = [replace(OLD[0], volume=500.0), day]
    found = seen(alert, bars, place=place)
    assert found.events == ()
    assert found.states[alert.id].basis.scale == 10_000
    more = [*bars, replace(bar("09:31", "121", day=MONDAY), volume=22_000.0)]
    assert [e.price for e in seen(alert, more, place=place).events] == [3.1]


def test_a_target_from_before_a_split_stays_rescaled_until_it_is_said_again() -> None:
    alert = rule("above analyst target")
    expected = replace(SAID, at=at("20:00", "2026-03-05"), targets=Targets(mean=1300.0))
    first = seen(alert, OLD, place=place(expected))
    old = place(replace(expected, at=SAID.at))
    found = seen(alert, flat("09:30", 121, 131, day=MONDAY), first, place=old)
    assert [(event.level, event.price) for event in found.events] == [(130, 131)]


def test_a_source_that_rescales_its_bars_leaves_earnings_and_the_days_volume_the_same() -> None:
    thursday = replace(SAID, at=at("20:00", "2026-03-05"))
    volume = rule("above 0.5", of=Figure.VOLUME)
    friday = [replace(bar, volume=300.0) for bar in OLD]
    new = rescaled(friday[1], 10)
    monday = flat("09:30", 121, 107, day=MONDAY)
    first = seen(ALERT, OLD[:1], place=place(thursday))
    found = seen(ALERT, [new, *monday], first, place=place(SAID))
    assert [(event.at, event.unit) for event in found.events] == [(at("09:31", MONDAY), 2.4)]
    known = replace(knowing(), almanac=Almanac(history("2026-02-02", FRIDAY), splits=(TEN,)))
    before = seen(volume, friday[:1], place=known)
    assert before.events == ()
    events = seen(volume, [new, *monday], before, place=known).events
    assert [(event.at, event.price) for event in events] == [(OLD[1].start, 0.6)]
