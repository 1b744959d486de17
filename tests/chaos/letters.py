"""What does a mail server do to a mail, and who has it in the end?

    a mail, two recipients --a server in one of twelve troubles, then well again--> each has it

Whoever was not refused for good gets each mail, always as the same bytes, and no more often than
the server took one without saying so. Whoever was refused does not get it, and the store says so.
A password goes to nobody who has not proved who he is.
"""

from __future__ import annotations

import re
import ssl
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import trustme

from alertd.channels.email import Email
from alertd.core.retry import NOBODY, Outcome, Recipients
from alertd.store.reading import Reader
from tests.chaos.findings import compared
from tests.chaos.nursery import RULES
from tests.chaos.services import MINUTE, Market, Services
from tests.support.mail import DROP, STALL, MailServer
from tests.support.webhook import server_trust

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from alertd.core.messages import Message
    from tests.chaos.findings import Finding

ME, YOU = "me@example.com", "you@example.com"
LOGIN = ("alertd", "correct horse battery")

_FAULT = "a mail server in trouble, then well again"
_ONE_ALERT = RULES[:1]
_PATIENT, _HASTY = timedelta(seconds=20), timedelta(seconds=0.3)
# A busy machine may be late by that much, and a server that stalls for longer.
_LATE = 3.0

_ID = re.compile(r"<msg_([0-9a-f-]{36})@example\.com>")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with the server: its replies, its login, or what it offers as TLS."""

    name: str
    replies: dict[str, str] = field(default_factory=dict)
    login: tuple[str, str] = LOGIN
    tls: str = "good"

    @property
    def stalls(self) -> bool:
        return STALL in self.replies.values()

    @property
    def refuses(self) -> bool:
        """Tell whether a recipient is refused for good."""
        return any(reply.startswith("550") for reply in self.replies.values())

    @property
    def unproven(self) -> bool:
        """Tell whether nobody knows who answers."""
        return self.tls != "good"


TROUBLES = (
    Trouble("dropped before the final dot", {"BODY": DROP}),
    Trouble("dropped after the final dot", {"TAKEN": DROP}),
    Trouble("421 to the sender", {"MAIL": "421 closing"}),
    Trouble("421 to one recipient", {YOU: "421 closing"}),
    Trouble("450 to one recipient", {YOU: "450 greylisted"}),
    Trouble("451 to the mail", {"DATA": "451 later"}),
    Trouble("550 to one recipient", {YOU: "550 5.1.1 no such user"}),
    Trouble("535 to the login", login=("alertd", "another one")),
    Trouble("no STARTTLS", tls="none"),
    Trouble("a bad certificate", tls="bad"),
    Trouble("a stall before the mail is taken", {"DATA": STALL}),
    Trouble("a stall after the mail is taken", {"TAKEN": STALL}),
)
_BY_NAME = {trouble.name: trouble for trouble in TROUBLES}


class Trusting(Email):
    """A client that takes any certificate, as `smtplib` does if nobody tells it otherwise."""

    def trust_anybody(self) -> None:
        self._trust = ssl._create_unverified_context()  # noqa: SLF001 - the point


class Resending(Email):
    """A client that does not look at who has the mail already."""

    def send(self, message: Message, now: datetime, done: Recipients = NOBODY) -> Outcome:  # noqa: ARG002 - the point
        return super().send(message, now)


def play(seed: int, rounds: int, folder: Path) -> list[Finding]:
    """Play every trouble in turn, in a new order each time; and two controls."""
    chance = Random(seed)
    order: list[Trouble] = []
    while len(order) < rounds:
        order += chance.sample(TROUBLES, len(TROUBLES))
    few = max(2, rounds // 25)
    bad, greylisted = _BY_NAME["a bad certificate"], _BY_NAME["450 to one recipient"]
    return [
        _played(_FAULT, Email, order[:rounds], folder / "real", chance),
        _played("a bad certificate, any is taken", Trusting, [bad] * few, folder / "a", chance),
        _played(
            "a mail put off for one recipient, sent to all again",
            Resending, [greylisted] * few, folder / "b", chance,
        ),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Post:
    """A mail server, and what it may offer as TLS."""

    server: MailServer
    good: ssl.SSLContext
    bad: Sequence[ssl.SSLContext]
    ca_file: Path

    def client(self, kind: type[Email], deadline: timedelta) -> Email:
        """Return a channel to this server."""
        channel = kind(
            host="localhost", port=self.server.port, tls="starttls", username=LOGIN[0],
            password=LOGIN[1], sender="alertd <alertd@example.com>", to=(ME, YOU),
            ca_file=self.ca_file, deadline=deadline,
        )  # fmt: skip
        if isinstance(channel, Trusting):
            channel.trust_anybody()
        return channel

    @contextmanager
    def in_trouble(self, trouble: Trouble, chance: Random) -> Iterator[None]:
        """Let the server be in trouble for a while."""
        tls = {"good": self.good, "bad": chance.choice(self.bad), "none": None}
        self.server.replies.update(trouble.replies)
        self.server.accept(trouble.login)
        self.server.offer(tls[trouble.tls])
        try:
            yield
        finally:
            self.server.replies.clear()
            self.server.accept(LOGIN)
            self.server.offer(self.good)


def _played(
    fault: str, kind: type[Email], order: Sequence[Trouble], folder: Path, chance: Random
) -> Finding:
    folder.mkdir()
    with _post(folder) as post:
        rounds = Rounds(post, kind, chance)
        services = Services(
            folder / "alertd.db", post.client(kind, _PATIENT), Market(), rules=_ONE_ALERT
        )
        for trouble in order:
            rounds.play(services, trouble)
        services.close()
        return rounds.finding(fault, len(order), control=kind is not Email)


@contextmanager
def _post(folder: Path) -> Iterator[Post]:
    authority = trustme.CA()
    ca_file = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    good = server_trust(authority, "localhost")
    bad = (
        server_trust(trustme.CA(), "localhost"),
        server_trust(authority, "elsewhere.example"),
        server_trust(authority, "localhost", until=datetime(2020, 1, 1, tzinfo=UTC)),
    )
    with MailServer(tls=good, login=LOGIN) as server:
        yield Post(server, good, bad, ca_file)


class Rounds:
    """What a server is sent in all rounds, and what must arrive."""

    def __init__(self, post: Post, kind: type[Email], chance: Random) -> None:
        self._post, self._kind, self._chance = post, kind, chance
        self._expected: set[str] = set()
        self._met: Counter[str] = Counter()
        self._wrong: Counter[str] = Counter()

    def play(self, services: Services, trouble: Trouble) -> None:
        """Play one round: two mails into the trouble, and what is left to a well server."""
        before = services.market.events(_ONE_ALERT)
        if trouble.stalls:
            services.use(self._post.client(self._kind, _HASTY))
        services.market.swing()
        with self._post.in_trouble(trouble, self._chance):
            self._try(services, trouble)
        services.use(self._post.client(self._kind, _PATIENT))
        self._wrong["the store refused"] += len(services.finish())
        new = services.market.events(_ONE_ALERT) - before
        self._expect(new, trouble)
        if trouble.refuses:
            self._wrong["a refusal is not shown"] += not _shown(services.path, new)
        self._met[trouble.name] += 1

    def _try(self, services: Services, trouble: Trouble) -> None:
        logins = len(self._post.server.logins)
        for _ in range(self._chance.randint(1, 2)):
            begun = time.monotonic()
            self._wrong["the store refused"] += len(services.turn())
            services.rest()
            late = time.monotonic() - begun > _HASTY.total_seconds() + _LATE
            self._wrong["a stall held up the sender"] += trouble.stalls and late
            services.market.clock.to(services.market.clock.now() + MINUTE)
        told = len(self._post.server.logins) - logins
        self._wrong["a password went to a server that had proved nothing"] += (
            told if trouble.unproven else 0
        )

    def _expect(self, events: set[str], trouble: Trouble) -> None:
        whom = (ME,) if trouble.refuses else (ME, YOU)
        self._expected |= {f"{event} {each}" for event in events for each in whom}

    def finding(self, fault: str, rounds: int, *, control: bool) -> Finding:
        """Hold what the server took against what each recipient must have."""
        server = self._post.server
        arrived, bodies = [], set()
        for mail in server.mails:
            matched = _ID.fullmatch(mail.message["Message-ID"])
            assert matched, "the id of a mail is not that of its event"
            arrived += [f"{matched[1]} {each}" for each in mail.recipients]
            bodies.add((matched[1], mail.raw))
            strange = {"bcc", "x-evil"} & {name.lower() for name in mail.message}
            self._wrong["a line of the user's became a header"] += len(strange)
        unsaid = [mail for mail in server.mails if not mail.acknowledged]
        open_logins = [login for login in server.logins if not login.encrypted]
        self._wrong["a password went in clear"] += len(open_logins)
        self._wrong["a mail changed under its id"] += len(bodies) - len({id_ for id_, _ in bodies})
        return compared(
            fault, rounds, self._expected, arrived,
            bound=sum(len(mail.recipients) for mail in unsaid), control=control,
            wrong=[f"{count} times {what}" for what, count in self._wrong.items() if count],
            counts={**self._met, "mails taken": len(server.mails), "without a word": len(unsaid)},
        )  # fmt: skip


def _shown(path: Path, events: set[str]) -> bool:
    """Tell whether the store says of these events who refused them, and who has them."""
    reader = Reader.open(path)
    assert reader is not None
    rows = [row for row in reader.events(9) if str(row.notice.event.id) in events]
    return len(rows) == len(events) and all(
        one.status == "dead"
        and one.recipients.reached == {ME}
        and set(one.recipients.refused) == {YOU}
        for row in rows
        for one in row.deliveries
    )
