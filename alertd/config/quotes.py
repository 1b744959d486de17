"""What may stand in the `[quotes]` tables?

    [quotes]             who is asked for prices, in which order
    [quotes.alpaca]      an account there, and which of its feeds is read
    [quotes.finnhub]     an account there

The shape only, as in `file`. That the accounts are those of the named sources is in `clashes`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from pydantic import ConfigDict, Field, PlainValidator, WithJsonSchema

from alertd.config import placed, values
from alertd.config.tables import Table, one_of
from alertd.config.wrong import Wrong, expected, listed, meant, shown

if TYPE_CHECKING:
    from pydantic.config import JsonDict

YAHOO, ALPACA, FINNHUB = "yahoo", "alpaca", "finnhub"
SOURCES = (YAHOO, ALPACA, FINNHUB)


class Feed(StrEnum):
    """Of which trades Alpaca tells: those of one exchange, or of all."""

    IEX = "iex"
    SIP = "sip"


def _sources(value: object) -> tuple[str, ...]:
    if not (isinstance(value, list) and value):
        raise expected(value, 'a list of sources such as ["yahoo", "alpaca"]')
    for name in value:
        if name not in SOURCES:
            hint = meant(name, SOURCES) if isinstance(name, str) else None
            raise expected(name, listed(f'"{each}"' for each in SOURCES), hint)
        if value.count(name) > 1:
            what = f"{shown(name)} is there twice"
            raise Wrong(what, "the order is the one in which they are asked")
    return tuple(value)


Sources = Annotated[
    tuple[str, ...],
    PlainValidator(_sources),
    WithJsonSchema(
        {
            "type": "array",
            "items": {"type": "string", "enum": list(SOURCES)},
            "minItems": 1,
            "uniqueItems": True,
        }
    ),
]
FeedName = Annotated[
    Feed,
    PlainValidator(values.choice(Feed)),
    WithJsonSchema({"type": "string", "enum": list(map(str, Feed))}),
]


def _each_once(*keys: str) -> JsonDict:
    """Return what tells editors that a table has each of some secrets, in one way or the other."""
    return {"allOf": [one_of(key, f"{key}_file") for key in keys]}


class AlpacaTable(Table):
    """An account at Alpaca; a free one will do. It has a key and a secret."""

    model_config = ConfigDict(json_schema_extra=_each_once("key", "secret"))

    key: placed.Key | None = Field(
        None, description='The API key\'s ID, best as { env = "NAME" } or { credential = "NAME" }.'
    )
    key_file: placed.KeyFile | None = Field(None, description="A file with the key's ID.")
    secret: placed.Key | None = Field(
        None, description='The API key\'s secret, best as { env = "NAME" }.'
    )
    secret_file: placed.KeyFile | None = Field(None, description="A file with the secret.")
    feed: FeedName = Field(
        Feed.IEX, description='"iex" (default, free), or "sip": all exchanges, if you pay for it.'
    )


class FinnhubTable(Table):
    """An account at Finnhub; a free one will do. It has token or token_file."""

    model_config = ConfigDict(json_schema_extra=_each_once("token"))

    token: placed.Key | None = Field(
        None, description='The API key, best as { env = "NAME" } or { credential = "NAME" }.'
    )
    token_file: placed.KeyFile | None = Field(None, description="A file with the API key.")


class QuotesTable(Table):
    """Who is asked for prices."""

    sources: Sources = Field(
        (YAHOO,),
        description='Who is asked, in this order: "yahoo", "alpaca", "finnhub". Default: "yahoo".',
    )
    alpaca: AlpacaTable | None = Field(None, description="Your account at Alpaca.")
    finnhub: FinnhubTable | None = Field(None, description="Your account at Finnhub.")


ACCOUNTS: dict[str, type[Table]] = {ALPACA: AlpacaTable, FINNHUB: FinnhubTable}
