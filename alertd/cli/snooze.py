"""`alertd snooze`: for how long are an alert's messages not wanted?

It is judged all the same; what it fires waits in the store and goes out as one message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from alertd.cli import named, options, output
from alertd.core import words

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.config.settings import Config
    from alertd.core.alerts import Alert

EXAMPLES = """\
  alertd snooze support-150-lost 2h
  alertd snooze support-150-lost until close
  alertd snooze support-150-lost until 2026-12-01 09:30
  alertd snooze support-150-lost off"""

OFF = "off"

_When = Annotated[
    list[str],
    typer.Argument(
        metavar="WHEN",
        help="2h, 1 day 2h; until close, until 2026-12-01, until 2026-12-01 09:30; or off.",
        show_default=False,
    ),
]


def snooze(alert: named.AlertId, when: _When, config: options.ConfigFile = None) -> None:
    """Hold back an alert's messages for a while.

    They go out as one when the time has come, or at once with `off`. Days and times are those of
    the exchange; `until close` is the end of the session that is open now, else of the next one.
    Exit status 1 when there is no database yet, or when `off` found nothing to end; 2 when there is
    no such alert or no such time.
    """
    settings = options.settings(config)
    found, said = named.alert(settings, alert), " ".join(when)
    from alertd.ops.clock import SystemClock

    now = SystemClock().now()
    if said.lower() == OFF:
        _wake(settings, found, now)
    else:
        _snooze(settings, found, said, now)


def _snooze(settings: Config, alert: Alert, said: str, now: datetime) -> None:
    from alertd.core.snoozes import NoEnd, until

    calendar = settings.listings[alert.rule.symbol].calendar
    try:
        end = until(said, now, calendar.around(now, now), calendar.zone)
    except NoEnd as wrong:
        raise typer.BadParameter(str(wrong), param_hint="WHEN") from None
    options.desk(settings).snooze(alert.rule.id, end, now)
    there = words.local(end, calendar.zone)
    output.say(f"{alert.rule.id}: messages wait until {there}; prices are judged all the same")


def _wake(settings: Config, alert: Alert, now: datetime) -> None:
    if not options.desk(settings).wake(alert.rule.id, now):
        output.fail(f"{alert.rule.id}: it was not snoozed; a pause ends with `alertd arm`")
    output.say(f"{alert.rule.id}: its messages wait no more")
