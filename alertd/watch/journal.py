"""What does the log say of what a look has found?

It is written once that is kept, so that nothing is told twice which is judged anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loguru import logger

if TYPE_CHECKING:
    from collections.abc import Collection

    from alertd.core.claims import Progress
    from alertd.core.events import EventId
    from alertd.watch.judging import Case, Found


def kept(found: Found, new: Collection[EventId]) -> None:
    """Log what was found and is kept; `new` are the events that nobody has found before."""
    case, due_at = found.case, found.progress.due_at
    symbol = case.claim.symbol
    _judged(case)
    _events(found.progress, new)
    _refused(case)
    for gap in case.missing:
        logger.warning("no bar covers", symbol=symbol, start=gap.start, end=gap.end)
    if not case.series.bars:
        logger.info("no new bars", symbol=symbol, since=case.look.since, next_poll=due_at)
    logger.debug("polled", symbol=symbol, bars=len(case.sifted.good), next_poll=due_at)


def lost(found: Found) -> None:
    """Log that somebody else has the symbol now, so that nothing was kept."""
    logger.warning("lease lost, nothing recorded", symbol=found.case.claim.symbol)


def _judged(case: Case) -> None:
    for decision in (*case.judgement.decisions, *case.judgement.provisional):
        logger.debug(
            "judged",
            alert=decision.alert,
            at=decision.at,
            phase=decision.state.phase.value,
            why=decision.reason.value,
        )


def _events(progress: Progress, new: Collection[EventId]) -> None:
    for notice, _ in progress.notices:
        for event in (*notice.together, notice.event):
            if event.id not in new:
                continue
            logger.info(
                "event", alert=event.alert, kind=event.kind.value, symbol=event.symbol,
                level=event.level, price=event.price, at=event.at, id=str(event.id),
            )  # fmt: skip


def _refused(case: Case) -> None:
    """Log what became of bars that were not simply good; aloud once they are behind the cursor."""
    symbol, sifted = case.claim.symbol, case.sifted
    before, after = case.claim.cursor.at, case.judgement.cursor.at
    passed = sifted.tally(before, after) if after and sifted.good else sifted.refused
    for verdict, count in sorted(sifted.refused.items()):
        logger.debug("bars not good yet", symbol=symbol, count=count, why=verdict.value)
    for verdict, count in sorted(passed.items()):
        logger.warning("bars not good", symbol=symbol, count=count, why=verdict.value)
    for doubt in sifted.doubts:
        logger.debug(
            "bar in doubt", symbol=symbol, at=doubt.at, price=doubt.price, why=doubt.verdict.value
        )
