"""Mails of all kinds, made as the daemon makes them.

The worst of them has everything that may be long: names without a blank, a note with an address.
"""

from __future__ import annotations

import email
import random
from dataclasses import replace
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from typing import TYPE_CHECKING
from uuid import UUID

from alertd.channels.mails import mail
from alertd.charts.sessions import draw
from alertd.core.bars import Bar, Symbol
from alertd.core.calm import Held
from alertd.core.events import EventId, Kind
from alertd.core.messages import message, test_message
from alertd.core.notices import Notice, OtherLevel, Severity, Wish
from alertd.core.parcels import Parcel, ParcelId, alone, digest_id, parcel_id
from alertd.core.rules import AlertId, Condition
from tests.core.telling import BAND, CLOSE, SPLIT, YEAR_HIGH, told
from tests.support.build import at, history

if TYPE_CHECKING:
    from alertd.core.messages import Message

NAME = "name_without_any_blank_at_all_" * 3 + "to_its_end"
ADDRESS = "https://example.com/" + "research_without_an_end" * 12
NOTE = f"Sell half, keep the rest until the results.\nSee {ADDRESS}\n{'Think twice. ' * 60}"

OTHERS = (
    OtherLevel(AlertId("high"), "52-week high", 192.67, 29.4),
    OtherLevel(AlertId("average"), "200-day average less 2 %", 158.21, 6.2),
    OtherLevel(AlertId("floor"), "The floor of last autumn, where I want all of it", 140.0, -6.0),
    OtherLevel(AlertId("crash"), "crash", 99.5, -33.2),
)


def days(last: float) -> tuple[Bar, ...]:
    """Return three months of sessions that end near a price, the same ones each time."""
    dice, price = random.Random(3), last * 1.12
    found = []
    for bar in history("2025-12-01", "2026-03-06"):
        price += (last * 1.01 - price) * 0.02 + dice.gauss(0, last * 0.012)
        high, low = (abs(dice.gauss(0, last * 0.008)) for _ in "hl")
        found.append(replace(bar, high=price + high, low=price - low, close=price))
    return tuple(found)


def fired() -> Notice:
    notice = told("below 150", 149.62, 150.0)
    return replace(
        notice, name="BABA support", others=OTHERS, price_now=148.9, price_at=at("09:36"),
        note="Sell half.\nThen look at the results.",
    )  # fmt: skip


def gap() -> Notice:
    """Return one that tells of three levels, which the price left behind in one night."""
    first = replace(
        fired(), severity=Severity.CRITICAL, price_now=144.2, note="", others=OTHERS[:2]
    )
    head = replace(first.event, gap=True, level=145.0, price=144.2, at=at("09:30"))
    further = tuple(
        replace(head, id=EventId(UUID(int=number)), alert=AlertId(name), level=level)
        for number, (name, level) in enumerate((("first", 150.0), ("second", 148.0)), 1)
    )
    names = {AlertId("first"): "First support", AlertId("second"): NAME}
    wishes = {
        each.alert: Wish(Condition.BELOW, None, f"{each.level:g}", Severity.WARNING, "Buy.")
        for each in further
    }
    return replace(first, event=head, asked="145", together=further, names=names, wishes=wishes)


def late() -> Notice:
    notice = fired()
    earlier = tuple(
        replace(notice.event, id=EventId(UUID(int=n)), at=at("15:01", f"2026-03-0{n}"))
        for n in (2, 3, 4)
    )
    found = notice.detected_at + timedelta(hours=3)
    return replace(notice, late=True, together=earlier, detected_at=found)


def split() -> Notice:
    notice = told("below 1000", 100.0, 100.0, Kind.SPLIT, origin=SPLIT)
    other = replace(
        notice.event, alert=AlertId("high"), level=120.0, origin=replace(SPLIT, price=1200.0)
    )
    return replace(notice, together=(other,), names={AlertId("high"): "The old high"})


def long() -> Notice:
    others = tuple(
        OtherLevel(AlertId(f"level-{n}"), NAME, 123_456.789012 + n, 100.0 * n) for n in range(14)
    )
    notice = told("below 123456.789012", 123_456.5, 123_456.789012)
    return replace(
        notice, name=NAME, note=NOTE, others=others, currency="KRW", simulated=True,
        severity=Severity.CRITICAL, source="a-source-without-any-blank-" * 2,
    )  # fmt: skip


def notices() -> dict[str, Notice]:
    """Return one notice of each kind, by a name for it."""
    year_high = told("above 52w high", 193.1, 192.67, origin=YEAR_HIGH)
    return {
        "fired": fired(),
        "gap": gap(),
        "late": late(),
        "band": told("inside 148..152", 149.62, 152.0, **BAND),
        "move": told("falls 5%", 142.2, 142.5, origin=CLOSE),
        "record": replace(year_high, severity=Severity.INFO, note=""),
        "recovered": told("below 150", 151.6, 150.0, Kind.RECOVERED),
        "withdrawn": told("below 150", 149.6, 150.0, Kind.WITHDRAWN, about="fired"),
        "split": split(),
        "refused": told("above analyst target", 150.0, 0.0, Kind.HELD, about="it is in CNY"),
        "long": long(),
    }


def digest() -> Parcel:
    """Return what was held back over a night."""
    first, *rest = notices().values()
    event = replace(long().event, symbol=Symbol("9988.HK"), id=EventId(UUID(int=6)))
    other = replace(long(), event=event, currency="HKD")
    first_id = parcel_id(first.event.id)
    return Parcel(
        digest_id(first_id, "mail"), (first, *rest, other), held=Held.QUIET, closed_at=at("16:00")
    )


def messages() -> dict[str, Message]:
    """Return one message of each kind."""
    reminder = replace(fired(), severity=Severity.CRITICAL, repeat_every=timedelta(minutes=15))
    more = {
        "digest": digest(),
        "reminder": Parcel(ParcelId(UUID(int=7)), (reminder,), round=2),
        "held": Parcel(ParcelId(UUID(int=8)), (fired(),), held=Held.QUIET),
        "fallback": Parcel(ParcelId(UUID(int=9)), (fired(),), instead_of="phone"),
    }
    own = {name: alone(notice) for name, notice in notices().items()}
    return {name: message(parcel) for name, parcel in (own | more).items()} | {
        "test": test_message("mail", at("09:36"), UUID(int=10))
    }


def illustrated() -> dict[str, Message]:
    """Return those messages that have a chart, with it."""
    told, plain = notices(), messages()
    charts = {name: draw(each, days(each.event.level or 1.0)) for name, each in told.items()}
    return {name: replace(plain[name], chart=chart) for name, chart in charts.items() if chart}


def page(message: Message) -> str:
    """Return a mail's HTML as a client shows it, with its own picture in place."""
    sent = mail(message, "alertd <alertd@example.com>", ("me@example.com",)).as_bytes()
    letter = email.message_from_bytes(sent, policy=policy.default)
    shown = letter.get_body(("html",))
    assert isinstance(shown, EmailMessage)
    html = str(shown.get_content())
    for part in letter.walk():
        if part.get_content_type() == "image/png":
            picture = f"data:image/png;base64,{''.join(str(part.get_payload()).split())}"
            html = html.replace(f"cid:{part['Content-ID'].strip('<>')}", picture)
    return html
