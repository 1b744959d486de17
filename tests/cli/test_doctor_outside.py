"""`alertd doctor` asks everybody whom alertd talks to, and sends nothing."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import trustme

from alertd.cli.findings import Verdict
from alertd.cli.outside import clock
from alertd.core.rests import Rest
from tests.cli.kept import BELOW, keeping
from tests.cli.test_doctor import said
from tests.support import yahoo_bodies as bodies
from tests.support.build import flat
from tests.support.mail import Login, MailServer, closed_port
from tests.support.webhook import Receiver, server_trust
from tests.support.yahoo import CHART, QUOTE, YahooServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.typed import Answer, Home
    from tests.support.yahoo_bodies import Answer as Due

ALERT = """
allow_inline_secrets = true
[[alert]]
id = "support"
symbol = "BABA"
below = 150
"""
OTHER = '[[alert]]\nid = "other"\nsymbol = "{}"\nbelow = 70\n'
HOOK = """
[channel.desk]
type = "webhook"
url = "{url}"
allow_hosts = ["localhost"]
ca_file = "ca.pem"
"""
MAIL = """
[channel.mail]
type = "email"
host = "localhost"
port = {port}
username = "me"
password = "s3cret-pass-word"
from = "alerts@example.com"
to = ["you@example.com"]
ca_file = "ca.pem"
"""


@pytest.fixture
def yahoo(tmp_path: Path) -> Iterator[YahooServer]:
    """Yield a Yahoo that knows BABA, which traded a minute ago."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    (bar,) = flat("09:30", 150)
    with YahooServer(tmp_path) as server:
        server.play("BABA", [replace(bar, start=now - timedelta(minutes=1))])
        server.quote("BABA", regularMarketPrice=150.0, regularMarketTime=int(now.timestamp()))
        yield server


def doctor(home: Home, yahoo: YahooServer, text: str = ALERT) -> Answer:
    return home.alertd("doctor", "--config", home.config(text), **yahoo.env)


class TestSources:
    def test_a_source_is_asked_for_quotes_once_and_for_one_chart(
        self, home: Home, yahoo: YahooServer
    ) -> None:
        yahoo.quote("VOD.L", currency="GBp", regularMarketPrice=72.5)
        answer = doctor(home, yahoo, ALERT + OTHER.format("VOD.L"))
        assert (answer.status, answer.err) == (0, "all is well\n")
        (line,) = said(answer, "source yahoo")
        assert line.startswith("ok quotes of all symbols; the last bar of BABA is of 20")
        paths = [request.path for request in yahoo.requests if "finance" in request.path]
        assert paths == [QUOTE, f"{CHART}BABA"]

    def test_symbols_that_it_does_not_know_are_named(self, home: Home, yahoo: YahooServer) -> None:
        answer = doctor(home, yahoo, ALERT + OTHER.format("NOSUCH"))
        assert answer.status == 1
        known, unknown, hint = said(answer, "source yahoo")
        assert known.startswith("ok quotes of 1 of 2 symbols")
        assert unknown == "trouble does not know NOSUCH"
        assert hint.startswith("hint: look up how Yahoo writes them")

    def test_a_currency_that_is_not_the_expected_one_is_a_trouble(
        self, home: Home, yahoo: YahooServer
    ) -> None:
        yahoo.quote("VOD.L", currency="GBp", regularMarketPrice=72.5)
        wanted = '[symbol."VOD.L"]\ncurrency = "GBP"\n'
        answer = doctor(home, yahoo, ALERT + OTHER.format("VOD.L") + wanted)
        assert answer.status == 1
        assert "prices are in GBp (pence, 100 to 1 GBP)" in said(answer, "source yahoo")[1]

    def test_one_that_rests_is_not_asked_and_says_until_when(
        self, home: Home, yahoo: YahooServer
    ) -> None:
        now = datetime.now(UTC)
        until = now + timedelta(minutes=9, seconds=30)
        with keeping(home.folder / "alertd.db", BELOW) as database:
            database.keep_rest("yahoo", Rest(now, until, 2, "too many requests, status 429"))
        answer = doctor(home, yahoo)
        assert answer.status == 1
        words, hint = said(answer, "source yahoo")
        assert words == (
            f"trouble rests until {until:%Y-%m-%d %H:%M} UTC, 9m from now, 2 times in a row: "
            "too many requests, status 429"
        )
        assert hint.startswith("hint: it is asked again by itself")
        assert said(answer, "clock") == []
        assert yahoo.requests == []

    def test_one_that_asks_for_quiet_is_a_trouble_that_heals(
        self, home: Home, yahoo: YahooServer
    ) -> None:
        yahoo.fail(bodies.too_many(), on=QUOTE)
        answer = doctor(home, yahoo)
        assert answer.status == 1
        words, hint = said(answer, "source yahoo")
        assert "429" in words
        assert "goes on by itself" in hint

    def test_one_that_cannot_be_reached_is_a_trouble_without_a_traceback(self, home: Home) -> None:
        nowhere = f"http://127.0.0.1:{closed_port()}"
        answer = home.alertd("doctor", "--config", home.config(ALERT), HTTPS_PROXY=nowhere)
        assert answer.status == 1
        words, hint = said(answer, "source yahoo")
        assert words.startswith("trouble ")
        assert hint.startswith("hint: see if this machine reaches it")
        assert "Traceback" not in answer.out + answer.err

    def test_one_that_answers_with_a_page_is_a_trouble_that_says_what_was_found(
        self, home: Home, yahoo: YahooServer
    ) -> None:
        yahoo.fail(lambda due: dated(timedelta(0))(bodies.html(due)), on=QUOTE)
        answer = doctor(home, yahoo)
        assert answer.status == 1
        (words,) = said(answer, "source yahoo")
        assert "expected JSON, found HTML with status 200" in words


