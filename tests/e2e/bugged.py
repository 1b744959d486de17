"""What does alertd do about a bug whose words hold every secret there is?

    python -m tests.e2e.bugged run ...      as alertd, but the channels that lead to "bug" have one

The words are in BUG_SAYS. With BUG_SEEN the log redacts nothing, as if that had been forgotten.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from alertd.channels.http import Peer
from alertd.cli.program import main
from alertd.core.redaction import Redaction
from alertd.ops import log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from alertd.channels.http import Answer


class Blind(Redaction):
    """A redaction that sees nothing."""

    @classmethod
    def of(cls, secrets: Iterable[str]) -> Blind:  # noqa: ARG003 - the parent's
        return cls(())


def bugged(post: Callable[..., Answer]) -> Callable[..., Answer]:
    """Return how to post, with a bug where a path begins with "/bug"."""

    def posted(peer: Peer, body: bytes, headers: Mapping[str, str], beneath: str = "") -> Answer:
        url = peer._url  # noqa: SLF001 - it is a local variable too, for a traceback to show
        if url.path.startswith("/bug"):
            raise LookupError(os.environ["BUG_SAYS"])
        return post(peer, body, headers, beneath)

    return posted


if __name__ == "__main__":
    Peer.post = bugged(Peer.post)  # type: ignore[method-assign]
    if "BUG_SEEN" in os.environ:
        setattr(log, "Redaction", Blind)  # noqa: B010 - it is imported there, and no part of it
    main()
