"""`init`, `schema`, `test` and `run`."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest

from alertd import config
from tests.cli.kept import keeping
from tests.support.mail import MailServer
from tests.support.webhook import Answer, Receiver, scripted

if TYPE_CHECKING:
    from tests.cli.typed import Home

# The receiver's URL stands in the file, which only its owner may read.
ALERT = 'allow_inline_secrets = true\n[[alert]]\nid = "support"\nsymbol = "BABA"\nbelow = 150\n'
SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


class TestInit:
    def test_init_writes_a_configuration_that_check_takes(self, home: Home) -> None:
        answer = home.alertd("init")
        assert (answer.status, answer.out) == (0, "")
        assert (home.folder / "config" / "alertd.toml").read_text() == config.example()
        assert home.alertd("check").status == 0

    def test_init_writes_where_the_environment_says(self, home: Home) -> None:
        answer = home.alertd("init", ALERTD_CONFIG="mine.toml")
        assert (home.folder / "mine.toml").read_text() == config.example()
        assert "`alertd check` and `alertd run`" in answer.err
        assert home.alertd("check", ALERTD_CONFIG="mine.toml").status == 0

    def test_a_path_that_is_given_goes_before_the_environment(self, home: Home) -> None:
        answer = home.alertd("init", "--path", "my own.toml", ALERTD_CONFIG="mine.toml")
        assert (home.folder / "my own.toml").read_text() == config.example()
        assert "`alertd check --config 'my own.toml'`" in answer.err

    @pytest.mark.parametrize("force", [(), ("--force",)])
    def test_a_folder_is_said_to_be_one(self, home: Home, force: tuple[str, ...]) -> None:
        (home.folder / "mine").mkdir()
        answer = home.alertd("init", "--path", "mine", *force)
        assert answer.status == 1
        assert answer.err.startswith("mine is a folder\n    hint: name a file in it")

    def test_init_never_writes_over_a_file_by_itself(self, home: Home) -> None:
        mine = home.folder / "mine.toml"
        mine.write_text("# mine")
        answer = home.alertd("init", "--path", "mine.toml")
        assert (answer.status, mine.read_text()) == (1, "# mine")
        assert "--force" in answer.err

    def test_init_writes_over_a_file_when_told_to(self, home: Home) -> None:
        mine = home.folder / "mine.toml"
        mine.write_text("# mine")
        assert home.alertd("init", "--path", "mine.toml", "--force").status == 0
        assert mine.read_text() == config.example()

    def test_a_place_that_cannot_be_written_fails_in_words(self, home: Home) -> None:
        (home.folder / "file").write_text("")
        answer = home.alertd("init", "--path", "file/alertd.toml")
        assert answer.status == 1
        assert answer.err.startswith("file/alertd.toml: cannot be written: ")


def test_schema_is_json_schema_on_stdout(home: Home) -> None:
    answer = home.alertd("schema")
    assert (answer.status, answer.err) == (0, "")
    assert {"alert", "channel"} <= json.loads(answer.out)["properties"].keys()


class TestTest:
    def test_a_test_message_arrives_signed_and_says_that_it_is_one(self, home: Home) -> None:
        with Receiver() as receiver:
            name = home.config(ALERT + desk(receiver.url))
            answer = home.alertd("test", "desk", "--config", name, DESK_SECRET=SECRET)
            (call,) = receiver.calls
        assert (answer.status, answer.err) == (0, "desk: sent\n")
        assert call.verified(SECRET)["type"] == "alert.test"

    def test_a_refusal_is_told_and_fails(self, home: Home) -> None:
        with Receiver(scripted(Answer(503))) as receiver:
            name = home.config(ALERT + desk(receiver.url))
            answer = home.alertd("test", "desk", "--config", name, DESK_SECRET=SECRET)
        assert (answer.status, answer.out) == (1, "")
        assert answer.err == "desk: not sent: localhost answered 503\n"

    def test_a_receiver_that_is_gone_is_told_to_need_somebody(self, home: Home) -> None:
        with Receiver(scripted(Answer(410))) as receiver:
            name = home.config(ALERT + desk(receiver.url))
            answer = home.alertd("test", "desk", "--config", name, DESK_SECRET=SECRET)
        assert (answer.status, answer.out) == (1, "")
        assert answer.err.startswith("desk: not sent: ")
        assert answer.err.endswith("; somebody has to act before it takes anything\n")

    def test_recipients_who_refuse_are_named_without_their_mailboxes(self, home: Home) -> None:
        refusing = {"gone@example.org": "550 5.1.1 no such user gone@example.org"}
        with MailServer(replies=refusing) as server:
            name = home.config(ALERT + mail(server.port, "you@example.com", "gone@example.org"))
            answer = home.alertd("test", "mail", "--config", name)
            (taken,) = server.wait(1)
        assert taken.recipients == ("you@example.com",)
        assert (answer.status, answer.out) == (1, "")
        first, second = answer.err.splitlines()
        assert first.startswith("mail: sent to 1 recipient only: ")
        assert second.startswith("  ***@example.org: 550 5.1.1 no such user ***@example.org")
        assert "gone@" not in answer.err

    def test_the_templates_of_a_channel_are_tested_with_it(self, home: Home) -> None:
        own = '[channel.console]\ntype = "console"\ntext_template = "Look: {{ symbol }}"\n'
        answer = home.alertd("test", "console", "--config", home.config(ALERT + own))
        assert answer.status == 0
        assert "Look: BABA" in answer.out

    def test_the_console_shows_the_message_as_data(self, home: Home) -> None:
        answer = home.alertd("test", "console", "--config", home.config(ALERT))
        assert (answer.status, answer.err) == (0, "console: sent\n")
        assert answer.out.startswith("[TEST] ")

    def test_an_unknown_channel_is_answered_with_the_known_ones(self, home: Home) -> None:
        answer = home.alertd("test", "dsk", "--config", home.config(ALERT))
        assert (answer.status, answer.out) == (2, "")
        assert 'there is no channel "dsk"; configured: console' in answer.err


class TestRun:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_run_ends_well_when_it_is_told_to(self, home: Home, number: signal.Signals) -> None:
        with running(home) as daemon:
            assert daemon.stderr is not None
            until(daemon, "no quotes")
            daemon.send_signal(number)
            assert daemon.wait(timeout=10) == 0
            assert "Traceback" not in daemon.stderr.read()

    def test_a_second_daemon_on_one_database_is_refused(self, home: Home) -> None:
        with keeping(home.folder / "alertd.db"):
            answer = home.alertd("run", "--config", home.config(ALERT), **unreachable())
        assert answer.status == 1
        assert "another alertd is running on this database" in answer.err
        assert "Traceback" not in answer.err


def desk(url: str) -> str:
    return f"""
[channel.desk]
type = "webhook"
url = "{url}"
allow_http = true
allow_hosts = ["localhost"]
secret = {{ env = "DESK_SECRET" }}
"""


def mail(port: int, *to: str) -> str:
    return f"""
[channel.mail]
type = "email"
host = "127.0.0.1"
port = {port}
tls = "none"
from = "alertd@example.com"
to = {list(to)}
"""


def unreachable() -> dict[str, str]:
    """Return the environment of a daemon for which Yahoo is down."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return {"HTTPS_PROXY": f"http://127.0.0.1:{free.getsockname()[1]}"}


def running(home: Home) -> subprocess.Popen[str]:
    return subprocess.Popen(
        home.command("run", "--config", home.config(ALERT)),
        cwd=home.folder, env=home.environ(**unreachable()), text=True, stderr=subprocess.PIPE,
    )  # fmt: skip


def until(daemon: subprocess.Popen[str], words: str) -> None:
    """Read the log until a line has these words."""
    assert daemon.stderr is not None
    seen = []
    for line in daemon.stderr:
        seen.append(line)
        if words in line:
            return
    pytest.fail(f"{words!r} is not in the log: {''.join(seen)}")
