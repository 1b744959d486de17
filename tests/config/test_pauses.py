"""When a channel may speak, and how much."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from alertd.config import Manner, zones
from alertd.core import calm
from alertd.core.calm import LONGEST_HOLD, Calm, Held, Quiet, Rate
from alertd.core.notices import Severity
from tests.config.builders import alert, channel, load, problem

if TYPE_CHECKING:
    from pathlib import Path

BERLIN, HONG_KONG = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Hong_Kong")
NIGHT = Quiet(time(22), time(7))


def calmed(folder: Path, *lines: str, head: str = "", tz: str = "Europe/Berlin") -> Calm:
    text = alert() + head + channel(*lines)
    return load(folder, text, environ={"HOME": "/h", "TZ": tz}).manners["tty"].calm


def test_a_channel_speaks_freely_by_default(tmp_path: Path) -> None:
    environ = {"HOME": "/h", "TZ": "Europe/Berlin"}
    freely = Manner(Calm(zone=BERLIN))
    assert load(tmp_path, alert(), environ=environ).manners == {"console": freely}
    assert load(tmp_path, alert() + channel(), environ=environ).manners == {"tty": freely}


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("22:00-07:00", NIGHT),
        ("22:00 - 7:00", NIGHT),
        ("12:30-13:15", Quiet(time(12, 30), time(13, 15))),
        ("00:00-23:59", Quiet(time(0), time(23, 59))),
    ],
)
def test_quiet_hours_may_go_over_midnight(tmp_path: Path, text: str, hours: Quiet) -> None:
    assert calmed(tmp_path, f'quiet = "{text}"') == Calm(zone=BERLIN, quiet=hours)


def test_quiet_hours_of_a_whole_day_are_refused(tmp_path: Path) -> None:
    only = problem(tmp_path, alert() + channel('quiet = "07:00-7:00"'))
    assert only.where == "channel.tty.quiet"
    assert only.what == 'expected an end other than the start, found "07:00-7:00"'


def test_a_digest_has_a_time_of_day(tmp_path: Path) -> None:
    assert calmed(tmp_path, 'digest = "18:00"') == Calm(zone=BERLIN, digest_at=time(18))


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("10/h", Rate(10, timedelta(hours=1))),
        ("1/min", Rate(1, timedelta(minutes=1))),
        ("100/day", Rate(100, timedelta(days=1))),
        ("20/30m", Rate(20, timedelta(minutes=30))),
        ("5 / 1h30m", Rate(5, timedelta(minutes=90))),
        ("3/24h", Rate(3, timedelta(days=1))),
        ("9999/second", Rate(9999, timedelta(seconds=1))),
    ],
)
def test_a_rate_is_a_count_and_a_time(tmp_path: Path, text: str, rate: Rate) -> None:
    assert calmed(tmp_path, f'rate = "{text}"') == Calm(zone=BERLIN, rate=rate)


def test_no_rate_holds_a_message_longer_than_the_longest_hold(tmp_path: Path) -> None:
    allowed = calmed(tmp_path, 'rate = "1/day"')
    assert allowed.rate
    assert allowed.rate.span <= LONGEST_HOLD
    assert problem(tmp_path, alert() + channel('rate = "1/25h"')).where == "channel.tty.rate"


def test_a_channel_has_its_own_clock_else_that_of_the_defaults_else_the_machines(
    tmp_path: Path,
) -> None:
    quiet, head = 'quiet = "22:00-07:00"', '[defaults]\nzone = "Asia/Hong_Kong"\n'
    assert calmed(tmp_path, quiet, 'zone = "America/New_York"', head=head).zone == ZoneInfo(
        "America/New_York"
    )
    assert calmed(tmp_path, quiet, head=head).zone == HONG_KONG
    assert calmed(tmp_path, quiet).zone == BERLIN


def test_what_is_written_is_what_the_core_holds_back(tmp_path: Path) -> None:
    found = calmed(tmp_path, 'quiet = "22:00-07:00"')
    hold = calm.verdict(
        found, Severity.WARNING, hush=None, held=None, sent=(),
        now=datetime(2026, 11, 20, 22, 30, tzinfo=UTC),
    )  # fmt: skip
    # 23:30 in Berlin, until seven in the morning there.
    assert hold == calm.Hold(datetime(2026, 11, 21, 6, 0, tzinfo=UTC), Held.QUIET)


def test_a_misspelt_zone_is_told_the_right_one(tmp_path: Path) -> None:
    only = problem(tmp_path, alert() + channel('zone = "europe/berlin"'))
    assert only.hint == 'did you mean "Europe/Berlin"?'


@pytest.mark.parametrize(
    ("tz", "target", "zone"),
    [
        ("Asia/Hong_Kong", "/usr/share/zoneinfo/Europe/Berlin", "Asia/Hong_Kong"),
        (":Asia/Hong_Kong", "", "Asia/Hong_Kong"),
        ("/usr/share/zoneinfo/Asia/Hong_Kong", "", "Asia/Hong_Kong"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"),
        ("", "/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"),
        ("", "../usr/share/zoneinfo/posix/Europe/Berlin", "Europe/Berlin"),
        ("", "/usr/share/zoneinfo/America/Argentina/Salta", "America/Argentina/Salta"),
        ("", "/somewhere/else", "UTC"),
        ("../../etc", "", "UTC"),
        ("Europe", "", "UTC"),
    ],
)
def test_the_machines_clock_is_what_tz_or_localtime_names(
    tmp_path: Path, tz: str, target: str, zone: str
) -> None:
    link = tmp_path / "localtime"
    if target:
        link.symlink_to(target)
    assert zones.machines({"TZ": tz}, link) == ZoneInfo(zone)


def test_a_machine_whose_localtime_is_a_copy_goes_by_utc(tmp_path: Path) -> None:
    copy = tmp_path / "localtime"
    copy.write_bytes(b"TZif2")
    assert zones.machines({}, copy) == ZoneInfo("UTC")
