"""What happened, in sentences?

    Parcel -> Story -> text and HTML

Written to be read at night on a phone: what happened first, then when and at which price, where the
price is now, and only then the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from alertd.core import circumstances, crossings, words
from alertd.core.accounts import by_closes, happened, mark, moment, moved, origin, when
from alertd.core.bars import rounded
from alertd.core.events import Kind
from alertd.core.headlines import headline, is_of_many, priced, rescaled, span, split
from alertd.core.notices import Severity, single
from alertd.core.phrases import PRICED, amount, cash
from alertd.core.rules import Figure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alertd.core.events import Event
    from alertd.core.notices import Notice, OtherLevel
    from alertd.core.parcels import Parcel

# So many levels are listed in all, those that are told together counted; but always a few others.
_LEVELS_LIMIT = 12
_FEW_OTHERS = 4

# A text may be longer than a webhook's body, but nobody reads hundreds of lines.
_TOGETHER_LIMIT = 30

SIMULATED = "SIMULATED: these prices are made up; nothing happened on a market."

ACCENTS = {Severity.INFO: "#3b82f6", Severity.WARNING: "#d97706", Severity.CRITICAL: "#dc2626"}


@dataclass(frozen=True, slots=True)
class Row:
    """Another level, as it is listed."""

    percent: str
    price: str
    name: str


@dataclass(frozen=True, slots=True)
class Section:
    """What a digest tells of one symbol, a line for each event."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """The note of one alert, or of several that have the same; `whose` are their names."""

    whose: str
    text: str


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that the bodies of a message say; an empty string or list is left out.

    `listed` are the events that are told together, under the words of `listing`. `sections` are
    those of a digest. `note` is that of the only alert, `notes` are those of several.
    """

    headline: str
    paragraphs: tuple[str, ...]
    about: str
    accent: str = ACCENTS[Severity.INFO]
    banner: str = ""
    listing: str = ""
    listed: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    note: str = ""
    notes: tuple[Remark, ...] = ()
    others: tuple[Row, ...] = ()
    more: str = ""


def story(parcel: Parcel) -> Story:
    """Return what the message about one event, or about several levels, tells its reader."""
    (notice,) = parcel.notices
    nearest = near(notice)
    hidden = len(notice.others) - len(nearest)
    several = crossings.are_told(notice)
    listing, listed = _together(notice)
    why = circumstances.of_one(parcel)
    about = (*_body(notice), _now(notice, "then was" if why else "is"), *why)
    return Story(
        headline=headline(notice),
        paragraphs=tuple(filter(None, about)),
        about=_about(notice),
        accent=ACCENTS[notice.severity],
        banner=SIMULATED if notice.simulated else "",
        listing=listing,
        listed=listed,
        note="" if several else words.block(notice.note, words.NOTE_LIMIT),
        notes=remarks(crossings.singles(notice)) if several else (),
        others=tuple(_row(other, notice) for other in nearest),
        more=f"and {hidden} more, farther away" if hidden else "",
    )


def remarks(ones: Iterable[Notice]) -> tuple[Remark, ...]:
    """Return the notes of several alerts."""
    return tuple(
        Remark(words.joined(names), note) for note, names in crossings.remarks(ones).items()
    )


def near(notice: Notice) -> tuple[OtherLevel, ...]:
    """Return the other levels nearest to the price, highest first."""
    told = len(notice.together) if crossings.are_told(notice) else 0
    room = max(_LEVELS_LIMIT - told, _FEW_OTHERS)
    nearest = sorted(notice.others, key=lambda other: abs(other.percent))[:room]
    return tuple(sorted(nearest, key=lambda other: -other.level))


def distance(notice: Notice) -> float | None:
    """Return by how many per cent of the level the price lies above it now; below is negative.

    Of a band it is the edge nearer to the price. None where there is no level, or not one alone,
    or where the price is no measure of what is watched.
    """
    event = notice.event
    told = event.kind in PRICED or (event.kind is Kind.SPLIT and not is_of_many(notice))
    if not told or event.of is Figure.VOLUME or not event.level or not event.unit:
        return None
    level = _nearest(notice)
    return round((_value_now(notice) - level) / level * 100, 2)


def _value_now(notice: Notice) -> float:
    """Return what the last price is in the unit of the figure that is watched."""
    unit = notice.event.unit
    return notice.price_now if unit == 1 else rounded(notice.price_now / unit)


def _nearest(notice: Notice) -> float:
    now, event = _value_now(notice), notice.event
    return min(event.band or (event.level,), key=lambda edge: abs(edge - now))


def _body(notice: Notice) -> tuple[str, ...]:
    if crossings.are_told(notice):
        return (crossings.account(notice),)
    match notice.event.kind:
        case Kind.FIRED | Kind.RECOVERED:
            late = _lateness(notice), circumstances.switched(notice)
            return (happened(notice), origin(notice), moved(notice), *late)
        case Kind.WITHDRAWN:
            return (_taken_back(notice),)
        case Kind.SPLIT:
            return (_rescaled(notice),)
        case Kind.HELD:
            return (_refused(notice),)
        case Kind.STALE | Kind.RESUMED:
            return (_silence(notice),)


