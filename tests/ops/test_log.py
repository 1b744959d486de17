"""What stands in a log line, and what never does."""

from __future__ import annotations

import io
import logging
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loguru import logger

from alertd.ops.log import setup

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "hunter2/ä 'x'"


class Log:
    """A log in memory, set up as the daemon sets up its own."""

    def __init__(self, level: str = "info", *secrets: str) -> None:
        self._stream = io.StringIO()
        setup(level, self._stream, secrets)

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    @property
    def lines(self) -> list[str]:
        """Return the lines without their moments."""
        return [line.partition(" ")[2] for line in self.text.splitlines()]


@pytest.fixture(autouse=True)
def _loggers() -> Iterator[None]:
    """Give the process its own loggers back, whatever a test set up."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    logger.remove()
    root.handlers[:] = handlers
    root.setLevel(level)


def crash(password: str) -> None:
    """Fail with a secret in a local variable and none in the words."""
    if password:
        raise ValueError("no such door")


def test_an_event_is_one_line_with_its_fields() -> None:
    log = Log()
    logger.info("alert fired", alert="support-150", price=149.9, late=False)
    assert log.lines == ["INFO    alert fired alert=support-150 price=149.9 late=False"]


def test_a_line_begins_with_its_moment_in_utc() -> None:
    log = Log()
    logger.info("ready")
    stamp = log.text.split()[0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", stamp)
    written = datetime.fromisoformat(stamp)
    assert abs(datetime.now(UTC) - written) < timedelta(minutes=1)


def test_a_moment_in_a_field_is_utc_too() -> None:
    log = Log()
    hong_kong = timezone(timedelta(hours=8))
    logger.info("polled", until=datetime(2026, 1, 2, 17, 0, tzinfo=hong_kong))
    assert log.lines == ["INFO    polled until=2026-01-02T09:00:00.000Z"]


def test_a_value_with_spaces_or_quotes_is_quoted() -> None:
    log = Log()
    logger.info("asked", words='say "a=b"', nothing="", path="a\\b")
    assert log.lines == [r'INFO    asked words="say \"a=b\"" nothing="" path="a\\b"']


def test_a_message_in_braces_or_tags_is_left_as_it_is() -> None:
    log = Log()
    logger.info("{price} <red>")
    assert log.lines == ["INFO    {price} <red>"]


def test_only_what_reaches_the_level_is_logged() -> None:
    log = Log("warning")
    logger.info("small")
    logger.warning("large")
    assert log.lines == ["WARNING large"]


def test_setting_up_again_replaces_what_was_set_up() -> None:
    first, second = Log(), Log()
    logger.info("once")
    assert first.lines == []
    assert second.lines == ["INFO    once"]


@pytest.mark.parametrize("sign", ["\n", "\r", "\x1b[31m", "\x00", "\x85", "\u2028", "\u202e"])
def test_control_characters_are_escaped(sign: str) -> None:
    log = Log()
    logger.info(f"from{sign}outside", body=f"a{sign}b")
    assert len(log.text.splitlines()) == 1
    assert sign not in log.text.removesuffix("\n")
    escaped = sign.encode("unicode_escape").decode()
    assert escaped in log.text


@given(st.text(), st.text())
def test_no_text_from_outside_can_forge_a_line(message: str, value: str) -> None:
    log = Log()
    logger.bind(value=value).info(message)
    assert len(log.text.splitlines()) == 1
    assert all(sign.isprintable() for sign in log.text.removesuffix("\n"))


def test_a_secret_is_hidden_wherever_it_stands() -> None:
    log = Log("info", SECRET, "short")
    logger.warning(f"refused {SECRET}", reason=f"({SECRET})", seen={"password": SECRET})
    logger.warning("asked", url="https://x/?k=hunter2%2F%C3%A4%20%27x%27")
    assert "hunter2" not in log.text
    assert log.text.count("***") == 4


def test_an_exception_is_one_line_that_says_what_and_where() -> None:
    log = Log()
    try:
        crash(SECRET)
    except ValueError:
        logger.exception("tick failed")
    (line,) = log.lines
    assert line.startswith('ERROR   tick failed error="ValueError: no such door" trace="')
    assert re.search(r'trace="test_log\.py:\d+ crash < test_log\.py:\d+ test_', line)


def test_an_exception_tells_its_cause() -> None:
    log = Log()
    try:
        try:
            crash(SECRET)
        except ValueError as error:
            raise RuntimeError("lost") from error
    except RuntimeError:
        logger.exception("tick failed")
    assert 'error="RuntimeError: lost" cause="ValueError: no such door"' in log.text


def test_a_traceback_never_shows_the_values_of_variables() -> None:
    log = Log()
    try:
        crash(SECRET)
    except ValueError:
        logger.exception("tick failed")
    assert "hunter2" not in log.text


def test_a_library_logs_into_the_same_lines() -> None:
    log = Log()
    logging.getLogger("somewhere.deep").warning("disk is %s", "full")
    assert log.lines == ["WARNING disk is full logger=somewhere.deep"]


def test_an_exception_that_a_library_logs_is_one_line_too() -> None:
    log = Log()
    try:
        crash(SECRET)
    except ValueError:
        logging.getLogger("apscheduler.executors").exception("job raised")
    (line,) = log.lines
    assert 'job raised logger=apscheduler.executors error="ValueError: no such door"' in line


@pytest.mark.parametrize(
    "name",
    ["httpcore.connection", "httpx", "peewee", "urllib3.pool", "yfinance"],
)
def test_a_talkative_library_is_heard_from_warning_on(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A channel of Apprise's, which another test may have made, silences it for the whole process.
    monkeypatch.setattr(logging.getLogger("urllib3"), "propagate", True)
    log = Log("debug")
    logging.getLogger(name).info("https://desk.example/?token=1")
    logging.getLogger(name).warning("slow")
    assert log.lines == [f"WARNING slow logger={name}"]


def test_a_tick_that_is_left_out_because_the_last_one_still_runs_is_no_news() -> None:
    log = Log("debug")
    logging.getLogger("apscheduler.scheduler").warning("maximum number of running instances")
    assert log.lines == []


def test_an_own_level_of_a_library_is_kept_as_a_number() -> None:
    log = Log()
    logging.getLogger("odd").log(35, "between")
    assert log.lines == ["Level 35 between logger=odd"]
