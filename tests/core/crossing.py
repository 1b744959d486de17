"""Several levels in one message, as tests like to write them.

crossed(["below 150", "below 148"], "151", "144") is what BABA tells when it falls so from one
minute to the next; alerts are named after what they ask for.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from alertd.core.alerts import Alert, notice
from alertd.core.bars import Last
from alertd.core.calendars import listing
from alertd.core.events import Kind
from alertd.core.notices import Severity
from tests.support.build import bar, judged, rule, series

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alertd.core.notices import Notice

QUARTER = timedelta(minutes=15)


def ask(asked: str, note: str = "", *, critical: bool = False, **more: Any) -> Alert:  # noqa: ANN401 - the fields of a rule
    """Return an alert; its id is what it asks for, and a critical one reminds."""
    one = rule(asked, id=re.sub("[^a-z0-9.]+", "-", asked), **more)
    severity = Severity.CRITICAL if critical else Severity.WARNING
    return Alert(one, f"{one.id} by name", note, severity, ("desk",), QUARTER if critical else None)


def crossed(asked: Sequence[str | Alert], *bars: str, kind: Kind = Kind.FIRED) -> Notice:
    """Return the notice of all events of a kind in minutes from 09:30 on."""
    alerts = [one if isinstance(one, Alert) else ask(one) for one in asked]
    tape = [bar(f"09:{30 + n}", prices) for n, prices in enumerate(bars)]
    decisions = judged([one.rule for one in alerts], tape).decisions
    *before, event = [d.event for d in decisions if d.event and d.event.kind is kind]
    by_id = {one.rule.id: one for one in alerts}
    return notice(
        event, by_id[event.alert], alerts, listing=listing(event.symbol, currency="USD"),
        series=series(tape, digits=2), last=Last(tape[-1].close, tape[-1].start), source="yahoo",
        found_at=tape[-1].end, late=False, together=before,
    )  # fmt: skip
