"""Whatever a JSON service does, its source ends in time, in words, and without its keys."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.bars import Symbol
from alertd.core.calendars import listing
from alertd.errors import RateLimited, SourceDown
from tests.quotes.build import NOON, at
from tests.support import alpaca, finnhub
from tests.support.alpaca import AlpacaServer
from tests.support.api import Fault, Reply, Service
from tests.support.finnhub import FinnhubServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alertd.quotes.alpaca import Alpaca
    from alertd.quotes.finnhub import Finnhub
    from tests.support.fakes import HandClock

BABA = listing(Symbol("BABA"))
SECRETS = (alpaca.KEY, alpaca.SECRET, finnhub.TOKEN)


@pytest.fixture(params=[AlpacaServer, FinnhubServer])
def server(request: pytest.FixtureRequest) -> Iterator[Service]:
    service: Service = request.param()
    with service:
        yield service


def account(
    server: Service, clock: HandClock | None = None, timeout: float = 0.5
) -> Alpaca | Finnhub:
    make = alpaca.account if isinstance(server, AlpacaServer) else finnhub.account
    return make(server, clock, timeout=timeout)


def refusal(server: Service, fault: Reply | Fault) -> SourceDown:
    """Return the error that the next request ends in."""
    server.fail(fault)
    with pytest.raises(SourceDown) as raised:
        account(server).bars(BABA, at("14:30"), NOON)
    return raised.value


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 500, 502, 503, 504])
def test_a_refusal_is_told_with_its_status_and_what_was_said(server: Service, status: int) -> None:
    for body in ({"message": "not today"}, {"error": "not today"}, b"not today"):
        assert f"status {status}: 'not today'" in str(refusal(server, Reply(status, body)))


@pytest.mark.parametrize("status", [401, 403])
def test_refused_keys_say_where_they_are_to_be_found(server: Service, status: int) -> None:
    said = str(refusal(server, Reply(status, {"message": "forbidden."})))
    assert "look at [quotes." in said


def test_what_is_said_is_repeated_without_our_keys(server: Service) -> None:
    said = str(refusal(server, Reply(401, {"error": f"unknown keys {' '.join(SECRETS)}"})))
    own = SECRETS[:2] if isinstance(server, AlpacaServer) else SECRETS[2:]
    assert "unknown keys" in said
    assert [secret for secret in own if secret in said] == []


def test_keys_go_along_as_headers_and_never_in_the_address(server: Service) -> None:
    refusal(server, Reply(500))
    (request,) = server.asked
    assert set(request.headers.values()) & set(SECRETS)
    assert set(request.query.values()) & set(SECRETS) == set()


def test_an_error_names_the_host_and_no_more_of_the_address(server: Service) -> None:
    for fault in (Reply(500), Reply(302, headers={"Location": "http://127.0.0.1/x"}), Fault.RESET):
        said = str(refusal(server, fault))
        assert said.startswith("127.0.0.1: ")
        assert "/v" not in said


def test_a_redirect_is_not_followed(server: Service) -> None:
    refusal(server, Reply(302, headers={"Location": server.url + "/elsewhere"}))
    assert len(server.asked) == 1


@pytest.mark.parametrize("body", [b"", b"<html>busy</html>", b'{"bars": {', b"[" * 100_000])
def test_what_is_no_json_is_an_outage_that_says_what_it_is(server: Service, body: bytes) -> None:
    said = str(refusal(server, Reply(200, body)))
    assert f"expected JSON, found {body[:20].decode()!r}"[:-1] in said


@pytest.mark.parametrize("body", [[], None, 5, "text"])
def test_json_of_another_shape_is_an_outage(server: Service, body: object) -> None:
    assert "expected an object at the body" in str(refusal(server, Reply(200, body)))


def test_a_server_that_hangs_is_given_up_in_time(server: Service) -> None:
    for fault in (Fault.HANG, Fault.DRIP):
        begun = time.monotonic()
        refusal(server, fault)
        assert time.monotonic() - begun < 5


def test_an_answer_without_end_is_given_up_at_five_megabytes(server: Service) -> None:
    server.fail(Fault.FLOOD)
    with pytest.raises(SourceDown, match="at most 5000000 bytes"):
        account(server, timeout=20.0).bars(BABA, at("14:30"), NOON)


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.CUT])
def test_a_connection_that_breaks_is_an_outage_and_the_next_call_makes_another(
    server: Service, fault: Fault
) -> None:
    server.fail(fault)
    source = account(server)
    with pytest.raises(SourceDown):
        source.bars(BABA, at("14:30"), NOON)
    server.fail(Reply(500))
    with pytest.raises(SourceDown, match="status 500"):
        source.bars(BABA, at("14:30"), NOON)


def test_nobody_there_is_an_outage(server: Service) -> None:
    with type(server)() as gone:
        source = account(gone)
    with pytest.raises(SourceDown, match=r"127\.0\.0\.1: .*: ConnectError"):
        source.bars(BABA, at("14:30"), NOON)


def test_a_plea_for_quiet_is_granted_for_at_least_five_minutes(server: Service) -> None:
    server.fail(Reply(429, {"message": "too many requests."}))
    with pytest.raises(RateLimited) as raised:
        account(server).bars(BABA, at("14:30"), NOON)
    assert raised.value.retry_at == NOON + timedelta(minutes=5)


@pytest.mark.parametrize(("asked", "minutes"), [("600", 10), ("1", 5), ("86400", 60), ("soon", 5)])
def test_a_longer_plea_counts_up_to_an_hour(server: Service, asked: str, minutes: int) -> None:
    server.fail(Reply(429, b"", {"Retry-After": asked}))
    with pytest.raises(RateLimited) as raised:
        account(server).bars(BABA, at("14:30"), NOON)
    assert raised.value.retry_at == NOON + timedelta(minutes=minutes)


def test_one_connection_serves_many_calls(server: Service) -> None:
    source = account(server)
    for _ in range(5):
        server.fail(Reply(500))
        with pytest.raises(SourceDown):
            source.bars(BABA, at("14:30"), NOON)
    assert (len(server.asked), server.connections) == (5, 1)


def test_cookies_are_forgotten(server: Service) -> None:
    source = account(server)
    for _ in range(2):
        server.fail(Reply(500, headers={"Set-Cookie": "track=1; Path=/"}))
        with pytest.raises(SourceDown):
            source.bars(BABA, at("14:30"), NOON)
    assert "cookie" not in server.asked[-1].headers


def test_a_proxy_that_cannot_be_used_is_told_without_its_password(
    server: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "gopher://me:password@127.0.0.1:1")
    with pytest.raises(ValueError, match="the proxy that the environment names") as raised:
        account(server)
    assert "password" not in str(raised.value)
