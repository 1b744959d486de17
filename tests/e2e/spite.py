"""What does alertd's world look like when everybody in it wants its secrets known?

webhook --> echo     the answer repeats the request: URL, headers, body; 400, 503, 410, 302, junk
mail    --> echo     the replies repeat the password, in clear and in base64
Apprise --> echo     as the webhooks
nobody               a port that is closed, a certificate that nobody trusts
"bug"                alertd itself, with every secret in the words of its error
"""

from __future__ import annotations

import json
from base64 import b64encode
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import trustme

from tests.e2e.marks import Marks
from tests.support.mail import MailServer, closed_port
from tests.support.webhook import Answer, Flood, Receiver, server_trust

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.support.webhook import Call, Reply

USER = "alertd"
_AUTHORITY = "spite-ca.pem"

# How each channel fails, as the log says it.
FATES: Mapping[str, tuple[str, ...]] = {
    "closed": ("will try again", "refuses connections"),
    "stranger": ("will try again", "certificate is not trusted"),
    "bad": ("will try again", "answered 400"),
    "down": ("will try again", "answered 503"),
    "moved": ("will try again", "redirects are not followed"),
    "odd": ("will try again", "broke before an answer"),
    "gone": ("the channel is closed", "answered 410"),
    "login": ("the channel is closed", "login refused"),
    "unknown": ("given up", "refused (550"),
    "later": ("will try again", "refused (451"),
    "phone": ("will try again", "answered 500"),
    "pager": ("will try again", "connection failed"),
}  # fmt: skip

# Everything that a template can reach, and some that it cannot.
_CURIOUS = """\
text_template = '''{{ [type, timestamp, id, alert, name, symbol, kind, note, others, together] }}
{{ namespace }} {{ cycler }} {{ dict }} {{ subject }} {{ html }} {{ text }} {{ self }}'''
html_template = '<p>{{ self._TemplateReference__context.environment.loader }}</p>'
"""

_WEBHOOKS = {
    "closed": 'url = {{ env = "CLOSED_URL" }}\nsecret = {{ env = "SECRET" }}',
    "stranger": 'url = {{ credential = "stranger" }}\nsecret_file = "secret"',
    "bad": 'url_file = "bad"\nsecret = {{ credential = "new" }}\n'
    'old_secret = {{ file = "secret" }}',
    "down": 'url = {{ file = "down" }}',
    "moved": 'url = {{ env = "MOVED_URL" }}',
    "odd": 'url = {{ env = "ODD_URL" }}',
    "gone": 'url = {{ env = "GONE_URL" }}\nsecret = "{inline}"',
    "bug": 'url = {{ env = "BUG_URL" }}\nsecret = {{ env = "SECRET" }}',
}
_MAILS = {
    "login": '{{ env = "LOGIN_PASSWORD" }}',
    "unknown": '{{ file = "unknown" }}',
    "later": '{{ credential = "later" }}',
    "good": "'''{good}'''",
}

_HEAD = """
allow_inline_secrets = true

[[alert]]
id = "below-150"
symbol = "BABA"
below = 150
note = "a note"

[symbol.BABA]
calendar = "24/7"
currency = "USD"

[poll]
interval = "1s"
stale_after = "30d"

[store]
path = "alertd.db"

[log]
level = "debug"
"""

_WEBHOOK = """
[channel.{name}]
type = "webhook"
allow_http = true
allow_hosts = ["localhost"]
"""

_MAIL = """
[channel.{name}]
type = "email"
host = "localhost"
port = {port}
username = "{user}"
from = "alertd <alertd@example.com>"
to = ["you@example.com", "me@example.com"]
ca_file = "{authority}"
chart = false
"""

_REST = """
[channel.phone]
type = "apprise"
url = { env = "PHONE_URL" }

[channel.pager]
type = "apprise"
url_file = "pager"

[heartbeat]
url = { env = "HEART_URL" }
allow_http = true
allow_hosts = ["localhost"]
every = "10s"
"""


