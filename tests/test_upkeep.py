"""The store is backed up each day, and forgets what is long over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from alertd.config.settings import StoreSettings
from alertd.core.claims import Progress
from alertd.core.events import EventId
from alertd.store.database import Database
from alertd.store.reading import Reader
from alertd.upkeep import backups, upkeep
from alertd.watch import LEASE
from tests.support.build import at, found, rule

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from alertd.core.claims import Claim

RULE = rule("below 150", id="support")
NOW = at("09:32")
DAY = timedelta(days=1)


def store(path: Path) -> Database:
    """Return a store with one event that nobody was to be told of, and one that waits."""
    made = Database.own(path)
    made.adopt([RULE], NOW)
    (claim,) = made.claim_symbols(NOW, LEASE, 1)
    told = [(found(RULE, 149, "09:30"), ()), (found(RULE, 149, "09:31"), ("desk",))]
    made.record(claim, Progress(claim.cursor, claim.states, told, NOW + DAY), NOW)
    return made


def waked(kept: Database) -> Sequence[Claim]:
    kept.wake(NOW)
    return kept.claim_symbols(NOW, LEASE, 1)


def settled(kept: Database) -> None:
    """Let the bars of both events settle."""
    stand = {found(RULE, 149, minute).event.id: True for minute in ("09:30", "09:31")}
    (claim,) = waked(kept)
    kept.record(claim, Progress(claim.cursor, claim.states, (), NOW + DAY, settled=stand), NOW)


def happens(kept: Database, moment: datetime) -> None:
    """Record that the alert fires again, much later."""
    notice = found(RULE, 149, "09:31")
    later = replace(notice, event=replace(notice.event, id=EventId(uuid4()), at=moment))
    (claim,) = waked(kept)
    kept.record(claim, Progress(claim.cursor, claim.states, [(later, ())], NOW + DAY), NOW)


def made(path: Path) -> list[str]:
    return sorted(each.name for each in backups(path).glob("*.db"))


def events(path: Path) -> int:
    reader = Reader.open(path)
    assert reader is not None
    return len(reader.events(10))


def test_there_is_one_backup_a_day_and_the_oldest_goes(tmp_path: Path) -> None:
    path = tmp_path / "alertd.db"
    kept, settings = store(path), StoreSettings(path, backups=2, free=0)
    upkeep(kept, settings, NOW)
    first = made(path)
    upkeep(kept, settings, NOW + timedelta(hours=1))
    assert made(path) == first
    for day in (1, 2):
        upkeep(kept, settings, NOW + day * DAY)
    assert len(first) == 1
    assert len(made(path)) == 2
    assert first[0] not in made(path)
    kept.close()


def test_no_backup_is_made_where_none_is_wanted_or_the_disk_has_little_room(
    tmp_path: Path,
) -> None:
    path = tmp_path / "alertd.db"
    kept = store(path)
    upkeep(kept, StoreSettings(path, backups=0, free=0), NOW)
    upkeep(kept, StoreSettings(path, free=1 << 62), NOW)
    assert made(path) == []
    kept.close()


def test_what_waits_to_be_told_is_never_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "alertd.db"
    kept = store(path)
    settled(kept)
    happens(kept, NOW + 899 * DAY)
    upkeep(kept, StoreSettings(path, keep=None, free=0), NOW + 900 * DAY)
    assert events(path) == 3
    upkeep(kept, StoreSettings(path, free=0), NOW + 900 * DAY)
    assert events(path) == 2
    kept.close()


def test_a_clock_that_is_years_ahead_makes_nothing_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "alertd.db"
    kept = store(path)
    settled(kept)
    upkeep(kept, StoreSettings(path, free=0), NOW + 3650 * DAY)
    assert events(path) == 2
    kept.close()


def test_where_no_backup_can_be_made_the_rest_is_done(tmp_path: Path) -> None:
    path = tmp_path / "alertd.db"
    kept = store(path)
    settled(kept)
    happens(kept, NOW + 899 * DAY)
    backups(path).write_text("in the way")
    upkeep(kept, StoreSettings(path, free=0), NOW + 900 * DAY)
    assert events(path) == 2
    kept.close()
