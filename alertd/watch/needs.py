"""Which of a symbol's alerts wait for what, and since when?

    session of Monday  --not judged yet, its level not fixed-->  needs Friday's daily bar
    session of Tuesday --has begun-->                            needs Monday's, or an outlook

After downtime several sessions wait at once. Each is held only for what its own alerts lack.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from alertd.core.almanac import is_current, needs_outlook, reaches, said
from alertd.core.states import is_over as is_over_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from alertd.core.almanac import Almanac
    from alertd.core.rules import Rule
    from alertd.core.sessions import Hours, Session
    from alertd.watch.looks import Look


class Part(StrEnum):
    """What a source is asked for; each may fail without the other."""

    HISTORY = "daily history"
    OUTLOOK = "outlook"


@dataclass(frozen=True, slots=True)
class Need:
    """What one rule needs for one session; `holds` says that bars of it are still to be judged."""

    rule: Rule
    session: Session
    before: Session | None
    holds: bool

    @property
    def part(self) -> Part:
        return Part.OUTLOOK if needs_outlook(self.rule) else Part.HISTORY

    @property
    def start(self) -> datetime:
        return self.session.start(self.rule.session)

    def is_met(self, almanac: Almanac) -> bool:
        return is_current(self.rule, almanac, self.session, self.before)

    def is_full(self, almanac: Almanac) -> bool:
        """Tell whether nothing more is to be hoped for: all the days, and the figure itself."""
        if self.part is Part.OUTLOOK:
            return almanac.outlook is not None and said(self.rule, almanac.outlook) is not None
        return reaches(self.rule, almanac, self.session)


def needs(rules: Sequence[Rule], look: Look, *, anew: bool) -> list[Need]:
    """Return what rules need for the sessions that are not judged and for which they are not fixed.

    anew: asks for the newest session even where a rule is fixed for it.
    """
    begun = {hours: list(_begun(look, hours)) for hours in {rule.session for rule in rules}}
    return [
        Need(rule, session, before, holds)
        for rule in rules
        for number, (session, before) in enumerate(begun[rule.session])
        if not rule.expired(session.start(rule.session))
        if (holds := _holds(rule, session, look)) or (number == 0 and anew)
    ]


def is_over(rule: Rule, look: Look) -> bool:
    """Tell whether nothing can come of a rule any more, in bars still to be judged either."""
    return is_over_by(rule, look.claim.states.get(rule.id), look.since)


def _begun(look: Look, hours: Hours) -> Iterator[tuple[Session, Session | None]]:
    """Yield the newest session, and those before it that are not judged, with the one before."""
    session, judged = look.sessions.last(look.now, hours), look.since
    while session:
        before = look.sessions.before(session)
        yield session, before
        if before is None or before.end(hours) <= judged:
            return
        session = before


def _holds(rule: Rule, session: Session, look: Look) -> bool:
    """Tell whether a rule has no level yet for a session some of which it is still to judge."""
    state, judged = look.claim.states.get(rule.id), look.claim.cursor.at
    since = state.since if state else None
    if any(moment and session.end(rule.session) <= moment for moment in (judged, since)):
        return False
    fixed = state is not None and state.basis.lack is None
    return not (fixed and state and state.basis.fixed_for == session.open)
