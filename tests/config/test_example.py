"""The example that `alertd init` writes: it works as it is, and every mistake in it is named."""

from __future__ import annotations

import re
import tomllib
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from alertd import config
from alertd.config import AppriseSettings, ConsoleSettings, EmailSettings, WebhookSettings
from alertd.config.problems import where
from alertd.core.rules import Closes, Condition, Figure, Move, Name, Named, SessionCount
from tests.config.builders import (
    Key,
    authority,
    is_valid,
    keys,
    load,
    refusal,
    replaced,
    toml,
    whole_example,
)

PLACE = Path(__file__).parents[2] / "config" / "alertd.toml"
WHOLE = tomllib.loads(whole_example())

# What an alert, a channel or a secret cannot be without.
REQUIRED = {"id", "symbol", "type", "url", "host", "from", "to", *Condition}
REQUIRED |= {"username", "password", "secret", "env", "alert", "key", "token"}
REQUIRED |= {"alpaca", "finnhub"}

# Where something else has to go with a key.
MISSED_AT: dict[Key, str] = {
    ("channel", "console"): "alert[2].notify",
    ("channel", "mail"): "channel.phone.fallback",
    ("alert", 0, "severity"): "alert[1].repeat_every",
    ("quotes", "sources"): "quotes.alpaca",
}

WRONG_EVERYWHERE = [{"nonsense": 1}, -1, "\u0007", [], [[]]]
WRONG_BUT_AT: list[tuple[object, set[str]]] = [
    (True, {"once", "recovery", "allow_http", "chart"}),
    (datetime(2027, 5, 27, 7, 32), {"expires"}),  # noqa: DTZ001 - as TOML has it
    (
        "a b",
        {
            "name",
            "note",
            "username",
            "ca_file",
            "path",
            "subject_template",
            "text_template",
            "html_template",
        },
    ),
]


def names(at: Key) -> str:
    return where(at)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("example")
    authority(place)
    return place


def changed(at: Key, *value: object) -> str:
    """Return the whole example with another value at a key, or without the key."""
    return toml(replaced(WHOLE, at, *value))


def is_required(at: Key) -> bool:
    return at[-1] in REQUIRED and at != ("symbol",)


def told(folder: Path, text: str) -> str:
    return "\n".join(str(each) for each in refusal(folder, text))


def test_the_example_works_as_it_is_and_tells_on_the_console() -> None:
    found = config.load(PLACE, environ={})
    assert found.channels == {"console": ConsoleSettings()}


def test_the_example_is_the_file_in_the_checkout() -> None:
    assert config.example() == PLACE.read_text(encoding="utf-8")


def test_the_example_watches_support_high_analysts_fair_value_earnings_and_more(
    folder: Path,
) -> None:
    support, high, analysts, fair, earnings, *more = (
        alert.rule for alert in load(folder, config.example()).alerts
    )
    assert (support.condition, support.level) == (Condition.BELOW, 150)
    assert support.hold == Closes(2)
    assert support.recovery
    above = [high, analysts, fair, earnings]
    assert {each.condition for each in above} == {Condition.ABOVE}
    assert [each.level for each in above] == [192, Named(Name.ANALYST_TARGET), 198, 20]
    assert [each.of for each in above] == [Figure.PRICE] * 3 + [Figure.PE]
    assert {each.condition: each.level for each in more} == {
        Condition.TOUCHES: 170, Condition.MOVES: Move(5.0)
    }  # fmt: skip


def test_the_whole_example_shows_every_condition_every_figure_and_every_name(folder: Path) -> None:
    rules = [alert.rule for alert in load(folder, whole_example()).alerts]
    assert {each.condition for each in rules} == set(Condition)
    for name in (*Name, *Figure):
        assert f'"{name}' in config.example()
    moves = [each.level.within for each in rules if isinstance(each.level, Move)]
    assert moves == [None, timedelta(hours=1), SessionCount(5)]
    assert Named(Name.YEAR_HIGH, offset=-2.0) in [each.level for each in rules]


