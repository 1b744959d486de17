"""Where does a database lie that has no room, or may not be written, for a while?

OwnDisk    a small disk, for those who may mount one: it is filled, and mounted to be read only
Folder     elsewhere SQLite is told so, and answers as it does on such a disk
"""

from __future__ import annotations

import subprocess
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.support.disks import fill, tiny

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from random import Random

    from tests.chaos.services import Services

_PAGE = 4096
# So few pages are left at most: then a small write succeeds and a larger one does not.
_SPARE = 8


class OwnDisk:
    """A disk that holds nothing but the database."""

    name = "on a disk of its own"

    def __init__(self, folder: Path, twin: Path) -> None:
        self.folder, self._twin = folder, twin

    @contextmanager
    def full(self, _services: Services, chance: Random) -> Iterator[None]:
        """Leave no room on the disk, or hardly any."""
        ballast = fill(self.folder)
        with ballast.open("ab") as file:
            file.truncate(ballast.stat().st_size - _PAGE * chance.randrange(_SPARE))
        try:
            yield
        finally:
            ballast.unlink()

    @contextmanager
    def sealed(self, _services: Services, _chance: Random) -> Iterator[None]:
        """Let nobody write there; who has it open already may go on."""
        _mount("mount", "--bind", str(self._twin), str(self.folder))
        try:
            yield
        finally:
            _mount("umount", "--lazy", str(self.folder))


class Folder:
    """A folder on whatever disk."""

    name = "as if on such a disk"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def full(self, services: Services, chance: Random) -> Iterator[None]:
        """Let the file grow no more, or hardly."""
        pages = services.path.stat().st_size // _PAGE + chance.randrange(_SPARE)
        with services.told(f"max_page_count={pages}"):
            yield

    @contextmanager
    def sealed(self, services: Services, _chance: Random) -> Iterator[None]:
        """Let nobody write."""
        with services.told("query_only=ON"):
            yield


@contextmanager
def place(folder: Path) -> Iterator[OwnDisk | Folder]:
    """Yield a place for a database, on a disk of its own where this user may mount one."""
    folder.mkdir()
    with ExitStack() as mounted:
        try:
            disk = mounted.enter_context(tiny(folder, "size=16m"))
        except pytest.skip.Exception:
            yield Folder(folder)
        else:
            yield OwnDisk(disk, mounted.enter_context(_read_only(disk)))


@contextmanager
def _read_only(folder: Path) -> Iterator[Path]:
    """Yield another way to the same files, by which they can only be read."""
    twin = folder.with_name("twin")
    twin.mkdir()
    _mount("mount", "--bind", str(folder), str(twin))
    try:
        _mount("mount", "-o", "remount,bind,ro", str(twin))
        yield twin
    finally:
        _mount("umount", "--lazy", str(twin))


def _mount(*words: str) -> None:
    subprocess.run(words, capture_output=True, check=True)
