"""Is this machine ready for alertd: its secrets, calendars, clocks' zones and packages?

Nothing here leaves the machine.
"""

from __future__ import annotations

import platform
import sqlite3
from datetime import timedelta
from importlib import metadata
from typing import TYPE_CHECKING

from alertd import __version__
from alertd.cli.findings import Finding, ok, trouble
from alertd.config.whereabouts import whereabouts
from alertd.core import words
from alertd.errors import NoSessions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from alertd.config.settings import Config
    from alertd.core.calendars import Calendar

SECRETS, CALENDARS, ZONES, VERSIONS = "secrets", "calendars", "time zones", "versions"

# An exchange announces its holidays long before; whoever has to update wants some weeks for it.
_AHEAD = timedelta(weeks=6)

_PACKAGES = ("yfinance", "curl_cffi", "exchange_calendars", "SQLAlchemy", "APScheduler", "httpx")
_OTHERS_READ, _OTHERS_ENTER = 0o004, 0o001


def secrets(settings: Config, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Look for files with secrets that everybody on this machine can read."""
    try:
        found = whereabouts(settings.path, environ)
    except (OSError, ValueError):
        yield trouble(SECRETS, f"{settings.path} has changed just now", "try again")
        return
    files = {each.file: each.key for each in found if each.file is not None}
    bare = {file: key for file, key in files.items() if _is_bare(file)}
    for file, key in bare.items():
        hint = f"chmod 600 {file}, or mount it with mode 0400 where it is mounted"
        yield trouble(SECRETS, f"{key}: everybody on this machine can read {file}", hint)
    if not bare:
        elsewhere = sum(each.file is None for each in found)
        yield ok(SECRETS, _counted(elsewhere, len(found) - elsewhere))


def _counted(in_environment: int, in_files: int) -> str:
    parts = [
        f"{in_environment} in the environment" if in_environment else "",
        f"{in_files} in files that only their owners can read" if in_files else "",
    ]
    return ", ".join(filter(None, parts)) or "none lies outside of the configuration"


def _is_bare(file: Path) -> bool:
    """Tell whether everybody can read a file: it itself, and every folder on the way to it."""
    place = file.resolve()
    try:
        readable = place.stat().st_mode & _OTHERS_READ
        return bool(readable) and all(
            folder.stat().st_mode & _OTHERS_ENTER for folder in place.parents
        )
    except OSError:
        return False


def calendars(settings: Config, now: datetime) -> Iterator[Finding]:
    """Look how far ahead the sessions of each calendar are known."""
    reaching = []
    for calendar in dict.fromkeys(each.calendar for each in settings.listings.values()):
        until = _known_until(calendar, now)
        if until is None or until < now + _AHEAD:
            last = f"end on {_day(calendar, until)}" if until else f"are not known for {now.year}"
            hint = "install a newer exchange_calendars: past that day nothing is polled"
            yield trouble(CALENDARS, f"the sessions of {calendar.name} {last}", hint)
        else:
            reaching.append(f"{calendar.name} to {_day(calendar, until)}")
    if reaching:
        yield ok(CALENDARS, f"sessions are known: {', '.join(reaching)}")


def _known_until(calendar: Calendar, now: datetime) -> datetime | None:
    try:
        days = calendar.around(now, now).days
    except NoSessions:
        return None
    return days[-1].close if days else None


def _day(calendar: Calendar, at: datetime) -> str:
    return f"{at.astimezone(calendar.zone):%Y-%m-%d}"


def zones(settings: Config, now: datetime) -> Iterator[Finding]:
    """Look what time it is in each zone in which something is told."""
    exchanges = (each.calendar.zone for each in settings.listings.values())
    channels = (each.calm.zone for each in settings.manners.values())
    there = {words.local(now, zone): zone.key for zone in (*exchanges, *channels) if zone}
    said = (f"{time} in {key}" for time, key in sorted(there.items()))
    yield ok(ZONES, f"it is {', '.join(said)}")


def versions() -> Iterator[Finding]:
    """Look which versions of everything are here."""
    found = {name: _version(name) for name in _PACKAGES}
    lost = [name for name, version in found.items() if version is None]
    if lost:
        yield trouble(VERSIONS, f"{', '.join(lost)} cannot be found", "install alertd again")
    from alertd.store.connect import safe_wal

    journal = "" if safe_wal(sqlite3.sqlite_version_info) else " (with the slower, safe journal)"
    machine = [
        f"alertd {__version__}",
        f"Python {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version}{journal}",
        f"time zones {_version('tzdata') or 'of the system'}",
    ]
    packages = [f"{name} {version}" for name, version in found.items() if version]
    yield ok(VERSIONS, ", ".join([*machine, *packages]))


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
