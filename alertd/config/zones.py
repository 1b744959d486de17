"""On whose clock are quiet hours and digests?

zone in the file, else $TZ, else where /etc/localtime leads, else UTC
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from alertd.config.wrong import expected, meant

if TYPE_CHECKING:
    from collections.abc import Mapping

ZONE = r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*"
LOCALTIME = Path("/etc/localtime")

_UTC = "UTC"


def zone(value: object) -> ZoneInfo:
    """Return a zone by its IANA name."""
    found = _named(value) if isinstance(value, str) else None
    if found is None:
        hint = meant(value, sorted(available_timezones())) if isinstance(value, str) else None
        raise expected(value, 'a time zone such as "Europe/Berlin"', hint)
    return found


def machines(environ: Mapping[str, str], localtime: Path = LOCALTIME) -> ZoneInfo:
    """Return the zone that the machine is set to, as far as it can be named."""
    by_link = _of_path(_target(localtime))
    found = _of_path(environ.get("TZ", "").removeprefix(":")) or by_link
    return found or ZoneInfo(_UTC)


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        # A copy, as in some images, does not say which zone it is of.
        return ""


def _of_path(text: str) -> ZoneInfo | None:
    """Return the zone that a name, or the path of a zone's file, stands for."""
    name = text.rpartition("/zoneinfo/")[2]
    return _named(name.removeprefix("posix/"))


def _named(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        # Not a name, the name of a folder, or of no zone that is known here.
        return None
