"""What can users type?

One file for each command; `program` puts them together.
"""

from alertd.cli.program import main

__all__ = ["main"]
