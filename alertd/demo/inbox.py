"""Where do the demo's alerts arrive?

    WebhookReceiver --.
                       >--> Inbox, in the order of arrival
    MailServer -------'

Both listen on a free port of this machine while they are entered.
"""

from __future__ import annotations

import email
import json
import threading
from asyncio import Server, sleep
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Self

from aiosmtpd.controller import Controller

from alertd.core.signature import signature

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Post:
    """What a webhook brought: its id, its JSON body, and whether the signature was right."""

    id: str
    body: dict[str, Any]
    verified: bool


@dataclass(frozen=True, slots=True)
class Mail:
    """What a mail brought."""

    id: str
    subject: str
    text: str


Inbox = SimpleQueue[Post | Mail]


class WebhookReceiver:
    """Takes every request, and checks whether it is signed with `secret`."""

    def __init__(self, inbox: Inbox, secret: str) -> None:
        class Handler(_Handler):
            def do_POST(self) -> None:
                inbox.put(self.post(secret))

        self._server = ThreadingHTTPServer((_HOST, 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        return f"http://{_HOST}:{self._server.server_port}/alerts"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def post(self, secret: str) -> Post:
        """Read one request and answer it."""
        body = self.rfile.read(int(self.headers["content-length"]))
        known, sent_at = self.headers["webhook-id"], int(self.headers["webhook-timestamp"])
        expected = signature(secret, known, sent_at, body)
        verified = compare_digest(expected, self.headers.get("webhook-signature", ""))
        self.send_response(204)
        self.end_headers()
        return Post(known, json.loads(body), verified)

    def log_message(self, *_: object) -> None:
        """Say nothing: the demo tells what arrives."""


class Listener(Controller):
    """An SMTP server on a port of the system's choice; nobody is connected once it is stopped."""

    def cancel_tasks(self, stop_loop: bool = True) -> None:  # noqa: FBT001, FBT002 - aiosmtpd's own
        assert isinstance(self.server, Server)
        # To close the server would throw out those whom it has just accepted, with nobody told.
        for listening in self.server.sockets:
            self.loop.remove_reader(listening)
        self.loop.create_task(self._part(stop_loop))

    async def _part(self, stop_loop: bool) -> None:  # noqa: FBT001
        # Who has just connected has a conversation three turns later; one that is cancelled before
        # it has begun would leave its connection open.
        for _ in range(3):
            await sleep(0)
        super().cancel_tasks(stop_loop)

    def _trigger_server(self) -> None:
        # The system has chosen a port; the parent would knock at the one that was asked for.
        assert isinstance(self.server, Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd's own


class MailServer(Listener):
    """Takes every mail."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(_Taker(inbox), hostname=_HOST, port=0, server_hostname="localhost")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Taker:
    """What aiosmtpd asks about a mail; the name and the shape are its own."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def handle_DATA(  # noqa: N802 - named by aiosmtpd
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        raw = envelope.original_content or b""
        letter = email.message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
        text = letter.get_body(("plain",))
        known = str(letter["message-id"]).strip("<>").partition("@")[0]
        lines = text.get_content().splitlines() if text else []
        self._inbox.put(Mail(known, str(letter["subject"]), "\n".join(lines)))
        return "250 taken"
