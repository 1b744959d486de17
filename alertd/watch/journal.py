"""What does the log say of what a look has found?

It is written once that is kept, so that nothing is told twice which is judged anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loguru import logger

if TYPE_CHECKING:
    from collections.abc import Collection

    from alertd.core.events import EventId
    from alertd.watch.judging import Found


def kept(found: Found, new: Collection[EventId]) -> None:
    """Log what was found and is kept; `new` are the events that nobody has found before."""
    symbol, due_at = found.claim.symbol, found.progress.due_at
    _judged(found)
    _events(found, new)
    _refused(found)
    for gap in found.missing:
        logger.warning("no bar covers", symbol=symbol, start=gap.start, end=gap.end)
    if not found.series.bars:
        logger.info("no new bars", symbol=symbol, since=found.look.since, next_poll=due_at)
    logger.debug("polled", symbol=symbol, bars=len(found.sifted.good), next_poll=due_at)


def lost(found: Found) -> None:
    """Log that somebody else has the symbol now, so that nothing was kept."""
    logger.warning("lease lost, nothing recorded", symbol=found.claim.symbol)


def _judged(found: Found) -> None:
    for decision in (*found.judgement.decisions, *found.judgement.provisional):
        logger.debug(
            "judged",
            alert=decision.alert,
            at=decision.at,
            phase=decision.state.phase.value,
            why=decision.reason.value,
        )


def _events(found: Found, new: Collection[EventId]) -> None:
    for notice, _ in found.progress.notices:
        for event in (*notice.together, notice.event):
            if event.id not in new:
                continue
            logger.info(
                "event", alert=event.alert, kind=event.kind.value, symbol=event.symbol,
                level=event.level, price=event.price, at=event.at, id=str(event.id),
            )  # fmt: skip


def _refused(found: Found) -> None:
    """Log what became of bars that were not simply good; aloud once they are behind the cursor."""
    symbol, sifted = found.claim.symbol, found.sifted
    before, after = found.claim.cursor.at, found.judgement.cursor.at
    passed = sifted.tally(before, after) if after and sifted.good else sifted.refused
    for verdict, count in sorted(sifted.refused.items()):
        logger.debug("bars not good yet", symbol=symbol, count=count, why=verdict.value)
    for verdict, count in sorted(passed.items()):
        logger.warning("bars not good", symbol=symbol, count=count, why=verdict.value)
    for doubt in sifted.doubts:
        logger.debug(
            "bar in doubt", symbol=symbol, at=doubt.at, price=doubt.price, why=doubt.verdict.value
        )
