"""Which secrets has a house in which each one can be told from the others, and where do they show?

A secret is a mark, or two with signs between them that are spelled in many ways.
"""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SIGNS = "\"\\' <&>/+%$"


class Marks:
    """Hands out secrets, and finds them again in any spelling."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self._marks: dict[str, bytes] = {}

    @property
    def names(self) -> set[str]:
        return set(self._marks)

    def word(self, name: str) -> str:
        """Return a secret that may stand in a URL."""
        return self._known(name, self._mark(name))

    def password(self, name: str) -> str:
        return self._known(name, self._mark(name) + _SIGNS + self._mark(f"{name}2"))

    def signing(self, name: str) -> str:
        """Return a Standard Webhooks secret."""
        key = b64encode(self._mark(name).encode().ljust(33, b"Q")).decode()
        self._marks[f"{name} as it is written"] = key.encode()
        return self._known(name, f"whsec_{key}")

    def url(self, name: str, place: str) -> str:
        """Return a URL with a mark in its path and one in its query; `place` is all before them."""
        inside = f"{self.word(f'{name}-path')}?key={self.word(f'{name}-query')}&x=%2F"
        return self._known(f"{name}-url", f"{place}/{inside}")

    def spelled(self) -> str:
        """Return every secret in every spelling, as one text."""
        return "  ".join(dict.fromkeys(_spellings(self.secrets.values())))

    def found(self, text: bytes) -> list[str]:
        """Return the names of the marks that a text shows."""
        folded = text.lower()
        return [
            name
            for name, mark in self._marks.items()
            if mark.lower() in folded or any(each in text for each in _in_base64(mark))
        ]

    def _mark(self, name: str) -> str:
        # No mark begins another, and none is a word.
        mark = f"Zq7{name.title().replace('-', '')}9Kx"
        self._marks[name] = mark.encode()
        return mark

    def _known(self, name: str, secret: str) -> str:
        self.secrets[name] = secret
        return secret


def _spellings(secrets: Iterable[str]) -> Iterator[str]:
    for secret in secrets:
        yield from (secret, repr(secret), repr(secret.encode()), json.dumps(secret))
        yield from (quote(secret, safe=""), quote(secret), quote_plus(secret), html.escape(secret))
        for encode in (b64encode, urlsafe_b64encode):
            for login in ("", "\0me\0", "\0you\0", "user:"):
                yield encode(f"{login}{secret}".encode()).decode()


def _in_base64(mark: bytes) -> Iterator[bytes]:
    """Yield what base64 makes of a mark at each of the places where it may begin."""
    for before in range(3):
        letters = b64encode(b"\0" * before + mark)
        yield letters[-(-before * 8 // 6) : (before + len(mark)) * 8 // 6]
