"""`alertd pause`: which alerts are not to send until further notice?"""

from __future__ import annotations

from alertd.cli import named, options, output

EXAMPLES = """\
  alertd pause support-150-lost
  alertd pause support-150-lost high-192-crossed"""


def pause(alert: named.AlertIds, config: options.ConfigFile = None) -> None:
    """Hold back alerts' messages until `alertd arm`.

    Their prices are judged all the same, and nothing that they fire is lost. Exit status 1 when
    there is no database yet, 2 when there is no such alert.
    """
    settings = options.settings(config)
    found = named.alerts(settings, alert)
    desk = options.desk(settings)
    from alertd.ops.clock import SystemClock

    for id_ in (each.rule.id for each in found):
        desk.pause(id_, SystemClock().now())
        output.say(f"{id_}: messages wait until `alertd arm {id_}`; prices are judged all the same")
