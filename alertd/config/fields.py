"""How is each kind of value read, and how do editors know it?

Every field of the file is one of these: our own reader, and the JSON Schema of what it accepts.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema

from alertd.config import addresses, conditions, secret, values
from alertd.config.settings import Level, Tls
from alertd.config.wrong import expected, meant
from alertd.core import calendars, levels
from alertd.core.bars import Symbol as SymbolName
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
    from collections.abc import Callable
    from enum import StrEnum

    from pydantic.json_schema import JsonSchemaValue

CURRENCY = "[A-Z]{3}|GBp|ZAc"

_PRICE = {"type": "number", "exclusiveMinimum": 0}
_ONE_LINE = {"type": "string", "minLength": 1, "maxLength": 120}
_MAILBOX = {"type": "string", "pattern": "@"}
_CHANNEL = {"type": "string", "pattern": f"^{addresses.CHANNEL}$"}


def _text(pattern: str) -> JsonSchemaValue:
    return {"type": "string", "pattern": f"^({pattern})$"}


def _words(options: type[StrEnum]) -> JsonSchemaValue:
    return {"type": "string", "enum": [str(option) for option in options]}


def _elsewhere() -> list[JsonSchemaValue]:
    shapes = {"env": secret.ENV, "file": ".+", "credential": secret.CREDENTIAL}
    return [
        {
            "type": "object",
            "properties": {place: _text(pattern)},
            "required": [place],
            "additionalProperties": False,
        }
        for place, pattern in shapes.items()
    ]


def _around(info: ValidationInfo) -> secret.Surroundings:
    return cast("secret.Surroundings", info.context)


def _placed(
    read: Callable[[object, secret.Surroundings], str],
) -> Callable[[object, ValidationInfo], str]:
    """Return the reader of a value that may lie outside the file."""
    return lambda value, info: read(value, _around(info))


def _url(read: Callable[[object, secret.Surroundings], str]) -> PlainValidator:
    def reader(value: object, info: ValidationInfo) -> str:
        found = read(value, _around(info))
        # Where allow_http itself is wrong, that is complained about, not what follows from it.
        plain_http = bool(info.data.get("allow_http", True))
        return addresses.url(found, plain_http=plain_http) if found else ""

    return PlainValidator(reader)


def _signing(read: Callable[[object, secret.Surroundings], str]) -> PlainValidator:
    def reader(value: object, info: ValidationInfo) -> str:
        found = read(value, _around(info))
        return addresses.signing_secret(found) if found else ""

    return PlainValidator(reader)


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


_SPAN = WithJsonSchema(_text(values.DURATION))
_SECRET = WithJsonSchema({"anyOf": [{"type": "string", "minLength": 1}, *_elsewhere()]})
_FILE = WithJsonSchema({"type": "string", "minLength": 1})

Id = Annotated[AlertId, PlainValidator(values.identity), WithJsonSchema(_text(values.ID))]
Symbol = Annotated[SymbolName, PlainValidator(values.symbol), WithJsonSchema(_text(values.SYMBOL))]
Line = Annotated[str, PlainValidator(values.line), WithJsonSchema(_ONE_LINE)]
Note = Annotated[str, PlainValidator(values.note), WithJsonSchema({"type": "string"})]
Flag = Annotated[bool, PlainValidator(values.flag), WithJsonSchema({"type": "boolean"})]
PriceLevel = Annotated[
    float | Named,
    PlainValidator(conditions.level),
    WithJsonSchema({"anyOf": [_PRICE, _text(levels.LEVEL)]}),
]
PriceBand = Annotated[
    Band,
    PlainValidator(conditions.band),
    WithJsonSchema({"type": "array", "items": _PRICE, "minItems": 2, "maxItems": 2}),
]
Share = Annotated[float, PlainValidator(conditions.share), WithJsonSchema(_text(conditions.SHARE))]
ShareUnder100 = Annotated[
    float,
    PlainValidator(conditions.share_under_100),
    WithJsonSchema(_text(conditions.UNDER_100)),
]
Within = Annotated[
    timedelta | SessionCount | None,
    PlainValidator(conditions.within),
    WithJsonSchema(
        _text(f"{conditions.PREVIOUS_CLOSE}|{conditions.SESSIONS}|{values.DURATION}"),
    ),
]
Of = Annotated[Figure, PlainValidator(values.choice(Figure)), WithJsonSchema(_words(Figure))]
Hold = Annotated[
    Closes | timedelta,
    PlainValidator(values.hold),
    WithJsonSchema(_text(f"{values.CLOSES}|{values.DURATION}")),
]
Distance = Annotated[
    Percent | Amount,
    PlainValidator(values.distance),
    WithJsonSchema({"anyOf": [_text(values.PERCENT), _PRICE]}),
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
Currency = Annotated[str, PlainValidator(_currency), WithJsonSchema(_text(CURRENCY))]
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
Url = Annotated[str, _url(secret.public), _SECRET]
UrlFile = Annotated[str, _url(secret.from_file), _FILE]
Signing = Annotated[str, _signing(secret.secret), _SECRET]
SigningFile = Annotated[str, _signing(secret.from_file), _FILE]
Secret = Annotated[str, PlainValidator(_placed(secret.secret)), _SECRET]
Public = Annotated[str, PlainValidator(_placed(secret.public)), _SECRET]
SecretFile = Annotated[str, PlainValidator(_placed(secret.from_file)), _FILE]
Certificates = Annotated[
    Path, PlainValidator(lambda v, info: secret.certificates(v, _around(info))), _FILE
]
StorePath = Annotated[
    Path, PlainValidator(lambda v, info: secret.database(v, _around(info))), _FILE
]
