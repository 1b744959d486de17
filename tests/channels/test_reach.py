"""A channel can be tried without a message."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import trustme

from alertd.channels.ping import Ping
from alertd.channels.webhook import Webhook
from tests.channels.hooking import HALF_A_SECOND, deaf, hook, leading, listening, port_of
from tests.support.mail import Login, MailServer, closed_port
from tests.support.webhook import Receiver, server_trust

if TYPE_CHECKING:
    from pathlib import Path
    from ssl import SSLContext

    from tests.channels.mailing import Mailer

ME = {"username": "me", "password": "s3cret-pass"}


class TestReceivers:
    def test_a_receiver_is_tried_over_tls_and_is_asked_for_nothing(
        self, tls: SSLContext, ca_file: Path
    ) -> None:
        with Receiver(tls=tls) as receiver:
            assert hook(receiver.url, ca_file=ca_file).reach() is None
            pinged = Ping(url=receiver.url, ca_file=ca_file, allow_hosts=("localhost",))
            assert pinged.reach() is None
            assert receiver.calls == []

    def test_a_receiver_without_tls_is_only_connected_to(self) -> None:
        with Receiver() as receiver:
            assert hook(receiver.url).reach() is None
            assert receiver.calls == []

    def test_a_certificate_that_cannot_be_trusted_is_found(self, ca_file: Path) -> None:
        with Receiver(tls=server_trust(trustme.CA(), "localhost")) as receiver:
            why = hook(receiver.url, ca_file=ca_file).reach()
        assert why == (
            "no connection to localhost: its certificate is not trusted "
            "(unable to get local issuer certificate)"
        )

    def test_a_certificate_for_another_name_is_found(
        self, authority: trustme.CA, ca_file: Path
    ) -> None:
        with Receiver(tls=server_trust(authority, "elsewhere.example")) as receiver:
            why = hook(receiver.url, ca_file=ca_file).reach()
        assert why is not None
        assert "Hostname mismatch" in why

    def test_a_closed_port_is_found(self) -> None:
        why = hook(f"http://localhost:{closed_port()}/t0ken").reach()
        assert why == "no connection to localhost: it refuses connections"

    def test_a_name_that_nobody_knows_is_found(self) -> None:
        channel = Webhook(url="https://desk.example/t0ken", resolve=leading())
        assert channel.reach() == "no connection to desk.example: its name is not known"

    def test_where_a_message_may_not_go_nobody_is_tried(self) -> None:
        with listening() as server:
            why = hook(f"http://localhost:{port_of(server)}/t0ken", allow_hosts=()).reach()
            with pytest.raises(BlockingIOError):
                server.accept()
        assert why is not None
        assert "is not public; list it in allow_hosts" in why

    def test_where_one_address_refuses_the_next_is_tried(self) -> None:
        with Receiver() as receiver:
            assert hook(receiver.url, resolve=leading("127.0.0.2", "127.0.0.1")).reach() is None

    def test_a_silent_address_leaves_time_for_the_next(self) -> None:
        with Receiver() as receiver, deaf("127.0.0.2", receiver.port):
            resolve = leading("127.0.0.2", "127.0.0.1")
            channel = hook(receiver.url, deadline=4 * HALF_A_SECOND, resolve=resolve)
            assert channel.reach() is None

    def test_a_receiver_that_never_ends_the_handshake_is_given_up_at_the_deadline(self) -> None:
        begun = time.monotonic()
        with listening() as server:
            url = f"https://localhost:{port_of(server)}/t0ken"
            why = hook(url, deadline=HALF_A_SECOND).reach()
        assert why == "localhost did not answer within 0.5 s"
        assert time.monotonic() - begun < 5


class TestMailServers:
    def test_a_server_is_logged_in_to_and_gets_no_mail(
        self, tls: SSLContext, mailer: Mailer
    ) -> None:
        with MailServer(tls=tls, login=("me", "s3cret-pass")) as server:
            assert mailer(server, **ME).reach() is None
            assert server.logins == [Login("me", "s3cret-pass", encrypted=True)]
            assert server.mails == []

    def test_a_refused_login_is_found(self, tls: SSLContext, mailer: Mailer) -> None:
        with MailServer(tls=tls, login=("me", "another")) as server:
            assert mailer(server, **ME).reach() == "localhost: login refused (535)"

    def test_a_server_without_tls_is_found_and_told_no_password(self, mailer: Mailer) -> None:
        with MailServer(login=("me", "s3cret-pass")) as server:
            why = mailer(server, **ME).reach()
            assert server.logins == []
        assert why is not None
        assert "STARTTLS" in why

    @pytest.mark.parametrize("kind", ["starttls", "implicit"])
    def test_a_certificate_that_cannot_be_trusted_is_found(self, kind: str, mailer: Mailer) -> None:
        stranger = server_trust(trustme.CA(), "localhost")
        with MailServer(tls=stranger, implicit=kind == "implicit") as server:
            why = mailer(server, tls=kind).reach()
        assert why is not None
        assert why.startswith("localhost: its certificate is not trusted")

    def test_a_server_that_says_nothing_is_given_up_at_the_deadline(self, mailer: Mailer) -> None:
        with listening() as mute, MailServer() as server:
            channel = mailer(server, port=port_of(mute), deadline=timedelta(seconds=0.4))
            assert channel.reach() == "localhost: not done within 0.4 s"

    def test_a_closed_port_is_found(self, mailer: Mailer) -> None:
        with MailServer() as server:
            channel = mailer(server, port=closed_port())
        assert channel.reach() == "localhost: it refuses connections"
