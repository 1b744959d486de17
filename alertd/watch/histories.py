"""What do a symbol's levels by name, its moves and its figures stand on today?

    a session starts -> store: is what is kept new enough? -> source: daily bars, outlook -> store

It is fetched once a session, and looked up only until every alert has its level. While the source
does not give it, the session's bars are judged but not settled, for an hour: an alert that gets its
level late has missed nothing then.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING

from loguru import logger

from alertd.core.almanac import (
    Almanac,
    is_current,
    moves_by_session,
    needs_outlook,
    needs_targets,
    reach,
    reaches,
    year,
)
from alertd.core.quality import sift
from alertd.core.sessions import Hours, Session
from alertd.core.splits import in_new_shares
from alertd.core.states import Phase
from alertd.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alertd.core.bars import Range, Series, Symbol
    from alertd.core.rules import Rule
    from alertd.ports import QuoteSource, WatchStore
    from alertd.watch.looks import Look

# How long a session's first bars wait for what its levels stand on.
_PATIENCE = timedelta(hours=1)
# How often a source is asked again for what it did not give.
_AGAIN = timedelta(minutes=15)

_TELLING = 0.01


@dataclass(frozen=True, slots=True)
class Ground:
    """What a look's levels stand on; bars from `until` on must not be settled without the rest."""

    almanac: Almanac | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Need:
    """What some rules need for a session that began for them at `start`."""

    rules: Sequence[Rule]
    session: Session
    before: Session | None
    start: datetime

    def is_met(self, almanac: Almanac) -> bool:
        return all(is_current(rule, almanac, self.before) for rule in self.rules)

    def reaches(self, almanac: Almanac) -> bool:
        return all(reaches(rule, almanac, self.session) for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Histories:
    """Fetches and keeps what levels stand on.

    `seen` are the symbols that were looked up since the program's start: a restart looks again.
    """

    source: QuoteSource
    store: WatchStore
    seen: set[Symbol] = field(default_factory=set)
    asked: dict[Symbol, datetime] = field(default_factory=dict)

    def ground(self, look: Look) -> Ground:
        """Return what the levels of a symbol stand on; nothing where all of them are fixed."""
        symbol = look.claim.symbol
        rules = [rule for rule in look.rules if moves_by_session(rule) and not _over(rule, look)]
        if not rules or (symbol in self.seen and not _unfixed(rules, look)):
            return Ground()
        need = _need(rules, look)
        if need is None:
            return Ground()
        kept = self.store.almanac(symbol) or Almanac()
        if self._may_ask(symbol, need, kept, look.now):
            self.asked[symbol] = look.now
            kept = self._fetched(look, need, kept)
        self.seen.add(symbol)
        patient = look.now < need.start + _PATIENCE
        return Ground(kept, None if need.is_met(kept) or not patient else need.start)

    def _may_ask(self, symbol: Symbol, need: _Need, kept: Almanac, now: datetime) -> bool:
        """Tell whether to ask the source: often at first for what is missing, once for more."""
        asked = self.asked.get(symbol)
        new = asked is None or not need.start <= asked <= now
        if asked is None or new:
            return not (need.is_met(kept) and need.reaches(kept))
        soon = now < need.start + _PATIENCE or now >= asked + _AGAIN
        return soon and not need.is_met(kept)

    def _fetched(self, look: Look, need: _Need, kept: Almanac) -> Almanac:
        """Return what the source gives now, and keep it; what was kept before where it fails."""
        try:
            fresh = self._fetch(look, need)
        except SourceError as error:
            symbol = look.claim.symbol
            logger.warning("no daily history", symbol=symbol, error=str(error))
            return kept
        self.store.keep_almanac(look.claim.symbol, fresh, look.now)
        return fresh

    def _fetch(self, look: Look, need: _Need) -> Almanac:
        rules = need.rules
        reaches_back = [reach(rule) for rule in rules if not needs_outlook(rule)]
        days, outlook = Almanac(), None
        if reaches_back:
            far = None if None in reaches_back else max(filter(None, reaches_back))
            since = None if far is None else need.session.open - far
            series = self.source.daily(look.listing, since, look.now)
            days = _history(look, series, need.session, whole=far is None)
        if any(needs_outlook(rule) for rule in rules):
            targets = any(needs_targets(rule) for rule in rules)
            outlook = self.source.outlook(look.listing, targets=targets)
        return Almanac(days.days, outlook=outlook, whole=days.whole)


def _history(look: Look, series: Series, session: Session, *, whole: bool) -> Almanac:
    """Return the days before a session: its own row is not whole yet."""
    good = sift(series, look.listing.currency, look.now).good
    _compare(look, series, year(good, look.now))
    splits = [split for split in series.splits if split.at <= look.now]
    days = [day for day in good if day.start < session.open]
    return Almanac(in_new_shares(tuple(days), splits, look.claim.cursor.regular), whole=whole)


def _compare(look: Look, series: Series, found: Range | None) -> None:
    """Log where the source's own 52 weeks differ from its daily bars."""
    said = series.year
    if said is None or found is None:
        return
    both = (("high", found.high, said.high), ("low", found.low, said.low))
    for name, ours, theirs in both:
        if abs(ours / theirs - 1) > _TELLING:
            logger.warning(
                "the source's own 52 weeks differ from its daily bars", of=name,
                symbol=look.claim.symbol, daily_bars=ours, source=theirs,
            )  # fmt: skip


def _unfixed(rules: Sequence[Rule], look: Look) -> bool:
    """Tell whether a session has begun for which an alert has no level yet."""
    for rule in rules:
        session = look.sessions.last(look.now, rule.session)
        state = look.claim.states.get(rule.id)
        if session is None:
            continue
        if state is None or state.basis.lack or state.basis.fixed_for != session.open:
            return True
    return False


def _over(rule: Rule, look: Look) -> bool:
    state = look.claim.states.get(rule.id)
    done = state is not None and state.phase is Phase.DONE
    return done or (rule.expires is not None and look.now >= rule.expires)


def _need(rules: Sequence[Rule], look: Look) -> _Need | None:
    """Return what rules need for the session that has begun last for one of them."""
    found = [(look.sessions.last(look.now, rule.session), rule.session) for rule in rules]
    begun = [(session.start(hours), session) for session, hours in found if session]
    if not begun:
        return None
    start, session = max(begun, key=itemgetter(0))
    before = look.sessions.last(session.pre - timedelta.resolution, Hours.EXTENDED)
    return _Need(rules, session, before, start)
