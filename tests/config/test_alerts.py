"""What an `[[alert]]` table means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.notices import Severity
from alertd.core.rules import Amount, Closes, Condition, OnStart, Percent, Rule
from alertd.core.sessions import Hours
from tests.config.builders import alert, load, problem, refusal

if TYPE_CHECKING:
    from pathlib import Path


def rule(folder: Path, *lines: str, condition: str = "below = 150") -> Rule:
    (only,) = load(folder, alert(*lines, condition=condition)).alerts
    return only.rule


def test_an_alert_needs_an_id_a_symbol_and_a_condition_and_has_defaults_for_the_rest(
    tmp_path: Path,
) -> None:
    (only,) = load(tmp_path, alert(id="support-150_lost")).alerts
    assert only.rule.rearm == Percent(1.0)
    assert only.rule.cooldown == timedelta(0)
    assert only.rule.hold is None
    assert only.rule.session is Hours.REGULAR
    assert only.rule.on_start is OnStart.SILENT
    assert not only.rule.once
    assert not only.rule.recovery
    assert only.rule.expires is None
    assert (only.name, only.note) == ("Support 150 lost", "")
    assert only.severity is Severity.INFO
    assert only.notify == ("console",)


def test_every_key_reaches_its_place(tmp_path: Path) -> None:
    lines = (
        'name = "Fünf"', 'hold = "2 closes"', "rearm = 1.50", 'cooldown = "1h30m"', "once = true",
        "recovery = true", 'session = "extended"', 'on_start = "fire"', 'severity = "critical"',
        'note = """\nSell.\nSlowly."""', "expires = 2027-03-31T16:00:00Z", 'notify = ["console"]',
    )  # fmt: skip
    (only,) = load(tmp_path, alert(*lines)).alerts
    assert only.rule.hold == Closes(2)
    assert only.rule.rearm == Amount(1.5)
    assert only.rule.cooldown == timedelta(minutes=90)
    assert only.rule.once
    assert only.rule.recovery
    assert only.rule.session is Hours.EXTENDED
    assert only.rule.on_start is OnStart.FIRE
    assert only.rule.expires == datetime(2027, 3, 31, 16, tzinfo=UTC)
    assert (only.name, only.note) == ("Fünf", "Sell.\nSlowly.")
    assert only.severity is Severity.CRITICAL
    assert only.notify == ("console",)


@pytest.mark.parametrize("condition", [Condition.BELOW, Condition.ABOVE, Condition.TOUCHES])
def test_a_level_may_be_a_price(tmp_path: Path, condition: Condition) -> None:
    found = rule(tmp_path, condition=f"{condition} = 1_234.5")
    assert (found.condition, found.level) == (condition, 1234.5)


@pytest.mark.parametrize(
    ("level", "found"),
    [
        ('"15O"', 'expected a price or a level name, found "15O"'),
        ("true", "expected a price, found true"),
        ("[150]", "expected a price, found a list"),
        ("0", "expected a positive price, found 0"),
        ("-1.5", "expected a positive price, found -1.5"),
        ("inf", "expected a positive price, found inf"),
        ("nan", "expected a positive price, found nan"),
        ("0x" + "f" * 5000, "expected a positive price, found a huge number"),
    ],
)
def test_a_level_is_a_positive_number(tmp_path: Path, level: str, found: str) -> None:
    only = problem(tmp_path, alert(condition=f"below = {level}"))
    assert (only.where, only.what) == ("alert[1].below", found)


def test_an_alert_without_a_condition_is_told_which_there_are(tmp_path: Path) -> None:
    only = problem(tmp_path, alert(condition=""))
    assert only.where == "alert[1]"
    assert only.what == (
        "expected a condition, one of below, above, touches, inside, outside, rises, falls, moves "
        "or trails, found none"
    )


def test_an_alert_has_one_condition_only(tmp_path: Path) -> None:
    only = problem(tmp_path, alert("touches = 160", condition="above = 150"))
    assert only.where == "alert[1].touches"
    assert only.what == "a second condition beside above"


def test_two_alerts_cannot_share_an_id(tmp_path: Path) -> None:
    only = problem(tmp_path, alert() + alert(id="b") + alert())
    assert only.where == "alert[3].id"
    assert only.what == '"a" is the id of alert[1] already'


@pytest.mark.parametrize("name", ["", "A", "-a", "a b", "a" * 65, "a\\n"])
def test_an_id_is_short_and_plain(tmp_path: Path, name: str) -> None:
    assert problem(tmp_path, alert(id=name)).where == "alert[1].id"


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("30s", timedelta(seconds=30)),
        ("5m", timedelta(minutes=5)),
        ("90 min", timedelta(minutes=90)),
        ("2h", timedelta(hours=2)),
        ("1h30m", timedelta(minutes=90)),
        ("1 hour 30 minutes", timedelta(minutes=90)),
        ("1d", timedelta(days=1)),
        ("1w", timedelta(days=7)),
        ("400 days", timedelta(days=400)),
    ],
)
def test_a_duration_is_a_count_and_a_unit(tmp_path: Path, text: str, span: timedelta) -> None:
    assert rule(tmp_path, f'cooldown = "{text}"').cooldown == span


@pytest.mark.parametrize(
    "value",
    ['"5"', '"m"', "5", '"5 months"', '"-5m"', '"5m5m"', '"99999 days"', '"\\u0665m"', "true"],
)
def test_anything_else_is_no_duration(tmp_path: Path, value: str) -> None:
    only = problem(tmp_path, alert(f"cooldown = {value}"))
    assert only.where == "alert[1].cooldown"
    assert only.what.startswith("expected ")


def test_a_duration_is_explained_by_examples(tmp_path: Path) -> None:
    only = problem(tmp_path, alert('cooldown = "soon"'))
    assert only.what == (
        'expected a duration such as "90s", "5m", "1h30m" or "2 days", found "soon"'
    )


@pytest.mark.parametrize(
    ("text", "hold"),
    [("1 close", Closes(1)), ("2 closes", Closes(2)), ("30m", timedelta(minutes=30))],
)
def test_a_hold_is_a_number_of_closes_or_a_time(
    tmp_path: Path, text: str, hold: Closes | timedelta
) -> None:
    assert rule(tmp_path, f'hold = "{text}"').hold == hold


@pytest.mark.parametrize("value", ['"0 closes"', '"two closes"', '"0m"', "2", '"close"'])
def test_anything_else_is_no_hold(tmp_path: Path, value: str) -> None:
    only = problem(tmp_path, alert(f"hold = {value}"))
    assert only.where == "alert[1].hold"
    assert '"2 closes"' in only.what


@pytest.mark.parametrize(
    ("value", "distance"),
    [('"1%"', Percent(1)), ('"0.5 %"', Percent(0.5)), ("2", Amount(2)), ("1.50", Amount(1.5))],
)
def test_rearm_is_a_share_or_an_amount(
    tmp_path: Path, value: str, distance: Percent | Amount
) -> None:
    assert rule(tmp_path, f"rearm = {value}").rearm == distance


@pytest.mark.parametrize("value", ['"0%"', "0", "-1", '"1"', '"one"', "nan", "true", '"-1%"'])
def test_anything_else_is_no_rearm(tmp_path: Path, value: str) -> None:
    assert problem(tmp_path, alert(f"rearm = {value}")).where == "alert[1].rearm"


@pytest.mark.parametrize("value", ['"100%"', "150", "200.5"])
def test_an_alert_that_could_never_rearm_is_refused(tmp_path: Path, value: str) -> None:
    only = problem(tmp_path, alert(f"rearm = {value}", condition="above = 150"))
    assert only.where == "alert[1].rearm"
    assert only.what.endswith("this alert would fire only once")


@pytest.mark.parametrize("key", ["once", "recovery"])
@pytest.mark.parametrize("value", ["1", "0", '"true"'])
def test_only_true_and_false_are_truth_values(tmp_path: Path, key: str, value: str) -> None:
    only = problem(tmp_path, alert(f"{key} = {value}"))
    assert only.where == f"alert[1].{key}"
    assert only.what == f"expected true or false, found {value}"


@pytest.mark.parametrize(
    ("key", "value", "near"),
    [("session", "extend", "extended"), ("severity", "Info", "info"), ("on_start", "fier", "fire")],
)
def test_a_misspelt_word_is_told_the_nearest(
    tmp_path: Path, key: str, value: str, near: str
) -> None:
    only = problem(tmp_path, alert(f'{key} = "{value}"'))
    assert only.where == f"alert[1].{key}"
    assert only.hint == f'did you mean "{near}"?'


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2027-07-31", datetime(2027, 8, 1, 4, tzinfo=UTC)),
        ('"2027-07-31"', datetime(2027, 8, 1, 4, tzinfo=UTC)),
        ("2027-07-31T12:00:00", datetime(2027, 7, 31, 16, tzinfo=UTC)),
        ('"2027-07-31 12:00"', datetime(2027, 7, 31, 16, tzinfo=UTC)),
        ("2027-07-31T12:00:00+02:00", datetime(2027, 7, 31, 10, tzinfo=UTC)),
        ('"2027-07-31T12:00Z"', datetime(2027, 7, 31, 12, tzinfo=UTC)),
    ],
)
def test_an_expiry_is_in_exchange_time_and_a_date_includes_its_day(
    tmp_path: Path, value: str, moment: datetime
) -> None:
    assert rule(tmp_path, f"expires = {value}").expires == moment


@pytest.mark.parametrize("value", ['"soon"', "12:00:00", "2027", "9999-12-31", "0001-01-01"])
def test_anything_else_is_no_expiry(tmp_path: Path, value: str) -> None:
    assert problem(tmp_path, alert(f"expires = {value}")).where == "alert[1].expires"


@pytest.mark.parametrize("name", ["", " ", "two\\nlines", "x" * 121])
def test_a_name_is_one_line(tmp_path: Path, name: str) -> None:
    assert problem(tmp_path, alert(f'name = "{name}"')).where == "alert[1].name"


@pytest.mark.parametrize("note", ["a\\u0000b", "x" * 2001])
def test_a_note_is_a_text_of_bounded_length(tmp_path: Path, note: str) -> None:
    assert problem(tmp_path, alert(f'note = "{note}"')).where == "alert[1].note"


def test_a_channel_to_notify_must_be_configured(tmp_path: Path) -> None:
    only = problem(tmp_path, alert('notify = ["consol"]'))
    assert only.where == "alert[1].notify"
    assert only.what == 'expected configured channels, found "consol"'
    assert only.hint == 'did you mean "console"?'


def test_a_channel_like_none_is_told_all_that_there_are(tmp_path: Path) -> None:
    tables = '[channel.desk]\ntype = "console"\n[channel.mail]\ntype = "console"'
    only = problem(tmp_path, alert('notify = ["xyz"]') + tables)
    assert only.hint == 'configured: "desk" and "mail"'


@pytest.mark.parametrize("value", ["[]", '"console"', "[1]"])
def test_notify_is_a_list_of_names(tmp_path: Path, value: str) -> None:
    assert problem(tmp_path, alert(f"notify = {value}")).where == "alert[1].notify"


def test_all_problems_come_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = alert("hold = 2") + alert("coooldown = 1", id="b") + '[channel.x]\ntype = "mail"\n'
    wheres = [each.where for each in refusal(tmp_path, text + "[poll]\ninterval = 5")]
    assert wheres == ["alert[1].hold", "alert[2].coooldown", "channel.x.type", "poll.interval"]


def test_an_unknown_key_is_told_the_nearest_known_one(tmp_path: Path) -> None:
    only = problem(tmp_path, alert('cooldwn = "1d"'))
    assert (only.where, only.what) == ("alert[1].cooldwn", "unknown key")
    assert only.hint == 'did you mean "cooldown"?'


def test_an_unknown_key_like_none_is_told_all_that_there_are(tmp_path: Path) -> None:
    only = problem(tmp_path, alert() + "[poll]\nxyz = 1")
    assert only.hint == "known here: interval, settle, stale_after, sweep and requests_per_minute"