@dataclass
class Spite:
    """The servers, and a configuration that leads to each of them, in one folder."""

    folder: Path
    marks: Marks = field(default_factory=Marks)
    environ: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            strange = server_trust(trustme.CA(), "localhost")
            self.echo = stack.enter_context(Receiver(_echo))
            self.stranger = stack.enter_context(Receiver(tls=strange))
            authority = trustme.CA()
            authority.cert_pem.write_to_path(str(self.folder / _AUTHORITY))
            self._tls = server_trust(authority, "localhost")
            self.mails = {name: stack.enter_context(self._server(name)) for name in _MAILS}
            self._stack = stack.pop_all()
        self._hide()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def config(self) -> str:
        """Return a configuration in which every place of a secret is used."""
        secrets = self.marks.secrets
        hooks = [_WEBHOOK.format(name=k) + v.format(**secrets) for k, v in _WEBHOOKS.items()]
        mails = [
            _MAIL.format(name=k, port=self.mails[k].port, user=USER, authority=_AUTHORITY)
            + f"password = {v.format(**secrets)}\n"
            for k, v in _MAILS.items()
        ]
        return "\n".join([_HEAD, *hooks, *mails, _CURIOUS, _REST])

    def _server(self, name: str) -> MailServer:
        password = self.marks.password(name)
        known = b64encode(f"\0{USER}\0{password}".encode()).decode()
        echo = f"{password} {known} {b64encode(password.encode()).decode()}"
        replies = {
            "login": {"AUTH": f"535 5.7.8 no such login: {echo}"},
            "unknown": {"RCPT": f"550 {echo} is unknown"},
            "later": {"DATA": f"451 not now, {echo}"},
        }.get(name, {})
        login = (USER, "another one" if name == "login" else password)
        return MailServer(tls=self._tls, login=login, replies=replies)

    def _hide(self) -> None:
        """Put each secret where the configuration says that it is."""
        marks, credentials = self.marks, self.folder / "credentials"
        credentials.mkdir()
        here = f"http://localhost:{self.echo.port}"
        nowhere = closed_port()
        places = {
            "closed": f"https://localhost:{nowhere}",
            "stranger": f"https://localhost:{self.stranger.port}",
            **{name: f"{here}/{name}" for name in ("bad", "down", "moved", "odd", "gone", "bug")},
            "heart": f"{here}/heart",
        }
        marks.signing("inline")
        urls = {name: marks.url(name, place) for name, place in places.items()}
        token = marks.word("phone-token")
        phone = f"json://me:{token}@localhost:{self.echo.port}/{marks.word('phone-path')}"
        self.environ = {
            **{f"{name.upper()}_URL": url for name, url in urls.items()},
            "SECRET": marks.signing("signing"),
            "LOGIN_PASSWORD": marks.secrets["login"],
            "PHONE_URL": phone,
            "CREDENTIALS_DIRECTORY": str(credentials),
        }
        marks.secrets["phone"] = phone
        pager = f"ntfy://{marks.word('pager-token')}@localhost:{nowhere}/{marks.word('topic')}"
        marks.secrets["pager"] = pager
        texts = {
            "bad": urls["bad"],
            "down": urls["down"],
            "secret": marks.signing("old"),
            "unknown": marks.secrets["unknown"],
            "pager": pager,
            "credentials/stranger": urls["stranger"],
            "credentials/new": marks.signing("new"),
            "credentials/later": marks.secrets["later"],
        }
        for name, text in texts.items():
            (self.folder / name).write_text(f"{text}\n")


def _echo(call: Call) -> Reply:
    """Answer with everything that the request has said."""
    said = json.dumps({"url": call.path, **call.headers, "body": call.body.decode()})
    line = f"{call.path} {call.headers.get('authorization', '')}"
    headers = {"retry-after": line, "server": line, "set-cookie": f"a={line}"}
    answers: dict[str, Callable[[], Reply]] = {
        "bad": lambda: Answer(400, headers, said.encode()),
        "down": lambda: Answer(503, headers, said.encode()),
        "gone": lambda: Answer(410, headers, said.encode()),
        "moved": lambda: Answer(302, {"location": f"http://[{call.path}"}, said.encode()),
        "odd": lambda: Flood(f"HTTP/1.1 {line}\r\n{line}\r\n\r\n".encode()),
    }
    name = call.path.split("/")[1]
    return answers.get(name, lambda: Answer(500, headers, said.encode()))()
