"""By whose settings is drawn, and by how many at once?

matplotlib keeps its settings for the whole process: here the user's own never count, and whoever
draws in another thread waits.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from matplotlib import rc_context, rcdefaults, rcParams

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from matplotlib.typing import RcKeyType

_DRAWING = Lock()


@contextmanager
def canvas(style: Mapping[RcKeyType, object]) -> Iterator[None]:
    """Draw by these settings and matplotlib's own defaults, one picture at a time."""
    with _DRAWING, rc_context():
        rcdefaults()
        rcParams.update(style)
        yield
