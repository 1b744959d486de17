"""What did a fault cost?

    what must arrive  -  what arrived          lost
    what arrived      -  what must arrive      phantom
    what arrived twice under the same id       duplicates, up to a bound that is known beforehand

A control is the same fault with one safeguard taken out. It has to be found out, or the rounds
prove nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Finding:
    """What some rounds of one fault came to.

    `wrong` are other promises that were broken, in words. `counts` say what the rounds met, such as
    how many kills fell into a send: a fault that never happened proves nothing.
    """

    fault: str
    rounds: int
    expected: int
    lost: int = 0
    phantom: int = 0
    duplicates: int = 0
    bound: int = 0
    control: bool = False
    wrong: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Tell whether nothing was lost, invented, or repeated beyond the bound."""
        kept = self.lost == 0 and self.phantom == 0 and self.duplicates <= self.bound
        return kept and not self.wrong

    @property
    def good(self) -> bool:
        """Tell whether it is as it should be: a control must be found out."""
        return not self.holds if self.control else self.holds and self.expected > 0


def compared(
    fault: str,
    rounds: int,
    expected: Collection[str],
    arrived: Iterable[str],
    *,
    bound: int = 0,
    control: bool = False,
    wrong: Sequence[str] = (),
    counts: Mapping[str, int] | None = None,
) -> Finding:
    """Return what is found by the ids of what must arrive and of all that arrived."""
    wanted, came = set(expected), Counter(arrived)
    return Finding(
        fault, rounds, len(wanted),
        lost=len(wanted - came.keys()),
        phantom=len(came.keys() - wanted),
        duplicates=came.total() - len(came),
        bound=bound, control=control, wrong=tuple(wrong), counts=counts or {},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Matrix:
    """One kind of fault: how it is played, and how often, in the long form and in the short.

    `play` is given a seed, a number of rounds and a folder of its own.
    """

    name: str
    play: Callable[[int, int, Path], list[Finding]]
    full: int
    short: int
