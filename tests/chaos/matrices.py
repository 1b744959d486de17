"""Which faults are played, and how often?"""

from __future__ import annotations

from tests.chaos import clocks, disks, flips, kills, letters, machine, peers
from tests.chaos.findings import Matrix

MATRICES = (
    Matrix("kill -9", kills.play, full=200, short=10),
    Matrix("a clock that is set", clocks.play, full=6, short=2),
    Matrix("a crash at any commit", machine.play, full=200, short=10),
    Matrix("a full disk", disks.full, full=67, short=4),
    Matrix("a locked file", disks.locked, full=67, short=4),
    Matrix("a file that may only be read", disks.sealed, full=66, short=4),
    Matrix("a flipped bit", flips.play, full=50, short=8),
    Matrix("a mail server", letters.play, full=100, short=12),
    Matrix("a webhook's peer", peers.play, full=20, short=10),
)
