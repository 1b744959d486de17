"""Which level does a name such as "52w high - 2%" stand for?

    NAME            52w high | 52w low | previous close | sma N | all-time high
                    | analyst target | analyst high | analyst low
    NAME + N%       so much above it
    NAME - N%       so much below it

`str` of what is read here reads back as the same.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

from alertd.core.rules import Name, Named

# Six digits in all are those that a level shows, so none is lost on the way.
SHARE = r"[0-9]{1,3}(?:\.[0-9]{1,3})?"

_COUNT = r"(?:1000|[1-9][0-9]{0,2})"
_SOME = r"(?!0+(?:\.0+)? *%)"
_UNDER_100 = r"0?[0-9]{1,2}(?:\.[0-9]{1,3})?"
_SMA = '"sma" and a number of closes from 1 to 1000, such as "sma 200"'

# What people say, and what alertd calls it.
_SPOKEN = {
    **{str(name): name for name in Name if name is not Name.SMA},
    "52 week high": Name.YEAR_HIGH,
    "year high": Name.YEAR_HIGH,
    "52 week low": Name.YEAR_LOW,
    "year low": Name.YEAR_LOW,
    "prev close": Name.PREVIOUS_CLOSE,
    "last close": Name.PREVIOUS_CLOSE,
    "ath": Name.ALL_TIME_HIGH,
    "record high": Name.ALL_TIME_HIGH,
    "price target": Name.ANALYST_TARGET,
    "analyst mean": Name.ANALYST_TARGET,
    "target": Name.ANALYST_TARGET,
    "target high": Name.ANALYST_HIGH,
    "target low": Name.ANALYST_LOW,
    "moving average 200": Name.SMA,
    "ma 200": Name.SMA,
}
_LONGEST = 40

# What a keyboard or a word processor makes of a "-": hyphens, dashes and the minus sign.
DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d", "-"))


class NotALevel(ValueError):
    """A text names no level; `expected` and `hint` say what would."""

    def __init__(self, found: str, expected: str, hint: str | None = None) -> None:
        self.found, self.expected, self.hint = found, expected, hint
        super().__init__(f"expected {expected}, found {found[:_LONGEST]!r}")


def _any_case(name: str) -> str:
    """Return the pattern of a name in any case of letters, for editors too, which know no flags."""
    letters = (f"[{c.upper()}{c}]" if c.isalpha() else " +" if c == " " else c for c in name)
    return "".join(letters)


def _heads() -> str:
    plain = "|".join(_any_case(name) for name in Name if name is not Name.SMA)
    return rf"{plain}|{_any_case(Name.SMA)} +{_COUNT}(?![0-9.])"


_HEAD = _heads()

# Every text that `named` takes, and no other.
LEVEL = rf" *(?:{_HEAD})(?: *(?:\+ *{_SOME}{SHARE}|- *{_SOME}{_UNDER_100}) *%)? *"


def named(text: str) -> Named:
    """Return the level that a text names, in any case of letters.

    raises: NotALevel with what was expected instead.
    """
    head = re.match(f" *({_HEAD})", text)
    if head is None or not re.fullmatch(LEVEL, text):
        raise _not_a_level(text, head)
    words = head[1].lower().split()
    offset = re.sub("[ %]", "", text[head.end() :])
    return _level(words, float(offset) if offset else 0.0)


def _level(words: list[str], offset: float) -> Named:
    if words[0] == Name.SMA:
        return Named(Name.SMA, int(words[1]), offset)
    return Named(Name(" ".join(words)), offset=offset)


def _not_a_level(text: str, head: re.Match[str] | None) -> NotALevel:
    plain = text.translate(DASHES)
    if plain != text and re.fullmatch(LEVEL, plain):
        hint = f'write "{plain.strip()}", with the "-" of a keyboard'
        return NotALevel(text, 'a plain "-"', hint)
    if head is not None and not text[head.end() :][:1].isalpha():
        return _not_an_offset(text, " ".join(head[1].lower().split()), text[head.end() :])
    words = text.lower().split()
    if words and re.match(rf"{Name.SMA}(?![a-z])", words[0]):
        return NotALevel(text, _SMA)
    return NotALevel(text, "a price or a level name", _meant(words) or _known())


def _not_an_offset(text: str, name: str, tail: str) -> NotALevel:
    """Return what is wrong with what follows a name."""
    parts = re.fullmatch(rf"([+-]?) *({SHARE}) *(%?)", tail.strip(" "))
    if parts is None:
        what = f'a percentage such as "+ 2.5%" after "{name}"'
        return NotALevel(text, what, "it is under 1000 and has at most 3 decimals")
    sign, number, percent = parts.groups()
    if not sign:
        return NotALevel(text, f'"+" or "-" before {number}%')
    if not percent:
        return NotALevel(text, f'"%" after {number}', f'write "{name} {sign} {number}%"')
    if float(number) == 0:
        return NotALevel(text, "an offset other than 0%", f'write "{name}" alone')
    return NotALevel(text, "less than 100% below the level", f"{sign} {number}% leaves no price")


def _meant(words: list[str]) -> str | None:
    """Return a hint that names the level that was probably meant, if one is near."""
    said = re.sub(r" *[+-]? *[0-9.]+ *%$", "", " ".join(words)[:_LONGEST])
    for near in get_close_matches(said, _SPOKEN, n=1):
        name = _SPOKEN[near]
        return f'did you mean "{Named(name, 200) if name is Name.SMA else name}"?'
    return None


def _known() -> str:
    names = [f'"{name} N"' if name is Name.SMA else f'"{name}"' for name in Name]
    return f"level names: {', '.join(names[:-1])} and {names[-1]}"
