"""No secret can be read anywhere but where it is used, whatever goes wrong."""

from __future__ import annotations

import io
import logging
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from loguru import logger

from alertd.daemon import Order
from alertd.ops.clock import SystemClock
from alertd.store.database import Database
from tests.e2e import malformed
from tests.e2e.commands import typed
from tests.e2e.house import Desk, House, housed
from tests.e2e.indoors import indoors
from tests.e2e.marks import Marks
from tests.e2e.process import until
from tests.e2e.spite import FATES, Spite

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.e2e.process import Process

_BUG = ("a send failed on a bug", "LookupError", "trace=")
_NO_HEARTBEAT = ("nobody hears that alertd lives", "answered 500")
_CLOSED = "the channel is closed"
_REFUSED = "the new configuration is refused"

# What is typed while all is broken; each has a configuration at its end.
_COMMANDS: Mapping[str, Sequence[str]] = {
    "check": ["check"],
    "status": ["status", "health"],
    "history": ["history", "history --format jsonl"],
    "dead letters": ["history --dead", "history --dead --format jsonl"],
    "explain": ["explain below-150", "explain below-150 --json"],
    # Between two messages to ntfy, Apprise waits for a while.
    "test": [f"test {channel}" for channel in FATES if channel != "pager"],
    "deeds": [
        "snooze below-150 1h", "snooze below-150 off", "pause below-150", "arm below-150",
        "ack below-150", "retry", "retry gone", "retry nowhere", "snooze below-150 whenever",
    ],
}  # fmt: skip

PLACES = (
    "log", "service manager", *_COMMANDS, "malformed", "troubles", "database", "backup", "mails",
    "webhooks",
)  # fmt: skip


@dataclass
class Evidence:
    """What the whole life of a daemon has left behind, by where it lies."""

    marks: Sequence[Marks]
    places: dict[str, bytes] = field(default_factory=dict)

    def leaks(self, place: str) -> list[str]:
        assert self.places[place]
        return [name for marks in self.marks for name in marks.found(self.places[place])]


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evidence]:
    folder = tmp_path_factory.mktemp("leaks")
    with housed(folder) as house, Spite(folder) as spite:
        yield lived(house, spite)


def lived(house: House, spite: Spite) -> Evidence:
    """Let everything go wrong in the life of one daemon, and look at all that it leaves."""
    others = Marks()
    found = Evidence([spite.marks, others])
    house.environ |= malformed.environ(others)
    daemon = begun(house, spite)
    house.logged(*_NO_HEARTBEAT)
    found.places["malformed"] = refused(house, malformed.malformed(others)).encode()
    found.places |= answered(house)
    # One attempt, one after the reload, and one after `retry`.
    until("two channels to be closed again", lambda: house.log.count(_CLOSED) >= 3 * 2)
    daemon.terminate()
    daemon.told.next("STOPPING=1")
    found.places |= {
        "service manager": "\n".join(daemon.told.heard).encode(),
        "log": house.log.encode(),
        **arrived(spite),
        **kept(house.store),
    }
    return found


def begun(house: House, spite: Spite, **environ: str) -> Process:
    """Start a daemon with a bug, and wait until every channel has failed in its way."""
    house.environ |= {**spite.environ, "BUG_SAYS": spite.marks.spelled(), **environ}
    house.program = "tests.e2e.bugged"
    house.config.write_text(spite.config)
    house.config.chmod(0o600)
    daemon = house.start()
    house.fall(149.5)
    for channel, words in FATES.items():
        house.logged(f"channel={channel} ", *words)
    house.logged(*_BUG)
    return daemon


def refused(house: House, wrong: Sequence[str]) -> str:
    """Give a running daemon, and `check`, configurations that they refuse; return what is said."""
    good, lines = house.config.read_text(), []
    for number, text in enumerate(wrong):
        house.config.write_text(text)
        house.daemon.hup()
        house.daemon.told.next("RELOADING=1")
        house.daemon.told.next("READY=1")
        assert house.log.count(_REFUSED) == number + 1
        other = house.config.with_name(f"wrong-{number}.toml")
        other.write_text(text)
        lines += [f"check --config {other}", f"status --config {other}"]
    house.config.write_text(good)
    house.daemon.hup()
    house.logged("configuration reloaded")
    return "".join(typed(lines, house.environ))


