"""What becomes of what was told when another source's bars come?

    told of bars of the one, which the other's would settle    it stands: they cannot deny it
    the same crossing, in another minute of the other's        it was told already

Highs and lows of two feeds differ a little. What was told before a switch is remembered until its
time has settled.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from loguru import logger

from alertd.core.withdrawals import Standing, standing

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.core.bars import Symbol
    from alertd.core.engine import Judgement
    from alertd.core.events import Event
    from alertd.watch.looks import Look


@dataclass(frozen=True, slots=True)
class Switches:
    """The newest switch of each symbol: when it was, and what had been told of bars by then."""

    told: dict[Symbol, tuple[datetime, tuple[Event, ...]]] = field(default_factory=dict)

    def standing(self, look: Look, judgement: Judgement, source: str) -> Standing:
        """Return what became of events that were told early; `source` is whose bars these are."""
        claim = look.claim
        if claim.source is None or claim.source == source:
            return self._known_again(look, judgement, standing(claim.open, judgement, look.rules))
        logger.debug("another source", symbol=claim.symbol, before=claim.source, now=source)
        self.told[claim.symbol] = look.now, claim.open
        outcome = standing((), judgement, look.rules)
        stand = {event.id: True for event in claim.open}
        outcome = replace(outcome, settled={**outcome.settled, **stand})
        return self._known_again(look, judgement, outcome)

    def _known_again(self, look: Look, judgement: Judgement, outcome: Standing) -> Standing:
        symbol, through = look.claim.symbol, judgement.cursor.at
        if symbol not in self.told:
            return outcome
        at, events = self.told[symbol]
        if through is not None and through >= at:
            del self.told[symbol]
        again = {
            event.id
            for event in judgement.events
            if event.bar_start < at and any(_alike(event, other) for other in events)
        }
        return replace(outcome, again=outcome.again | again)


def _alike(event: Event, other: Event) -> bool:
    return (event.alert, event.revision, event.kind) == (other.alert, other.revision, other.kind)
