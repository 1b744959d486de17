"""What may a user's template say, and what comes of it?

A template is Jinja2 and sees these fields, whose values are those of the webhook's JSON:

    subject, text, html         the built-in words; `html` is for HTML templates
    type, timestamp             what is told, as "alert.fired", and when it was recorded
    name, alert, symbol         the alert's name and id; what it watches
    kind, condition, hold       "fired", ...; "below", ...; for how long the price had to stay
    of, asked, level, band      the figure; the level as the file says it, and as a number
    origin, was                 what the level is made of; what it was when it was last told
    price, at, gap              the price of the event, its moment, whether it jumped the level
    price_now, price_at         the newest price and its moment
    distance_percent            how far above the level the price is now
    currency, severity, note    "USD"; "info", "warning", "critical"; what the user has noted
    others                      other levels, each with `alert`, `name`, `level`, `percent`
    together, together_total    other events of the same message, and how many they are
    late, detected_at           whether it was found long after it happened, and when
    held, instead_of, reminder  why it waited; the channel that failed; which reminder it is, or 0
    source, first_source        whose prices these are; who gave none, where that was asked first
    id, resolution, revision, about, simulated

What does not apply to a message is None. Moments are texts, as "2026-03-09T13:35:00Z". Templates
speak for messages that tell events; digests come in the built-in words.

`rendered` is safe from what a template reads and changes, and not from how long or large it grows:
it is for a process that may be lost.
"""

from __future__ import annotations

import unicodedata
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType

    from jinja2 import nodes
    from jinja2.sandbox import ImmutableSandboxedEnvironment

# An event as a message tells it, by which a channel's templates are tried out.
EXAMPLE: Mapping[str, object] = MappingProxyType({
    "subject": "BABA fell below $150.00, at $149.62",
    "text": "BABA fell below $150.00.\n\nIt traded at $149.62 at 09:35 New York time.\n",
    "html": "<p>BABA fell below $150.00.</p>",
    "type": "alert.fired",
    "timestamp": "2026-03-09T13:36:02Z",
    "id": "00000000-0000-5000-8000-000000000000",
    "alert": "baba-support",
    "name": "BABA below 150",
    "symbol": "BABA",
    "kind": "fired",
    "condition": "below",
    "hold": None,
    "of": "price",
    "asked": "150",
    "level": 150.0,
    "band": None,
    "was": None,
    "origin": None,
    "price": 149.62,
    "at": "2026-03-09T13:35:00Z",
    "gap": False,
    "resolution": 60.0,
    "revision": "00000000",
    "about": None,
    "late": False,
    "detected_at": "2026-03-09T13:36:02Z",
    "price_now": 149.55,
    "price_at": "2026-03-09T13:35:00Z",
    "distance_percent": -0.3,
    "currency": "USD",
    "severity": "warning",
    "note": "Where it turned in May.",
    "others": [{"alert": "baba-low", "name": "52-week low", "level": 120.5, "percent": -19.43}],
    "source": "yahoo",
    "first_source": None,
    "simulated": False,
    "together": [],
    "together_total": 0,
    "held": None,
    "instead_of": None,
    "reminder": 0,
})  # fmt: skip

FIELDS = tuple(EXAMPLE)

_LONGEST_SUBJECT = 200
_MOST_BYTES = 100_000
_LONGEST_COMPLAINT = 160

# What a template knows of itself, besides the fields and what it sets.
_OWN_NAMES = frozenset({"caller", "kwargs", "loop", "self", "super", "varargs"})


def problem(source: str) -> str | None:
    """Return what is wrong with a template, and in which line; None when it can be filled.

    It is only read, never run or compiled: compiling would compute what is constant in it.
    """
    from jinja2 import TemplateSyntaxError

    try:
        tree = _environment(escape=False).parse(source)
    except TemplateSyntaxError as error:
        return _placed(error.message or "cannot be read", error.lineno)
    except RecursionError:
        return "too deeply nested"
    return next(_faults(tree), None)


def rendered(source: str, fields: Mapping[str, object], *, escape: bool) -> str:
    """Return what a template makes of these fields; with `escape` the values become HTML.

    raises: ValueError that says what is wrong with it, and in which line.
    """
    try:
        made = (
            _environment(escape=escape).from_string(source).render(_marked(fields, escape=escape))
        )
    # An expression may raise whatever it likes.
    except Exception as error:
        raise ValueError(_complaint(error)) from error
    text = _printable(made)
    if not text.strip():
        msg = "it gives no text"
        raise ValueError(msg)
    if len(text.encode()) > _MOST_BYTES:
        msg = f"it gives more than {_MOST_BYTES // 1000} kB"
        raise ValueError(msg)
    return text


def one_line(text: str) -> str:
    """Return a text as a subject."""
    return " ".join(text.split())[:_LONGEST_SUBJECT].rstrip()


def _marked(fields: Mapping[str, object], *, escape: bool) -> Mapping[str, object]:
    from markupsafe import Markup

    # The built-in page is HTML already.
    return {**fields, "html": Markup(fields["html"])} if escape else fields  # noqa: S704 - ours


def _faults(tree: nodes.Template) -> Iterator[str]:
    from jinja2 import nodes

    environment = _environment(escape=False)
    for node in tree.find_all((nodes.Filter, nodes.Test)):
        known = environment.filters if isinstance(node, nodes.Filter) else environment.tests
        if node.name not in known:
            what = "filter" if isinstance(node, nodes.Filter) else "test"
            yield _placed(f"'{node.name}' is no {what} of Jinja2", node.lineno, node.name, known)
    for other in tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
        yield _placed("a template cannot use another", other.lineno)
    names = list(tree.find_all(nodes.Name))
    set_there = {name.name for name in names if name.ctx != "load"}
    set_there |= {macro.name for macro in tree.find_all(nodes.Macro)}
    names_known = {*FIELDS, *environment.globals, *_OWN_NAMES, *set_there}
    for name in names:
        if name.name not in names_known:
            what = f"'{name.name}' is no field of a message"
            yield _placed(what, name.lineno, name.name, names_known)


def _placed(what: str, line: int | None, found: str = "", known: Iterable[str] = ()) -> str:
    close = get_close_matches(found, sorted(known), n=1)
    where = f" (line {line})" if line else ""
    hint = f"; did you mean '{close[0]}'?" if close else ""
    return f"{what.rstrip('.')}{where}{hint}"


def _complaint(error: BaseException) -> str:
    from jinja2 import TemplateError

    match error:
        case MemoryError():
            what = "it takes too much memory"
        case RecursionError():
            what = "it calls itself for ever"
        case TemplateError():
            what = str(error)
        case _:
            what = f"{error}" or type(error).__name__
    line = " ".join(_printable(what).split())[:_LONGEST_COMPLAINT]
    return _placed(line, getattr(error, "lineno", None) or _line_of(error.__traceback__))


def _line_of(trace: TracebackType | None) -> int | None:
    """Return the innermost line of the template that was under way."""
    line = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _printable(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        sign if sign in "\n\t" or unicodedata.category(sign) not in {"Cc", "Cs"} else " "
        for sign in lines
    )


@lru_cache(maxsize=2)
def _environment(*, escape: bool) -> ImmutableSandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        autoescape=escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # Every attempt says the same: nothing is drawn by lot.
    del environment.filters["random"], environment.globals["lipsum"]
    return environment
