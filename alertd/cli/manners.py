"""How much may a channel say, and when?

silent from 22:00 to 07:00 Europe/Berlin; one digest a day at 18:00; mail stands in when it fails
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from alertd.cli import output
from alertd.core import words

if TYPE_CHECKING:
    from alertd.config.settings import Manner
    from alertd.core.calm import Calm
    from alertd.core.templates import Templates


def in_words(manner: Manner) -> str:
    """Return what is out of the ordinary about a channel; "" where nothing is."""
    said = [*_calm(manner.calm)]
    said += [f"{manner.fallback} stands in when it fails"] if manner.fallback else []
    own = _own(manner.templates)
    said += [f"own words for the {own}"] if own else []
    return "; ".join(said)


def _calm(calm: Calm) -> list[str]:
    zone, said = calm.zone.key if calm.zone else "UTC", []
    if calm.quiet is not None:
        said.append(f"silent from {calm.quiet.start:%H:%M} to {calm.quiet.end:%H:%M} {zone}")
    if calm.digest_at is not None:
        said.append(f"one digest a day at {calm.digest_at:%H:%M} {zone}")
    if calm.rate is not None:
        messages = output.count(calm.rate.count, "message")
        said.append(f"at most {messages} in {words.duration(calm.rate.span)}")
    return [*said, *(["critical alerts come at any time"] if said else [])]


def _own(templates: Templates) -> str:
    """Return which parts of a message have the user's own words: "subject and text"."""
    parts = [each.name for each in fields(templates) if getattr(templates, each.name) is not None]
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
