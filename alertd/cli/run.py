"""`alertd run`: how does a command become the daemon?

It ends with the daemon's status, and no thread that hangs keeps it from ending.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from alertd.cli import options

EXAMPLES = """\
  alertd run
  alertd run --config /etc/alertd/alertd.toml"""


def run(config: options.ConfigFile = None) -> NoReturn:
    """Watch the market and send alerts.

    SIGTERM or Ctrl-C ends it. SIGHUP reads the configuration again; one that is not right is
    refused, and the old one stays.
    """
    place = options.place(config)
    from alertd import daemon

    status = daemon.run(place)
    # A fetch or a send that hangs has a thread of its own, and a normal exit would wait for it.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