def dated(ahead: timedelta) -> bodies.Fault:
    """Return what puts a date on answers, by a clock that is so far ahead."""

    def stamped(due: Due) -> Due:
        date = f"{datetime.now(UTC) + ahead:%a, %d %b %Y %H:%M:%S GMT}"
        return replace(due, headers=(*due.headers, ("Date", date)))

    return stamped


class TestClock:
    def test_one_that_agrees_with_that_of_a_source_is_well(
        self, home: Home, yahoo: YahooServer
    ) -> None:
        for path in (QUOTE, CHART):
            yahoo.fail(dated(timedelta(0)), on=path)
        (line,) = said(doctor(home, yahoo), "clock")
        assert line.startswith("ok agrees with that of yahoo to within ")

    def test_one_that_is_off_is_a_trouble_that_says_what_to_do(
        self, home: Home, yahoo: YahooServer
    ) -> None:
        for path in (QUOTE, CHART):
            yahoo.fail(dated(timedelta(hours=1)), on=path)
        answer = doctor(home, yahoo)
        assert answer.status == 1
        words, hint = said(answer, "clock")
        assert words.startswith(("trouble this machine's is 59m", "trouble this machine's is 1h"))
        assert words.endswith("behind that of yahoo")
        assert "NTP" in hint

    @pytest.mark.parametrize(
        ("seconds", "verdict"),
        [(30, Verdict.OK), (-30, Verdict.OK), (31, Verdict.TROUBLE), (-31, Verdict.TROUBLE)],
    )
    def test_half_a_minute_is_near_enough(self, seconds: int, verdict: Verdict) -> None:
        found = clock(timedelta(seconds=seconds), "yahoo")
        assert found.verdict is verdict
        assert verdict is Verdict.OK or ("behind" in found.what) == (seconds > 0)


@contextmanager
def trusted(home: Home) -> Iterator[trustme.CA]:
    """Yield an authority that the channels of this home trust."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(home.folder / "ca.pem"))
    yield authority


class TestChannels:
    def test_a_webhook_and_a_heartbeat_are_reached_and_nothing_is_posted(
        self, home: Home, yahoo: YahooServer
    ) -> None:
        with trusted(home) as authority, Receiver(tls=server_trust(authority, "localhost")) as hook:
            beat = HOOK.replace("[channel.desk]", "[heartbeat]").replace('type = "webhook"\n', "")
            answer = doctor(home, yahoo, ALERT + (HOOK + beat).format(url=hook.url))
            assert hook.calls == []
        assert answer.status == 0
        (line,) = said(answer, "channel desk")
        assert (
            line
            == "ok webhook at localhost, unsigned, may lead to localhost: reached, nothing was sent"
        )
        assert said(answer, "heartbeat") == ["ok localhost: reached, nothing was sent"]
        assert "t0ken" not in answer.out + answer.err

    def test_a_webhook_that_is_not_trusted_says_where_to_look(
        self, home: Home, yahoo: YahooServer
    ) -> None:
        stranger = server_trust(trustme.CA(), "localhost")
        with trusted(home), Receiver(tls=stranger) as hook:
            answer = doctor(home, yahoo, ALERT + HOOK.format(url=hook.url))
        assert answer.status == 1
        words, hint = said(answer, "channel desk")
        assert "its certificate is not trusted" in words
        assert hint == "hint: see url, ca_file and allow_hosts in [channel.desk]"

    def test_a_mail_server_is_logged_in_to_and_gets_no_mail(
        self, home: Home, yahoo: YahooServer
    ) -> None:
        login = ("me", "s3cret-pass-word")
        with (
            trusted(home) as authority,
            MailServer(tls=server_trust(authority, "localhost"), login=login) as server,
        ):
            answer = doctor(home, yahoo, ALERT + MAIL.format(port=server.port))
            assert server.logins == [Login(*login, encrypted=True)]
            assert server.mails == []
        assert answer.status == 0
        assert said(answer, "channel mail")[0].endswith("reached, nothing was sent")

    def test_a_refused_login_is_a_trouble_and_no_password_is_shown(
        self, home: Home, yahoo: YahooServer
    ) -> None:
        with (
            trusted(home) as authority,
            MailServer(tls=server_trust(authority, "localhost"), login=("me", "x")) as server,
        ):
            answer = doctor(home, yahoo, ALERT + MAIL.format(port=server.port))
        assert (answer.status, answer.err) == (1, "1 trouble\n")
        words, hint = said(answer, "channel mail")
        assert words == "trouble localhost: login refused (535)"
        assert hint.endswith("username and password in [channel.mail]")
        assert "s3cret" not in answer.out

    def test_what_cannot_be_tried_without_a_message_is_said(
        self, home: Home, yahoo: YahooServer
    ) -> None:
        phone = (
            '[channel.phone]\ntype = "apprise"\nurl = "ntfys://a-t0ken@ntfy.example.com/top1c"\n'
        )
        screen = '[channel.screen]\ntype = "console"\n'
        answer = doctor(home, yahoo, ALERT + phone + screen)
        assert answer.status == 0
        (line,) = said(answer, "channel phone")
        assert line.startswith("skipped ntfys, by Apprise: understood")
        assert line.endswith("`alertd test phone`")
        assert said(answer, "channel screen") == ["ok the terminal"]
        assert "top1c" not in answer.out
