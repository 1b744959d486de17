"""How many values may one question hold?

SQLite and PostgreSQL each have a limit, and a crash through thousands of levels would pass it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_AT_ONCE = 500

Value = TypeVar("Value")


def batches(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """Yield all values in order, so many at once as fit into one question."""
    for first in range(0, len(values), _AT_ONCE):
        yield values[first : first + _AT_ONCE]
