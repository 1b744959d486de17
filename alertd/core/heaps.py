"""Which watches does a price reach, without a look at the others?

    rising:   192.0, 194.0, 198.0, ...   lowest first: reached from the top
    falling:  150.0, 148.5, 120.0, ...   highest first

What an alert watched before it was visited is not searched for: it has an older version, and is
dropped when it comes up.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from alertd.core.points import Watch
    from alertd.core.rules import AlertId

# (price when rising, minus the price when falling; strictly past it; alert; version)
_Entry = tuple[float, bool, "AlertId", int]


class Heaps:
    """The watches of many alerts, sorted by price."""

    def __init__(self, alerts: Iterable[AlertId]) -> None:
        self.version = dict.fromkeys(alerts, 0)
        self._rising: list[_Entry] = []
        self._falling: list[_Entry] = []

    def copy(self) -> Heaps:
        other = Heaps(())
        other.version = self.version.copy()
        other._rising, other._falling = self._rising.copy(), self._falling.copy()
        return other

    def forget(self, alert: AlertId) -> None:
        """Take an alert's watches out."""
        self.version[alert] += 1

    def add(self, alert: AlertId, watches: Iterable[Watch]) -> None:
        """Put an alert's watches in."""
        version = self.version[alert]
        for watch in watches:
            if watch.up:
                heappush(self._rising, (watch.price, watch.strict, alert, version))
            else:
                heappush(self._falling, (-watch.price, watch.strict, alert, version))

    def any_at(self, price: float) -> bool:
        """Tell whether a price may reach a watch; the one comparison that most prices cost."""
        rising, falling = self._rising, self._falling
        return bool((rising and rising[0][0] <= price) or (falling and falling[0][0] <= -price))

    def reached(self, price: float) -> Iterator[AlertId]:
        """Yield the alerts whose watches a price reaches; these watches are gone then."""
        yield from self._pop(self._rising, price)
        yield from self._pop(self._falling, -price)

    def _pop(self, heap: list[_Entry], key: float) -> Iterator[AlertId]:
        while heap and (heap[0][0] < key or (heap[0][0] == key and not heap[0][1])):
            _, _, alert, version = heappop(heap)
            if version == self.version[alert]:
                yield alert