def answered(house: House) -> dict[str, bytes]:
    """Return what the commands say while all is broken."""
    lines = [(place, line) for place, lines in _COMMANDS.items() for line in lines]
    typing = [f"{line} --config {house.config}" for _, line in lines]
    found = dict.fromkeys(_COMMANDS, b"")
    for (place, _), answer in zip(lines, typed(typing, house.environ), strict=True):
        found[place] += answer.encode()
    return found


def arrived(spite: Spite) -> dict[str, bytes]:
    """Return what went out, without what has to go with it: a request's own path, a login."""
    mails = [mail for server in spite.mails.values() for mail in server.mails]
    texts = [f"{mail.message['Subject']}\n{mail.text}\n{mail.html}".encode() for mail in mails]
    calls = [
        b"%r %s" % ({k: v for k, v in call.headers.items() if k != "authorization"}, call.body)
        for call in spite.echo.calls
    ]
    raw = [mail.raw for mail in mails]
    return {"mails": b"\n".join([*texts, *raw]), "webhooks": b"\n".join(calls)}


def kept(path: Path) -> dict[str, bytes]:
    """Return what lies in the database, and in a backup of today, as bytes and as text."""
    now = datetime.now(UTC)
    with closing(Database.own(path)) as database:
        troubles = "\n".join(database.troubles(now))
        copy = database.backup(path.parent / "later", 1, now)
    assert copy is not None
    with closing(sqlite3.connect(copy)) as connection:
        text = "\n".join(connection.iterdump())
    files = [each for each in path.parent.glob("alertd.db*") if each.stat().st_size]
    return {
        "troubles": troubles.encode(),
        "database": b"\n".join(each.read_bytes() for each in files),
        "backup": copy.read_bytes() + text.encode(),
    }


@pytest.mark.parametrize("place", PLACES)
def test_no_secret_can_be_read_wherever_one_looks(evidence: Evidence, place: str) -> None:
    assert evidence.leaks(place) == []


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("log", "a template failed"),
        ("log", "delivered channel=good"),
        ("log", "refused (451 not now, ***"),
        ("check", "signed with two secrets"),
        ("status", "closed, tried again at"),
        ("history", "refused (451 not now, ***"),
        ("dead letters", "550 ***"),
        ("explain", "refused (451 not now, ***"),
        ("test", "unknown: not sent: localhost: 2 of 2 refused (550 ***"),
        ("deeds", "3 messages go out again now"),
        ("malformed", "expected the path of a file, found a signing secret"),
        ("malformed", "Apprise knows no service"),
        ("troubles", "channel gone takes nothing"),
        ("backup", "refused (451 not now, ***"),
        ("mails", "jinja2.utils.Namespace"),
        ("webhooks", "webhook-signature"),
    ],
)
def test_what_went_wrong_is_said_there_all_the_same(
    evidence: Evidence, place: str, words: str
) -> None:
    assert words in evidence.places[place].decode(errors="replace")


def test_a_log_that_redacts_nothing_is_found_out(tmp_path: Path) -> None:
    with housed(tmp_path) as house, Spite(tmp_path) as spite:
        begun(house, spite, BUG_SEEN="1")
        assert set(spite.marks.found(house.log.encode())) == spite.marks.names


@pytest.fixture
def _loggers() -> Iterator[None]:
    """Give the process its own loggers back, whatever a daemon in it has set up."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    logger.remove()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("_loggers")
def test_after_a_reload_the_secrets_of_before_are_hidden_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    monkeypatch.setenv("DESK_URL", "https://desk.example.com/hooks/other-T0ken")
    with Desk() as desk, Desk() as pings, indoors(tmp_path, desk, pings, SystemClock()) as home:
        home.daemon.orders.put(Order.RELOAD)
        until("a reload", lambda: "configuration reloaded" in log.getvalue())
        logger.warning(f"from {desk.url} to other-T0ken")
    assert "from *** to ***" in log.getvalue()
