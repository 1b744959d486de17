"""What happens to a symbol when it is due?

    claim -> bars since the cursor -> quality gate -> engine -> record     the promise

cycle      one symbol, one transaction
looks      which sessions a look at a symbol concerns
histories  what its levels stand on, fetched once a session
telling    which messages come of a judgement, or of silence
"""

from alertd.watch.cycle import LEASE, Watch
from alertd.watch.looks import Plan

__all__ = ["LEASE", "Plan", "Watch"]
