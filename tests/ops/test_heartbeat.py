"""Somebody else hears that the daemon lives, what is wrong with it, and when it is gone."""

from __future__ import annotations

import http.client
import threading
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.ops.heartbeat import Heartbeat
from tests.support.webhook import Answer, Hang, Receiver, Reset, scripted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.webhook import Call, Reply

PATIENCE = 10.0


def ended() -> None:
    """Wait until no ping is under way."""
    for thread in threading.enumerate():
        if thread.name == "heartbeat":
            thread.join(PATIENCE)


class Watched:
    """A heartbeat to a real receiver, on a clock that passes only when told to."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.seconds = 1_000.0
        self.heartbeat = Heartbeat(self._post, timedelta(minutes=5), lambda: self.seconds)

    def beat(self, *troubles: str, after: float = 0.0) -> list[tuple[str, str]]:
        """Beat once, and return all that the receiver has heard when the ping is over."""
        self.seconds += after
        self.heartbeat.beat(troubles)
        ended()
        return [(call.path, call.body.decode()) for call in self.receiver.calls]

    def _post(self, suffix: str, body: str) -> str | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.receiver.port, timeout=PATIENCE)
        try:
            connection.request("POST", f"/ping{suffix}", body.encode())
            status = connection.getresponse().status
        except OSError as error:
            return type(error).__name__
        else:
            return None if status < 300 else f"answered {status}"
        finally:
            connection.close()


@contextmanager
def watched(*replies: Reply) -> Iterator[Watched]:
    with Receiver(scripted(*replies)) as receiver:
        yield Watched(receiver)


GOOD = ("/ping", "")


def test_the_first_good_cycle_pings_at_once_and_the_next_after_the_time() -> None:
    with watched() as one:
        assert one.beat() == [GOOD]
        assert one.beat(after=299) == [GOOD]
        assert one.beat(after=1) == [GOOD, GOOD]
        assert one.beat(after=20) == [GOOD, GOOD]


def test_trouble_is_told_at_once_with_a_line_for_each() -> None:
    with watched() as one:
        one.beat()
        heard = one.beat("no good price of BABA", "disk: full\n    hint: make room", after=20)
    assert heard[1:] == [("/ping/fail", "no good price of BABA\ndisk: full hint: make room")]


def test_trouble_that_lasts_is_told_every_time_and_its_end_at_once() -> None:
    with watched() as one:
        bad = ("/ping/fail", "stale")
        assert one.beat("stale") == [bad]
        assert one.beat("stale", after=299) == [bad]
        assert one.beat("stale", after=1) == [bad, bad]
        assert one.beat(after=20) == [bad, bad, GOOD]


@pytest.mark.parametrize("reply", [Answer(503), Reset()], ids=["refused", "reset"])
def test_a_ping_that_fails_is_tried_again_at_the_next_beat_and_logged_once(
    reply: Reply, lines: list[str]
) -> None:
    with watched(reply, reply) as one:
        assert len(one.beat()) == 1
        assert len(one.beat(after=20)) == 2
        assert len(one.beat(after=20)) == 3
        assert len(one.beat(after=20)) == 3
    assert [line.split(" {")[0] for line in lines] == [
        "nobody hears that alertd lives, trying again",
        "the heartbeat is heard again",
    ]


def test_trouble_that_nobody_heard_of_is_told_again() -> None:
    with watched(Answer(), Answer(503)) as one:
        one.beat()
        one.beat("stale", after=20)
        assert one.beat("stale", after=20)[2:] == [("/ping/fail", "stale")]


def test_after_a_ping_that_failed_the_next_beat_pings_whatever_it_has_to_say() -> None:
    with watched(Answer(), Answer(503)) as one:
        one.beat()
        one.beat("stale", after=20)
        assert one.beat(after=20)[2:] == [GOOD]


def test_a_failure_after_good_ones_is_logged_anew(lines: list[str]) -> None:
    with watched(Answer(500), Answer(), Answer(500)) as one:
        for _ in range(3):
            one.beat(after=300)
    assert [line.split(",")[0].split(" {")[0] for line in lines] == [
        "nobody hears that alertd lives",
        "the heartbeat is heard again",
        "nobody hears that alertd lives",
    ]


def test_a_ping_that_hangs_holds_up_no_beat_and_no_second_one_begins() -> None:
    go_on = threading.Event()

    def answer(_call: Call) -> Reply:
        go_on.wait(PATIENCE)
        return Answer()

    with Receiver(answer) as receiver:
        one = Watched(receiver)
        one.heartbeat.beat(())
        receiver.wait(1)
        for _ in range(3):
            one.seconds += 600
            one.heartbeat.beat(("stale",))
        assert len(receiver.calls) == 1
        go_on.set()
        ended()
        assert len(one.beat("stale")) == 2


def test_a_ping_that_hangs_holds_up_no_end_of_the_process() -> None:
    with watched(Hang(lasts=0.2)) as one:
        one.heartbeat.beat(())
        one.receiver.wait(1)
        assert [t.daemon for t in threading.enumerate() if t.name == "heartbeat"] == [True]
        ended()


def test_a_bug_in_a_ping_is_a_ping_that_failed(lines: list[str]) -> None:
    def ping(suffix: str, body: str) -> str | None:
        asked.append(suffix + body)
        raise ZeroDivisionError

    asked: list[str] = []
    heartbeat = Heartbeat(ping, timedelta(minutes=5), lambda: 0.0)
    for _ in range(2):
        heartbeat.beat(())
        ended()
    assert len(asked) == 2
    assert "the heartbeat goes on after a bug" in lines[0]
