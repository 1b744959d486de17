"""Where does an alert stand, in a few words?

    armed    crossed, 1 of 2 closes    fired, armed again at $151.50 or above    done

What the file says now comes first: an alert that has expired, or that the daemon has not read yet,
stands nowhere else.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from alertd.core import words
from alertd.core.judge import cooled_at
from alertd.core.rules import Closes
from alertd.core.states import Phase

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.cli.tickers import Ticker
    from alertd.core.rules import Rule
    from alertd.core.states import State
    from alertd.store.reading import AlertRow


def standing(rule: Rule, row: AlertRow | None, ticker: Ticker, now: datetime) -> str:
    """Return what an alert is waiting for; `row` is None where the daemon does not know it."""
    if rule.expires is not None and now >= rule.expires:
        return "expired"
    if row is None or row.revision != rule.revision:
        return "not taken up yet"
    match row.state.phase:
        case Phase.ARMED:
            return "armed" if ticker.price is not None else "waits for a first price"
        case Phase.PENDING:
            return f"crossed, {_held(rule, row.state)}"
        case Phase.FIRED:
            back = words.way_back(rule, ticker.digits, ticker.currency)
            return f"fired, armed again {back}{_cooling(rule, row.state, ticker, now)}"
        case Phase.DONE:
            return "done"
        case _:
            assert_never(row.state.phase)


def _held(rule: Rule, state: State) -> str:
    match rule.hold:
        case Closes():
            return f"{state.closes} of {rule.hold}"
        case timedelta():
            return f"held {words.duration(state.held)} of {words.duration(rule.hold)}"
        case None:
            return "not held yet"
        case _:
            assert_never(rule.hold)


def _cooling(rule: Rule, state: State, ticker: Ticker, now: datetime) -> str:
    over = cooled_at(rule, state)
    if over is None or over <= now:
        return ""
    return f", not before {words.local(over, ticker.listing.calendar.zone)}"
