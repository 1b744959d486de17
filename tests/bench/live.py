"""Is anything missed on a live day, how late is it told, and what does the usual poller find?

Every way to live through the days is one task; each core takes one at a time.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from loguru import logger

from alertd.core.sessions import Hours
from tests.live.days import Way, alerts, folder, glimpsed, lived, replayed, waited
from tests.live.shelf import real, walk

if TYPE_CHECKING:
    from tests.live.courses import Course

INTERVALS = tuple(timedelta(seconds=seconds) for seconds in (15, 30, 60, 120, 300))
# None is a sweep at every poll: bars are all there is, as with few symbols.
SWEEPS = (None, timedelta(minutes=5), timedelta(minutes=15))
# From which session on, and how many.
DAYS = {"walk": (0, 2), "regular": (1, 2), "extended": (2, 1)}


def measured(sessions: int | None = None) -> list[dict[str, object]]:
    """Return what came of every way to live through each course."""
    names = ("regular", "extended") if "ALERTD_SHARED" in os.environ else ("walk",)
    every = product(names, INTERVALS, SWEEPS)
    # A sweep that is no longer than the interval is one at each poll.
    tasks = [(n, i, s, sessions) for n, i, s in every if s is None or s > i]
    with ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=_quiet) as pool:
        return list(pool.map(_row, *zip(*tasks, strict=True)))


def _quiet() -> None:
    logger.remove()


def _row(
    name: str, interval: timedelta, sweep: timedelta | None, sessions: int | None
) -> dict[str, object]:
    course, hours = _course(name, sessions), _HOURS.get(name, Hours.REGULAR)
    rules = alerts(course.bars[0].open, hours)
    happened = replayed(course, rules)
    found: dict[str, object] = {}
    for growing in (False, True):
        way = Way(interval, sweep or interval, growing)
        with folder() as place:
            day = lived(course, rules, way, place / "live.db")
        shown = {key: event for key, event in happened.items() if key in day.told}
        late = [wait.total_seconds() for wait in waited(course, shown, day, way)]
        found["growing" if growing else "whole"] = {
            "missing": len(happened.keys() - day.told.keys()),
            "others": len(day.told.keys() - happened.keys()),
            "withdrawn": len(day.withdrawn),
            "median": median(late),
            "worst": late[-1],
            "bars": day.bars_asked / len(course.sessions),
            "quotes": day.quotes_asked / len(course.sessions),
        }
    return {
        "course": name,
        "sessions": len(course.sessions),
        "interval": interval.total_seconds(),
        "sweep": sweep.total_seconds() if sweep else None,
        "events": len(happened),
        "glimpsed": glimpsed(course, rules, interval),
        **found,
    }


def _course(name: str, sessions: int | None) -> Course:
    first, count = DAYS[name]
    if name == "walk":
        return walk(sessions or count)
    return real(Path(os.environ["ALERTD_SHARED"]), name, first, sessions or count)


_HOURS = {"extended": Hours.EXTENDED}

if __name__ == "__main__":
    json.dump(measured(), sys.stdout)
