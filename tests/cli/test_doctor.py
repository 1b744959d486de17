"""`alertd doctor` looks at this machine: configuration, secrets, calendars, database."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING

import pytest

from alertd import config
from alertd.cli import examinations
from alertd.cli.doctor import Examination, examined
from alertd.cli.findings import Finding, Verdict, ok
from alertd.core.bars import Symbol
from alertd.core.calendars import Calendar, Listing
from alertd.errors import StoreError
from alertd.ops.holder import LOCKS
from tests.cli.kept import BELOW, keeping

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.cli.typed import Answer, Home

ALERT = '[[alert]]\nid = "support"\nsymbol = "BABA"\nbelow = 150\n'
DESK = '[channel.desk]\ntype = "webhook"\nurl = { file = "desk.txt" }\n'
URL = "https://desk.example.com/hooks/a-t0ken-of-mine"


def doctor(home: Home, text: str = ALERT, **env: str) -> Answer:
    return home.alertd("doctor", "--offline", "--config", home.config(text), **env)


def said(answer: Answer, about: str) -> list[str]:
    """Return what is said about one thing, its hints too."""
    found, inside = [], False
    for line in answer.lines:
        verdict, rest = line[:7].strip(), line[9:]
        inside = rest.startswith(f"{about}  ") if verdict else inside
        if inside:
            found.append(f"{verdict} {rest.removeprefix(about).strip()}".strip())
    return found


def test_a_machine_on_which_all_is_well_has_a_line_for_everything(home: Home) -> None:
    answer = doctor(home)
    assert (answer.status, answer.err) == (0, "all is well\n")
    assert said(answer, "configuration") == ["ok alerts.toml: 1 alert, 1 symbol, 1 channel"]
    assert said(answer, "store") == ["ok there is no alertd.db yet: the daemon makes it"]
    assert said(answer, "outside")[0].startswith("skipped --offline")
    (versions,) = said(answer, "versions")
    assert [
        each for each in ("Python 3.", "SQLite 3.", "yfinance 1.") if each not in versions
    ] == []


@pytest.mark.parametrize("columns", [80, 120])
def test_on_a_terminal_every_line_fits_and_stands_below_its_own(home: Home, columns: int) -> None:
    name = home.config(ALERT)
    answer = home.on_terminal("doctor", "--offline", "--config", name, columns=columns)
    assert max(map(len, answer.lines)) <= columns
    first = next(line for line in answer.lines if "time zones" in line)
    margin = first.index("it is")
    wrapped = [line for line in answer.lines if line.startswith(" ")]
    assert wrapped
    assert all(line[:margin].isspace() for line in wrapped)


class TestConfiguration:
    def test_every_problem_has_a_line_and_a_hint_and_nobody_else_is_asked(self, home: Home) -> None:
        name = home.config(ALERT.replace("150", '"15O"') + "belwo = 3\n")
        answer = home.alertd("doctor", "--config", name)
        assert (answer.status, answer.err) == (2, "2 troubles\n")
        lines = said(answer, "configuration")
        assert [line for line in lines if line.startswith("trouble alert[1].below")]
        assert 'hint: did you mean "below"?' in lines
        assert "the configuration cannot be used" in said(answer, "outside")[0]

    def test_where_only_a_secret_is_missing_the_rest_is_looked_at(self, home: Home) -> None:
        answer = doctor(home, ALERT + DESK)
        assert answer.status == 2
        (problem, hint) = said(answer, "configuration")
        assert problem.startswith("trouble channel.desk.url: there is no file desk.txt")
        assert hint.startswith("hint: create it")
        assert said(answer, "calendars")[0].startswith("ok sessions are known: XNYS to 20")
        assert said(answer, "store")[0].startswith("ok ")

    def test_where_there_is_none_it_says_how_to_write_one(self, home: Home) -> None:
        answer = home.alertd("doctor", "--config", "none.toml")
        assert answer.status == 2
        assert said(answer, "configuration")[1].startswith("hint: `alertd init --path none.toml`")
        assert said(answer, "versions")[0].startswith("ok ")


class TestSecrets:
    @pytest.mark.parametrize(
        ("file", "folder", "verdict"),
        [
            (0o644, 0o755, "trouble"),
            (0o640, 0o755, "ok"),
            (0o600, 0o755, "ok"),
            (0o644, 0o700, "ok"),
        ],
        ids=["everybody", "the group", "the owner", "behind a closed folder"],
    )
    def test_only_a_file_that_everybody_can_read_is_a_trouble(
        self, home: Home, shared: Path, file: int, folder: int, verdict: str
    ) -> None:
        secret = shared / "desk.txt"
        secret.write_text(URL)
        secret.chmod(file)
        shared.chmod(folder)
        answer = doctor(home, ALERT + DESK.replace("desk.txt", str(secret)))
        found = said(answer, "secrets")
        assert found[0].startswith(f"{verdict} ")
        assert answer.status == (verdict == "trouble")
        assert verdict == "ok" or found == [
            f"trouble channel.desk.url: everybody on this machine can read {secret}",
            f"hint: chmod 600 {secret}, or mount it with mode 0400 where it is mounted",
        ]
        assert "a-t0ken" not in answer.out

    def test_what_lies_in_the_environment_is_counted(self, home: Home) -> None:
        inside = DESK.replace('file = "desk.txt"', 'env = "DESK_URL"')
        answer = doctor(home, ALERT + inside, DESK_URL=URL)
        assert said(answer, "secrets") == ["ok 1 in the environment"]


@pytest.fixture
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterable[Path]:
    """Return a folder that everybody may enter, with all on the way to it."""
    folder = tmp_path_factory.mktemp("shared")
    opened = [each for each in folder.parents if each.stat().st_uid == os.geteuid()]
    modes = {each: each.stat().st_mode for each in opened}
    for each in opened:
        each.chmod(modes[each] | 0o001)
    yield folder
    for each, mode in modes.items():
        each.chmod(mode)


class TestCalendars:
    def found(self, home: Home, now: datetime) -> Finding:
        settings = config.load(home.folder / home.config(ALERT), environ={})
        listing = Listing(Symbol("9988.HK"), Calendar("XHKG"))
        watching = replace(settings, listings={listing.symbol: listing})
        (found,) = examinations.calendars(watching, now)
        return found

    def test_one_that_reaches_far_is_well(self, home: Home) -> None:
        found = self.found(home, datetime(2049, 11, 1, tzinfo=UTC))
        assert (found.verdict, found.what) == (
            Verdict.OK, "sessions are known: XHKG to 2049-12-31",
        )  # fmt: skip

    def test_one_that_ends_within_six_weeks_is_a_trouble(self, home: Home) -> None:
        found = self.found(home, datetime(2049, 12, 1, tzinfo=UTC))
        assert found.verdict is Verdict.TROUBLE
        assert found.what == "the sessions of XHKG end on 2049-12-31"
        assert "newer exchange_calendars" in found.hint

    def test_one_that_does_not_know_this_year_is_a_trouble(self, home: Home) -> None:
        found = self.found(home, datetime(2050, 2, 1, tzinfo=UTC))
        assert found.verdict is Verdict.TROUBLE
        assert found.what == "the sessions of XHKG are not known for 2050"


class TestStore:
    def test_a_sound_one_shows_size_backup_and_room(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW):
            pass
        found = said(doctor(home), "store")
        assert len(found) == 1
        assert found[0].startswith("ok alertd.db, ")
        assert "; no backup yet; " in found[0]
        assert found[0].endswith("; read through, nothing in it is damaged")

    def test_one_that_is_damaged_is_a_trouble_with_a_hint(self, home: Home) -> None:
        path = home.folder / "alertd.db"
        with keeping(path, BELOW):
            pass
        content = bytearray(path.read_bytes())
        with closing(sqlite3.connect(path)) as database:
            (page,) = database.execute(
                "SELECT rootpage FROM sqlite_master WHERE name = 'symbols_due'"
            ).fetchone()
        start = (page - 1) * 4096
        content[start : start + 4096] = bytes(4096)
        path.write_bytes(content)
        answer = doctor(home)
        assert answer.status == 1
        words, hint = said(answer, "store")
        assert "the database is damaged" in words
        assert "restore a backup" in hint

    def test_one_of_another_program_is_a_trouble(self, home: Home) -> None:
        with closing(sqlite3.connect(home.folder / "alertd.db")) as database:
            database.execute("CREATE TABLE recipes (name)")
            database.commit()
        answer = doctor(home)
        assert answer.status == 1
        assert "expected a database of alertd" in said(answer, "store")[0]

    def test_little_room_is_a_trouble(self, home: Home) -> None:
        name = home.config(ALERT)
        path = home.folder / name
        path.write_text(f'{path.read_text()}free = "900000 GB"\n')
        answer = home.alertd("doctor", "--offline", "--config", name)
        assert answer.status == 1
        assert said(answer, "store")[0].startswith("trouble disk_low: ")

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_a_folder_that_cannot_be_written_is_a_trouble(self, home: Home) -> None:
        name = home.config(ALERT)
        home.folder.chmod(0o500)
        answer = home.alertd("doctor", "--offline", "--config", name)
        home.folder.chmod(0o700)
        assert "cannot be written" in said(answer, "store")[0]


@pytest.mark.skipif(not LOCKS.exists(), reason="this system does not list its locks")
class TestDaemon:
    def test_the_process_that_has_the_database_is_named_and_not_disturbed(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW) as database:
            database.beat(datetime.now(UTC))
            found = said(doctor(home), "daemon")
            database.beat(datetime.now(UTC))
        assert found == [f"ok process {os.getpid()} has the database, and is alive"]

    def test_one_that_gives_no_sign_of_life_is_a_trouble(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW) as database:
            database.beat(datetime.now(UTC) - timedelta(minutes=5, seconds=30))
            answer = doctor(home)
        words = f"process {os.getpid()} has the database: no sign of life for 5m"
        assert said(answer, "daemon") == [f"trouble {words}", "hint: look at its log"]
        assert answer.status == 1

    def test_a_backup_that_is_days_old_is_a_trouble_while_a_daemon_runs(self, home: Home) -> None:
        folder = home.folder / "backups"
        folder.mkdir()
        made = folder / "alertd-2026-11-01.db"
        made.touch()
        old = datetime.now(UTC) - timedelta(days=3, minutes=1)
        os.utime(made, (old.timestamp(), old.timestamp()))
        with keeping(home.folder / "alertd.db", BELOW) as database:
            database.beat(datetime.now(UTC))
            answer = doctor(home)
        assert "trouble its last backup is 3d old" in said(answer, "daemon")

    def test_where_none_runs_that_is_said_and_no_trouble(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db", BELOW):
            pass
        answer = doctor(home)
        assert said(answer, "daemon") == ["ok none runs on this database"]
        assert answer.status == 0


class TestExaminations:
    def test_one_that_hangs_costs_its_own_line_alone(self) -> None:
        never = Event()
        plan = [
            Examination("slow", lambda: [ok("slow", str(never.wait(20)))]),
            Examination("quick", lambda: [ok("quick", "done")]),
        ]
        slow, quick = examined(plan, timedelta(seconds=0.2))
        never.set()
        assert (slow.verdict, slow.what) == (Verdict.TROUBLE, "not done within 0.2 s")
        assert quick == ok("quick", "done")

    def test_an_error_is_a_trouble_and_a_bug_too_without_its_words(self) -> None:
        def refused() -> Iterable[Finding]:
            msg = "alertd.db: locked\n    hint: wait"
            raise StoreError(msg)

        def broken() -> Iterable[Finding]:
            msg = "a secret"
            raise KeyError(msg)

        found = list(examined([Examination("store", refused), Examination("bug", broken)]))
        assert found == [
            Finding("store", Verdict.TROUBLE, "alertd.db: locked", "wait"),
            Finding("bug", Verdict.TROUBLE, "alertd itself failed here: KeyError"),
        ]
