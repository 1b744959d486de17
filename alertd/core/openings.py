"""What happens to an alert's level when no price has crossed it?

    a session starts    its named level, previous close, earnings or mean volume are fixed anew
    a split             every price it remembers is brought into new shares, once

Nothing fires by it, for no price has moved: the side is taken from the last price without a word.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alertd.core.almanac import needs_outlook
from alertd.core.bars import rounded
from alertd.core.events import Kind
from alertd.core.judge import shifted
from alertd.core.lines import Lines, lines
from alertd.core.moves import in_session
from alertd.core.points import told
from alertd.core.rules import Band, Figure, Move, Named, Rule
from alertd.core.states import Basis, Decision, Lack, Origin, Phase, Reason, State, Want, is_over

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.core.bars import Split
    from alertd.core.fixing import Fixed
    from alertd.core.sessions import Session

_UNKNOWN = Lack(Want.HISTORY, "no daily bars yet")


def at_session_start(
    rule: Rule,
    state: State,
    session: Session,
    found: Fixed | Lack | None,
    *,
    last: float | None,
    digits: int,
) -> Decision | None:
    """Return what is fixed for a session does to an alert, if anything.

    found: None where nothing is known but what was fixed before.
    last:  the last price before; None where there is none or the alert is newer than that.
    """
    begun = state.basis.fixed_for == session.open
    if state.phase is Phase.DONE or (begun and found is None):
        return None
    if found is None or isinstance(found, Lack):
        return _lacking(rule, state, session, found or _UNKNOWN)
    basis = _fixed(rule, state.basis, session, found, digits)
    if basis == state.basis:
        return None
    fresh = replace(state, basis=basis)
    if isinstance(rule.level, Move):
        fresh = fresh if begun else in_session(fresh, session, known=last is not None)
        return Decision(rule.id, session.open, fresh, Reason.NEW_SESSION)
    if lines(rule, basis, digits) == lines(rule, state.basis, digits):
        return Decision(rule.id, session.open, fresh, Reason.FIXED)
    moved = shifted(rule, fresh, last, digits)
    new = state.basis.fixed_for is None
    reason = Reason.FIXED if new else Reason.LEVEL_MOVED
    return Decision(rule.id, session.open, moved, reason, price=last)


def at_split(
    rule: Rule, state: State, split: Split, last: float | None, digits: int, *, late: bool
) -> Decision | None:
    """Return what a split does to an alert that was set up before it; None where it was not.

    last: the last price, in new shares.
    late: whether that is a price after the split, held against levels in old shares until now.
    """
    if state.since is not None and _set_up(state, state.since) >= split.at:
        return None
    fresh = replace(state, basis=_in_new_shares(rule, state.basis, split, digits))
    if late:
        fresh = shifted(rule, fresh, last, digits)
    event = None
    before, after = lines(rule, state.basis, digits), lines(rule, fresh.basis, digits)
    written = isinstance(rule.level, (float, Band)) and rule.of is Figure.PRICE
    if written and before and after and not is_over(rule, state, split.at):
        event = told(
            rule, fresh, Kind.SPLIT, level=after.low, price=after.low if last is None else last,
            at=split.at, bar_start=split.at, where=after,
            origin=Origin(str(split), before.low, split.at),
        )  # fmt: skip
    return Decision(rule.id, split.at, fresh, Reason.RESCALED, event, last)


def _set_up(state: State, since: datetime) -> datetime:
    """Return when an alert was written, whose user may have armed it since."""
    return min(since, state.basis.anew[0]) if state.basis.anew else since


def _lacking(rule: Rule, state: State, session: Session, lack: Lack) -> Decision | None:
    basis = state.basis
    told_before = basis.lack is not None and basis.lack.refused
    kept = replace(lack, refused=lack.refused or told_before)
    # What was fixed for this session, or rescaled by its split, stays while nothing newer is known.
    fixed = basis.fixed_for is not None and basis.fixed_for >= session.pre
    if fixed and basis.lack in (None, kept):
        return None
    held = replace(basis, level=None, origin=None, lack=kept, fixed_for=session.open)
    event = None
    if lack.refused and not told_before:
        event = told(
            rule, state, Kind.HELD, level=0.0, price=0.0, at=session.open,
            bar_start=session.open, where=Lines(0.0, 0.0), about=lack.words,
        )  # fmt: skip
    return Decision(rule.id, session.open, replace(state, basis=held), Reason.LACKING, event)


def _fixed(rule: Rule, basis: Basis, session: Session, found: Fixed, digits: int) -> Basis:
    level = None if found.level is None else rounded(found.level, digits)
    origin = found.origin
    if found.scale is None:
        origin = replace(origin, price=rounded(origin.price, digits))
    known = level if basis.told_level is None and isinstance(rule.level, Named) else None
    return replace(
        basis,
        level=level,
        scale=basis.scale if found.scale is None else found.scale,
        origin=origin,
        fixed_for=session.open,
        lack=None,
        told_level=basis.told_level if known is None else known,
    )


def _in_new_shares(rule: Rule, basis: Basis, split: Split, digits: int) -> Basis:
    def restated(price: float | None) -> float | None:
        return None if price is None else rounded(price / split.ratio, digits)

    def by_share(number: float) -> float:
        return number * split.ratio if rule.of is Figure.VOLUME else number / split.ratio

    origin, peaked_after = basis.origin, basis.peak_at is not None and basis.peak_at >= split.at
    # What a company earns by old shares is right in new ones until something newer is heard.
    stays = needs_outlook(rule) and basis.fixed_for is not None and basis.lack is None
    return replace(
        basis,
        scale=by_share(basis.scale),
        level=restated(basis.level),
        told_level=restated(basis.told_level),
        peak=basis.peak if peaked_after else restated(basis.peak),
        origin=origin and replace(origin, price=rounded(by_share(origin.price), digits)),
        fixed_for=split.at if stays else basis.fixed_for,
    )
