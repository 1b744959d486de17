"""What does `python -m alertd` do?

What `alertd` does.
"""

from alertd.cli import main

main()
