"""What do a symbol's levels by name, its moves and its figures stand on today?

    a session starts -> store: is what is kept new enough? -> source: daily bars, outlook -> store

It is fetched once a session, and looked up only until every alert has its level. While the source
does not give it, bars from the first session that lacks it on are judged but not settled, for an
hour: an alert that gets its level late has missed nothing then.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from loguru import logger

from alertd.core.almanac import Almanac, moves_by_session, needs_outlook, needs_targets, reach, year
from alertd.core.dailies import as_of
from alertd.core.quality import sift
from alertd.errors import Crowded, SourceError
from alertd.watch.needs import Need, Part, is_over, needs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from alertd.core.bars import Last, Range, Series, Split, Symbol
    from alertd.core.rules import Rule
    from alertd.ports import QuoteSource, WatchStore
    from alertd.watch.looks import Look

# How long bars wait for what the levels of their session stand on.
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
class _Asked:
    """When a source was asked last, whether it answered, and since when it does not give enough."""

    at: datetime
    answered: bool
    lacking_since: datetime | None

    def patience(self, need: Need) -> datetime:
        """Return up to when bars wait: for an hour from when a need could be met, and was not."""
        return max(need.start, self.lacking_since or self.at) + _PATIENCE


@dataclass(frozen=True, slots=True)
class _Case:
    """A look, the rules whose levels go by the session, and the splits and price in sight."""

    look: Look
    rules: Sequence[Rule]
    needs: Sequence[Need]
    splits: Sequence[Split]
    price: Last | None

    @property
    def symbol(self) -> Symbol:
        return self.look.claim.symbol

    def of(self, part: Part) -> list[Need]:
        return [need for need in self.needs if need.part is part]


@dataclass(frozen=True, slots=True)
class Histories:
    """Fetches and keeps what levels stand on.

    `seen` are the symbols that were looked up since the program's start: a restart looks again.
    """

    source: QuoteSource
    store: WatchStore
    seen: set[Symbol] = field(default_factory=set)
    asked: dict[tuple[Symbol, Part], _Asked] = field(default_factory=dict)

    def ground(self, look: Look, splits: Iterable[Split] = (), price: Last | None = None) -> Ground:
        """Return what the levels of a symbol stand on; nothing where all of them are fixed.

        splits: those that the source has announced beside the bars; `price` is the newest one, by
                which is told whether its daily bars are in old shares.
        """
        symbol = look.claim.symbol
        rules = [rule for rule in look.rules if moves_by_session(rule) and not is_over(rule, look)]
        found = needs(rules, look, anew=symbol not in self.seen)
        begun = tuple(split for split in splits if split.at <= look.now)
        case = _Case(look, rules, found, begun, price)
        kept = self._kept(case)
        if not found:
            return Ground()
        for part in Part:
            if self._may_ask(case, part, kept):
                kept = self._ask(case, part, kept)
        self.seen.add(symbol)
        kept = self._made_do(case, kept)
        waiting = [need for need in found if need.holds and not need.is_met(kept)]
        held = [need.start for need in waiting if look.now < self._patience(symbol, need)]
        return Ground(kept, min(held, default=None))

    def closed(self, look: Look, splits: Sequence[Split], price: Last | None) -> Almanac:
        """Return the official days of the sessions that ended since the last one judged."""
        over = look.unclosed(look.claim.cursor)
        if not over:
            return Almanac()
        try:
            daily = self.source.daily(look.listing, over[0].open, over[-1].close)
        except SourceError as error:
            # The minutes are judged all the same; the closes wait for the next poll.
            _log(error, "no official closes", look.claim.symbol)
            return Almanac()
        good = sift(daily, look.listing.currency, look.now).good
        return as_of(good, splits, price, _through(look))

    def _kept(self, case: _Case) -> Almanac:
        """Return what is kept. Days from before a split was announced are in old shares."""
        ahead = [split for split in case.splits if split.at > _through(case.look)]
        if not case.needs and not ahead:
            return Almanac()
        kept = self.store.almanac(case.symbol) or Almanac()
        unknown = [split for split in ahead if split not in kept.splits]
        if not kept.days or not unknown:
            return kept
        named = replace(kept, splits=(*kept.splits, *unknown))
        self.store.keep_almanac(case.symbol, named, case.look.now)
        return named

    def _patience(self, symbol: Symbol, need: Need) -> datetime:
        asked = self.asked.get((symbol, need.part))
        return asked.patience(need) if asked else need.start + _PATIENCE

    def _may_ask(self, case: _Case, part: Part, kept: Almanac) -> bool:
        """Tell whether to ask the source: often at first for what is missing, seldom for more."""
        wanted, now = case.of(part), case.look.now
        if not wanted:
            return False
        missing = [need for need in wanted if not need.is_met(kept)]
        full = not missing and all(need.is_full(kept) for need in wanted)
        asked = self.asked.get((case.symbol, part))
        if asked is None or not max(need.start for need in wanted) <= asked.at <= now:
            return not full
        if now >= asked.at + _AGAIN:
            return bool(missing) or (part is Part.OUTLOOK and not full)
        return any(now < asked.patience(need) for need in missing)

    def _ask(self, case: _Case, part: Part, kept: Almanac) -> Almanac:
        """Return what the source gives now, and keep it; what was kept before where it fails."""
        now, answered = case.look.now, True
        try:
            found = self._fetched(case, part, kept)
            self.store.keep_almanac(case.symbol, found, now)
        except SourceError as error:
            _log(error, f"no {part}", case.symbol)
            found, answered = kept, False
        self.asked[case.symbol, part] = _Asked(now, answered, self._lacking(case, part, found))
        return found

    def _lacking(self, case: _Case, part: Part, found: Almanac) -> datetime | None:
        """Return since when a source that was asked now does not give what is needed."""
        if all(need.is_met(found) for need in case.of(part)):
            return None
        asked, now = self.asked.get((case.symbol, part)), case.look.now
        since = asked.lacking_since if asked else None
        return since if since and since <= now else now

    def _fetched(self, case: _Case, part: Part, kept: Almanac) -> Almanac:
        look = case.look
        if part is Part.OUTLOOK:
            targets = any(needs_targets(rule) for rule in case.rules)
            return replace(kept, outlook=self.source.outlook(look.listing, targets=targets))
        spans = [reach(rule) for rule in case.rules if not needs_outlook(rule)]
        far = None if None in spans else max(filter(None, spans))
        first = min(need.session.open for need in case.of(part))
        series = self.source.daily(look.listing, None if far is None else first - far, look.now)
        found = _history(case, series, whole=far is None)
        return replace(kept, days=found.days, splits=found.splits, whole=found.whole)

    def _made_do(self, case: _Case, kept: Almanac) -> Almanac:
        """Return what is kept, as complete as it gets where a source has had its time."""
        asked = self.asked.get((case.symbol, Part.HISTORY))
        if asked is None or not asked.answered:
            return kept
        late = [need for need in case.of(Part.HISTORY) if not need.is_met(kept)]
        late = [need for need in late if need.before and case.look.now >= asked.patience(need)]
        opens = [need.before.open for need in late if need.before]
        if not opens:
            return kept
        done = replace(kept, complete_to=max(opens))
        if not any(need.is_met(done) for need in late):
            return kept
        logger.warning(
            "no daily bar of the session before, levels stand on older ones",
            symbol=case.symbol, session=max(opens), newest=done.days[-1].start,
        )  # fmt: skip
        self.store.keep_almanac(case.symbol, done, case.look.now)
        return done


def _log(error: SourceError, what: str, symbol: Symbol) -> None:
    level = "DEBUG" if isinstance(error, Crowded) else "WARNING"
    logger.log(level, what, symbol=symbol, error=str(error))


def _through(look: Look) -> datetime:
    """Return up to when splits are in what is kept of a symbol."""
    return look.claim.cursor.split_through or look.since


def _history(case: _Case, series: Series, *, whole: bool) -> Almanac:
    """Return the days before the newest session, whose own row is not whole yet."""
    look = case.look
    good = sift(series, look.listing.currency, look.now).good
    _compare(look, series, year(good, look.now))
    splits = {split for split in series.splits if split.at <= look.now} | set(case.splits)
    in_order = sorted(splits, key=lambda split: split.at)
    found = as_of(good, in_order, case.price, _through(look), whole=whole)
    newest = max(need.session.open for need in case.of(Part.HISTORY))
    return replace(found, days=tuple(day for day in found.days if day.start < newest))


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
