"""`alertd replay` tells what the alerts would have told, and nothing else."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import nan
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Bar
from alertd.core.calendars import Calendar
from tests.cli.histories import ALERTS, FALLING, RISING, files
from tests.support.yahoo import YahooServer

if TYPE_CHECKING:
    from pathlib import Path

    from alertd.core.sessions import Session
    from tests.cli.typed import Home

COMPARED = ("alert", "kind", "level", "price", "at", "gap")

RUNS = {
    "daily": ("alerts_daily.toml", "1d_2014-09-19_2026-07-02.csv"),
    "1m_2026": ("alerts_1m_2026.toml", "1m_regular_2026-03-09_2026-05-05.csv"),
    "1m_2025-01_regular": ("alerts_1m_2025-01.toml", "1m_extended_2025-01.csv"),
    "1m_2025-01_extended": ("alerts_1m_2025-01.toml", "1m_extended_2025-01.csv"),
}


def events(text: str) -> list[list[object]]:
    """Return what is compared of each line of JSON."""
    return [[json.loads(line)[key] for key in COMPARED] for line in text.splitlines()]


@pytest.mark.parametrize("name", RUNS)
def test_real_history_gives_exactly_the_expected_events(
    home: Home, shared: Path, name: str
) -> None:
    alerts, bars = RUNS[name]
    session = name.rpartition("_")[2]
    answer = home.alertd(
        "replay", "--config", str(shared / "expected" / alerts),
        "--csv", f"BABA={shared / 'data' / 'baba' / bars}", "--format", "jsonl",
        *(("--session", session) if session in {"regular", "extended"} else ()),
    )  # fmt: skip
    assert answer.status == 0
    assert events(answer.out) == events((shared / "expected" / f"{name}.jsonl").read_text())


def test_events_of_all_symbols_are_in_one_order(home: Home) -> None:
    words = ["replay", "--config", home.config(ALERTS), "--format", "jsonl"]
    answer = home.alertd(*words, *files(home, BABA=FALLING, NVDA=RISING))
    ceiling, fell, back = (json.loads(line) for line in answer.lines)
    assert list(ceiling.items()) == [
        ("alert", "ceiling"), ("kind", "fired"), ("symbol", "NVDA"), ("level", 120.0),
        ("price", 121.0), ("at", "2026-03-10T13:30:00Z"), ("gap", False),
        ("id", ceiling["id"]), ("resolution", 23400.0),
    ]  # fmt: skip
    assert (fell["alert"], fell["kind"], fell["at"]) == ("floor", "fired", ceiling["at"])
    assert (back["alert"], back["kind"], back["at"]) == (
        "floor", "recovered", "2026-03-11T13:30:00Z",
    )  # fmt: skip
    assert answer.err == "3 events in 5 bars of BABA, NVDA, 2026-03-09 to 2026-03-11\n"


def test_a_table_in_a_pipe_is_whole_and_has_no_spaces_at_its_end(home: Home) -> None:
    long = "the-alert-with-a-name-as-long-as-any-that-is-allowed-in-a-file"
    name = home.config(ALERTS.replace('"floor"', f'"{long}"'))
    answer = home.alertd("replay", "--config", name, *files(home, BABA=FALLING))
    heading, first, second, *_ = answer.lines
    assert heading.split() == ["time", "alert", "event", "symbol", "level", "price"]
    assert first.startswith("2026-03-10 09:30 EDT  ")
    assert first.split()[3:] == [long, "fired", "BABA", "150.00", "149.00"]
    assert second.split()[3:] == [long, "recovered", "BABA", "150.00", "153.00"]
    assert [line for line in answer.lines if line != line.rstrip()] == []


@pytest.mark.parametrize(("columns", "time"), [(60, "2026-03-10"), (80, "2026-03-10 09:30 EDT")])
def test_a_narrow_terminal_folds_neither_ids_nor_levels_and_the_time_last(
    home: Home, columns: int, time: str
) -> None:
    name = home.config(ALERTS.replace('"floor"', '"support-150-reclaimed"'))
    gapped = FALLING.replace("2026-03-10,152,152", "2026-03-10,149,149")
    words = ("replay", "--config", name, *files(home, BABA=gapped))
    shown = home.on_terminal(*words, columns=columns).lines
    first, *_ = [line for line in shown if "support-150-reclaimed" in line]
    assert first.split("  ")[0].rstrip() == time
    assert first.split()[-3:] == ["BABA", "150.00", "149.00"]
    assert "recovered" in "".join(shown)
    assert columns < 80 or max(map(len, shown)) <= columns


def test_progress_is_shown_on_a_terminal_and_not_in_a_pipe(home: Home) -> None:
    words = ("replay", "--config", home.config(ALERTS), *files(home, BABA=FALLING))
    assert "replaying BABA" in home.on_terminal(*words, columns=80).out
    piped = home.alertd(*words).err.splitlines()
    assert piped[1:] == ["2 events in 3 bars of BABA, 2026-03-09 to 2026-03-11"]


def test_a_symbol_without_a_file_is_left_out_and_named(home: Home) -> None:
    name = home.config(ALERTS)
    answer = home.alertd("replay", "--config", name, *files(home, NVDA=RISING))
    assert answer.status == 0
    assert answer.err.splitlines()[0] == "BABA: no --csv file, its alerts are left out"


def test_a_symbol_with_an_equals_sign_is_understood(home: Home) -> None:
    name = home.config('[[alert]]\nid = "euro"\nsymbol = "EURUSD=X"\nabove = 1.2\n')
    rows = ("2026-03-10 12:00:00Z,1.1,1.3,1.1,1.3", "2026-03-10 13:00:00Z,1.3,1.3,1.3,1.3")
    (home.folder / "rates.csv").write_text("\n".join(["Datetime,Open,High,Low,Close", *rows]))
    answer = home.alertd("replay", "--config", name, "--csv", "EURUSD=X=rates.csv")
    assert answer.err == "1 event in 2 bars of EURUSD=X, 2026-03-10 to 2026-03-10\n"


def test_bars_that_the_quality_gate_refuses_are_told(home: Home) -> None:
    foreign = home.config(ALERTS + '[symbol.BABA]\ncurrency = "HKD"\n')
    one, _two, _three = _three_sessions()
    nothing = replace(_hours(one, nan, nan)[0], start=one.open + timedelta(hours=1))
    with YahooServer(home.folder) as yahoo:
        yahoo.play("BABA", _hours(one, 151, 149), "1h")
        yahoo.play("NVDA", [*_hours(one, 119, 121), nothing], "1h")
        words = ("replay", "--config", foreign, "--from", _day(one), "--to", _day(one))
        answer = home.alertd(*words, "--format", "jsonl", **yahoo.env)
    write = 'for [symbol."BABA"] write currency = "USD" and levels in it'
    assert [json.loads(line)["alert"] for line in answer.lines] == ["ceiling"]
    assert answer.err.splitlines() == [
        f"BABA: 2 bars refused: prices are in USD, not in the expected currency HKD: {write}",
        "NVDA: 1 bar refused: price missing",
        f"1 event in 5 bars of BABA, NVDA, {_day(one)} to {_day(one)}",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--csv", "BABA"], 'expected SYMBOL=FILE, found "BABA"'),
        (["--csv", "BABA="], 'expected SYMBOL=FILE, found "BABA="'),
        (["--csv", "TSLA=x.csv"], "no alert watches TSLA; watched: BABA, NVDA"),
        (["--csv", "BABA=a", "--csv", "BABA=b"], "BABA is given twice"),
        (["--csv", "BABA=a", "--from", "2026-01-02"], "does not go with --from"),
        (["--to", "2026-01-02"], "give a first day"),
        (["--from", "2026-01-02", "--to", "2026-01-01"], "it lies before --from"),
        (["--from", "yesterday"], 'expected a day such as 2026-10-01, found "yesterday"'),
        (["--from", "0001-01-01"], "--from: expected a year from 1900 to 2100"),
        (["--from", "2026-01-02", "--to", "9999-12-31"], "--to: expected a year from 1900"),
        (["--session", "foo"], 'expected regular or extended, found "foo"'),
        (["--format", "foo"], 'expected table or jsonl, found "foo"'),
        ([], "give a first day, or --csv SYMBOL=FILE"),
    ],
)
def test_arguments_that_make_no_sense_are_explained(
    home: Home, words: list[str], said: str
) -> None:
    answer = home.alertd("replay", "--config", home.config(ALERTS), *words)
    assert (answer.status, answer.out) == (2, "")
    told = " ".join(answer.err.split())
    assert said in told
    assert "Value error" not in told
    assert "Traceback" not in told


def test_a_bad_history_file_fails_with_its_lines(home: Home) -> None:
    words = files(home, BABA=FALLING.replace("149,149", "149,much"))
    answer = home.alertd("replay", "--config", home.config(ALERTS), *words)
    assert (answer.status, answer.out) == (1, "")
    assert "BABA.csv: 1 problem\n  - line 3: " in answer.err
    assert "Traceback" not in answer.err


def test_secrets_are_not_needed_to_replay(home: Home) -> None:
    desk = '[channel.desk]\ntype = "webhook"\nurl = { env = "DESK_URL" }\n'
    words = files(home, BABA=FALLING)
    assert home.alertd("replay", "--config", home.config(ALERTS + desk), *words).status == 0


def test_a_reader_that_has_seen_enough_is_no_reason_for_words(home: Home) -> None:
    rows = [f"2026-{month:02}-{day:02}" for month in range(1, 10) for day in range(1, 29)]
    trading = [day for day in rows if date.fromisoformat(day) in _trading_days()]
    zigzag = [
        f"{day},{a},{max(a, b)},{min(a, b)},{b}"
        for day, (a, b) in zip(trading, [(152, 149), (149, 152)] * 200, strict=False)
    ]
    words = files(home, BABA="Date,Open,High,Low,Close\n" + "\n".join(zigzag))
    command = home.command("replay", "--config", home.config(ALERTS), "--format", "jsonl", *words)
    with subprocess.Popen(
        command, cwd=home.folder, env=home.environ(), encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as replay:  # fmt: skip
        assert replay.stdout is not None
        assert replay.stderr is not None
        first = replay.stdout.readline()
        replay.stdout.close()
        said = replay.stderr.read()
    assert json.loads(first)["alert"] == "floor"
    assert "Traceback" not in said
    assert "BrokenPipe" not in said


def _trading_days() -> set[date]:
    sessions = Calendar("XNYS").sessions(date(2026, 1, 2), date(2026, 12, 31))
    return {session.open.date() for session in sessions.days}


def test_bars_come_from_yahoo_with_the_official_closes(home: Home) -> None:
    name = home.config(
        '[[alert]]\nid = "lost"\nsymbol = "BABA"\nbelow = 150\nhold = "2 closes"\n'
        '[[alert]]\nid = "high"\nsymbol = "BABA"\nabove = 155\n'
    )
    one, two, three = _three_sessions()
    with YahooServer(home.folder) as yahoo:
        yahoo.play("BABA", [*_hours(one, 151, 149.8), *_hours(two, 149.7, 149.9),
                            *_hours(three, 150, 156)], "1h")  # fmt: skip
        yahoo.play("BABA", [_whole(one, 149.6), _whole(two, 149.5), _whole(three, 156)], "1d")
        answer = home.alertd(
            "replay", "--config", name, "--from", _day(one), "--to", _day(two),
            "--format", "jsonl", **yahoo.env,
        )  # fmt: skip
    close = two.close.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert events(answer.out) == [["lost", "fired", 150.0, 149.5, close, False]]
    assert answer.err == f"1 event in 4 bars of BABA, {_day(one)} to {_day(two)}\n"


def test_a_source_that_is_down_fails_in_words(home: Home) -> None:
    with YahooServer(home.folder) as yahoo:
        words = ("replay", "--config", home.config(ALERTS), "--from", "2026-03-09")
        answer = home.alertd(*words, **yahoo.env)
    assert (answer.status, answer.out) == (1, "")
    assert "BABA" in answer.err
    assert "Traceback" not in answer.err


def _three_sessions() -> list[Session]:
    """Return three sessions about 100 days ago, of which Yahoo still has the hours."""
    today = datetime.now(UTC).date()
    since = today - timedelta(days=110)
    return list(Calendar("XNYS").sessions(since, today - timedelta(days=90)).days[:3])


def _hours(session: Session, first: float, last: float) -> list[Bar]:
    """Return the first and the last whole hour of a session."""
    hour = timedelta(hours=1)
    late = session.open + 6 * hour
    return [
        Bar(session.open, hour, first, first, first, first),
        Bar(late, hour, first, max(first, last), min(first, last), last),
    ]


def _whole(session: Session, close: float) -> Bar:
    length = session.close - session.open
    return Bar(session.open, length, close, close, close, close)


def _day(session: Session) -> str:
    return session.open.date().isoformat()
