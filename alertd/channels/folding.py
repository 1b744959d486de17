"""How are the headers of a mail broken into lines?

    ids         never: some readers take half of one
    addresses   between two of them, never within
    the rest    at blanks, where a line passes 76 characters; encoded words hold at most 75

Python 3.11's own way tears a long quoted name at its commas into addresses that
nobody wrote, puts blanks into long names, and lets encoded words grow beyond what a reader must
know.
"""

from __future__ import annotations

from email.header import Header
from email.headerregistry import AddressHeader
from email.policy import EmailPolicy
from email.utils import formataddr
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email.headerregistry import Address

_IDS = frozenset({"Message-ID", "In-Reply-To", "References", "List-Id", "Content-ID"})
_LINE, _LONGEST = 76, 60


class _Whole(EmailPolicy):
    def fold_binary(self, name: str, value: str) -> bytes:
        """Write a header as its lines, in the way of this module."""
        if isinstance(value, AddressHeader):
            shown = ",\n ".join(_address(each, name) for each in value.addresses)
        elif name == "Subject":
            shown = _written(value, name)
        elif name in _IDS:
            shown = str(value)
        else:
            return super().fold_binary(name, value)
        return f"{name}: {shown}\n".replace("\n", self.linesep).encode()


WHOLE = _Whole(linesep="\r\n", max_line_length=_LINE)


def as_text(value: str) -> str:
    """Return any text as a header takes it; what only looks encoded stays what it is."""
    return _written(value, "").replace("\n", "")


def _written(value: str, header: str) -> str:
    charset = "us-ascii" if _is_plain(value) else "utf-8"
    # All line ends are blanks: none of the text's own is left.
    return Header(" ".join(value.split()), charset, _LINE, header).encode()


def _address(address: Address, header: str) -> str:
    name, bare = address.display_name, address.addr_spec
    if _is_plain(name):
        return formataddr((name, bare))
    written = _written(name, header)
    room = _LINE - len(header) - len(written) - len(bare)
    return f"{written} <{bare}>" if room > len(": ") + len(" <>") else f"{written}\n <{bare}>"


def _is_plain(text: str) -> bool:
    # A word that fits into no line can only be broken where it is encoded.
    fits = all(len(word) <= _LONGEST for word in text.split())
    return text.isascii() and fits and "=?" not in text
