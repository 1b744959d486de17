"""Which file is read, and what of its tables beside alerts and channels."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from alertd import config
from alertd.config import Level
from alertd.core.bars import Symbol
from alertd.core.calendars import Calendar
from alertd.errors import ConfigError
from tests.config.builders import alert, load, problem, refusal

BABA = Symbol("BABA")


def nearby(folder: Path) -> Path:
    place = folder / "config" / "alertd.toml"
    place.parent.mkdir()
    place.write_text(alert())
    return place


def test_a_file_is_found_in_the_order_given_named_nearby_system(tmp_path: Path) -> None:
    system = tmp_path / "system.toml"
    system.write_text(alert())
    environ = {"ALERTD_CONFIG": "named.toml"}
    assert config.find(None, {}, tmp_path, system) == system
    near = nearby(tmp_path)
    assert config.find(None, {}, tmp_path, system) == near
    assert config.find(None, environ, tmp_path, system) == tmp_path / "named.toml"
    assert config.find(Path("given.toml"), environ, tmp_path, system) == Path("given.toml")


def test_without_a_file_the_places_tried_are_told(tmp_path: Path) -> None:
    system = tmp_path / "etc" / "alertd.toml"
    with pytest.raises(ConfigError) as refused:
        config.find(None, {}, tmp_path, system)
    told = str(refused.value)
    assert "$ALERTD_CONFIG" in told
    assert str(tmp_path / "config" / "alertd.toml") in told
    assert str(system) in told
    assert "alertd init" in told


def refused(place: Path) -> str:
    with pytest.raises(ConfigError) as refused:
        config.load(place, environ={})
    return str(refused.value)


def test_a_long_file_is_read_to_its_end(tmp_path: Path) -> None:
    filler = f"# {'x' * 97}\n" * 50_000
    assert len(load(tmp_path, alert() + filler + alert(id="last")).alerts) == 2


def test_a_file_too_long_to_read_is_refused_rather_than_cut(tmp_path: Path) -> None:
    place = tmp_path / "alertd.toml"
    place.write_text(alert() + f"# {'x' * 97}\n" * 340_000)
    assert "alertd.toml: 1 problem\n  - longer than 32 MiB" in refused(place)


def test_a_place_that_cannot_be_looked_at_holds_no_file(tmp_path: Path) -> None:
    too_long = tmp_path / ("x" * 300)
    with pytest.raises(ConfigError) as refused:
        config.find(None, {}, too_long, too_long / "alertd.toml")
    assert "there is no such file" in str(refused.value)


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    missing = tmp_path / "my alerts.toml"
    assert "there is no such file" in refused(missing)
    assert f"`alertd init --path '{missing}'`" in refused(missing)
    assert "cannot be read" in refused(tmp_path)
    assert "cannot be read" in refused(tmp_path / ("x" * 300))
    assert "cannot be read" in refused(tmp_path / "a\0b")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_a_problem(tmp_path: Path) -> None:
    place = tmp_path / "alertd.toml"
    place.write_text(alert())
    place.chmod(0)
    assert "cannot be read" in refused(place)


def test_a_file_that_is_not_utf_8_is_told_the_line(tmp_path: Path) -> None:
    place = tmp_path / "alertd.toml"
    place.write_bytes(b'[[alert]]\nname = "caf\xe9"\n')
    assert "line 2 is not UTF-8" in refused(place)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    assert load(tmp_path, "\ufeff" + alert()).alerts


def test_a_mistake_in_the_syntax_is_told_with_line_and_column(tmp_path: Path) -> None:
    only = problem(tmp_path, alert() + "hold = 2 closes\n")
    assert only.where == "line 5, column 10"


def test_a_table_that_stands_twice_is_named_as_written(tmp_path: Path) -> None:
    only = problem(tmp_path, alert() + "[channel.x]\n[channel.x]")
    assert only.what == "cannot declare channel.x twice"


@pytest.mark.parametrize("text", ["a = " + "9" * 9999, "a = " + "[" * 99_999, "a = '", "="])
def test_a_file_that_no_parser_takes_is_a_problem(tmp_path: Path, text: str) -> None:
    assert len(refusal(tmp_path, text)) == 1


@pytest.mark.parametrize("text", ["", "alert = []", "[poll]"])
def test_a_file_without_an_alert_is_a_problem(tmp_path: Path, text: str) -> None:
    only = problem(tmp_path, text)
    assert only.where == "alert"
    assert only.hint
    assert only.hint.startswith("add an [[alert]] table")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('[alert]\nid = "a"', "alert"),
        ("alert = 3", "alert"),
        ("alert = [3]", "alert[1]"),
        (alert() + "[[poll]]", "poll"),
        ("channel = 3\n" + alert(), "channel"),
        ("channel = { a = 3 }\n" + alert(), "channel.a"),
        ("symbol = []\n" + alert(), "symbol"),
        ('store = ""\n' + alert(), "store"),
    ],
)
def test_a_table_is_not_a_value(tmp_path: Path, text: str, where: str) -> None:
    assert where in [each.where.removesuffix(".type") for each in refusal(tmp_path, text)]


def test_an_unknown_table_is_told_the_nearest_known_one(tmp_path: Path) -> None:
    only = problem(tmp_path, alert() + "[pol]")
    assert (only.where, only.hint) == ("pol", 'did you mean "poll"?')


def test_a_symbol_trades_where_its_suffix_says(tmp_path: Path) -> None:
    found = load(tmp_path, alert().replace("BABA", "0700.HK")).listings[Symbol("0700.HK")]
    assert found.calendar.name == "XHKG"
    assert found.delay == timedelta(minutes=15)


def test_a_symbol_table_says_otherwise(tmp_path: Path) -> None:
    table = '[symbol.BABA]\ncalendar = "XLON"\ncurrency = "GBp"\ndelay = "0s"'
    found = load(tmp_path, alert() + table).listings[BABA]
    assert (found.calendar.name, found.currency, found.delay) == ("XLON", "GBp", timedelta(0))


def test_a_symbol_of_an_unknown_exchange_needs_a_table(tmp_path: Path) -> None:
    text = alert().replace("BABA", "ABC.XYZ")
    only = problem(tmp_path, text)
    assert (only.where, only.what) == ("alert[1].symbol", 'no calendar is known for "ABC.XYZ"')
    assert only.hint
    assert '[symbol."ABC.XYZ"]' in only.hint
    config = load(tmp_path, text + '[symbol."ABC.XYZ"]\ncalendar = "XLON"')
    assert config.listings[Symbol("ABC.XYZ")].calendar.name == "XLON"


def test_only_watched_symbols_are_listed(tmp_path: Path) -> None:
    found = load(tmp_path, alert() + '[symbol."ABC.XYZ"]\ncurrency = "USD"')
    assert set(found.listings) == {BABA}


@pytest.mark.parametrize("name", ["NASDAQ", "NYSE", "XNYS"])
def test_a_calendar_goes_by_one_name_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    found = load(tmp_path, alert() + f'[symbol.BABA]\ncalendar = "{name}"').listings[BABA]
    assert found.calendar == Calendar("XNYS")


def test_a_calendar_is_one_that_is_known(tmp_path: Path) -> None:
    only = problem(tmp_path, alert() + '[symbol.BABA]\ncalendar = "XNYSE"')
    assert only.where == "symbol.BABA.calendar"
    assert only.hint == 'did you mean "XNYS"?'


@pytest.mark.parametrize("currency", ["usd", "US", "USDT", "gbp"])
def test_a_currency_is_a_code(tmp_path: Path, currency: str) -> None:
    only = problem(tmp_path, alert() + f'[symbol.BABA]\ncurrency = "{currency}"')
    assert only.where == "symbol.BABA.currency"


def test_a_symbol_in_small_letters_is_told_the_capitals(tmp_path: Path) -> None:
    only = problem(tmp_path, alert().replace("BABA", "baba"))
    assert (only.where, only.hint) == ("alert[1].symbol", 'write "BABA"')


def test_a_name_with_a_dot_and_no_quotes_is_explained(tmp_path: Path) -> None:
    only = problem(tmp_path, alert() + '[symbol.0700.HK]\ncalendar = "XHKG"')
    assert only.hint == 'a name with a dot needs quotes: [symbol."0700.HK"]'


def test_polling_has_defaults(tmp_path: Path) -> None:
    found = load(tmp_path, alert())
    assert (found.poll.interval, found.poll.settle) == (timedelta(seconds=60), timedelta(minutes=5))
    assert found.log.level is Level.INFO


def test_polling_and_the_log_are_settable(tmp_path: Path) -> None:
    tables = '[poll]\ninterval = "1s"\nsettle = "0s"\n[log]\nlevel = "debug"'
    found = load(tmp_path, alert() + tables)
    assert (found.poll.interval, found.poll.settle) == (timedelta(seconds=1), timedelta(0))
    assert found.log.level is Level.DEBUG


def test_an_interval_is_at_least_a_second(tmp_path: Path) -> None:
    assert problem(tmp_path, alert() + '[poll]\ninterval = "0s"').where == "poll.interval"


@pytest.mark.parametrize(
    ("environ", "place"),
    [
        ({"STATE_DIRECTORY": "/var/lib/alertd", "HOME": "/h"}, "/var/lib/alertd/alertd.db"),
        ({"STATE_DIRECTORY": "/a:/b"}, "/a/alertd.db"),
        ({"XDG_STATE_HOME": "/x", "HOME": "/h"}, "/x/alertd/alertd.db"),
        ({"XDG_STATE_HOME": "x", "HOME": "/h"}, "/h/.local/state/alertd/alertd.db"),
        ({"HOME": "/h"}, "/h/.local/state/alertd/alertd.db"),
    ],
)
def test_the_store_lies_where_state_belongs(
    tmp_path: Path, environ: dict[str, str], place: str
) -> None:
    assert load(tmp_path, alert(), environ=environ).store.path == Path(place)


@pytest.mark.parametrize(
    ("written", "place"),
    [("a.db", "{}/a.db"), ("/v/a.db", "/v/a.db"), ("~/a.db", "/h/a.db")],
)
def test_the_store_lies_where_the_file_says(tmp_path: Path, written: str, place: str) -> None:
    found = load(tmp_path, alert() + f'[store]\npath = "{written}"').store.path
    assert found == Path(place.format(tmp_path))


@pytest.mark.parametrize("written", ["", ".", "postgresql://h/d", "a\\u0000b"])
def test_the_store_is_a_file(tmp_path: Path, written: str) -> None:
    assert problem(tmp_path, alert() + f'[store]\npath = "{written}"').where == "store.path"


def test_help_needs_no_parser() -> None:
    slow = "{'pydantic', 'tomllib', 'pandas', 'ssl'}"
    code = f"import sys, alertd.config; print(sorted({slow} & set(sys.modules)))"
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"


def test_the_alerts_of_the_real_history_load(shared: Path) -> None:
    counts = {
        re.sub("alerts_|.toml", "", place.name): len(
            config.load(place, secrets=False, environ={}).alerts
        )
        for place in (shared / "expected").glob("*.toml")
    }
    assert counts == {"daily": 7, "1m_2026": 5, "1m_2025-01": 5}


def test_data_are_stale_after_ten_minutes(tmp_path: Path) -> None:
    found = load(tmp_path, alert())
    assert found.poll.stale_after == timedelta(minutes=10)
    assert found.stale_limit(BABA) == timedelta(minutes=10)


def test_when_data_are_stale_is_settable_for_all_and_for_one_symbol(tmp_path: Path) -> None:
    tables = '[symbol.BABA]\nstale_after = "1h"\n[symbol.TSLA]\nstale_after = "2h"\n'
    text = alert() + alert(id="b").replace("BABA", "NVDA") + tables
    found = load(tmp_path, text + '[poll]\nstale_after = "1m"')
    assert found.stale_limit(BABA) == timedelta(hours=1)
    assert found.stale_limit(Symbol("NVDA")) == timedelta(minutes=1)
    assert set(found.stale_after) == {BABA}


@pytest.mark.parametrize("table", ["poll", "symbol.BABA"])
@pytest.mark.parametrize("value", ['"59s"', '"0s"', "10", '"never"'])
def test_data_are_not_stale_within_a_minute(tmp_path: Path, table: str, value: str) -> None:
    only = problem(tmp_path, alert() + f"[{table}]\nstale_after = {value}")
    assert only.where == f"{table}.stale_after"
    assert only.what.startswith(("expected a duration", "expected at least one minute"))
