"""Where an alert stands, in the words that `status` and `explain` share."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alertd.core import standings
from alertd.core.quality import Verdict
from alertd.core.records import KEPT, NOTHING, Gap, Record
from alertd.core.rules import Amount, Closes, Figure
from alertd.core.standings import Seen, standing
from alertd.core.states import Basis, Lack, Origin, Phase, Side, State, Want
from tests.support.build import NEW_YORK, at, rule

NOW = at("15:00")
OUT_UP = "silent: not yet back inside, above $151.50"
OUT_DOWN = "silent: not yet back inside, below $143.55"
SEEN = Seen(NEW_YORK, 149.0, 2, "USD")
YEAR_HIGH = Origin("52w high", 192.67, at("09:30", "2025-10-02"))
ARMED = State(side=Side.ABOVE)
FIRED = State(Phase.FIRED, Side.BELOW, fired_at=at("10:00"))
PENDING = State(Phase.PENDING, Side.BELOW, crossed_at=at("10:00"))


def on(state: State, **basis: object) -> State:
    """Return a state with this basis."""
    return replace(state, basis=Basis(**basis))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "state", "words"),
    [
        ("below 150", ARMED, "armed"),
        ("below 150", State(), "waits for a first price"),
        ("below 150", None, "not taken up yet"),
        ("below 150", State(Phase.DONE, Side.BELOW), "done"),
        ("below 150", FIRED, "silent: not yet back above $151.50"),
        ("above 140", FIRED, "silent: not yet back below $138.60"),
        ("touches 150", FIRED, "silent: not yet back above $151.50 or below $148.50"),
        ("inside 148..152", FIRED, "silent: not yet back above $153.52 or below $146.52"),
        ("outside 150..152", on(FIRED, edge=Side.BELOW), OUT_UP),
        ("outside 140..145", on(FIRED, edge=Side.ABOVE), OUT_DOWN),
        ("above 52w high", on(FIRED, level=140.0), "silent: not yet back below $138.60"),
        ("trails 8%", on(FIRED, peak=192.0), "silent: not yet back above $178.41"),
        (
            "trails 8%", on(ARMED, peak=192.0, peak_at=at("10:02")),
            "armed; stop at $176.64, 8 % under $192.00 of 2026-03-09",
        ),
        ("below 1000", on(ARMED, scale=0.1), "armed; 10:1 split: 1000 in the file is $100.00 now"),
        ("below 15", on(ARMED, scale=10), "armed; 1:10 split: 15 in the file is $150.00 now"),
        (
            "inside 1480..1520", on(ARMED, scale=0.1),
            "armed; 10:1 split: [1480, 1520] in the file is $148.00 to $152.00 now",
        ),
        (
            "above 52w high", on(ARMED, lack=Lack(Want.HISTORY, "less than a year of daily bars")),
            "waits: less than a year of daily bars",
        ),
        (
            "above analyst high", on(ARMED, lack=Lack(Want.TARGET, "it is in CNY", refused=True)),
            "held: it is in CNY",
        ),
    ],
)  # fmt: skip
def test_every_phase_is_said_in_words(asked: str, state: State | None, words: str) -> None:
    assert standing(rule(asked), state, SEEN, NOW) == words


@pytest.mark.parametrize(
    ("asked", "hold", "state", "words"),
    [
        ("below 150", Closes(2), replace(PENDING, closes=1), "1 of 2 closes below $150.00"),
        ("above 140", Closes(1), PENDING, "0 of 1 close above $140.00"),
        (
            "above 52w high", Closes(2), on(replace(PENDING, closes=1), level=140.0),
            "1 of 2 closes above $140.00 (52w high)",
        ),
        (
            "outside 150..152", timedelta(minutes=30), replace(PENDING, held=timedelta(minutes=10)),
            "held 10m of 30m outside $150.00 to $152.00",
        ),
    ],
)  # fmt: skip
def test_a_hold_is_said_with_how_far_it_is(
    asked: str, hold: Closes | timedelta, state: State, words: str
) -> None:
    assert standing(rule(asked, hold=hold), state, SEEN, NOW) == words


@pytest.mark.parametrize(
    ("asked", "gone", "words"),
    [
        ("rises 5%", (), "armed; fires at $157.50, 5 % above the previous close of $150.00"),
        ("falls 5%", (), "armed; fires at $142.50, 5 % under the previous close of $150.00"),
        (
            "moves 5%", (),
            "armed; fires at $157.50 or $142.50, 5 % from the previous close of $150.00",
        ),
        ("falls 5%", (Side.BELOW,), "told for today; armed again at the next session"),
        ("moves 5%", (Side.BELOW, Side.ABOVE), "told for today; armed again at the next session"),
    ],
)  # fmt: skip
def test_a_move_says_where_it_fires_or_that_it_was_told(
    asked: str, gone: tuple[Side, ...], words: str
) -> None:
    state = on(FIRED if gone else ARMED, level=150.0, fixed_for=at("09:30"), gone=gone)
    assert standing(rule(asked), state, SEEN, NOW) == words


def test_a_move_that_was_told_one_way_is_armed_the_other_way() -> None:
    state = on(FIRED, level=150.0, fixed_for=at("09:30"), gone=(Side.BELOW,))
    words = standing(rule("moves 5%"), state, SEEN, NOW)
    assert words.startswith("armed; fires at $157.50, 5 % above the previous close of $150.00")
    assert words.endswith("; told for today the other way")


@pytest.mark.parametrize("fired_at", [None, at("15:00", "2026-03-06")])
def test_a_move_that_went_before_it_was_watched_is_not_said_to_be_told(
    fired_at: datetime | None,
) -> None:
    state = on(ARMED, level=150.0, fixed_for=at("09:30"), gone=(Side.BELOW,))
    assert standing(rule("falls 5%"), replace(state, fired_at=fired_at), SEEN, NOW) == (
        "had gone that far before it was watched; armed again at the next session"
    )


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("rises 5% within 1h", "armed; fires 5 % above the lowest price within 1h"),
        ("falls 5% within 5 sessions", "armed; fires 5 % under the highest price within 5 sessio"),
        ("moves 5% within 1h", "lowest price within 1h or 5 % under the highest price within 1h"),
    ],
)
def test_a_move_in_a_window_says_what_it_is_measured_from(asked: str, words: str) -> None:
    assert words in standing(rule(asked), ARMED, SEEN, NOW)


def test_a_move_that_cools_down_says_until_when() -> None:
    cooling = rule("rises 5% within 1h", cooldown=timedelta(hours=6))
    words = standing(cooling, replace(ARMED, fired_at=at("10:00")), SEEN, NOW)
    assert words.endswith("within 1h; not before 2026-03-09 16:00 EDT")


def test_a_cooldown_is_said_until_it_is_over() -> None:
    cooling = rule("below 150", cooldown=timedelta(hours=6))
    assert standing(cooling, FIRED, SEEN, NOW) == (
        "silent: not yet back above $151.50, and not before 2026-03-09 16:00 EDT"
    )
    assert standing(cooling, FIRED, SEEN, at("16:00")) == "silent: not yet back above $151.50"


def test_a_price_that_is_back_is_not_said_to_be_away() -> None:
    back = replace(SEEN, price=151.5)
    assert standing(rule("below 150"), FIRED, back, NOW) == (
        "silent: no settled bar of its session is back above $151.50 yet"
    )
    cooling = rule("below 150", cooldown=timedelta(hours=6))
    assert standing(cooling, FIRED, back, NOW) == (
        "silent: not before 2026-03-09 16:00 EDT, and only above $151.50"
    )


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (149.4, "not yet back inside, above $149.48"),
        (152.1, "not yet back inside, above $149.48"),
        (149.48, "no settled bar of its session is back inside, above $149.48 yet"),
        (152.0, "no settled bar of its session is back inside, above $149.48 yet"),
    ],
)
def test_a_price_that_has_left_a_band_is_back_only_inside(price: float, words: str) -> None:
    left = on(FIRED, edge=Side.BELOW)
    seen = replace(SEEN, price=price)
    assert standing(rule("outside 148..152"), left, seen, NOW) == f"silent: {words}"


def test_a_volume_that_was_told_waits_for_the_next_session() -> None:
    crowd = rule("above 3", of=Figure.VOLUME)
    basis = {"scale": 1e6, "fixed_for": at("09:30")}
    again = "armed again in the next session"
    assert standing(crowd, on(FIRED, **basis), SEEN, NOW) == f"silent: told for today; {again}"
    before = replace(FIRED, fired_at=at("15:00", "2026-03-06"))
    assert standing(crowd, on(before, **basis), SEEN, NOW) == f"silent: {again}"
    cooling = replace(crowd, cooldown=timedelta(days=2))
    assert standing(cooling, on(before, **basis), SEEN, NOW) == f"silent: {again}"
    assert standing(cooling, on(FIRED, **basis), SEEN, NOW) == (
        f"silent: told for today; {again}, and not before 2026-03-11 10:00 EDT"
    )


def test_an_alert_that_has_expired_stands_nowhere_else() -> None:
    over = rule("below 150", expires=at("14:00"))
    assert standing(over, FIRED, SEEN, NOW) == "expired"
    assert standing(over, FIRED, SEEN, at("14:00")) == "expired"
    assert standing(over, ARMED, SEEN, at("13:59")) == "armed"


def test_a_symbol_without_a_price_has_its_alerts_wait() -> None:
    assert standing(rule("below 150"), ARMED, Seen(NEW_YORK), NOW) == "waits for a first price"


def test_an_absolute_way_back_follows_a_split() -> None:
    split = on(FIRED, scale=0.1)
    words = standing(rule("below 1500", rearm=Amount(20)), split, SEEN, NOW)
    assert words.startswith("silent: not yet back above $152.00; 10:1 split")


@pytest.mark.parametrize(
    ("asked", "of", "basis", "level", "edges"),
    [
        ("below 150", Figure.PRICE, Basis(), "$150.00", (150.0,)),
        ("below 1000", Figure.PRICE, Basis(scale=0.1), "$100.00", (100.0,)),
        ("above 52w high", Figure.PRICE, Basis(level=192.67), "$192.67 (52w high)", (192.67,)),
        ("above 52w high", Figure.PRICE, Basis(), "52w high", ()),
        ("inside 148..152", Figure.PRICE, Basis(), "$148.00 to $152.00", (148.0, 152.0)),
        ("trails 8%", Figure.PRICE, Basis(peak=192.0), "$176.64 (8%)", (176.64,)),
        ("falls 5%", Figure.PRICE, Basis(level=150.0), "5%", (142.5,)),
        ("moves 5%", Figure.PRICE, Basis(level=150.0, gone=(Side.BELOW,)), "5%", (157.5,)),
        ("moves 5%", Figure.PRICE, Basis(level=150.0, gone=(Side.ABOVE,)), "5%", (142.5,)),
        ("falls 5% within 1h", Figure.PRICE, Basis(), "5% within 1h", ()),
        ("above 20", Figure.PE, Basis(scale=8.0, fixed_for=NOW), "P/E 20", (160.0,)),
        ("above 20", Figure.PE, Basis(), "P/E 20", ()),
        ("above 3", Figure.VOLUME, Basis(scale=1e6, fixed_for=NOW), "3 times usual volume", ()),
        ("inside 18..22", Figure.PE, Basis(scale=8.0, fixed_for=NOW), "18 to 22", (144.0, 176.0)),
    ],
)
def test_a_level_is_said_as_it_is_now(
    asked: str, of: Figure, basis: Basis, level: str, edges: tuple[float, ...]
) -> None:
    assert standings.level(rule(asked, of=of), basis, SEEN) == level
    assert standings.edges(rule(asked, of=of), basis, 2) == edges


@pytest.mark.parametrize(
    ("asked", "of", "basis", "words"),
    [
        (
            "above 52w high - 2%", Figure.PRICE, Basis(level=188.8, origin=YEAR_HIGH),
            "52-week high of $192.67, from 2025-10-02",
        ),
        (
            "above 20", Figure.PE, Basis(origin=Origin("EPS", 8.0, at("09:30"))),
            "earnings per share of $8.00, as of 2026-03-09",
        ),
        (
            "above 3", Figure.VOLUME, Basis(origin=Origin("20-session mean", 1.5e6, at("09:30"))),
            "20-session mean of 1,500,000 shares, as of 2026-03-09",
        ),
        (
            "trails 8%", Figure.PRICE, Basis(peak=192.0, peak_at=at("10:02")),
            "8 % under $192.00 of 2026-03-09",
        ),
        ("below 150", Figure.PRICE, Basis(), ""),
        (
            "above 52w high", Figure.PRICE,
            Basis(origin=YEAR_HIGH, lack=Lack(Want.HISTORY, "no daily bar yet")), "",
        ),
    ],
)  # fmt: skip
def test_a_level_says_where_it_comes_from(asked: str, of: Figure, basis: Basis, words: str) -> None:
    assert standings.source(rule(asked, of=of), basis, SEEN) == words


def test_what_became_of_bars_is_one_short_line() -> None:
    record = Record({
        Verdict.GOOD: 900, Verdict.MISSING: 2, Verdict.MIXED: 1, Verdict.CONFIRMED: 1,
        Verdict.AGREED: 2, Verdict.DROPPED: 4, Verdict.CUT: 1,
    })  # fmt: skip
    assert standings.bars(record) == (
        "3 refused, 1 confirmed late, 2 confirmed by a second source, 4 dropped, 1 cut"
    )
    assert standings.bars(NOTHING) == ""


def test_time_that_no_bar_covers_is_one_short_line() -> None:
    gap = Gap(at("09:36"), at("09:39"))
    last = Gap(at("10:48"), at("15:50"))
    assert standings.gaps(Record(gaps=(gap, last)), NEW_YORK) == (
        "2, the last of 5h 2m from 2026-03-09 10:48 EDT"
    )
    assert standings.gaps(Record(gaps=(gap,) * KEPT), NEW_YORK).startswith(
        "12 or more, the last of"
    )
    assert standings.gaps(NOTHING, NEW_YORK) == ""
