"""How is each kind of value read, and how do editors know it?

Every field of the file is one of these: our own reader, and the JSON Schema of what it accepts.
What may lie outside the file is in `placed`.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from pydantic import PlainValidator, WithJsonSchema

from alertd.config import addresses, conditions, pauses, values, zones
from alertd.config.settings import Level, Tls
from alertd.config.wrong import expected, meant
from alertd.core import calendars, levels
from alertd.core.bars import Symbol as SymbolName
from alertd.core.calm import Quiet as QuietHours
from alertd.core.calm import Rate as Pacing
from alertd.core.notices import Severity as Severities
from alertd.core.rules import (
    AlertId,
    Amount,
    Band,
    Closes,
    Figure,
    Named,
    OnStart,
    Percent,
    SessionCount,
)
from alertd.core.sessions import Hours

if TYPE_CHECKING:
    from enum import StrEnum

    from pydantic.json_schema import JsonSchemaValue

CURRENCY = "[A-Z]{3}|GBp|ZAc"

_PRICE = {"type": "number", "exclusiveMinimum": 0}
_ONE_LINE = {"type": "string", "minLength": 1, "maxLength": 120}
_MAILBOX = {"type": "string", "pattern": "@"}
_CHANNEL = {"type": "string", "pattern": f"^{addresses.CHANNEL}$"}


def text(pattern: str) -> JsonSchemaValue:
    """Return the JSON Schema of a text of a certain shape."""
    return {"type": "string", "pattern": f"^({pattern})$"}


def _words(options: type[StrEnum]) -> JsonSchemaValue:
    return {"type": "string", "enum": [str(option) for option in options]}


def _calendar(value: object) -> str:
    if isinstance(value, str) and calendars.known(value):
        return calendars.canonical(value)
    hint = meant(value, calendars.names()) if isinstance(value, str) else None
    raise expected(value, 'a calendar such as "XNYS", "XHKG" or "24/7"', hint)


def _currency(value: object) -> str:
    return values.matching(CURRENCY, 'a currency such as "USD", "HKD" or "GBp"', value)


def _notify(value: object) -> tuple[str, ...]:
    if not (isinstance(value, list) and value):
        raise expected(value, 'a list of channels such as ["console"]')
    return tuple(dict.fromkeys(addresses.channel(each) for each in value))


_SPAN = WithJsonSchema(text(values.DURATION))

Id = Annotated[AlertId, PlainValidator(values.identity), WithJsonSchema(text(values.ID))]
Symbol = Annotated[SymbolName, PlainValidator(values.symbol), WithJsonSchema(text(values.SYMBOL))]
Line = Annotated[str, PlainValidator(values.line), WithJsonSchema(_ONE_LINE)]
Note = Annotated[str, PlainValidator(values.note), WithJsonSchema({"type": "string"})]
Flag = Annotated[bool, PlainValidator(values.flag), WithJsonSchema({"type": "boolean"})]
PriceLevel = Annotated[
    float | Named,
    PlainValidator(conditions.level),
    WithJsonSchema({"anyOf": [_PRICE, text(levels.LEVEL)]}),
]
PriceBand = Annotated[
    Band,
    PlainValidator(conditions.band),
    WithJsonSchema({"type": "array", "items": _PRICE, "minItems": 2, "maxItems": 2}),
]
Share = Annotated[float, PlainValidator(conditions.share), WithJsonSchema(text(conditions.SHARE))]
ShareUnder100 = Annotated[
    float,
    PlainValidator(conditions.share_under_100),
    WithJsonSchema(text(conditions.UNDER_100)),
]
Within = Annotated[
    timedelta | SessionCount | None,
    PlainValidator(conditions.within),
    WithJsonSchema(
        text(f"{conditions.PREVIOUS_CLOSE}|{conditions.SESSIONS}|{values.DURATION}"),
    ),
]
Of = Annotated[Figure, PlainValidator(values.choice(Figure)), WithJsonSchema(_words(Figure))]
Hold = Annotated[
    Closes | timedelta,
    PlainValidator(values.hold),
    WithJsonSchema(text(f"{values.CLOSES}|{values.DURATION}")),
]
Distance = Annotated[
    Percent | Amount,
    PlainValidator(values.distance),
    WithJsonSchema({"anyOf": [text(values.PERCENT), _PRICE]}),
]
Minutes = Annotated[timedelta, PlainValidator(values.minutes), _SPAN]
Duration = Annotated[timedelta, PlainValidator(values.duration), _SPAN]
Interval = Annotated[timedelta, PlainValidator(values.seconds), _SPAN]
Expiry = Annotated[date, PlainValidator(values.expiry), WithJsonSchema({"type": "string"})]
Session = Annotated[Hours, PlainValidator(values.choice(Hours)), WithJsonSchema(_words(Hours))]
Start = Annotated[OnStart, PlainValidator(values.choice(OnStart)), WithJsonSchema(_words(OnStart))]
Severity = Annotated[
    Severities, PlainValidator(values.choice(Severities)), WithJsonSchema(_words(Severities))
]
Channels = Annotated[
    tuple[str, ...],
    PlainValidator(_notify),
    WithJsonSchema({"type": "array", "items": _CHANNEL, "minItems": 1}),
]
Channel = Annotated[str, PlainValidator(addresses.channel), WithJsonSchema(_CHANNEL)]
Calendar = Annotated[str, PlainValidator(_calendar), WithJsonSchema({"type": "string"})]
Currency = Annotated[str, PlainValidator(_currency), WithJsonSchema(text(CURRENCY))]
LogLevel = Annotated[Level, PlainValidator(values.choice(Level)), WithJsonSchema(_words(Level))]
Encryption = Annotated[Tls, PlainValidator(values.choice(Tls)), WithJsonSchema(_words(Tls))]
Host = Annotated[str, PlainValidator(addresses.host), WithJsonSchema(_ONE_LINE)]
Port = Annotated[
    int,
    PlainValidator(addresses.port),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 65535}),
]
Mailbox = Annotated[str, PlainValidator(addresses.mailbox), WithJsonSchema(_MAILBOX)]
Mailboxes = Annotated[
    tuple[str, ...],
    PlainValidator(addresses.mailboxes),
    WithJsonSchema({"anyOf": [_MAILBOX, {"type": "array", "items": _MAILBOX, "minItems": 1}]}),
]
Hosts = Annotated[
    tuple[str, ...],
    PlainValidator(addresses.allowed),
    WithJsonSchema({"type": "array", "items": _ONE_LINE, "minItems": 1}),
]
Clock = Annotated[time, PlainValidator(pauses.clock), WithJsonSchema(text(pauses.CLOCK))]
Quiet = Annotated[QuietHours, PlainValidator(pauses.quiet), WithJsonSchema(text(pauses.HOURS))]
Rate = Annotated[Pacing, PlainValidator(pauses.rate), WithJsonSchema(text(pauses.RATE))]
Zone = Annotated[ZoneInfo, PlainValidator(zones.zone), WithJsonSchema(text(zones.ZONE))]
Pace = Annotated[timedelta, PlainValidator(values.pace), _SPAN]
Keep = Annotated[
    timedelta | None,
    PlainValidator(values.keep),
    WithJsonSchema(text(f"{values.FOREVER}|{values.DURATION}")),
]
Backups = Annotated[
    int,
    PlainValidator(values.backups),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": values.BACKUPS[-1]}),
]
Requests = Annotated[
    int,
    PlainValidator(values.requests),
    WithJsonSchema(
        {
            "type": "integer",
            "minimum": values.REQUESTS[0],
            "maximum": values.REQUESTS[-1],
        }
    ),
]
Size = Annotated[int, PlainValidator(values.size), WithJsonSchema(text(values.SIZE))]
