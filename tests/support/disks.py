"""Disks that are small, and what is done to a file's place: as a user meets it, not pretended.

with tiny(tmp_path) as folder:      a disk of 1 MB, for root only
    fill(folder)                    until nothing more goes on it
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def tiny(folder: Path, options: str = "size=1m") -> Iterator[Path]:
    """Mount a disk of its own in a folder; skips where that is not allowed."""
    place = folder / "tiny"
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    words = [mount, "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], capture_output=True, check=True)


def fill(folder: Path) -> Path:
    """Fill a disk up to the last byte; return the file that does it."""
    ballast = folder / "ballast"
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return ballast


def mortal(*words: str) -> subprocess.CompletedProcess[str]:
    """Run Python as somebody whom permissions bind, root too; skips where that cannot be."""
    python = [sys.executable, *words]
    if os.geteuid() == 0:
        drop = shutil.which("setpriv")
        if drop is None:
            pytest.skip("root needs setpriv to be bound by permissions")
        python = [drop, "--bounding-set=-dac_override,-dac_read_search", *python]
    return subprocess.run(python, capture_output=True, text=True, timeout=60, check=False)
