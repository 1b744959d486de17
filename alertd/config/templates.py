"""In whose words does a channel speak?

"{{ name }} at {{ price }}"    a Jinja2 template in the file itself
{ file = "PATH" }              one beside it
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alertd.config import secret
from alertd.config.wrong import Wrong, expected, meant

if TYPE_CHECKING:
    from alertd.config.secret import Surroundings

_LONGEST = 20_000
_FILE = "file"


def template(value: object, around: Surroundings) -> str:
    """Return the source of a template; "" where what lies elsewhere is not fetched."""
    source = value if isinstance(value, str) else _beside(value, around)
    if isinstance(value, str) or around.resolve:
        _can_be_filled(source)
    return source


def _beside(value: object, around: Surroundings) -> str:
    match value:
        case {**places} if set(places) == {_FILE}:
            return secret.contents(places[_FILE], around)
        case {**places} if len(places) == 1:
            what = "expected a template, or the place of its file, found another key"
            raise Wrong(what, meant(str(*places), [_FILE]))
        case _:
            raise expected(value, 'a template, or { file = "PATH" }')


def _can_be_filled(source: str) -> None:
    # Slow to import, and most files have no template.
    from alertd.core.sandbox import problem

    if not source.strip():
        what = "expected a template, found an empty text"
        raise Wrong(what, "without the key, the built-in words stay")
    if len(source) > _LONGEST:
        what = f"expected at most {_LONGEST} characters, found {len(source)}"
        raise Wrong(what)
    if not source.translate({9: " ", 10: " ", 13: " "}).isprintable():
        what = "expected a text, found control characters in it"
        raise Wrong(what)
    if wrong := problem(source):
        what = f"expected a Jinja2 template: {wrong}"
        raise Wrong(what)
