"""Which alert, which channel, or which symbol is meant?

What the configuration does not have is answered with what it has, and with status 2.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer

from alertd.core import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alertd.config.settings import Config
    from alertd.core.alerts import Alert
    from alertd.core.bars import Symbol

_KNOWN = 10

AlertId = Annotated[
    str, typer.Argument(metavar="ALERT", help="Its id in the configuration.", show_default=False)
]
AlertIds = Annotated[
    list[str],
    typer.Argument(metavar="ALERT", help="Their ids in the configuration.", show_default=False),
]

Symbols = Annotated[
    list[str] | None,
    typer.Argument(metavar="SYMBOL", help="Only these, in full.", show_default=False),
]


def alert(settings: Config, wanted: str) -> Alert:
    """Return the alert that has this id.

    raises: typer.BadParameter where there is none.
    """
    by_id: dict[str, Alert] = {alert.rule.id: alert for alert in settings.alerts}
    if wanted not in by_id:
        raise typer.BadParameter(_unknown("alert", wanted, list(by_id)), param_hint="ALERT")
    return by_id[wanted]


def alerts(settings: Config, wanted: Sequence[str]) -> list[Alert]:
    """Return the alerts that have these ids, each once.

    raises: typer.BadParameter where there is no such alert.
    """
    return [alert(settings, each) for each in dict.fromkeys(wanted)]


def channel(settings: Config, wanted: str) -> str:
    """Return the name of a configured channel.

    raises: typer.BadParameter where there is none of this name.
    """
    if wanted not in settings.channels:
        known = _unknown("channel", wanted, list(settings.channels))
        raise typer.BadParameter(known, param_hint="CHANNEL")
    return wanted


def symbols(settings: Config, wanted: Sequence[str]) -> list[Symbol]:
    """Return the watched symbols that have these names, each once.

    raises: typer.BadParameter where no alert watches one.
    """
    watched = {str(symbol): symbol for symbol in settings.listings}
    for each in wanted:
        if each not in watched:
            raise typer.BadParameter(_unknown("symbol", each, list(watched)), param_hint="SYMBOL")
    return [watched[each] for each in dict.fromkeys(wanted)]


def _unknown(what: str, wanted: str, known: Sequence[str]) -> str:
    said = words.line(wanted, 80)
    near = get_close_matches(wanted, known)
    if near:
        return f'there is no {what} "{said}"; did you mean {" or ".join(near)}?'
    more = f" and {len(known) - _KNOWN} more" if len(known) > _KNOWN else ""
    return f'there is no {what} "{said}"; configured: {", ".join(known[:_KNOWN])}{more}'
