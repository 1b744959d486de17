"""How does a test run the whole of alertd, and what lies around it?

    YahooServer --TLS--> python -m alertd run --HTTP--> Desk
                          config, store, log  --TLS---> MailServer

The price has been 151 until ten minutes ago, long enough to have settled, and nothing has traded
since. What then happens happens in the minute that runs, so that it makes no difference when a test
runs or how long the daemon takes to start.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import trustme

from alertd.core.bars import Bar
from tests.e2e.ledger import Ledger
from tests.e2e.process import PATIENCE, Process, until
from tests.support.mail import MailServer
from tests.support.webhook import Answer, Receiver, server_trust
from tests.support.yahoo import YahooServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.support.mail import Mail
    from tests.support.webhook import Call, Reply

SYMBOL = "BABA"
CALM = 151.0
MINUTE = timedelta(minutes=1)
INTERVAL_S = 1.0
LOGIN = ("alertd", "correct horse battery")
SIGNING = "whsec_" + "MfKQ" * 8
AUTHORITY = "mail-ca.pem"

_ALERT = """
[[alert]]
id = "below-{level:g}"
symbol = "BABA"
below = {level}
"""

_REST = """
[channel.desk]
type = "webhook"
allow_http = true
allow_hosts = ["localhost"]
url = {{ env = "DESK_URL" }}
secret = {{ env = "DESK_SECRET" }}

[channel.mail]
type = "email"
host = "localhost"
port = {mail_port}
username = "{login}"
password = {{ env = "MAIL_PASSWORD" }}
from = "alertd <alertd@example.com>"
to = "you@example.com"
ca_file = "{authority}"

[symbol.BABA]
calendar = "24/7"
currency = "USD"

[poll]
interval = "{interval:g}s"
stale_after = "30d"

[store]
path = "alertd.db"

[log]
level = "debug"
"""


class Desk(Receiver):
    """A webhook receiver whose answer can be changed while it runs."""

    def __init__(self) -> None:
        self.reply: Reply = Answer()
        self.taken: list[Call] = []
        super().__init__(self._replied)

    def _replied(self, call: Call) -> Reply:
        if self.reply == Answer():
            self.taken.append(call)
        return self.reply


def this_minute() -> datetime:
    return datetime.now(UTC).replace(second=0, microsecond=0)


def calm() -> list[Bar]:
    """Return twenty quiet minutes that ended ten minutes ago."""
    first = this_minute() - 30 * MINUTE
    return [Bar(first + i * MINUTE, MINUTE, CALM, CALM, CALM, CALM) for i in range(20)]


class House:
    """One daemon, its files, and the servers that it talks to."""

    def __init__(self, folder: Path, yahoo: YahooServer, desk: Desk, mail: MailServer) -> None:
        self.config = folder / "alertd.toml"
        self.store = folder / "alertd.db"
        self.ledger = Ledger(self.store)
        self.yahoo, self.desk, self.mail = yahoo, desk, mail
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "DESK_URL": desk.url,
            "DESK_SECRET": SIGNING,
            "MAIL_PASSWORD": LOGIN[1],
            **yahoo.env,
        }
        self.program = "alertd"
        self._log = folder / "daemon.log"
        self._running: Process | None = None
        self.bars = calm()
        self.play(self.bars)
        self.write(150)

    @property
    def daemon(self) -> Process:
        assert self._running is not None, "start it first"
        return self._running

    @property
    def log(self) -> str:
        return self._log.read_text() if self._log.exists() else ""

    def write(self, *levels: float) -> None:
        """Write a configuration with an alert under each of these levels."""
        alerts = "".join(_ALERT.format(level=level) for level in levels)
        rest = _REST.format(
            mail_port=self.mail.port, login=LOGIN[0], authority=AUTHORITY, interval=INTERVAL_S
        )
        self.config.write_text(alerts + rest)

    def start(self) -> Process:
        """Start a daemon, and wait until it is ready and has seen the price."""
        self.begin()
        self.polled(1)
        until("a first price in the store", self.ledger.priced)
        return self.daemon

    def begin(self) -> None:
        """Start a daemon, and wait until it is ready."""
        self.close()
        self._running = Process(self.config, self.environ, self._log, self.program)
        self.daemon.told.next("READY=1")

    def close(self) -> None:
        """End the daemon if it still runs."""
        if self._running is not None:
            self._running.close()

    def play(self, bars: Sequence[Bar]) -> None:
        """Let Yahoo have these bars from now on."""
        self.yahoo.play(SYMBOL, bars)

    def fall(self, price: float) -> None:
        """Let the price fall in the minute that runs."""
        last, now = self.bars[-1], this_minute()
        if last.start == now:
            self.bars[-1] = replace(last, low=price, close=price)
        else:
            self.bars.append(Bar(now, MINUTE, last.close, last.close, price, price))
        self.play(tuple(self.bars))

    def polled(self, count: int) -> None:
        """Wait until Yahoo was asked this many times more."""
        wanted = len(self.yahoo.charts) + count
        until(f"{count} more polls", lambda: len(self.yahoo.charts) >= wanted)

    def logged(self, *words: str) -> str:
        """Wait for a line of the log that holds all of these words."""
        return until(f"a line with {words}", lambda: self._line(words))

    def told_once(self, polls: int = 2) -> tuple[Call, Mail]:
        """Return the one webhook and the one mail; more of them had that many polls to come in."""
        self.desk.wait(1, PATIENCE)
        self.mail.wait(1, PATIENCE)
        self.polled(polls)
        (call,), (mail,) = self.desk.calls, self.mail.mails
        return call, mail

    def bugs(self) -> list[str]:
        """Return the lines of the log that hold a traceback, in either of its two forms."""
        return [line for line in self.log.splitlines() if "Traceback" in line or " trace=" in line]

    def _line(self, words: Sequence[str]) -> str | None:
        lines = self.log.splitlines()
        return next((line for line in lines if all(word in line for word in words)), None)


@contextmanager
def housed(folder: Path) -> Iterator[House]:
    """Open a house in a folder, on ports of its own; its daemon has not been started yet."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / AUTHORITY))
    tls = server_trust(authority, "localhost")
    with YahooServer(folder) as yahoo, Desk() as desk, MailServer(tls=tls, login=LOGIN) as mail:
        found = House(folder, yahoo, desk, mail)
        try:
            yield found
        finally:
            found.close()
