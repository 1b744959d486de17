"""Bad weather at Yahoo: said in one clear line, survived, and what it hid is told afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.e2e.gate import Gate
from tests.e2e.process import until
from tests.support import yahoo_bodies as bodies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.house import House
    from tests.support.yahoo_bodies import Fault

NO_QUOTES = ("no quotes symbol=BABA", "query1.finance.yahoo.com: BABA:")


@pytest.fixture
def gate(house: House) -> Iterator[Gate]:
    """Return an open gate on the daemon's way to Yahoo."""
    port = urlsplit(house.environ["HTTPS_PROXY"]).port
    assert port is not None
    found = Gate(port)
    house.environ["HTTPS_PROXY"] = f"http://127.0.0.1:{found.port}"
    found.open()
    yield found
    found.shut()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param(bodies.html, (*NO_QUOTES, "found HTML"), id="HTML"),
        pytest.param(bodies.truncated, (*NO_QUOTES, "JSON that breaks off"), id="truncated JSON"),
        pytest.param(
            bodies.null_rows, ("bars not good yet", "symbol=BABA", "price missing"), id="null bars"
        ),
        # Between sessions an empty window is what there is: it is told, but warns nobody.
        pytest.param(bodies.no_rows, ("polled symbol=BABA bars=0",), id="empty window"),
    ],
)
def test_a_crossing_hidden_by_bad_weather_is_told_once_when_that_is_over(
    house: House, fault: Fault, words: tuple[str, ...]
) -> None:
    house.start()
    before = house.ledger.judgement()
    house.yahoo.fail(fault)
    house.fall(149.5)
    house.logged(*words)
    house.polled(1)
    assert house.ledger.judgement() == before
    assert house.ledger.promises() == []
    house.yahoo.recover()
    house.told_once(polls=1)


def test_an_unreachable_host_is_asked_again_until_it_answers(house: House, gate: Gate) -> None:
    house.start()
    before = house.ledger.judgement()
    gate.shut()
    house.fall(149.5)
    house.logged(*NO_QUOTES)
    until("two polls in vain", lambda: house.ledger.failures() >= 2)
    assert house.ledger.judgement() == before
    gate.open()
    house.told_once(polls=1)


def test_a_source_that_asks_for_quiet_is_not_asked_again_after_a_restart(house: House) -> None:
    daemon = house.start()
    house.yahoo.fail(bodies.too_many("1"))
    house.logged(*NO_QUOTES, "too many requests")
    assert daemon.terminate()[0] == 0
    house.yahoo.recover()
    asked = len(house.yahoo.requests)
    house.begin()
    house.logged("no quotes symbol=BABA", "yahoo is left alone until")
    assert len(house.yahoo.requests) == asked


def test_an_unknown_symbol_is_named_and_left_alone(house: House) -> None:
    daemon = house.start()
    before = house.ledger.judgement()
    house.yahoo.fail(bodies.unknown)
    line = house.logged(*NO_QUOTES, "may be delisted")
    asked = len(house.yahoo.charts)
    assert "next_poll=" in line
    daemon.hup()
    house.logged("configuration reloaded")
    until("a second try, which the reload asked for", lambda: house.ledger.failures() == 2)
    assert len(house.yahoo.charts) == asked + 1
    assert house.ledger.judgement() == before
    assert daemon.status is None
