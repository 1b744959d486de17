"""Prices that are quoted in a part of a currency are said to be, and nothing else is believed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alertd.core.bars import Symbol
from alertd.core.currencies import insist, named
from alertd.core.messages import message
from alertd.core.parcels import alone
from alertd.core.terms import rule as in_words
from alertd.core.words import price
from alertd.errors import WrongCurrency
from tests.support.build import found, rule

VODAFONE = Symbol("VOD.L")


@pytest.mark.parametrize(
    ("currency", "said", "by_code"),
    [
        ("GBp", "72.50 pence", "GBp (pence, 100 to 1 GBP)"),
        ("ZAc", "72.50 ZA cents", "ZAc (ZA cents, 100 to 1 ZAR)"),
        ("ILA", "72.50 agorot", "ILA (agorot, 100 to 1 ILS)"),
        ("USX", "72.50 US cents", "USX (US cents, 100 to 1 USD)"),
        ("KWF", "72.50 fils", "KWF (fils, 1000 to 1 KWD)"),
        ("GBP", "72.50 GBP", "GBP"),
        ("USD", "$72.50", "USD"),
    ],
)
def test_a_price_in_a_part_of_a_currency_says_which_part(
    currency: str, said: str, by_code: str
) -> None:
    assert price(72.5, 2, currency) == said
    assert named(currency) == by_code


def test_a_message_about_pence_says_pence_and_what_they_are_a_part_of() -> None:
    notice = found(rule("below 72.5", symbol=VODAFONE), 72.25, "09:34")
    sent = message(alone(replace(notice, currency="GBp", others=())))
    assert sent.subject == "VOD.L fell below 72.50 pence, at 72.25 pence"
    assert "The price was 72.25 pence at" in sent.text
    assert "Quotes: yahoo, in GBp (pence, 100 to 1 GBP)." in sent.text
    assert sent.payload["data"]["currency"] == "GBp"  # type: ignore[index]


def test_a_message_about_dollars_does_not_explain_them() -> None:
    plain = alone(found(rule("below 150"), 149.5, "09:34"))
    assert "Quotes: yahoo." in message(plain).text


def test_a_rule_about_pence_says_pence() -> None:
    assert "falls below 72.50 pence; armed again at 73.22 pence" in in_words(
        rule("below 72.5", symbol=VODAFONE), 2, "GBp"
    )


@pytest.mark.parametrize(
    ("expected", "source"), [("GBp", "GBp"), (None, "GBp"), ("GBp", None), (None, None)]
)
def test_prices_pass_in_the_expected_currency_or_where_it_is_not_known(
    expected: str | None, source: str | None
) -> None:
    insist(VODAFONE, expected, source)


@pytest.mark.parametrize(
    ("expected", "found", "said"),
    [
        ("GBP", "GBp", "are in GBp (pence, 100 to 1 GBP), not in the expected currency GBP"),
        ("GBp", "GBP", "are in GBP, not in the expected currency GBp (pence, 100 to 1 GBP)"),
        ("USD", "CNY", "are in CNY, not in the expected currency USD"),
    ],
)
def test_prices_in_another_currency_are_refused_with_what_to_write(
    expected: str, found: str, said: str
) -> None:
    with pytest.raises(WrongCurrency) as caught:
        insist(VODAFONE, expected, found)
    write = f'for [symbol."VOD.L"] write currency = "{found}" and levels in it'
    assert str(caught.value) == f"VOD.L: prices {said}: {write}"
