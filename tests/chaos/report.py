"""What stands in RELIABILITY.md?"""

from __future__ import annotations

import platform
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.chaos.findings import Finding

_OPENING = """\
# Reliability

`make chaos` plays the faults below against the real parts: database files, sockets, TLS, mail and
HTTP servers, processes that are killed. Each id that arrives is held against what must arrive.

- **lost**: must have arrived and did not. **phantom**: arrived, and nothing of the kind happened.
- **duplicates**: arrived again under the same id. At least once is the promise, so some are
  allowed: one for each acknowledgement that was lost on the way, and for each kill what was being
  sent. That is the bound.
- A **control** takes one safeguard out and has to be found out: where it says "found", the same
  rounds that find nothing above can find something.

One thing cannot be promised. A bit that flips inside a value leaves a file that SQLite calls whole,
for it keeps no checksums: such rounds promise only that alertd goes on and shows no traceback. What
they cost is told under what the rounds met, and is not in the table.
"""

_HEADINGS = "| fault | rounds | must arrive | lost | phantom | duplicates (at most) | |"


def document(findings: Sequence[Finding], seed: int, seconds: int) -> str:
    """Return RELIABILITY.md."""
    rows = [_row(finding) for finding in findings]
    command = f"    make chaos ARGS='--seed {seed}'    # {seconds // 60} min {seconds % 60} s"
    machine = (
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{platform.system()} {platform.machine()}."
    )
    table = "\n".join([_HEADINGS, "|---|--:|--:|--:|--:|--:|---|", *rows])
    met = "\n".join(_met(finding) for finding in findings if finding.counts)
    return (
        f"{_OPENING}\n## The last report\n\n{command}\n\n{machine}\n\n{table}\n\n"
        f"What the rounds met:\n\n{met}\n"
    )


def _row(finding: Finding) -> str:
    fault = f"control: {finding.fault}" if finding.control else finding.fault
    if finding.control:
        verdict = "found" if finding.good else "**not found**"
    else:
        verdict = "holds" if finding.good else f"**broken** {'; '.join(finding.wrong)}".rstrip()
    numbers = (finding.rounds, finding.expected, finding.lost, finding.phantom)
    told = " | ".join(f"{number:,}" for number in numbers)
    return f"| {fault} | {told} | {finding.duplicates:,} ({finding.bound:,}) | {verdict} |"


def _met(finding: Finding) -> str:
    counted = ", ".join(f"{count:,} {what}" for what, count in finding.counts.items())
    return f"- {finding.fault}{' (control)' if finding.control else ''}: {counted}"
