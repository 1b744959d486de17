"""History files as users have them, and alerts to replay over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.typed import Home

ALERTS = """
[[alert]]
id = "floor"
symbol = "BABA"
below = 150
recovery = true

[[alert]]
id = "ceiling"
symbol = "NVDA"
above = 120
"""

FALLING = """Date,Open,High,Low,Close
2026-03-09,152,153,151,152
2026-03-10,152,152,149,149
2026-03-11,149,153,149,152
"""

RISING = """Date,Open,High,Low,Close
2026-03-09,118,119,117,118
2026-03-10,119,121,119,121
"""

# Two hours of the session after those of FALLING.
MINUTES = """Datetime,Open,High,Low,Close
2026-03-12 09:30,152,152,152,152
2026-03-12 09:31,152,154,152,154
2026-03-12 15:59,154,154,151,151
"""


def files(home: Home, **contents: str) -> list[str]:
    """Write history files and return the arguments that name them."""
    for symbol, content in contents.items():
        (home.folder / f"{symbol}.csv").write_text(content)
    return [word for symbol in contents for word in ("--csv", f"{symbol}={symbol}.csv")]


def summarised(answer_out: str) -> list[list[str]]:
    """Return the words of each row of the summary below the list of events."""
    _, _, below = answer_out.rpartition("\n\n")
    return [line.split() for line in below.splitlines()[1:]]
