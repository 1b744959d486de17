"""The commands that users type."""

from alertd.cli.program import main

__all__ = ["main"]
