"""How is a template filled by a process that may be lost?

    one line of JSON in    {"templates": {"text": "..."}, "fields": {...}, "seconds": 3}
    a line of JSON out     {"part": "text", "words": "..."}, or "problem" in place of "words"

Whatever a template does, it does here: in a process of its own that knows nothing but these fields,
has little memory and little time, and writes no file. A part's line is out before the next part
is begun.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import TYPE_CHECKING

from alertd.core.sandbox import one_line, rendered

if TYPE_CHECKING:
    from collections.abc import Mapping

_MEMORY = 256 * 1024 * 1024


def main() -> None:
    """Fill the templates that come in, one after the other."""
    order = json.loads(sys.stdin.readline())
    _confine(order["seconds"])
    for part, source in order["templates"].items():
        print(json.dumps({"part": part} | _filled(part, source, order["fields"])), flush=True)  # noqa: T201 - the answer


def _filled(part: str, source: str, fields: Mapping[str, object]) -> dict[str, str]:
    try:
        words = rendered(source, fields, escape=part == "html")
    except ValueError as error:
        return {"problem": str(error)}
    return {"words": one_line(words) if part == "subject" else words}


def _confine(seconds: int) -> None:
    # Should whoever waits for it be gone, the time ends it all the same.
    _limit(resource.RLIMIT_CPU, seconds)
    _limit(resource.RLIMIT_AS, _MEMORY)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    lower = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (lower, lower))
