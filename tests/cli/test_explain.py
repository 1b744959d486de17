"""`alertd explain` says why an alert fired, or why it did not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from alertd.core.events import Kind
from alertd.core.quality import Verdict
from alertd.core.records import Doubt, Gap, Judged, Record
from alertd.core.rules import AlertId, Closes, Figure
from alertd.core.states import Basis, Lack, Origin, Phase, Reason, Side, State, Want
from tests.cli.kept import NOW, keeping, record
from tests.support.build import at, found, rule

if TYPE_CHECKING:
    from alertd.core.rules import Rule
    from tests.cli.typed import Answer, Home

ALERT = """
[[alert]]
id = "support-150-lost"
symbol = "BABA"
name = "Support at 150"
below = 150
hold = "2 closes"
severity = "critical"
"""
OTHER = ALERT.replace("support-150-lost", "support-140-lost")
SUPPORT = rule("below 150", id="support-150-lost", hold=Closes(2))
PENDING = State(Phase.PENDING, Side.BELOW, crossed_at=at("09:34"), closes=1)
YEAR_HIGH = Origin("52w high", 192.67, at("09:30", "2025-10-02"))

JUDGED = (
    Judged(at("09:31"), Phase.ARMED, Reason.BASELINE, 151.2),
    Judged(at("09:34"), Phase.PENDING, Reason.HOLD_BEGAN, 149.8),
)
RECORD = Record(
    {Verdict.MISSING: 3, Verdict.CONFIRMED: 1},
    (Doubt(at("09:33"), 122.0, Verdict.CONFIRMED),),
    (Gap(at("09:36"), at("09:39")),),
)


def asked(home: Home, kept: Rule = SUPPORT, state: State = PENDING, config: str = ALERT) -> Answer:
    """Return what is explained of an alert that stands like this, at a price of 149.50."""
    with keeping(home.folder / "alertd.db", kept) as database:
        record(database, state=state)
    return home.alertd("explain", kept.id, "--config", home.config(config))


def fact(answer: Answer, name: str) -> str:
    """Return what stands behind a word."""
    (line,) = [line for line in answer.lines if line.startswith(f"{name}  ")]
    return line.removeprefix(name).strip()


def rows(answer: Answer, title: str) -> list[list[str]]:
    """Return the cells of the table under a line, without its headings."""
    start = answer.lines.index(title) + 2
    body = [*answer.lines[start:], ""]
    table = body[: body.index("")]
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in table]


def facts(home: Home, kept: Rule, config: str = ALERT) -> dict[str, Any]:
    answer = home.alertd("explain", kept.id, "--config", home.config(config), "--json")
    assert (answer.status, answer.err) == (0, "")
    found: dict[str, Any] = json.loads(answer.out)
    return found


def test_an_alert_is_explained_with_what_it_waits_for(home: Home) -> None:
    answer = asked(home)
    assert (answer.status, answer.err) == (0, "")
    assert answer.lines[0].split("  ")[-1].strip() == "support-150-lost: Support at 150 (critical)"
    assert fact(answer, "asks").startswith("when BABA falls below $150.00 and 2 daily closes")
    assert fact(answer, "standing") == "1 of 2 closes below $150.00"
    assert fact(answer, "level") == "$150.00"
    assert fact(answer, "price").startswith("$149.50, ")
    assert fact(answer, "distance") == "+0.3 % from the price"
    assert fact(answer, "crossed") == "2026-03-09 09:34 EDT"
    assert fact(answer, "last fired") == "never"
    assert fact(answer, "data") == "nothing is wrong with it"
    unsaid = ("comes from", "armed", "side")
    assert [line for line in answer.lines if line.startswith(unsaid)] == []


def test_an_alert_that_has_fired_says_where_it_is_armed_again(home: Home) -> None:
    state = State(Phase.FIRED, Side.BELOW, fired_at=NOW, suppressed=3)
    with keeping(home.folder / "alertd.db", SUPPORT) as database:
        record(database, found(SUPPORT, 149.6, "09:31"), state=state)
    answer = home.alertd("explain", SUPPORT.id, "--config", home.config(ALERT))
    assert fact(answer, "standing") == "silent: not yet back above $151.50"
    assert fact(answer, "armed again") == "at $151.50 or above"
    assert fact(answer, "last fired") == "2026-03-09 09:31 EDT"
    assert fact(answer, "held back") == "3 repeats since"


def test_a_named_level_says_where_it_comes_from_and_for_when(home: Home) -> None:
    kept = rule("above 52w high", id="high")
    basis = Basis(level=192.67, origin=YEAR_HIGH, fixed_for=at("09:30"))
    config = '[[alert]]\nid = "high"\nsymbol = "BABA"\nabove = "52w high"\n'
    answer = asked(home, kept, State(side=Side.BELOW, basis=basis), config)
    assert fact(answer, "level") == "$192.67 (52w high)"
    assert fact(answer, "comes from") == (
        "52-week high of $192.67, from 2025-10-02; fixed for 2026-03-09"
    )
    assert fact(answer, "distance") == "+28.9 % from the price"


def test_an_alert_that_lacks_its_level_says_what_it_waits_for(home: Home) -> None:
    kept = rule("above sma 200", id="mean")
    state = State(basis=Basis(lack=Lack(Want.HISTORY, "120 of 200 daily closes")))
    config = '[[alert]]\nid = "mean"\nsymbol = "BABA"\nabove = "sma 200"\n'
    answer = asked(home, kept, state, config)
    assert fact(answer, "standing") == "waits: 120 of 200 daily closes"
    assert fact(answer, "level") == "sma 200"
    assert facts(home, kept, config)["lack"] == {
        "want": "history", "words": "120 of 200 daily closes", "refused": False,
    }  # fmt: skip


def test_the_last_judgements_are_listed_with_their_reasons_newest_last(home: Home) -> None:
    with keeping(home.folder / "alertd.db", SUPPORT) as database:
        record(database, state=PENDING, lately={SUPPORT.id: JUDGED})
    answer = home.alertd("explain", SUPPORT.id, "--config", home.config(ALERT))
    assert rows(answer, "Judgements that changed something, the newest last:") == [
        ["2026-03-09 09:31 EDT", "$151.20", "armed", "first price, sets the side"],
        ["2026-03-09 09:34 EDT", "$149.80", "pending", "crossed the level, has to hold"],
    ]


def test_what_was_told_is_listed_with_what_became_of_it(home: Home) -> None:
    first, second = (found(SUPPORT, 149.0 + n, f"09:3{n}") for n in (1, 2))
    with keeping(home.folder / "alertd.db", SUPPORT) as database:
        record(database, first, second)
        record(database, settled={first.event.id: False, second.event.id: True})
    answer = home.alertd("explain", SUPPORT.id, "--config", home.config(ALERT))
    told = rows(answer, "What it told, the newest last:")
    assert [cells[1] for cells in told] == ["fired (withdrawn)", "fired"]
    assert [cells[0] for cells in told] == ["2026-03-09 09:31 EDT", "2026-03-09 09:32 EDT"]


def test_the_data_are_explained_with_verdicts_doubts_and_gaps(home: Home) -> None:
    with keeping(home.folder / "alertd.db", SUPPORT) as database:
        record(database, state=PENDING, record=RECORD, silent_since=at("09:40"))
    answer = home.alertd("explain", SUPPORT.id, "--config", home.config(ALERT))
    assert fact(answer, "data") == (
        "no good price since 2026-03-09 09:40 EDT; bars: 3 refused, 1 confirmed late; "
        "gaps: 1, the last of 3m from 2026-03-09 09:36 EDT"
    )
    assert rows(answer, "Bars of BABA that were not judged as they came:") == [
        ["2026-03-09 09:33 EDT", "$122.00", "suspect, confirmed late by the next bar"]
    ]
    assert rows(answer, "Time of open sessions that no bar of BABA covers:") == [
        ["2026-03-09 09:36 EDT", "2026-03-09 09:39 EDT", "3m"]
    ]


def test_a_poll_that_failed_is_explained(home: Home) -> None:
    with keeping(home.folder / "alertd.db", SUPPORT) as database:
        (claim,) = database.claim_symbols(NOW, timedelta(minutes=1), 1)
        database.postpone(claim, "no answer within 20 s", NOW)
    answer = home.alertd("explain", SUPPORT.id, "--config", home.config(ALERT))
    assert fact(answer, "last poll").endswith("1 failed poll, the last: no answer within 20 s")
    assert fact(answer, "standing") == "waits for a first price"
    assert facts(home, SUPPORT)["data"]["error"] == "no answer within 20 s"


def test_programs_are_told_the_same(home: Home) -> None:
    with keeping(home.folder / "alertd.db", SUPPORT) as database:
        record(
            database, found(SUPPORT, 149.6, "09:31"), state=PENDING, record=RECORD,
            lately={SUPPORT.id: JUDGED},
        )  # fmt: skip
    told = facts(home, SUPPORT)
    assert (told["alert"], told["standing"]) == (SUPPORT.id, "1 of 2 closes below $150.00")
    assert (told["phase"], told["side"], told["levels"]) == ("pending", None, [150.0])
    assert (told["rearm_above"], told["rearm_below"]) == (151.5, None)
    assert told["hold"] == {
        "asked_closes": 2, "asked_seconds": None, "closes": 1, "seconds": None,
        "crossed_at": "2026-03-09T13:34:00Z",
    }  # fmt: skip
    assert told["judgements"][1] == {
        "at": "2026-03-09T13:34:00Z", "price": 149.8, "phase": "pending", "reason": "hold_began",
        "why": "crossed the level, has to hold",
    }  # fmt: skip
    assert [(event["kind"], event["standing"]) for event in told["events"]] == [("fired", "open")]
    assert told["data"]["verdicts"] == {"missing": 3, "confirmed": 1}
    assert told["data"]["doubts"] == [
        {"at": "2026-03-09T13:33:00Z", "price": 122.0, "verdict": "confirmed"}
    ]
    assert told["data"]["gaps"] == [
        {"start": "2026-03-09T13:36:00Z", "end": "2026-03-09T13:39:00Z"}
    ]


def test_an_alert_that_the_daemon_has_not_read_has_no_phase(home: Home) -> None:
    changed = ALERT.replace("below = 150", "below = 149")
    assert fact(asked(home, config=changed), "standing") == "not taken up yet"
    assert facts(home, SUPPORT, changed)["phase"] is None


def test_a_split_that_was_told_is_listed_with_both_levels(home: Home) -> None:
    split = found(SUPPORT, 15.0, "09:31", kind=Kind.SPLIT, level=15.0)
    origin = Origin("10:1", 150.0, at("04:00"))
    told = replace(split, event=replace(split.event, origin=origin))
    with keeping(home.folder / "alertd.db", SUPPORT) as database:
        record(database, told, state=State(side=Side.ABOVE, basis=Basis(scale=0.1)))
    answer = home.alertd("explain", SUPPORT.id, "--config", home.config(ALERT))
    assert fact(answer, "standing") == "armed; 10:1 split: 150 in the file is $15.00 now"
    ((_, kind, level, *_rest),) = rows(answer, "What it told, the newest last:")
    assert (kind, level) == ("10:1 split", "$150.00, now $15.00")


def test_the_judgements_of_a_volume_are_in_shares(home: Home) -> None:
    kept = rule("above 3", id="crowd", of=Figure.VOLUME)
    basis = Basis(scale=1e6, fixed_for=at("09:30"))
    judged = Judged(at("09:34"), Phase.ARMED, Reason.BASELINE, 2_500_000.0)
    config = '[[alert]]\nid = "crowd"\nsymbol = "BABA"\nof = "volume"\nabove = 3\n'
    with keeping(home.folder / "alertd.db", kept) as database:
        state = State(side=Side.BELOW, basis=basis)
        record(database, state=state, lately={AlertId("crowd"): [judged]})
    answer = home.alertd("explain", "crowd", "--config", home.config(config))
    ((_, price, *_rest),) = rows(answer, "Judgements that changed something, the newest last:")
    assert price == "2,500,000 shares"
    assert "distance" not in answer.out


@pytest.mark.parametrize(
    ("hold", "state", "side"),
    [
        ("", State(side=Side.BELOW), ["below the level"]),
        ("", State(Phase.DONE, Side.BELOW), []),
        ('hold = "30m"', replace(PENDING, closes=0), ["below the level"]),
        ('hold = "2 closes"', PENDING, []),
        ('hold = "2 closes"', replace(PENDING, phase=Phase.FIRED), ["below the level"]),
    ],
    ids=["armed", "done", "held", "closes", "fired"],
)
def test_the_side_is_said_only_while_points_move_it(
    home: Home, hold: str, state: State, side: list[str]
) -> None:
    holds = {"": None, 'hold = "30m"': timedelta(minutes=30), 'hold = "2 closes"': Closes(2)}
    kept = rule("below 150", id="low", hold=holds[hold])
    config = f'[[alert]]\nid = "low"\nsymbol = "BABA"\nbelow = 150\n{hold}\n'
    answer = asked(home, kept, state, config)
    said = [line.partition("  ")[2].strip() for line in answer.lines if line.startswith("side ")]
    assert said == side
    assert facts(home, kept, config)["side"] == ("below" if side else None)


def test_a_move_measures_its_distance_to_the_line_that_it_has_not_told(home: Home) -> None:
    config = '[[alert]]\nid = "swing"\nsymbol = "BABA"\nmoves = "5%"\n'
    basis = Basis(level=150.0, fixed_for=at("09:30"), gone=(Side.BELOW,))
    state = State(Phase.FIRED, Side.AT, fired_at=at("09:31"), basis=basis)
    answer = asked(home, rule("moves 5%", id="swing"), state, config)
    assert fact(answer, "distance") == "+5.4 % from the price"
    assert facts(home, rule("moves 5%", id="swing"), config)["levels"] == [157.5]


def test_a_move_in_a_window_says_why_it_has_no_distance(home: Home) -> None:
    config = '[[alert]]\nid = "spurt"\nsymbol = "BABA"\nrises = "3%"\nwithin = "1h"\n'
    answer = asked(home, rule("rises 3% within 1h", id="spurt"), State(side=Side.AT), config)
    assert fact(answer, "distance").startswith("not kept: what it is measured from changes")


def test_an_unknown_alert_is_answered_with_those_that_are_near(home: Home) -> None:
    answer = home.alertd("explain", "suport-150", "--config", home.config(ALERT + OTHER))
    assert (answer.status, answer.out) == (2, "")
    said = " ".join(answer.err.split())
    assert 'there is no alert "suport-150"; did you mean support-150-lost' in said
    answer = home.alertd("explain", "x", "--config", home.config(ALERT))
    assert 'no alert "x"; configured: support-150-lost' in " ".join(answer.err.split())


def test_before_a_daemon_has_run_there_is_nothing_to_explain(home: Home) -> None:
    answer = home.alertd("explain", SUPPORT.id, "--config", home.config(ALERT))
    assert (answer.status, answer.out) == (1, "")
    assert answer.err == "no daemon has run yet: there is no alertd.db\n"


@pytest.mark.parametrize("columns", [80, 120])
def test_no_line_is_wider_than_the_terminal(home: Home, columns: int) -> None:
    with keeping(home.folder / "alertd.db", SUPPORT) as database:
        record(
            database, found(SUPPORT, 149.6, "09:31"), state=PENDING, record=RECORD,
            lately={SUPPORT.id: JUDGED},
        )  # fmt: skip
    words = ("explain", SUPPORT.id, "--config", home.config(ALERT))
    answer = home.on_terminal(*words, columns=columns)
    assert answer.status == 0
    assert max(map(len, answer.lines)) <= columns
