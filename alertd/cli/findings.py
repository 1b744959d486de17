"""What does the doctor find, and how is it said?

ok       store    alertd.db, 45 kB; read through, nothing is damaged
trouble  mail     smtp.example.com: login refused (535)
                  hint: see username and password
skipped  phone    a push service answers to messages only: `alertd test phone` sends one
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from alertd.cli import output
from alertd.core import words
from alertd.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from alertd.errors import AlertdError

_HINT = "\n    hint: "
_LONGEST = 1000


class Verdict(StrEnum):
    """What came of looking at one thing."""

    OK = "ok"
    TROUBLE = "trouble"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one thing, and in `hint` what to do about it."""

    about: str
    verdict: Verdict
    what: str
    hint: str = ""


def ok(about: str, what: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(about, Verdict.OK, what)


def trouble(about: str, what: str, hint: str = "") -> Finding:
    """Return that something is not as it should be."""
    return Finding(about, Verdict.TROUBLE, what, hint)


def skipped(about: str, what: str) -> Finding:
    """Return that something was not tried."""
    return Finding(about, Verdict.SKIPPED, what)


def refused(about: str, error: AlertdError) -> list[Finding]:
    """Return what an error of ours says, with its hint apart."""
    if isinstance(error, ConfigError):
        return [
            trouble(
                about, f"{each.where}: {each.what}" if each.where else each.what, each.hint or ""
            )
            for each in error.problems
        ]
    what, _, hint = str(error).partition(_HINT)
    return [trouble(about, what, hint)]


def show(finding: Finding, wide: int, redact: Callable[[str], str]) -> None:
    """Write one finding below the others, whose names are at most so `wide`."""
    label = f"{finding.verdict:<7}  {finding.about:<{wide}}  "
    output.labelled(label, words.line(redact(finding.what), _LONGEST))
    if finding.hint:
        hint = words.line(redact(finding.hint), _LONGEST)
        output.labelled(" " * len(label), f"hint: {hint}")
