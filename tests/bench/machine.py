"""On what was measured? Says nothing that would tell whose machine it is."""

from __future__ import annotations

import os
import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import gettempdir

_GIB = 1 << 30
_PACKAGES = ("alertd", "numpy", "SQLAlchemy", "yfinance", "pytest-benchmark")


def described() -> dict[str, str]:
    """Return what a reader must know of the machine, by its name."""
    packages = ", ".join(filter(None, map(_package, _PACKAGES)))
    return {
        "processor": f"{_processor()}, {len(os.sched_getaffinity(0))} cores",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / _GIB:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}, databases on {_file_system()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": f"{packages}, SQLite {sqlite3.sqlite_version}",
        "load at the start": f"{os.getloadavg()[0]:.1f} busy processes in the minute before",
    }


def _package(name: str) -> str | None:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return None


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _file_system() -> str:
    """Return the kind of the file system that temporary files are on."""
    place = Path(gettempdir()).resolve()
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    around = [mount for mount in mounts if place.is_relative_to(mount[0])]
    return max(around, key=lambda mount: len(mount[0]))[1]
