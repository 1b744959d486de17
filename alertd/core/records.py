"""What is remembered of the way to here, for whoever asks why an alert did or did not fire?

    judgements  the newest of each alert, with their reasons
    record      of each symbol: bars that were not simply good, time that no bar covers

None of it is read by a judgement. It is kept with the state and shown by `explain` and `status`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from alertd.core.quality import Verdict
    from alertd.core.states import Phase, Reason

# So many judgements of an alert, doubts and gaps of a symbol are kept, the newest ones.
KEPT = 12


@dataclass(frozen=True, slots=True)
class Judged:
    """One judgement that changed something: of which moment, at which price, and why."""

    at: datetime
    phase: Phase
    reason: Reason
    price: float | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A bar that was not judged as it came: its start, its farthest price, and the verdict."""

    at: datetime
    price: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Gap:
    """Time of an open session that no bar covers, `[start, end)`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """What became of a symbol's bars: how many got which verdict, the newest doubts and gaps."""

    verdicts: Mapping[Verdict, int] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def later(
        self, verdicts: Mapping[Verdict, int], doubts: Iterable[Doubt], gaps: Iterable[Gap]
    ) -> Record:
        """Return the record with what has come since."""
        return replace(
            self,
            verdicts=dict(Counter(self.verdicts) + Counter(verdicts)),
            doubts=(*self.doubts, *doubts)[-KEPT:],
            gaps=(*self.gaps, *gaps)[-KEPT:],
        )


NOTHING = Record()
