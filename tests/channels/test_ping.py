from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from alertd.channels.ping import Ping
from tests.channels.hooking import leading
from tests.support.webhook import Answer, Drip, Hang, Receiver, Reset, scripted, server_trust

if TYPE_CHECKING:
    from pathlib import Path

    import trustme

    from tests.support.webhook import Reply


def ping(url: str, **changes: Any) -> Ping:  # noqa: ANN401 - keywords of `Ping`
    """Return what pings on this machine, with these settings changed."""
    settings: dict[str, Any] = {"allow_http": True, "allow_hosts": ("localhost",)}
    return Ping(url=url, **settings | changes)


def failure(reply: Reply, **changes: Any) -> str | None:  # noqa: ANN401 - as above
    """Return what comes of one ping that is answered so."""
    with Receiver(scripted(reply)) as receiver:
        return ping(receiver.url, **changes)("", "all is well")


def test_a_ping_posts_its_text_to_the_url() -> None:
    with Receiver() as receiver:
        assert ping(receiver.url)("", "Grüße") is None
        (call,) = receiver.wait(1)

    assert (call.method, call.path) == ("POST", "/hooks/t0ken?key=s3cret")
    assert call.headers["content-type"] == "text/plain; charset=utf-8"
    assert call.body.decode() == "Grüße"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/t0ken", "/t0ken/fail"), ("/t0ken/", "/t0ken/fail"), ("", "/fail"), ("/", "/fail"),
        ("/t0ken?rid=1&a=%2F", "/t0ken/fail?rid=1&a=%2F"), ("/a%2Fb/?/", "/a%2Fb/fail?/"),
    ],
)  # fmt: skip
def test_a_suffix_goes_beneath_the_path_and_before_the_query(path: str, expected: str) -> None:
    with Receiver() as receiver:
        assert ping(f"http://localhost:{receiver.port}{path}")("/fail", "BABA is stale") is None
        (call,) = receiver.wait(1)

    assert call.path == expected


@pytest.mark.parametrize(("letter", "size"), [("x", 10_000), ("é", 10_000), ("€", 9_999)])
def test_a_long_text_is_cut_to_whole_letters_of_10_kb(letter: str, size: int) -> None:
    with Receiver() as receiver:
        assert ping(receiver.url)("", letter * 20_000) is None
        (call,) = receiver.wait(1)

    assert call.body.decode() == letter * (size // len(letter.encode()))


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Answer(200, body=b"OK"), None),
        (Answer(404), "localhost answered 404"),
        (Answer(302, {"location": "/"}), "localhost answered 302: redirects are not followed"),
        (Answer(410), "localhost answered 410"),
        (Reset(), "the connection to localhost broke before an answer"),
    ],
)
def test_only_2xx_is_good(reply: Reply, why: str | None) -> None:
    assert failure(reply) == why


@pytest.mark.parametrize("reply", [Hang(), Drip(in_headers=True)], ids=["silent", "dripping"])
def test_a_ping_ends_at_its_deadline(reply: Reply) -> None:
    deadline = timedelta(seconds=0.3)

    assert failure(reply, deadline=deadline) == "localhost did not answer within 0.3 s"


def test_a_ping_goes_only_where_a_webhook_may_go() -> None:
    with Receiver() as receiver:
        why = ping(receiver.url, allow_hosts=())("", "")

        assert why is not None
        assert "which is not public; list it in allow_hosts" in why
        assert receiver.calls == []


def test_a_ping_takes_a_name_where_it_leads() -> None:
    with Receiver() as receiver:
        url = receiver.url.replace("localhost", "checks.example")
        settings = {"allow_hosts": ("checks.example",), "resolve": leading("127.0.0.1")}

        assert ping(url, **settings)("", "") is None


def test_a_ping_trusts_the_given_authority_alone(authority: trustme.CA, ca_file: Path) -> None:
    with Receiver(tls=server_trust(authority, "localhost")) as receiver:
        why = ping(receiver.url)("", "")

        assert ping(receiver.url, ca_file=ca_file)("", "") is None
        assert why is not None
        assert "its certificate is not trusted" in why


def test_plain_http_is_refused_unless_it_is_allowed() -> None:
    with pytest.raises(ValueError, match="set allow_http"):
        Ping(url="http://checks.example/t0ken")


@pytest.mark.parametrize("reply", [Answer(500), Reset(), Hang()])
def test_no_failure_holds_more_of_the_url_than_the_host(reply: Reply) -> None:
    why = failure(reply, deadline=timedelta(seconds=0.3))

    assert why is not None
    assert "t0ken" not in why
    assert "s3cret" not in why
