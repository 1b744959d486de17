"""Do the keys of one alert fit its condition?

    hold, on_start, recovery, rearm    where there is something to stay beyond, or to come back to
    within                             where something is measured over time
    of                                 where a number is compared

The same table of what does not go together is shown to editors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alertd.config.wrong import Wrong, shown
from alertd.core.rules import Amount, Band, Condition, Figure, Named, OnStart, Percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from alertd.core.rules import Distance

REARM = Percent(1.0)
MOVES = (Condition.RISES, Condition.FALLS, Condition.MOVES)

_TOUCHES, _TRAILS = (Condition.TOUCHES,), (Condition.TRAILS,)
_COMPARES = tuple(each for each in Condition if each not in {*MOVES, *_TRAILS})
_LEVELS = (Condition.BELOW, Condition.ABOVE, Condition.TOUCHES)
_WHOLE = 100
_FIRST_PRICE = "it fires at the first price that is far enough"
_ONLY_GROWS = "a day's volume only grows"
# What a volume cannot do, and the value with which that is asked for, where it is one alone.
_NEVER_BACK: dict[str, dict[str, JsonValue]] = {
    "hold": {}, "rearm": {}, "recovery": {"recovery": {"const": True}},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Clash:
    """A key that says nothing beside some conditions: whatever its value, or with these only."""

    key: str
    conditions: tuple[Condition, ...]
    why: str
    hint: str | None = None
    values: tuple[JsonValue, ...] = ()


_CLASHES = (
    _Clash("of", MOVES + _TRAILS, "only the price is followed in its moves",
           "use below or above", tuple(each for each in Figure if each is not Figure.PRICE)),
    _Clash("of", tuple(each for each in _COMPARES if each is not Condition.ABOVE), _ONLY_GROWS,
           "use above", (Figure.VOLUME,)),
    _Clash("within", _COMPARES + _TRAILS, "it does not look back", "use rises, falls or moves"),
    _Clash("hold", _TOUCHES, "a price is never beyond a level that it touches",
           "use below or above"),
    _Clash("hold", MOVES + _TRAILS, _FIRST_PRICE, "use below or above"),
    _Clash("rearm", MOVES, "it begins anew after each firing"),
    _Clash("recovery", MOVES, "there is no level to come back to", values=(True,)),
    _Clash("on_start", _TOUCHES, "a price is never beyond a level that it touches",
           "use below or above", (OnStart.FIRE,)),
    _Clash("on_start", _TRAILS, "the first price is the first to be trailed",
           values=(OnStart.FIRE,)),
)  # fmt: skip


def fit(key: str, value: object, table: Mapping[str, object]) -> None:
    """Look at one key beside those that stand above it in `AlertTable`.

    What is wrong in itself is absent from `table`, and draws no second complaint.

    raises: Wrong.
    """
    match key, value:
        case "rearm", None:
            # Not given, and so no clash; the default has to leave a way back all the same.
            if not table.get("once"):
                _comes_back(REARM, table)
            return
        case "of", Figure() if value is not Figure.PRICE:
            _is_compared_with_a_number(value, table)
        case _ if key in _NEVER_BACK and value and table.get("of") is Figure.VOLUME:
            raise _never_back(key)
    if isinstance(value, Percent | Amount):
        _comes_back(value, table)
    _does_not_clash(key, value, table)


def for_editors() -> list[JsonValue]:
    """Return the JSON Schema of what does not go together."""
    figures: JsonValue = {"enum": [each for each in Figure if each is not Figure.PRICE]}
    named: list[JsonValue] = [
        {"required": ["of", level], "properties": {"of": figures, level: {"type": "string"}}}
        for level in _LEVELS
    ]
    grows: list[JsonValue] = [
        {"required": ["of", key], "properties": {"of": {"const": Figure.VOLUME}, **given}}
        for key, given in _NEVER_BACK.items()
    ]
    return [{"not": each} for each in (*map(_together, _CLASHES), *named, *grows)]


def _never_back(key: str) -> Wrong:
    again = "" if key == "hold" else "; it is armed again in the next session"
    return Wrong(f'has no meaning with of = "{Figure.VOLUME}": {_ONLY_GROWS}{again}')


def _together(clash: _Clash) -> JsonValue:
    one_of: list[JsonValue] = [{"required": [each]} for each in clash.conditions]
    found: dict[str, JsonValue] = {"required": [clash.key], "anyOf": one_of}
    if clash.values:
        found["properties"] = {clash.key: {"enum": list(clash.values)}}
    return found


def _does_not_clash(key: str, value: object, table: Mapping[str, object]) -> None:
    for clash in _CLASHES:
        beside = [each for each in clash.conditions if table.get(each) is not None]
        if clash.key == key and beside and (not clash.values or value in clash.values):
            found = f"{shown(value)} has" if clash.values else "has"
            what = f"{found} no meaning with {beside[0]}: {clash.why}"
            raise Wrong(what, clash.hint)


def _is_compared_with_a_number(figure: Figure, table: Mapping[str, object]) -> None:
    for key in _LEVELS:
        if isinstance(level := table.get(key), Named):
            what = f"{shown(figure)} is no price, and {shown(str(level))} is one"
            raise Wrong(what, f"give {key} a number such as 20")


def _comes_back(rearm: Distance, table: Mapping[str, object]) -> None:
    if wrong := _too_far(rearm, table):
        raise wrong


def _too_far(rearm: Distance, table: Mapping[str, object]) -> Wrong | None:
    """Return what is wrong with a `rearm` by which no price can come back."""
    match table.get("above"):
        case float(level) if rearm.of(level) >= level:
            return _only_once(f"{rearm} below {level:g} is no price")
        case Named() as name if isinstance(rearm, Percent) and rearm.value >= _WHOLE:
            return _only_once(f"{rearm} below {name} is no price")
    match table.get("outside"):
        case Band(low, high) as band if max(rearm.of(low), rearm.of(high)) >= high - low:
            hint = f"give a rearm under {high - low:g}, the width of the band"
            return _only_once(f"{rearm} from an edge of {band} is outside again", hint)
    return None


def _only_once(why: str, hint: str | None = None) -> Wrong:
    return Wrong(f"{why}: this alert would fire only once", hint)
