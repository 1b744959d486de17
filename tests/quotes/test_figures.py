"""The real yfinance asks for a company's figures, which are not to be had without a crumb."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from loguru import logger

from alertd.core.almanac import Outlook, Targets
from alertd.core.bars import Symbol
from alertd.core.calendars import listing
from alertd.errors import RateLimited, SourceDown, SourceError, UnknownSymbol
from alertd.quotes.yahoo import Yahoo
from tests.quotes.build import MINUTE, NOON, minutes
from tests.support import yahoo_bodies as bodies
from tests.support.yahoo import CRUMB, QUOTE, SUMMARY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.yahoo import YahooServer
    from tests.support.yahoo_bodies import Fault

BABA = listing(Symbol("BABA"))

# What a process of its own runs: a yfinance that has no crumb yet.
FRESH = """
import sys
from datetime import datetime
from pathlib import Path
from alertd.core.bars import Symbol
from alertd.core.calendars import listing
from alertd.errors import SourceError
from alertd.quotes.yahoo import Yahoo

noon = datetime.fromisoformat("{noon}")
source = Yahoo(Path(sys.argv[1]), lambda: noon, timeout=1.0)
try:
    print(source.outlook(listing(Symbol("BABA")), targets=True).pe)
except SourceError as error:
    print(type(error).__name__)
