"""How can a configuration be wrong where a secret stands?

Each is given away by whoever quotes what he does not understand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.e2e.marks import Marks

_ALERT = """
[[alert]]
id = "below-150"
symbol = "BABA"
below = 150
"""

# Shapes and places; no inline secret is allowed here. Each %s is another mark.
_SHAPES = """
password = "%s"

[channel]
password = "%s"

[channel.a]
type = "webhook"
url = "https://desk.example.com:%s/hooks"
secret = "whsec_%s"

[channel.b]
type = "webhook"
url = "ftp://desk.example.com/%s"
secret = { file = "whsec_%s" }

[channel.c]
type = "webhook"
url_file = "https://desk.example.com/%s"
token = "%s"

[channel.d]
type = "webhook"
url = { value = "https://desk.example.com/%s" }
secret = { env = "lower_%s" }

[channel.e]
type = "webhook"
url = "http://user:%s@desk.example.com/%s"
secret = ["%s"]

[channel.f]
type = "webhook"
url = { env = "https://desk.example.com/%s" }
secret = { env = "BAD_SECRET" }

[channel.g]
type = "email"
host = "smtp.example.com"
username = { credential = "https://%s" }
password = { password = "%s" }
from = "alertd@example.com"
to = "you@example.com"

[channel.h]
type = "email"
host = "https://smtp.example.com/%s"
from = "https://smtp.example.com/%s"
to = ["https://smtp.example.com/%s"]
pasword = "%s"

[channel.i]
type = "https://desk.example.com/%s"

[channel.j]
type = "apprise"
url = "%s"

[channel.k]
type = "apprise"
url = { env = "BAD_SERVICE" }

[channel.l]
type = "webhook"
url = { env = "BAD_URL" }
allow_hosts = ["https://desk.example.com/%s"]

[heartbeat]
url = { env = "BAD_URL" }
every = "https://desk.example.com/%s"
"""

_UNENDED = """
[channel.a]
type = "email"
password = "%s
"""

_TWICE = """
[channel.a]
secret = "%s"
secret = "%s"
"""

# What only a channel itself can tell.
_SERVICE = """
[channel.a]
type = "apprise"
url = { env = "UNKNOWN_SERVICE" }

[channel.b]
type = "apprise"
url = { env = "UNREADABLE_SERVICE" }

[channel.c]
type = "email"
host = "smtp.example.com"
username = "me"
password = { env = "FOREIGN_PASSWORD" }
from = "alertd@example.com"
to = "you@example.com"
"""

_REST = (_UNENDED, _TWICE, _SERVICE)


def malformed(marks: Marks) -> list[str]:
    """Return configurations that are refused."""
    return [_marked(text, marks) for text in (_SHAPES, *(_ALERT + each for each in _REST))]


def environ(marks: Marks) -> dict[str, str]:
    """Return what lies in the environment and is no good."""
    return {
        "BAD_SECRET": f"whsec_{marks.word('bad-secret')}",
        "BAD_SERVICE": marks.word("bad-service"),
        "BAD_URL": f"ftp://me:{marks.word('bad-login')}@desk.example.com/{marks.word('bad-url')}",
        "UNKNOWN_SERVICE": f"nosuch://{marks.word('unknown-service')}",
        "UNREADABLE_SERVICE": f"tgram://{marks.word('unreadable-service')}",
        "FOREIGN_PASSWORD": f"ä{marks.word('foreign-password')}",
    }


def _marked(text: str, marks: Marks) -> str:
    names = [marks.word(f"wrong-{len(text)}-{n}") for n in range(text.count("%s"))]
    return text % tuple(names)
