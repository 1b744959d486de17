from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from alertd.channels.console import Console
from alertd.core.retry import Failed, Sent
from tests.channels.conftest import NOW, letter


def test_messages_are_separated_by_an_empty_line() -> None:
    stream = io.StringIO()
    console = Console(stream)

    console.send(letter(subject="one", text="First.\n", number=1), NOW)
    console.send(letter(subject="two", text="Second.\n", number=2), NOW)

    first, second = (letter(number=number).id for number in (1, 2))
    assert stream.getvalue() == f"one\n{first}\n\nFirst.\n\ntwo\n{second}\n\nSecond.\n\n"


def test_a_console_without_utf_8_shows_an_escape_for_what_it_cannot() -> None:
    taken = io.BytesIO()

    stream = io.TextIOWrapper(taken, encoding="ascii")

    outcome = Console(stream).send(letter(text="Grüße"), NOW)

    assert outcome == Sent()
    assert rb"Gr\xfc\xdfe" in taken.getvalue()


def test_a_console_that_nobody_reads_any_more_is_a_failure() -> None:
    read, write = os.pipe()
    os.close(read)
    stream = os.fdopen(write, "w", encoding="utf-8")

    outcome = Console(stream).send(letter(), NOW)

    assert outcome == Failed("the console cannot be written: Broken pipe")
    with pytest.raises(BrokenPipeError):
        stream.close()


def test_a_full_disk_behind_the_console_is_a_failure() -> None:
    with pytest.raises(OSError, match="No space"), open_full() as stream:
        assert Console(stream).send(letter(), NOW) == Failed(
            "the console cannot be written: No space left on device"
        )


def open_full() -> io.TextIOWrapper:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here: it is what plays the full disk")
    return full.open("w", encoding="utf-8")
