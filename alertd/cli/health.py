"""`alertd health`: is the daemon alive, and can it keep what it finds?

The database keeps the daemon's last sign of life. On a full disk nothing is kept, that neither: so
the disk is looked at first.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from alertd.cli import options, output

EXAMPLES = """\
  alertd health || systemctl status alertd"""

# The daemon gives a sign of life every 20 seconds.
SILENT = timedelta(seconds=90)


def health(config: options.ConfigFile = None) -> None:
    """Tell by the exit status if the daemon is alive.

    0: it gave a sign of life in the last 90 seconds, and its disk has room. 1: it did not, or there
    is less room than [store] free, and one line says more.
    """
    settings = options.settings(config)
    from alertd.ops import disk
    from alertd.ops.clock import SystemClock

    if full := disk.trouble(settings.store.path, settings.store.free):
        output.fail(full)
    if silent := trouble(options.reader(settings).alive_at(), SystemClock().now()):
        output.fail(silent)


def trouble(alive_at: datetime | None, now: datetime) -> str | None:
    """Return what is wrong with the daemon's last sign of life; None when nothing is."""
    if alive_at is None:
        return "the daemon has given no sign of life yet"
    silence = now - alive_at
    # One from the future was given before the clock was set back: it says nothing about now.
    if abs(silence) < SILENT:
        return None
    if silence < timedelta(0):
        return f"the last sign of life is {output.about(silence)} ahead of this clock"
    return f"no sign of life for {output.about(silence)}"
