"""What does one message say of several levels?

    BABA fell below $150.00, $148.00 and $145.00, at $144.20 (gap)

They are levels of one symbol that were crossed in one cycle, and come in the order in which they
were. The notice is of the last of them: that is how far the price has gone.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from alertd.core import words
from alertd.core.accounts import moved, origin, seen
from alertd.core.events import Kind
from alertd.core.notices import Severity, single
from alertd.core.phrases import PRICED, Phrase, amount, as_told, phrase
from alertd.core.rules import Figure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from alertd.core.notices import Notice

# So many events are told by a message besides its own, so that a webhook's body has all of them.
TOGETHER_LIMIT = 10

# A subject lists no more levels than these by one verb, and counts them beyond.
_MOST_LEVELS = 4
_LONGEST_HEADLINE = 110


def are_told(notice: Notice) -> bool:
    """Tell whether a notice is of several levels, and not of what one alert missed."""
    return bool(notice.together) and not notice.late and notice.event.kind in PRICED


def headline(notice: Notice) -> str:
    """Return what happened to all of them: "BABA fell below $150.00 and $148.00"."""
    ways = _by_way(_told(notice))
    whole = _sentence(ways)
    if len(whole) <= _LONGEST_HEADLINE:
        return whole
    # What was crossed last says how far it went, and must not be what is left out.
    ways = [ways[-1], *ways[:-1]]
    shown = next(n for n in range(len(ways), 0, -1) if n == 1 or _fits(ways[:n]))
    hidden = sum(len(way) for way in ways[shown:])
    return f"{_sentence(ways[:shown])}; and {hidden} more" if hidden else _sentence(ways)


def price(notice: Notice) -> str:
    """Return where the price has gone, for the end of a subject: "at $144.20 (gap)"."""
    ones = _told(notice)
    last = next((one for one in reversed(ones) if one.event.of is Figure.PRICE), ones[-1])
    gap = " (gap)" if _gapped(notice) else ""
    return f"at {amount(last.event.price, last)}{gap}"


def account(notice: Notice) -> str:
    """Return what was seen and when, where that is the same for all of them."""
    if notice.event.kind is Kind.WITHDRAWN:
        return (
            "It was told of prices that could still change. They have settled since, and no longer "
            "show it. The alerts stand as if it had not happened."
        )
    if not _at_once(notice):
        return ""
    gap = " It opened there, without a trade in between: a gap." if _gapped(notice) else ""
    return f"{seen(single(notice, notice.event))}{gap}"


def lines(notice: Notice) -> list[str]:
    """Return a line for each level: what was crossed, whose it is, what it is made of."""
    at_once = _at_once(notice)
    return [_line(one, at_once=at_once) for one in _told(notice)]


def remarks(ones: Iterable[Notice]) -> dict[str, list[str]]:
    """Return the notes of several alerts, each once, with the names of those whose it is."""
    found: dict[str, list[str]] = {}
    for one in ones:
        note, name = words.block(one.note, words.NOTE_LIMIT), called(one)
        if note and name not in found.setdefault(note, []):
            found[note].append(name)
    return found


def singles(notice: Notice) -> list[Notice]:
    """Return everything that a notice tells, each as a notice of its own, as it happened."""
    return [single(notice, event) for event in (*notice.together, notice.event)]


def called(notice: Notice) -> str:
    """Return the name of an alert, or its id where it has none."""
    return words.line(notice.name, words.NAME_LIMIT) or str(notice.event.alert)


def did(notice: Notice) -> str:
    """Return what happened, without the symbol: "fell below $150.00", "P/E rose above 20"."""
    said = phrase(notice)
    return said.did if said.who == notice.event.symbol else str(said).partition("'s ")[2]


def _told(notice: Notice) -> list[Notice]:
    ones = singles(notice)
    return [as_told(one) if one.event.kind is Kind.WITHDRAWN else one for one in ones]


def _by_way(ones: Sequence[Notice]) -> list[list[Phrase]]:
    """Return the phrases of each way to cross, the way that was used last at the end."""
    ways: dict[tuple[str, str, str], list[Phrase]] = {}
    for said in map(phrase, ones):
        ways.setdefault((said.who, said.does, said.rest), []).append(said)
    newest = phrase(ones[-1])
    last = (newest.who, newest.does, newest.rest)
    return [*(ways[way] for way in ways if way != last), ways[last]]


def _sentence(ways: Iterable[Sequence[Phrase]]) -> str:
    parts = []
    for who, own in groupby(ways, key=lambda way: way[0].who):
        done = "; ".join(_all_of(way).did for way in own)
        parts.append(f"{who} {done}")
    return "; ".join(parts)


def _fits(ways: Iterable[Sequence[Phrase]]) -> bool:
    return len(_sentence(ways)) <= _LONGEST_HEADLINE


def _all_of(way: Sequence[Phrase]) -> Phrase:
    """Return one phrase that names all levels, or how many there are and how far they reach."""
    first = way[0]
    levels = list(dict.fromkeys(said.level for said in way if said.level))
    if not levels:
        return first
    if len(levels) <= _MOST_LEVELS:
        named = words.joined(levels)
    elif " to " in levels[0]:
        named = f"{len(levels)} bands"
    else:
        named = f"{len(levels)} levels from {levels[0]} to {levels[-1]}"
    return Phrase(first.who, first.does, named, first.rest)


def _at_once(notice: Notice) -> bool:
    """Tell whether one point of the price crossed all levels."""
    return len({(one.event.at, seen(one)) for one in singles(notice)}) == 1


def _gapped(notice: Notice) -> bool:
    fired = notice.event.kind is Kind.FIRED
    return fired and all(event.gap for event in (*notice.together, notice.event))


def _line(one: Notice, *, at_once: bool) -> str:
    event = one.event
    what, when = did(one), ""
    if not at_once:
        at = event.at.astimezone(ZoneInfo(one.zone))
        when = f"{at:%H:%M} {at.tzname()}  "
        gap = " (gap)" if event.gap and event.kind is Kind.FIRED else ""
        what = f"{what}, at {amount(event.price, one)}{gap}"
    severe = " (critical)" if one.severity is Severity.CRITICAL else ""
    more = " ".join(filter(None, (origin(one), moved(one))))
    return f"{when}{what}: {called(one)}{severe}{'. ' if more else ''}{more}"
