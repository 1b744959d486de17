"""`alertd ack`: which firings has the user seen?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from alertd.cli import named, options, output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alertd.config.settings import Config
    from alertd.core.rules import AlertId

EXAMPLES = """\
  alertd ack support-150-lost
  alertd ack --all"""

_Alerts = Annotated[
    list[str] | None,
    typer.Argument(metavar="ALERT", help="Their ids in the configuration."),
]
_All = Annotated[bool, typer.Option("--all", help="Every alert that reminds of a firing.")]


def ack(alert: _Alerts = None, config: options.ConfigFile = None, all_: _All = False) -> None:
    """Acknowledge what alerts have fired: they remind no more.

    The next firing reminds again. Exit status 1 when there was nothing to acknowledge or there is
    no database yet, 2 when there is no such alert.
    """
    if bool(alert) == all_:
        msg = "expected the ids of alerts, or --all"
        raise typer.BadParameter(msg, param_hint="ALERT")
    settings = options.settings(config)
    found = _reminding(settings) if all_ else _named(settings, alert or ())
    desk = options.desk(settings)
    from alertd.ops.clock import SystemClock

    told = [_ack(id_, done=desk.acknowledge(id_, SystemClock().now())) for id_ in found]
    if not found:
        output.say("nothing to acknowledge: no alert reminds of anything")
    if not any(told):
        raise typer.Exit(1)


def _named(settings: Config, wanted: Sequence[str]) -> list[AlertId]:
    return [alert.rule.id for alert in named.alerts(settings, wanted)]


def _reminding(settings: Config) -> list[AlertId]:
    return sorted({row.alert for row in options.reader(settings).reminders()})


def _ack(alert: AlertId, *, done: bool) -> bool:
    what = "acknowledged; it reminds no more, until it fires again"
    nothing = "nothing to acknowledge: it has not fired since it last was"
    output.say(f"{alert}: {what if done else nothing}")
    return done
