"""Where a webhook may go."""

from __future__ import annotations

import socket
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from alertd.channels.webhook import Webhook
from alertd.core.retry import Failed, Sent
from tests.channels.conftest import NOW, letter
from tests.channels.hooking import HALF_A_SECOND, deaf, hook, leading, listening, port_of, timed
from tests.support.mail import closed_port
from tests.support.webhook import Answer, Receiver, scripted, server_trust

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

DESK = {"allow_hosts": ("desk.example",)}


def named(receiver: Receiver, name: str = "desk.example") -> str:
    """Return the receiver's URL under another name."""
    return receiver.url.replace("localhost", name)


def reason(channel: Webhook) -> str:
    """Return why a message was not sent."""
    outcome = channel.send(letter(), NOW)
    assert isinstance(outcome, Failed)
    return outcome.reason


def connections(server: socket.socket) -> int:
    """Return how many connected to a socket, at most 1."""
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return 0
    return 1


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "LOCALHOST", "[::1]", "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]", "2130706433", "0x7f.1", "0x7f000001", "127.1", "0177.1", "0",
        "0.0.0.0",
    ],
)  # fmt: skip
def test_this_machine_is_out_of_reach_in_any_disguise(host: str) -> None:
    with listening() as server:
        why = reason(hook(f"http://{host}:{port_of(server)}/t0ken", allow_hosts=()))

        assert "is not public" in why or "no receiver's" in why
        assert "t0ken" not in why
        assert connections(server) == 0


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "2852039166", "0xa9fea9fe", "[::ffff:a9fe:a9fe]"]
)
def test_the_metadata_of_a_cloud_is_out_of_reach_in_any_disguise(host: str) -> None:
    why = reason(hook(f"http://{host}/latest/meta-data", allow_hosts=("localhost",)))

    assert "169.254.169.254" in why
    assert "is reserved" in why


def test_a_refusal_says_where_the_name_leads_and_what_to_do() -> None:
    channel = Webhook(url="https://desk.lan/t0ken", resolve=leading("10.0.0.7"))

    assert channel.send(letter(), NOW) == Failed(
        "desk.lan leads to 10.0.0.7, which is not public; list it in allow_hosts"
    )


@pytest.mark.parametrize("entry", ["desk.example", "127.0.0.1", "127.0.0.0/8"])
def test_what_is_listed_is_within_reach(entry: str) -> None:
    with Receiver() as receiver:
        channel = hook(named(receiver), allow_hosts=(entry,), resolve=leading("127.0.0.1"))

        assert channel.send(letter(), NOW) == Sent()


@pytest.mark.parametrize("addresses", [("127.0.0.1", "10.0.0.7"), ("10.0.0.7", "127.0.0.1")])
def test_one_address_that_is_barred_bars_the_name(addresses: tuple[str, ...]) -> None:
    with listening() as server:
        channel = hook(
            f"http://desk.example:{port_of(server)}/", allow_hosts=("127.0.0.1",),
            resolve=leading(*addresses),
        )  # fmt: skip

        assert "desk.example leads to 10.0.0.7" in reason(channel)
        assert connections(server) == 0


def test_a_name_is_asked_for_once_and_its_answer_is_connected_to() -> None:
    answers = iter([leading("127.0.0.1"), leading("10.0.0.7"), leading("169.254.169.254")])

    def resolve(host: str, port: int) -> Any:  # noqa: ANN401 - what `getaddrinfo` returns
        return next(answers)(host, port)

    with Receiver() as receiver:
        channel = hook(named(receiver), allow_hosts=("127.0.0.1",), resolve=resolve)

        assert channel.send(letter(), NOW) == Sent()
        assert "leads to 10.0.0.7" in reason(channel)
        assert "leads to 169.254.169.254" in reason(channel)
        assert len(receiver.calls) == 1


def test_a_redirect_to_a_barred_place_is_not_even_looked_up() -> None:
    asked = []

    def resolve(host: str, port: int) -> list[Any]:
        asked.append(host)
        return socket.getaddrinfo("127.0.0.1", port)

    away = Answer(302, {"location": "http://metadata.example/latest"})
    with Receiver(scripted(away)) as receiver:
        outcome = hook(named(receiver), resolve=resolve, **DESK).send(letter(), NOW)

    assert outcome == Failed("desk.example answered 302: redirects are not followed")
    assert asked == ["desk.example"]


def test_host_server_name_and_certificate_are_those_of_the_name(
    authority: trustme.CA, ca_file: Path
) -> None:
    asked: list[str | None] = []
    tls = server_trust(authority, "desk.example")
    tls.sni_callback = lambda _connection, name, _context: asked.append(name)
    with Receiver(tls=tls) as receiver:
        channel = hook(named(receiver), ca_file=ca_file, resolve=leading("127.0.0.1"), **DESK)

        assert channel.send(letter(), NOW) == Sent()
        assert receiver.calls[0].headers["host"] == f"desk.example:{receiver.port}"
        assert asked == ["desk.example"]


