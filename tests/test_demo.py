"""`alertd demo` shows three stories, each arriving by both channels."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from alertd.cli.demo import LIMIT
from alertd.demo import QuickClock
from alertd.demo.inbox import Inbox, MailServer

START = datetime(2026, 3, 9, 13, 30, tzinfo=UTC)


def test_the_demo_shows_150_lost_and_reclaimed_and_192_crossed() -> None:
    command = [sys.executable, "-m", "alertd", "demo"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    posts = [line.split()[2:4] for line in done.stdout.splitlines() if "  webhook " in line]
    assert posts == [
        ["alert.fired", "support-150"],
        ["alert.recovered", "support-150"],
        ["alert.fired", "high-192"],
    ]
    mails = [line.partition("  mail ")[2].strip() for line in done.stdout.splitlines()]
    subjects = [subject.rpartition(",")[0] for subject in mails if subject]
    assert subjects == [
        "[SIMULATED] [CRITICAL] BABA fell below $150.00",
        "[SIMULATED] [CRITICAL] BABA is back above $150.00",
        "[SIMULATED] BABA rose above $192.00",
    ]
    assert done.stdout.count("SIMULATED: these prices are made up") == 1


def test_a_demo_that_succeeds_has_shown_everything_within_20_seconds() -> None:
    assert timedelta(seconds=20) == LIMIT


def test_a_demo_that_is_cut_short_fails_and_says_how_far_it_came() -> None:
    # In a process of its own, because a demo sets up the log of its whole process.
    code = (
        "import sys; from datetime import timedelta; from alertd.demo import demo; "
        "sys.exit(demo(sys.stdout, timedelta(seconds=0.5)))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.endswith("Only 0 of 6 messages arrived within 0.5 s.\n")


def test_without_a_mail_server_the_demo_says_what_to_install() -> None:
    # None in sys.modules is how Python marks a package that cannot be imported.
    code = (
        "import sys; sys.modules['aiosmtpd'] = None; sys.argv[1:] = ['demo']; "
        "from alertd.cli import main; main()"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "hint: pip install 'alertd[demo]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_quick_clock_tells_how_long_a_quick_hour_takes() -> None:
    assert QuickClock(START, 3600.0).real(timedelta(hours=1)) == timedelta(seconds=1)


def test_a_quick_clock_runs_ahead_of_a_slow_one() -> None:
    quick, slow = QuickClock(START, 1_000_000.0), QuickClock(START, 1.0)
    slow_first = slow.now()
    assert START <= slow_first < quick.now()


def test_who_connects_while_the_inbox_closes_is_let_go() -> None:
    server = MailServer(Inbox())
    with server:
        place = (server.hostname, server.port)
        late = [socket.create_connection(place, timeout=5) for _ in range(8)]
    for one in late:
        # Who was not even accepted is reset.
        with one, suppress(ConnectionResetError):
            while one.recv(100):
                pass
