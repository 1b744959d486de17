"""What does Yahoo say of a company: its last price, its P/E, what analysts expect?

    quoteResponse.result[i]                  symbol, regularMarketPrice, currency, trailingPE, ..
    quoteSummary.result[0].financialData     targetMeanPrice, targetHighPrice, .., currentPrice

A figure is a plain number, or an object with a `raw` one where Yahoo formats it for people. What is
absent, not positive or not finite is None: a P/E of "Infinity" says that there are no earnings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alertd.core.almanac import Outlook, Targets
from alertd.core.bars import DIGITS
from alertd.errors import SourceDown, UnknownSymbol
from alertd.quotes.answers import HOST, SUMMARY_HOST
from alertd.quotes.shapes import Misshapen, currency, dict_at, digits, figure, list_at, price

if TYPE_CHECKING:
    from datetime import datetime

    from alertd.core.bars import Symbol

_NONE = "NONE"  # how Yahoo types a symbol that it has buried


def outlook(body: object, symbol: Symbol, at: datetime, source: str) -> Outlook:
    """Return what a quote body says of a symbol, without targets.

    raises: UnknownSymbol where the symbol is missing; SourceDown where the shape is broken.
    """
    try:
        quoted = _quoted(body, symbol)
        if quoted is None or quoted.get("quoteType") == _NONE:
            msg = f"{HOST}: {symbol}: missing from the quotes"
            raise UnknownSymbol(msg)
        return Outlook(
            at, source,
            price=price(quoted, "regularMarketPrice", digits(quoted)),
            currency=currency(quoted),
            pe=figure(quoted, "trailingPE"),
            forward_pe=figure(quoted, "forwardPE"),
        )  # fmt: skip
    except Misshapen as error:
        msg = f"{HOST}: {symbol}: not a quote: {error}"
        raise SourceDown(msg) from None


def targets(body: object, symbol: Symbol) -> Targets | None:
    """Return the analysts' targets of a summary body; None where there are none.

    Their currency is left open. The one that the summary names is that of the company's books,
    which for a foreign company is not that of its price.

    raises: SourceDown where the shape is broken.
    """
    try:
        fields = _financial(body)
        mean, high, low, current = (
            price(fields, name, DIGITS)
            for name in ("targetMeanPrice", "targetHighPrice", "targetLowPrice", "currentPrice")
        )
    except Misshapen as error:
        msg = f"{SUMMARY_HOST}: {symbol}: not a summary: {error}"
        raise SourceDown(msg) from None
    return Targets(mean, high, low, current) if mean or high or low else None


def _quoted(body: object, symbol: Symbol) -> dict[str, object] | None:
    response = dict_at(dict_at(body, "the body").get("quoteResponse"), "quoteResponse")
    results = list_at(response.get("result"), "quoteResponse.result")
    quotes = [dict_at(each, f"quoteResponse.result[{n}]") for n, each in enumerate(results)]
    return next((each for each in quotes if each.get("symbol") == symbol), None)


def _financial(body: object) -> dict[str, object]:
    summary = dict_at(dict_at(body, "the body").get("quoteSummary"), "quoteSummary")
    results = list_at(summary.get("result") or [], "quoteSummary.result")
    first = dict_at(results[0] if results else {}, "quoteSummary.result[0]")
    return dict_at(first.get("financialData") or {}, "financialData")
