"""Lets `python -m alertd` do what `alertd` does."""

from alertd.cli import main

main()