"""


@pytest.fixture
def baba(yahoo: YahooServer) -> YahooServer:
    """Return a server that knows what there is to know of BABA."""
    yahoo.quote("BABA", regularMarketPrice=105.85, trailingPE=19.5, forwardPE=12.25)
    yahoo.summarise(
        "BABA", currentPrice=105.85, targetMeanPrice=194, targetHighPrice=225, targetLowPrice=140
    )
    return yahoo


def places(yahoo: YahooServer) -> list[str]:
    return [seen.host + seen.path for seen in yahoo.requests if seen.path != CRUMB]


def fresh(yahoo: YahooServer, cache: Path) -> str:
    code = FRESH.format(noon=NOON.isoformat())
    done = subprocess.run(
        [sys.executable, "-c", code, str(cache)],
        env={**os.environ, **yahoo.env}, capture_output=True, text=True, timeout=25, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_an_outlook_is_price_earnings_and_what_analysts_expect(
    baba: YahooServer, client: Yahoo
) -> None:
    assert client.outlook(BABA, targets=True) == Outlook(
        NOON, "yahoo", price=105.85, currency="USD", pe=19.5, forward_pe=12.25,
        targets=Targets(mean=194.0, high=225.0, low=140.0, current=105.85),
    )  # fmt: skip


def test_analysts_are_asked_only_when_somebody_wants_to_know(
    baba: YahooServer, client: Yahoo
) -> None:
    assert client.outlook(BABA, targets=False).targets is None
    client.outlook(BABA, targets=True)
    asked = [place for place in places(baba) if "/finance/" in place]
    quote, summary = f"query1.finance.yahoo.com{QUOTE}", f"query2.finance.yahoo.com{SUMMARY}BABA"
    assert asked == [quote, quote, summary]


def test_a_fresh_client_gets_a_crumb_first(baba: YahooServer, tmp_path: Path) -> None:
    assert fresh(baba, tmp_path / "fresh") == "19.5"
    assert [seen.path for seen in baba.requests] == ["/", CRUMB, QUOTE, f"{SUMMARY}BABA"]


def test_a_crumb_that_is_refused_means_quiet_before_the_figures_are_asked_for(
    baba: YahooServer, tmp_path: Path
) -> None:
    baba.fail(bodies.too_many(), on=CRUMB)
    assert fresh(baba, tmp_path / "fresh") == "RateLimited"
    assert [seen.path for seen in baba.requests] == ["/", CRUMB]


def test_a_company_without_analysts_costs_one_question(baba: YahooServer, client: Yahoo) -> None:
    baba.quote("GOLD", regularMarketPrice=30.0)
    assert client.outlook(listing(Symbol("GOLD")), targets=True).targets is None
    assert [seen.path for seen in baba.requests].count(f"{SUMMARY}GOLD") == 1


def test_a_symbol_that_is_missing_from_the_quotes_is_unknown(
    baba: YahooServer, client: Yahoo
) -> None:
    with pytest.raises(UnknownSymbol, match="NOPE: missing from the quotes"):
        client.outlook(listing(Symbol("NOPE")), targets=True)


def test_a_symbol_is_escaped(yahoo: YahooServer, client: Yahoo) -> None:
    yahoo.quote("^A/B?C", regularMarketPrice=1.0)
    yahoo.summarise("^A/B?C", targetMeanPrice=2.0)
    found = client.outlook(listing(Symbol("^A/B?C"), "XNYS"), targets=True)
    assert (found.price, found.targets) == (1.0, Targets(mean=2.0))


@pytest.mark.parametrize("on", [QUOTE, SUMMARY])
def test_a_plea_for_quiet_is_kept_for_figures_and_bars_alike(
    baba: YahooServer, client: Yahoo, on: str
) -> None:
    baba.play("BABA", minutes(3))
    baba.fail(bodies.too_many("600"), on=on)
    with pytest.raises(RateLimited) as caught:
        client.outlook(BABA, targets=True)
    assert (caught.value.retry_at - NOON).total_seconds() == 600
    asked = len(baba.requests)
    with pytest.raises(RateLimited):
        client.outlook(BABA, targets=True)
    with pytest.raises(RateLimited):
        client.bars(BABA, NOON - 9 * MINUTE, NOON)
    assert len(baba.requests) == asked
    assert [seen.path for seen in baba.requests if seen.path.startswith(on)] == [
        QUOTE if on == QUOTE else f"{SUMMARY}BABA"
    ]


@pytest.mark.parametrize(
    "case",
    [
        (bodies.html, SourceDown, "BABA: expected JSON, found HTML with status 200"),
        (bodies.truncated, SourceDown, "BABA: expected JSON, found JSON that breaks off"),
        (bodies.empty, SourceDown, "BABA: expected JSON, found nothing with status 200"),
        (bodies.broken, SourceDown, "BABA: expected JSON, found HTML with status 502"),
        (bodies.unauthorized, SourceDown, "found status 401: 'Unauthorized: Invalid Crumb'"),
        (bodies.too_many_with_200, RateLimited, "BABA: too many requests, status 200"),
        (bodies.reset, SourceDown, "BABA: ConnectionError: curl: (56)"),
    ],
)
def test_every_fault_has_its_error_and_the_next_question_its_answer(
    baba: YahooServer, tmp_path: Path, case: tuple[Fault, type[SourceError], str]
) -> None:
    fault, kind, said = case
    clock = [NOON]
    client = Yahoo(tmp_path / "cache", lambda: clock[0], timeout=2.0)
    baba.fail(fault, on=QUOTE)
    with pytest.raises(kind) as caught:
        client.outlook(BABA, targets=True)
    assert said in str(caught.value)
    assert str(caught.value).startswith("query1")
    assert "://" not in str(caught.value)
    baba.recover()
    clock[0] = NOON + 5 * MINUTE  # the usual quiet after a plea
    assert client.outlook(BABA, targets=True).pe == 19.5


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (bodies.html, "BABA: expected JSON, found HTML with status 200"),
        (bodies.truncated, "BABA: expected JSON, found JSON that breaks off"),
        (bodies.empty, "BABA: expected JSON, found nothing with status 200"),
        (bodies.broken, "BABA: expected JSON, found HTML with status 502"),
        (bodies.unauthorized, "found status 401: 'Unauthorized: Invalid Crumb'"),
        (bodies.reset, "BABA: ConnectionError: curl: (56)"),
    ],
)
def test_targets_that_cannot_be_had_are_logged_and_leave_the_figures_as_they_are(
    baba: YahooServer, client: Yahoo, fault: Fault, said: str
) -> None:
    lines: list[str] = []
    sink = logger.add(lines.append, format="{message} {extra}", level="WARNING")
    baba.fail(fault, on=SUMMARY)
    found = client.outlook(BABA, targets=True)
    logger.remove(sink)
    assert (found.pe, found.targets) == (19.5, None)
    (line,) = lines
    assert "no analyst targets" in line
    assert said in line
    assert "://" not in line
    baba.recover()
    again = client.outlook(BABA, targets=True).targets
    assert again
    assert again.mean == 194


def test_figures_that_never_come_are_given_up_in_time(baba: YahooServer, tmp_path: Path) -> None:
    hasty = Yahoo(tmp_path / "cache", lambda: NOON, timeout=0.3)
    baba.fail(bodies.hang, on=QUOTE)
    with pytest.raises(SourceDown, match="timed out"):
        hasty.outlook(BABA, targets=False)