def _taken_back(notice: Notice) -> str:
    event, as_if = notice.event, "The alert stands as if it had not happened."
    value, figure = amount(event.price, notice), words.FIGURES[event.of]
    if by_closes(notice):
        what = "close" if event.of is Figure.PRICE else f"{figure} at the close"
        told = f"The {what} of {moment(event.at, notice)} was first given as {value}"
        return f"{told}. It has changed since, and no longer shows what was told. {as_if}"
    return (
        f"The {figure} of {value} was seen {when(notice)}, in a bar that could still change. "
        f"The bar has settled since in another shape, without it. {as_if}"
    )


def _rescaled(notice: Notice) -> str:
    event = notice.event
    if is_of_many(notice):
        what = f"The {split(event)} rescales every fixed level of {event.symbol}."
        return (
            f"{what} Write the new numbers into the configuration; until then they are converted."
        )
    before, now, plain = rescaled(event, notice.digits, notice.currency)
    return (
        f"{split(event)}: your level of {before} is {now} now. Write {plain} into the "
        f"configuration; until then alertd converts it. The split itself fires nothing."
    )


def _refused(notice: Notice) -> str:
    why = words.line(notice.event.about, words.ABOUT_LIMIT)
    return f"{why[:1].upper()}{why[1:]}. The alert is held, and goes on once its level is good."


def _silence(notice: Notice) -> str:
    event = notice.event
    if event.kind is Kind.RESUMED:
        since, until = moment(event.bar_start, notice), moment(event.bar_end, notice)
        return (
            f"Good prices come again. None came from {since} to {until}. "
            "What the source has of that time is judged now."
        )
    lost = "What is missed is judged once the source has it."
    why = words.line(event.about, words.ABOUT_LIMIT)
    because = f" The last attempt: {why}." if why else ""
    return f"Alerts on {event.symbol} cannot fire while none comes. {lost}{because}"


def _lateness(notice: Notice) -> str:
    if not notice.late:
        return ""
    at, found = notice.event.at, notice.detected_at
    later = span(max(found - at, timedelta(0)))
    return (
        f"This message is late. It happened at {moment(at, notice)} "
        f"and was found at {moment(found, notice)}, {later} later."
    )


def _together(notice: Notice) -> tuple[str, tuple[str, ...]]:
    """Return the words over the events that are told together, and a line for each."""
    if not notice.together:
        return "", ()
    if is_of_many(notice):
        of_all = sorted((notice.event, *notice.together), key=lambda event: event.alert)
        return "The new numbers:", cut([_rewritten(event, notice) for event in of_all])
    if crossings.are_told(notice):
        return "In the order in which it happened:", cut(crossings.lines(notice))
    earlier = sorted(notice.together, key=lambda event: (event.at, event.bar_start))
    return "Before that, found late as well:", cut([_earlier(event, notice) for event in earlier])


def cut(lines: list[str]) -> tuple[str, ...]:
    """Return the last lines; the first one says how many are left out."""
    hidden = len(lines) - _TOGETHER_LIMIT
    if hidden <= 0:
        return tuple(lines)
    return (f"{hidden} more: see `alertd history`", *lines[hidden:])


def _rewritten(event: Event, notice: Notice) -> str:
    name = notice.names.get(event.alert, notice.name if event == notice.event else "")
    called = f" {words.line(name, words.NAME_LIMIT)}" if name else ""
    before, now, plain = rescaled(event, notice.digits, notice.currency)
    return f"{event.alert}:{called}: {before} is {now} now; write {plain}"


def _earlier(event: Event, notice: Notice) -> str:
    at = words.local(event.at, ZoneInfo(notice.zone))
    return f"{at}  {priced(single(notice, event))}"


def _now(notice: Notice, verb: str) -> str:
    if not notice.price_now:
        return ""
    price, at = cash(notice.price_now, notice), moment(notice.price_at, notice)
    where = _whereabouts(notice)
    return f"The last price {verb} {price}{where and f', {where}'}, as of {at}."


def _whereabouts(notice: Notice) -> str:
    event, far = notice.event, distance(notice)
    if far is None:
        return ""
    now, level = _value_now(notice), _nearest(notice)
    if event.band and event.band[0] <= now <= event.band[1]:
        return "inside the band"
    if now == level:
        return f"exactly at {mark(notice, level)}"
    side = "above" if now > level else "below"
    return f"{words.share(far) if far else 'just'} {side} {mark(notice, level)}"


def _about(notice: Notice) -> str:
    name, alert = words.line(notice.name, words.NAME_LIMIT), notice.event.alert
    called = f'"{name}" ({alert})' if name and name != alert else str(alert)
    what = f"Alert {called}" if notice.condition else f"All alerts on {notice.event.symbol}"
    if is_of_many(notice):
        what = f"{len(notice.together) + 1} alerts on {notice.event.symbol}"
    if crossings.are_told(notice):
        ids = dict.fromkeys(event.alert for event in (*notice.together, notice.event))
        what = f"Alerts {words.joined([*ids])}"
    return f"{what}, severity {notice.severity}. Quotes: {circumstances.quotes(notice)}."


def _row(other: OtherLevel, notice: Notice) -> Row:
    name = words.line(other.name, words.NAME_LIMIT) or str(other.alert)
    return Row(words.percent(other.percent), cash(other.level, notice), name)
