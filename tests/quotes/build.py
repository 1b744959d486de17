"""Small values for the tests of this room: moments, bars, rows and chart bodies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alertd.core.bars import Bar

# A Friday on which New York trades from 14:30 to 21:00 UTC.
NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def at(clock: str) -> datetime:
    """Return a moment of that Friday in UTC, from "14:30" or "14:30:13"."""
    return datetime.fromisoformat(f"2026-11-20T{clock}+00:00")


def bar(clock: str, prices: str, length: timedelta = MINUTE, volume: float | None = 100) -> Bar:
    """Return a bar of that Friday from its open, high, low and close."""
    opened, high, low, close = map(float, prices.split())
    return Bar(at(clock), length, opened, high, low, close, volume)


def minutes(count: int, since: datetime = NOON, price: float = 150.0) -> list[Bar]:
    """Return neighbouring minutes, each opening a cent above the one before."""
    opens = [round(price + index / 100, 2) for index in range(count)]
    return [
        Bar(since + index * MINUTE, MINUTE, each, each + 0.5, each - 0.5, each, 100.0)
        for index, each in enumerate(opens)
    ]


def body(rows: str, granularity: str = "1m", **meta: object) -> dict[str, object]:
    """Return a chart body from lines of "clock open high low close volume", "-" for null."""
    lines = [line.split() for line in rows.strip().splitlines()]
    columns = list(zip(*lines, strict=True)) or [()] * 6
    names = ("open", "high", "low", "close", "volume")
    quote = {
        name: [None if value == "-" else float(value) for value in column]
        for name, column in zip(names, columns[1:], strict=True)
    }
    result: dict[str, object] = {
        "meta": {"currency": "USD", "priceHint": 2, "dataGranularity": granularity, **meta},
        "timestamp": [int(at(clock).timestamp()) for clock in columns[0]],
        "indicators": {"quote": [quote]},
    }
    return {"chart": {"result": [result], "error": None}}
