"""Where the secrets of a configuration lie."""

from __future__ import annotations

from pathlib import Path

from alertd.config.whereabouts import Whereabouts, whereabouts

TEXT = """
[channel.desk]
type = "webhook"
url = { env = "DESK_URL" }
secret = { credential = "desk-secret" }
old_secret_file = "old.txt"
ca_file = "ca.pem"

[channel.mail]
type = "email"
host = "smtp.example.com"
password = { file = "/run/mail.txt" }
text_template = { file = "words.txt" }

[heartbeat]
url_file = "~/beat.txt"

[quotes]
sources = ["yahoo", "alpaca"]

[quotes.alpaca]
key = { env = "KEY" }
secret_file = "alpaca.txt"

[store]
path = "alertd.db"
"""


def test_every_place_of_a_secret_is_found_and_nothing_else(tmp_path: Path) -> None:
    place = tmp_path / "alertd.toml"
    place.write_text(TEXT)
    environ = {"CREDENTIALS_DIRECTORY": "/run/credentials", "HOME": "/home/me"}
    assert whereabouts(place, environ) == [
        Whereabouts("channel.desk.url"),
        Whereabouts("channel.desk.secret", Path("/run/credentials/desk-secret")),
        Whereabouts("channel.desk.old_secret_file", tmp_path / "old.txt"),
        Whereabouts("channel.mail.password", Path("/run/mail.txt")),
        Whereabouts("heartbeat.url_file", Path("/home/me/beat.txt")),
        Whereabouts("quotes.alpaca.key"),
        Whereabouts("quotes.alpaca.secret_file", tmp_path / "alpaca.txt"),
    ]
