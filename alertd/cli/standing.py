"""Where does an alert stand, in a few words?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from alertd.core import words
from alertd.core.rules import Closes, Condition
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
            return f"fired, armed again at {_rearm(rule, ticker)}"
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


def _rearm(rule: Rule, ticker: Ticker) -> str:
    upper = ticker.amount(rule.upper(ticker.digits))
    lower = ticker.amount(rule.lower(ticker.digits))
    match rule.condition:
        case Condition.BELOW:
            return upper
        case Condition.ABOVE:
            return lower
        case Condition.TOUCHES:
            return f"{lower} or {upper}"
        case _:
            assert_never(rule.condition)
