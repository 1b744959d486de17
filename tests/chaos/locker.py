"""How does another program keep a database to itself for a while?

"BEGIN EXCLUSIVE 0.3" --> taken ... 0.3 s ... free
"""

from __future__ import annotations

import sqlite3
import sys
import time


def main() -> None:
    """Obey the lines of stdin, and say when the database is taken and when it is free again."""
    with sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30) as other:
        for line in sys.stdin:
            begin, _, seconds = line.strip().rpartition(" ")
            other.execute(begin)
            # A transaction holds nothing before its first question.
            other.execute("SELECT count(*) FROM facts").fetchall()
            sys.stdout.write("taken\n")
            sys.stdout.flush()
            time.sleep(float(seconds))
            other.execute("ROLLBACK")
            sys.stdout.write("free\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
