"""What does the audience see?

simulated time   where it arrives   what it says
                                    | and the text of a mail, each part of it once
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from alertd.core import terms, words

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from typing import TextIO

    from alertd.config.settings import Config
    from alertd.demo.inbox import Mail, Post

_MARGIN = " " * 17


class Screen:
    """Writes line by line, as things happen, in the simulated time."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream, markup=False, emoji=False, highlight=False)
        self._told: set[str] = set()

    def opening(self, settings: Config, speed: float) -> None:
        """Say what will be seen."""
        self._line(f"A simulated market, {speed:g} times as fast as a real one. The daemon, its")
        self._line("database and its channels are real; a webhook receiver and a mail server are")
        self._line("in here.")
        self._line()
        for alert in settings.alerts:
            self._line(f"  {alert.rule.id:<12} {terms.rule(alert.rule, 2, 'USD').split(';')[0]}")
        self._line()

    def price(self, now: datetime, symbol: str, price: float) -> None:
        """Show where the price is."""
        self._line(f"{now:%H:%M}  {symbol:<8}  {words.price(price, 2, 'USD')}", "dim")

    def post(self, now: datetime, post: Post) -> None:
        """Show a webhook that has arrived."""
        data = post.body["data"]
        price = words.price(data["price"], 2, data["currency"])
        told = f"{post.body['type']} {data['alert']} at {price}; the signature is right"
        self._line(f"{now:%H:%M}  webhook   {told}", "cyan")

    def mail(self, now: datetime, mail: Mail) -> None:
        """Show a mail that has arrived; what an earlier one said is not shown again."""
        self._line(f"{now:%H:%M}  mail      {mail.subject}", "bold")
        parts = mail.text.strip().split("\n\n")
        for part in parts:
            if part not in self._told and part.rstrip(".") not in mail.subject:
                self._quote(part)
        self._told.update(parts)

    def closing(self, arrived: int, expected: int, limit: timedelta) -> None:
        """Say how it went."""
        self._line()
        if arrived == expected:
            self._line(f"All {expected} messages arrived: 150 lost and reclaimed, 192 crossed.")
        else:
            late = f"within {limit.total_seconds():g} s"
            self._line(f"Only {arrived} of {expected} messages arrived {late}.", "red")

    def _quote(self, part: str) -> None:
        for line in part.splitlines():
            self._line(f"{_MARGIN}| {line}")

    def _line(self, text: str = "", style: str | None = None) -> None:
        self._console.print(text, style=style, soft_wrap=True)
