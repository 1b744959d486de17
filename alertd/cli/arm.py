"""`alertd arm`: which alerts are to speak up again, whatever has held them back?"""

from __future__ import annotations

import typer

from alertd.cli import named, options, output

EXAMPLES = """\
  alertd arm support-150-lost"""


def arm(alert: named.AlertIds, config: options.ConfigFile = None) -> None:
    """End snoozes and pauses, and arm alerts that have fired.

    An alert that is armed like this begins anew with the next price, as if it had just been
    written, and waits for no `rearm` and no `cooldown`. Exit status 1 when none of them was held
    back or had fired, or when there is no database yet; 2 when there is no such alert.
    """
    settings = options.settings(config)
    found = named.alerts(settings, alert)
    desk = options.desk(settings)
    from alertd.ops.clock import SystemClock

    armed = [_arm(each.rule.id, done=desk.arm(each.rule.id, SystemClock().now())) for each in found]
    if not any(armed):
        raise typer.Exit(1)


def _arm(alert: str, *, done: bool) -> bool:
    what = "armed; its messages wait no more"
    nothing = "nothing to end: it is neither snoozed nor paused, and has not fired"
    output.say(f"{alert}: {what if done else nothing}")
    return done