def test_the_whole_example_loads(folder: Path) -> None:
    found = load(folder, whole_example())
    kinds = {name: type(channel) for name, channel in found.channels.items()}
    services = ("phone", "telegram", "slack", "discord", "pushover")
    assert kinds == {
        "console": ConsoleSettings, "mail": EmailSettings, "desk": WebhookSettings,
        **dict.fromkeys(services, AppriseSettings),
    }  # fmt: skip
    assert found.store.path == folder / "alertd.db"
    assert found.alerts[1].rule.cooldown == timedelta(hours=4)


def test_the_example_shows_every_key_that_has_no_other_spelling() -> None:
    shown = {str(at[-1]) for at in keys(WHOLE)}
    tables = config.json_schema()["$defs"]
    assert isinstance(tables, dict)
    known = {key for table in tables.values() for key in table["properties"]}
    assert {key for key in known if not key.endswith("_file")} <= shown


def test_every_line_of_the_example_is_a_setting_an_explanation_or_empty() -> None:
    for line in config.example().splitlines():
        assert re.fullmatch(r"|#|# .*|#?\[.*\]|#?[a-z_]+ = .*", line), line
        assert len(line) <= 100


@pytest.mark.parametrize("at", list(keys(WHOLE)), ids=names)
def test_a_key_can_go_unless_it_is_required(folder: Path, at: Key) -> None:
    text = changed(at)
    if is_required(at):
        # A missing condition is missed at its alert, a missing place at its secret.
        gone = names(at[:-1]) if at[-1] in {*Condition, "env"} else names(at)
        assert f"- {gone}: " in told(folder, text)
        assert str(at[-1]) in told(folder, text)
    elif at in MISSED_AT:
        assert f"- {MISSED_AT[at]}: " in told(folder, text)
    else:
        assert load(folder, text)


@pytest.mark.parametrize("at", list(keys(WHOLE)), ids=names)
def test_a_key_with_a_wrong_value_is_named(folder: Path, at: Key) -> None:
    named = names(at[:-1]) if at[-1] == "env" else names(at)
    for value in WRONG_EVERYWHERE + [bad for bad, right in WRONG_BUT_AT if at[-1] not in right]:
        assert f"- {named}" in told(folder, changed(at, value)), value


def is_ours(at: Key) -> bool:
    """Tell whether the last key of a path is a word of ours, not the user's own name."""
    return isinstance(at[-1], str) and at[:-1] not in {("channel",), ("symbol",)}


@pytest.mark.parametrize("at", [at for at in keys(WHOLE) if is_ours(at)], ids=names)
def test_a_misspelt_key_is_told_the_right_one(folder: Path, at: Key) -> None:
    *table, key = at
    account = told(folder, changed((*table, f"{key}x"), "x"))
    assert f'did you mean "{key}"?' in account or key == "env"
    # What stands in a secret's table is not repeated: it may be the secret.
    assert names(at[:-1] if key == "env" else (*table, f"{key}x")) in account


def test_editors_accept_the_example() -> None:
    Draft202012Validator.check_schema(config.json_schema())
    assert is_valid(config.example())
    assert is_valid(whole_example())


@pytest.mark.parametrize("at", list(keys(WHOLE)), ids=names)
def test_editors_refuse_a_wrong_value(at: Key) -> None:
    assert not is_valid(changed(at, {"nonsense": 1}))


@pytest.mark.parametrize("at", [at for at in keys(WHOLE) if is_required(at)], ids=names)
def test_editors_miss_what_is_required(at: Key) -> None:
    # That a username needs a password is more than they are told, and so on.
    untold = {"username", "password", "alpaca", "finnhub"}
    assert is_valid(changed(at)) is (at[-1] in untold or at == ("channel", "desk", "secret"))


def test_editors_explain_every_key() -> None:
    tables = config.json_schema()["$defs"]
    assert isinstance(tables, dict)
    for name, table in tables.items():
        for key, entry in table["properties"].items():
            assert key == "type" or entry["description"], (name, key)
