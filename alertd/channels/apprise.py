"""How does a message reach one of the many services that Apprise knows?

    text -> cut to what the service takes -> one notification, in a thread with a deadline

Apprise says only whether it worked. Its URL is a secret, and so is what Apprise and the libraries
beneath it log: none of it goes anywhere, but for the status code that the service has answered.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import accumulate
from queue import Empty, SimpleQueue
from threading import Lock, Thread, local
from typing import TYPE_CHECKING

from alertd.core.retry import NOBODY, Failed, Outcome, Recipients, Sent

if TYPE_CHECKING:
    from types import ModuleType

    from apprise import NotifyBase

    from alertd.core.messages import Message

DEADLINE = timedelta(seconds=60)

_CONNECT, _READ = 10.0, 20.0
_MOST_HANGING = 4

_CUT = "\n[...]"
# Where a service wants HTML or Markdown, a sign that is no letter may take so many.
_ESCAPED = 6
# What Apprise puts between a title and a body where a service knows no titles.
_AROUND_A_TITLE = 40

_SCHEME = re.compile(r"([a-z][a-z0-9_-]{0,19})://", re.IGNORECASE)
_STATUS = re.compile(r"\berror=(\d{3})\b")

# They log whole URLs: Apprise itself, and what its plugins stand on.
_BENEATH = ("oauthlib", "requests_oauthlib", "slixmpp", "urllib3")
_NOWHERE = logging.NullHandler()

_TYPES = {"warning": "warning", "critical": "failure"}


class Apprise:
    """Sends messages to the one service that an Apprise URL names."""

    def __init__(self, *, url: str, deadline: timedelta = DEADLINE) -> None:
        self._service = _service(url)
        self._name = str(self._service.service_name)
        self._deadline = deadline
        # Never longer than anybody waits, so that an abandoned attempt ends soon.
        self._service.socket_connect_timeout = min(_CONNECT, deadline.total_seconds())
        self._service.socket_read_timeout = min(_READ, deadline.total_seconds())
        self._hanging: list[Thread] = []
        self._lock = Lock()

    @property
    def deadline(self) -> timedelta:
        """Return the longest that one `send` may take."""
        return self._deadline

    def send(
        self,
        message: Message,
        now: datetime,  # noqa: ARG002 - the port's shape
        done: Recipients = NOBODY,  # noqa: ARG002 - it has one receiver
    ) -> Outcome:
        """Send one message as one notification."""
        if self._hangs():
            return Failed(f"{self._name}: earlier attempts still hang")
        answer: SimpleQueue[Outcome] = SimpleQueue()
        thread = Thread(
            target=lambda: answer.put(self._notified(message)), name="apprise", daemon=True
        )
        thread.start()
        try:
            return answer.get(timeout=self._deadline.total_seconds())
        except Empty:
            with self._lock:
                self._hanging.append(thread)
            return Failed(f"{self._name}: no answer within {self._deadline.total_seconds():g} s")

    def _hangs(self) -> bool:
        with self._lock:
            self._hanging = [thread for thread in self._hanging if thread.is_alive()]
            return len(self._hanging) >= _MOST_HANGING

    def _notified(self, message: Message) -> Outcome:
        from apprise import NotifyFormat, NotifyType, OverflowMode

        title = " ".join(message.subject.split())
        _EAR.heard.words = None
        try:
            taken = self._service.notify(
                title=title,
                body=self._cut(message.text.strip(), title),
                notify_type=NotifyType(_TYPES.get(_severity(message), "info")),
                body_format=NotifyFormat.TEXT,
                # One message stays one: what is too long even so is not sent in parts.
                overflow=OverflowMode.TRUNCATE,
            )
        # A plugin may raise whatever it likes, and its words may hold the URL.
        except Exception as error:  # noqa: BLE001
            return Failed(f"{self._name}: Apprise failed on {type(error).__name__}")
        return Sent() if taken else Failed(f"{self._name}: {_EAR.heard.words or 'not taken'}")

    def _cut(self, text: str, title: str) -> str:
        """Return as much of a text as the service takes; Apprise would cut into an escape."""
        from apprise import NotifyFormat

        plain = self._service.resolve_format(NotifyFormat.TEXT) is NotifyFormat.TEXT
        room = self._service.body_maxlen
        if self._service.title_maxlen <= 0 or self._service.overflow_amalgamate_title:
            room -= _length(title, plain=plain) + _AROUND_A_TITLE
        if _length(text, plain=plain) <= room:
            return text
        left = room - _length(_CUT, plain=plain)
        lengths = accumulate(_length(sign, plain=plain) for sign in text)
        return text[: sum(length <= left for length in lengths)].rstrip() + _CUT


class _Ear(logging.Filter):
    """Lets nothing through that Apprise logs, and keeps what each thread may say of it."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = local()

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if status := _STATUS.search(said):
            self.heard.words = f"it answered {status[1]}"
        elif "onnection error" in said:
            self.heard.words = "the connection failed"
        return False


_EAR = _Ear()


def _service(url: str) -> NotifyBase:
    apprise = _library()
    asset = apprise.AppriseAsset(
        app_id="alertd",
        app_desc="alertd",
        # Otherwise messages show pictures that lie with a third party.
        image_url_mask="",
        image_url_logo="",
        pem_autogen=False,
        pgp_autogen=False,
    )
    service: NotifyBase | None
    try:
        service = apprise.Apprise.instantiate(url, asset=asset)
    except Exception:  # noqa: BLE001 - as above
        service = None
    if service is None:
        raise ValueError(_misfit(url))
    # Whatever the URL says: the outbox is what tries again, and nobody is sent elsewhere.
    service.retry, service.redirects = 0, False
    if len(service) > 1:
        msg = (
            f"this {service.service_name} URL names {len(service)} receivers; give each a channel "
            "of its own, so that one which fails does not make the others get a message again"
        )
        raise ValueError(msg)
    return service


def _library() -> ModuleType:
    for name in _BENEATH:
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.addHandler(_NOWHERE)
    logger = logging.getLogger("apprise")
    logger.setLevel(logging.WARNING)
    logger.addFilter(_EAR)
    try:
        import apprise
    except ImportError as error:
        msg = 'this type needs Apprise: install "alertd[apprise]"'
        raise ValueError(msg) from error
    return apprise


def _misfit(url: str) -> str:
    found = _SCHEME.match(url)
    services = _library().NotificationManager()
    if found is None:
        return 'expected an Apprise URL, as "ntfy://HOST/TOPIC"'
    scheme = found[1].lower()
    if scheme not in services:
        return f'Apprise knows no service "{scheme}://"'
    if not services[scheme].enabled:
        needed = services[scheme].requirements.get("packages_required") or "see its documentation"
        packages = needed if isinstance(needed, str) else ", ".join(map(str, needed))
        return f'"{scheme}://" needs packages that are not installed: {packages}'
    return f'Apprise cannot read what follows "{scheme}://"'


def _severity(message: Message) -> str:
    data = message.payload.get("data")
    return str(data.get("severity")) if isinstance(data, Mapping) else ""


def _length(text: str, *, plain: bool) -> int:
    return len(text) if plain else sum(1 if sign.isalnum() else _ESCAPED for sign in text)
