r"""Which spellings of a secret must not be read, wherever they turn up?

    plain, as Python or JSON quotes it, percent-encoded, in HTML, in base64 wherever that begins
    of a URL what follows the host too, whole and in parts; of a signing secret the key alone

Only whole spellings are found: a text is cut after it was redacted, not before.
"""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<rest>.*)")
_WEB = frozenset({"http", "https"})
_SIGNING = "whsec_"

# A shorter part may be a word of ours, as one of small letters only.
_TELLING = 8
_WORD = re.compile(r"[a-z_-]*")

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~")


@dataclass(frozen=True, slots=True)
class Redaction:
    """What must not be read, in every spelling in which it may turn up, longest first."""

    spellings: tuple[str, ...]

    @classmethod
    def of(cls, secrets: Iterable[str]) -> Self:
        """Return the redaction of these secrets; an empty one hides nothing."""
        wholes = {whole for secret in secrets if secret for whole in (secret, *_parts(secret))}
        wholes |= {_unquoted(whole) for whole in wholes}
        spellings = {spelling for whole in wholes for spelling in _spellings(whole)}
        return cls(tuple(sorted(spellings, key=len, reverse=True)))

    def __call__(self, text: str) -> str:
        for spelling in self.spellings:
            text = text.replace(spelling, "***")
        return text


def _parts(secret: str) -> Iterator[str]:
    """Yield what alone gives a secret away; the host of a web address does not."""
    if secret.startswith(_SIGNING):
        yield secret.removeprefix(_SIGNING)
    url = _URL.fullmatch(secret)
    if url is None:
        return
    login, _, host = url["authority"].rpartition("@")
    path, _, query = url["rest"].partition("?")
    if ":" in login:
        yield login
    # With other services than the web's a token may stand where the host does.
    named = "" if url["scheme"].lower() in _WEB or "." in host else host
    yield from filter(_is_long, (url["rest"], path, path.strip("/"), query, named))
    parts = re.split(r"[/?&=#:;,]", f"{login}/{named}/{url['rest']}")
    yield from (part for part in parts if _is_long(part) and not _WORD.fullmatch(part))


def _is_long(part: str) -> bool:
    return len(part) >= _TELLING


def _spellings(secret: str) -> Iterator[str]:
    data = secret.encode(errors="replace")
    yield secret
    yield repr(secret)[1:-1]
    yield repr(data)[2:-1]
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield html.escape(secret)
    yield _quoted(data)
    yield _quoted(data, b"/")
    yield _quoted(data, b" ").replace(" ", "+")
    yield from filter(_is_long, _in_base64(data))


def _in_base64(data: bytes) -> Iterator[str]:
    """Yield the letters that base64 has for these bytes, whatever stands before and behind."""
    for encode in (b64encode, urlsafe_b64encode):
        for before in range(3):
            letters = encode(b"\0" * before + data).decode("ascii")
            # Letters that share their bits with a neighbour are not the secret's alone.
            whole = (before + len(data)) * 8 // 6
            yield letters[-(-before * 8 // 6) : whole]


def _quoted(data: bytes, safe: bytes = b"") -> str:
    return "".join(chr(b) if b in _UNRESERVED or b in safe else f"%{b:02X}" for b in data)


def _unquoted(text: str) -> str:
    def byte(found: re.Match[bytes]) -> bytes:
        return bytes([int(found[1], 16)])

    data = text.encode(errors="replace")
    return re.sub(rb"%([0-9A-Fa-f]{2})", byte, data).decode(errors="replace")
