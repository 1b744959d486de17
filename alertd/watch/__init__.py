"""What happens to the symbols that are due?

    quotes point at some -> claim -> bars since the cursor -> quality gate -> engine -> record

cycle      a step: some quotes, then a batch of symbols; what a symbol promises is one transaction
glances    which symbols quotes point at
fetching   bars, side by side
looks      what is watched, which sessions a look at a symbol concerns, when the next one is
judging    what its bars mean, and what is kept of that
opinions   what another source says of a bar in doubt
switches   what stands when another source's bars come
refusals   what becomes of a symbol whose bars cannot be had
histories  what its levels stand on, fetched once a session
telling    which messages come of a judgement, or of silence
journal    what the log says of it
"""

from alertd.watch.cycle import LEASE, Watch
from alertd.watch.looks import FEW, Plan

__all__ = ["FEW", "LEASE", "Plan", "Watch"]
