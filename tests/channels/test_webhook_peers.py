"""What a receiver may do to us, and what comes of it."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from datetime import timedelta

import pytest

from alertd.core.retry import Failed, Outcome, Sent
from tests.channels.conftest import NOW, letter
from tests.channels.hooking import HALF_A_SECOND, attempt, hook, listening, port_of, timed
from tests.support.webhook import Answer, Drip, Flood, Hang, Receiver, Reset, scripted

# Longer than any receiver's script: what ends sooner was not ended by the deadline.
PATIENCE = timedelta(seconds=30)
BROKE = Failed("the connection to localhost broke before an answer")


@pytest.mark.parametrize("reply", [Hang(), Drip(in_headers=True)], ids=["silent", "dripping"])
def test_a_receiver_that_gives_no_status_is_cut_off_at_the_deadline(reply: Hang | Drip) -> None:
    made = attempt(reply, deadline=HALF_A_SECOND)

    assert made.outcome == Failed("localhost did not answer within 0.5 s")
    assert made.seconds < reply.lasts


@pytest.mark.parametrize(
    ("status", "outcome"), [(200, Sent()), (503, Failed("localhost answered 503"))]
)
def test_a_body_that_drips_is_cut_off_and_the_status_counts(status: int, outcome: Outcome) -> None:
    drip = Drip(status)
    made = attempt(drip, deadline=HALF_A_SECOND)

    assert made.outcome == outcome
    assert made.seconds < drip.lasts


def test_a_reset_connection_is_a_failure() -> None:
    assert attempt(Reset()).outcome == BROKE


def test_a_gzip_bomb_is_not_expanded() -> None:
    bomb = Answer(200, {"content-encoding": "gzip"}, gzip.compress(bytes(50_000_000)))

    tracemalloc.start()
    outcome = attempt(bomb).outcome
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert outcome == Sent()
    assert peak < 5_000_000


def test_an_answer_that_claims_to_be_compressed_is_not_unpacked() -> None:
    assert attempt(Answer(200, {"content-encoding": "gzip"}, b"no gzip")).outcome == Sent()


def test_of_an_answer_without_end_only_the_beginning_is_read() -> None:
    flood = Flood(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n", bytes(65536))
    made = attempt(flood, deadline=PATIENCE)

    assert made.outcome == Sent()
    assert made.seconds < flood.lasts


def test_of_chunks_without_end_only_the_beginning_is_read() -> None:
    flood = Flood(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 999)
    made = attempt(flood, deadline=PATIENCE)

    assert made.outcome == Sent()
    assert made.seconds < flood.lasts


@pytest.mark.parametrize(
    "again", [b"x-more: 1\r\n" * 999, b"x" * 9999], ids=["many headers", "one header"]
)
def test_headers_without_end_are_a_failure_long_before_the_deadline(again: bytes) -> None:
    flood = Flood(b"HTTP/1.1 200 OK\r\n", again)
    made = attempt(flood, deadline=PATIENCE)

    assert made.outcome == BROKE
    assert made.seconds < flood.lasts


def test_a_flood_of_interim_answers_is_cut_off_at_the_deadline() -> None:
    flood = Flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n")
    made = attempt(flood, deadline=HALF_A_SECOND)

    assert made.outcome == Failed("localhost did not answer within 0.5 s")
    assert made.seconds < flood.lasts


def test_an_interim_answer_is_not_the_answer() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\n\r\n"

    assert attempt(Flood(early + b"HTTP/1.1 500 No\r\n\r\n")).outcome == Failed(
        "localhost answered 500"
    )


def test_a_switch_of_protocols_that_nobody_asked_for_is_a_failure() -> None:
    switch = Flood(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")

    assert attempt(switch).outcome == BROKE


@pytest.mark.parametrize(
    "junk",
    [
        b"", b"220 smtp.example.com ESMTP\r\n", b"\x00" * 500, b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nx: \x00\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_not_http_is_a_failure(junk: bytes) -> None:
    assert attempt(Flood(junk)).outcome == BROKE


def test_a_body_that_breaks_off_does_not_take_the_status_back() -> None:
    half = Flood(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")

    assert attempt(half).outcome == Sent()


def test_what_a_receiver_wants_remembered_is_forgotten() -> None:
    with Receiver(scripted(Answer(204, {"set-cookie": "a=1; path=/"}))) as receiver:
        channel = hook(receiver.url)
        channel.send(letter(), NOW)
        channel.send(letter(), NOW)
        _, second = receiver.wait(2)

    assert "cookie" not in second.headers


def test_a_receiver_that_never_speaks_tls_is_cut_off_at_the_deadline() -> None:
    with listening() as server:
        channel = hook(f"https://localhost:{port_of(server)}/", deadline=HALF_A_SECOND)

        assert timed(channel).outcome == Failed("localhost did not answer within 0.5 s")


def test_a_receiver_that_speaks_no_tls_is_a_failure() -> None:
    with Receiver() as receiver:
        outcome = hook(receiver.url.replace("http:", "https:")).send(letter(), NOW)

        assert outcome == Failed("no connection to localhost: it does not speak TLS as expected")


def test_line_breaks_in_what_is_told_stay_in_the_body() -> None:
    with Receiver() as receiver:
        told = letter(subject="BABA\r\nx-evil: 1", text="\r\n\r\nHTTP/1.1 200 OK")
        hook(receiver.url).send(told, NOW)
        (call,) = receiver.wait(1)

    assert "x-evil" not in call.headers
    assert json.loads(call.body) == told.payload
