"""What if a channel speaks in its user's words?

    message -> templates, filled by a process of their own -> the same channel, other words

An alert is never held up by a template: where one fails, or is not done in time, the built-in words
are sent, and their last line says so. A digest comes in the built-in words. A test shows what the
templates make of an example.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from html import escape
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger

from alertd.core.retry import NOBODY, Outcome, Recipients
from alertd.core.sandbox import EXAMPLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alertd.core.messages import Message
    from alertd.core.templates import Templates
    from alertd.ports import Channel

# Filled in a small part of it, unless the machine is very busy.
TIMEOUT = timedelta(seconds=5)

_TEST, _DIGEST = "alert.test", "alert.digest"
_IS_TEST = "TEST: no price crossed any level. The templates of this channel were given an example."

# The process looks for modules where this one does, and nowhere else.
_START = (
    "import sys; sys.path[:] = sys.argv[1:]; from alertd.channels.rendering import main; main()"
)

_Parts = dict[str, str]


class Templated:
    """A channel that says in its user's words what the inner one is given in ours."""

    def __init__(
        self, channel: Channel, templates: Templates, timeout: timedelta = TIMEOUT
    ) -> None:
        self._channel, self._timeout = channel, timeout
        sources = {"subject": templates.subject, "text": templates.text, "html": templates.html}
        self._sources = {part: source for part, source in sources.items() if source is not None}

    @property
    def deadline(self) -> timedelta:
        """Return the longest that one `send` may take."""
        return self._channel.deadline + self._timeout

    def send(self, message: Message, now: datetime, done: Recipients = NOBODY) -> Outcome:
        """Send one message in the user's words, as far as they can be had."""
        return self._channel.send(self._said(message), now, done)

    def _said(self, message: Message) -> Message:
        kind = message.payload.get("type")
        if kind == _DIGEST:
            return message
        words, problems = self._filled(EXAMPLE if kind == _TEST else _fields(message))
        notes = [_note(part, problem) for part, problem in problems.items()]
        if problems:
            failed = "; ".join(f"{part}: {problem}" for part, problem in problems.items())
            # The id leads to the line of its delivery, which names the channel.
            told = {"id": message.id, "failed": failed}
            logger.warning("a template failed, the built-in words are sent", **told)
        if kind == _TEST and words:
            notes.append(_IS_TEST)
            words = {part: _marked(part, each) for part, each in words.items()}
        return _noted(_with(message, words), notes)

    def _filled(self, fields: Mapping[str, object]) -> tuple[_Parts, _Parts]:
        """Return the words of each part that could be filled, and what is wrong with the others."""
        lines, fate = self._asked(fields)
        answers = {answer["part"]: answer for answer in map(json.loads, lines)}
        words = {part: one["words"] for part, one in answers.items() if "words" in one}
        lost = [part for part in self._sources if part not in words]
        return words, {part: answers.get(part, {}).get("problem", fate) for part in lost}

    def _asked(self, fields: Mapping[str, object]) -> tuple[Sequence[bytes], str]:
        """Return what the process has answered, and what became of what it has not."""
        limit = self._timeout.total_seconds()
        order = {"templates": self._sources, "fields": dict(fields), "seconds": ceil(limit) + 1}
        try:
            said = _run(json.dumps(order).encode() + b"\n", limit)
            fate = "its process broke off"
        except subprocess.TimeoutExpired as late:
            said, fate = late.output or b"", f"it is not done within {limit:g} s"
        except OSError:
            said, fate = b"", "no process can be started for it"
        # What follows the last line end is the line in which it was ended.
        return said.split(b"\n")[:-1], fate


def _run(order: bytes, limit: float) -> bytes:
    # Nothing is handed down: no environment, no open file, no folder of its own.
    places = [str(Path(place).resolve()) for place in sys.path]
    process = subprocess.run(  # noqa: S603 - this very Python
        [sys.executable, "-I", "-c", _START, *places],
        input=order, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        cwd="/", env={}, timeout=limit, check=False,
    )  # fmt: skip
    return process.stdout


def _fields(message: Message) -> Mapping[str, object]:
    data = message.payload.get("data")
    about = {name: value for name, value in message.payload.items() if name != "data"}
    return {
        **(data if isinstance(data, Mapping) else {}),
        **about,
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
    }


def _with(message: Message, words: _Parts) -> Message:
    return replace(
        message,
        subject=words.get("subject", message.subject),
        text=words.get("text", message.text),
        html=words.get("html", message.html),
    )


def _marked(part: str, words: str) -> str:
    return f"[TEST] {words}" if part == "subject" else words


def _note(part: str, problem: str) -> str:
    return (
        f"The template for the {part} of this channel failed: {problem}. "
        f"This is the built-in {part}."
    )


def _noted(message: Message, notes: Sequence[str]) -> Message:
    """Return a message that ends with these notes, in both of its bodies."""
    if not notes:
        return message
    paragraphs = "".join(f"<p>{escape(note)}</p>\n" for note in notes)
    return replace(
        message,
        text="\n\n".join([message.text.rstrip(), *notes]) + "\n",
        html=_before_the_end(message.html, paragraphs),
    )


def _before_the_end(html: str, addition: str) -> str:
    ends = [end.start() for end in re.finditer("</body>", html, re.IGNORECASE)]
    return html[: ends[-1]] + addition + html[ends[-1] :] if ends else html + addition
