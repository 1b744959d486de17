"""`alertd replay` finds the daily history that levels by name stand on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Bar
from alertd.core.calendars import Calendar
from tests.cli.histories import ALERTS, FALLING, MINUTES, RISING, files
from tests.support.yahoo import YahooServer

if TYPE_CHECKING:
    from alertd.core.sessions import Session
    from tests.cli.typed import Home

HIGH = '[[alert]]\nid = "high"\nsymbol = "BABA"\nabove = "previous close + 1%"\n'


def days(home: Home, symbol: str, content: str) -> list[str]:
    """Write a daily history and return the argument that names it."""
    (home.folder / f"{symbol}-days.csv").write_text(content)
    return ["--daily", f"{symbol}={symbol}-days.csv"]


def fired(out: str) -> list[tuple[float, float]]:
    return [(event["level"], event["price"]) for event in map(json.loads, out.splitlines())]


def test_minutes_take_their_history_from_a_file_of_days(home: Home) -> None:
    words = ["replay", "--config", home.config(HIGH), "--format", "jsonl"]
    minutes = files(home, BABA=MINUTES)
    answer = home.alertd(*words, *minutes, *days(home, "BABA", FALLING))
    assert fired(answer.out) == [(153.52, 154.0)]
    assert fired(home.alertd(*words, *minutes).out) == []


def test_minutes_without_days_say_what_their_alerts_wait_for(home: Home) -> None:
    answer = home.alertd("replay", "--config", home.config(HIGH), *files(home, BABA=MINUTES))
    assert answer.lines[-1] == "high: waits: no daily bar for 2026-03-11 yet"


def test_a_file_that_is_not_daily_is_refused_as_a_history(home: Home) -> None:
    words = ("replay", "--config", home.config(HIGH), *files(home, BABA=FALLING))
    answer = home.alertd(*words, *days(home, "BABA", MINUTES))
    assert (answer.status, answer.out) == (1, "")
    assert "BABA-days.csv: 1 problem" in answer.err
    assert "expected one bar a session, found bars of 1m" in answer.err
    assert "hint: " in answer.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from", "2026-01-02", "--daily", "BABA=a"], "it goes with --csv; Yahoo has"),
        (["--csv", "BABA=a", "--daily", "TSLA=b"], "no alert watches TSLA; watched: BABA, NVDA"),
        (["--csv", "BABA=a", "--daily", "NVDA=b"], "there is no --csv file of NVDA to go with it"),
        (["--csv", "BABA=a", "--daily", "BABA=b", "--daily", "BABA=c"], "BABA is given twice"),
        (["--csv", "BABA=a", "--daily", "BABA"], 'expected SYMBOL=FILE, found "BABA"'),
        (["--daily", "BABA=a"], "it goes with --csv"),
    ],
)
def test_a_history_that_makes_no_sense_is_explained(
    home: Home, words: list[str], said: str
) -> None:
    answer = home.alertd("replay", "--config", home.config(ALERTS), *words)
    assert (answer.status, answer.out) == (2, "")
    assert said in " ".join(answer.err.split())
    assert "Traceback" not in answer.err


def test_a_history_that_is_missing_fails_in_words(home: Home) -> None:
    words = ("replay", "--config", home.config(HIGH), *files(home, BABA=MINUTES))
    answer = home.alertd(*words, "--daily", "BABA=none.csv")
    assert (answer.status, answer.out) == (1, "")
    assert "none.csv" in answer.err


def test_yahoo_is_asked_for_as_many_days_as_the_alerts_stand_on(home: Home) -> None:
    *before, one = _sessions()
    with YahooServer(home.folder) as yahoo:
        yahoo.play("BABA", [_bar(one.open, timedelta(hours=1), 150, 156)], "1h")
        yahoo.play("BABA", [_whole(session, 150) for session in before], "1d")
        words = ("replay", "--config", home.config(HIGH), "--format", "jsonl")
        range_of_one = ("--from", _day(one), "--to", _day(one))
        answer = home.alertd(*words, *range_of_one, **yahoo.env)
        asked = [
            int(seen.params["period1"]) for seen in yahoo.charts if "1d" in seen.params["interval"]
        ]
    assert fired(answer.out) == [(151.5, 156.0)]
    assert one.open - datetime.fromtimestamp(min(asked), UTC) > timedelta(days=30)


def test_yahoo_is_not_asked_for_days_that_no_alert_stands_on(home: Home) -> None:
    one = _sessions()[-1]
    with YahooServer(home.folder) as yahoo:
        for symbol in ("BABA", "NVDA"):
            yahoo.play(symbol, [_bar(one.open, timedelta(hours=1), 150, 156)], "1h")
        words = ("replay", "--config", home.config(ALERTS), "--from", _day(one), "--to", _day(one))
        assert home.alertd(*words, **yahoo.env).status == 0
        assert {seen.params["interval"] for seen in yahoo.charts} == {"1h"}


def test_a_session_that_is_not_over_has_no_official_close_yet(home: Home) -> None:
    held = '[[alert]]\nid = "held"\nsymbol = "BTC-USD"\nbelow = 150\nhold = "1 close"\n'
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    day, minute = timedelta(days=1), timedelta(minutes=1)
    bars = [_bar(today - minute, minute, 151, 151), _bar(today, minute, 149, 149)]
    with YahooServer(home.folder) as yahoo:
        yahoo.describe("BTC-USD", exchangeTimezoneName="UTC")
        yahoo.play("BTC-USD", bars)
        yahoo.play("BTC-USD", [_bar(today - day, day, 151, 151), _bar(today, day, 149, 149)], "1d")
        words = ("replay", "--config", home.config(held), "--from", f"{today - day:%Y-%m-%d}")
        answer = home.alertd(*words, **yahoo.env)
    assert answer.lines[-1] == "held: crossed 1 time, never held"


def test_alerts_of_two_symbols_have_histories_of_their_own(home: Home) -> None:
    both = HIGH + HIGH.replace("BABA", "NVDA").replace('"high"', '"other"')
    words = ["replay", "--config", home.config(both), "--format", "jsonl"]
    minutes = files(home, BABA=MINUTES, NVDA=MINUTES.replace("15", "12"))
    answer = home.alertd(
        *words, *minutes, *days(home, "BABA", FALLING), *days(home, "NVDA", RISING)
    )
    assert answer.status == 0
    assert fired(answer.out) == [(153.52, 154.0)]


def _sessions() -> list[Session]:
    """Return sessions of some weeks about 100 days ago, of which Yahoo still has the hours."""
    today = datetime.now(UTC).date()
    since = today - timedelta(days=130)
    return list(Calendar("XNYS").sessions(since, today - timedelta(days=90)).days)


def _bar(start: datetime, length: timedelta, first: float, last: float) -> Bar:
    return Bar(start, length, first, max(first, last), min(first, last), last)


def _whole(session: Session, close: float) -> Bar:
    return _bar(session.open, session.close - session.open, close, close)


def _day(session: Session) -> str:
    return session.open.date().isoformat()