def test_a_last_dot_is_no_part_of_a_certificate(authority: trustme.CA, ca_file: Path) -> None:
    with Receiver(tls=server_trust(authority, "desk.example")) as receiver:
        url = named(receiver, "desk.example.")
        channel = hook(url, ca_file=ca_file, resolve=leading("127.0.0.1"), **DESK)

        assert channel.send(letter(), NOW) == Sent()


def test_a_certificate_for_the_address_alone_is_refused(
    authority: trustme.CA, ca_file: Path
) -> None:
    with Receiver(tls=server_trust(authority, "127.0.0.1")) as receiver:
        channel = hook(named(receiver), ca_file=ca_file, resolve=leading("127.0.0.1"), **DESK)

        assert "its certificate is not trusted" in reason(channel)
        assert receiver.calls == []


@pytest.mark.parametrize("others", [["127.0.0.2"], ["127.0.0.2", "127.0.0.3"]])
def test_where_one_address_refuses_the_next_is_tried(others: Iterable[str]) -> None:
    with Receiver() as receiver:
        channel = hook(named(receiver), resolve=leading(*others, "127.0.0.1"), **DESK)

        assert channel.send(letter(), NOW) == Sent()
        assert receiver.calls[0].headers["host"] == f"desk.example:{receiver.port}"


def test_a_silent_address_leaves_time_for_the_next() -> None:
    with Receiver() as receiver, deaf("127.0.0.2", receiver.port):
        resolve = leading("127.0.0.2", "127.0.0.1")
        channel = hook(named(receiver), deadline=4 * HALF_A_SECOND, resolve=resolve, **DESK)

        assert channel.send(letter(), NOW) == Sent()


def test_all_addresses_together_have_until_the_deadline() -> None:
    with listening("127.0.0.9") as taken:
        port = port_of(taken)
        with deaf("127.0.0.2", port), deaf("127.0.0.3", port):
            channel = hook(
                f"http://desk.example:{port}/", deadline=HALF_A_SECOND,
                resolve=leading("127.0.0.2", "127.0.0.3"), **DESK,
            )  # fmt: skip

            assert reason(channel) == "desk.example did not answer within 0.5 s"


def test_where_a_certificate_is_not_trusted_no_other_address_is_tried(ca_file: Path) -> None:
    with Receiver(tls=server_trust(trustme.CA(), "desk.example")) as receiver:
        resolve = leading("127.0.0.1", "127.0.0.2")
        channel = hook(named(receiver), ca_file=ca_file, resolve=resolve, **DESK)

        assert "its certificate is not trusted" in reason(channel)


def test_where_all_addresses_refuse_it_is_a_failure() -> None:
    url = f"http://desk.example:{closed_port()}/"
    channel = hook(url, resolve=leading("127.0.0.1", "127.0.0.2"), **DESK)

    assert reason(channel) == "no connection to desk.example: it refuses connections"


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 64 + ".example"])
def test_a_name_that_nobody_knows_is_a_failure(host: str) -> None:
    assert reason(hook(f"https://{host}/")).endswith(f"to {host}: its name is not known")


def test_a_name_that_leads_nowhere_is_a_failure() -> None:
    channel = hook("https://desk.example/", resolve=leading())

    assert reason(channel) == "no connection to desk.example: its name is not known"


def test_a_lookup_that_never_ends_is_left_behind_at_the_deadline() -> None:
    over, asked = Event(), []

    def resolve(host: str, port: int) -> list[Any]:
        asked.append(host)
        over.wait(5)
        return socket.getaddrinfo("127.0.0.1", port)

    channel = hook("https://desk.example/", deadline=HALF_A_SECOND / 10, resolve=resolve)
    made = [timed(channel) for _ in range(12)]
    over.set()

    late = Failed("the address of desk.example was not found within 0.05 s")
    assert [each.outcome for each in made] == [late] * 12
    assert sum(each.seconds for each in made) < 5
    assert len(asked) == 8


def test_a_lookup_that_ends_makes_room_for_the_next() -> None:
    with Receiver() as receiver:
        channel = hook(receiver.url, deadline=4 * HALF_A_SECOND)

        assert [channel.send(letter(), NOW) for _ in range(20)] == [Sent()] * 20


def test_an_ipv6_address_is_reached_as_it_stands(authority: trustme.CA, ca_file: Path) -> None:
    try:
        receiver = Receiver(tls=server_trust(authority, "::1"), address="::1")
    except OSError:
        pytest.skip("this machine has no IPv6")
    with receiver:
        channel = hook(named(receiver, "[::1]"), ca_file=ca_file, allow_hosts=("::1",))

        assert channel.send(letter(), NOW) == Sent()
        assert receiver.calls[0].headers["host"] == f"[::1]:{receiver.port}"
