"""What does alertd do when nobody watches the clock?

The same program as `python -m alertd`, but for the guard, which sees no step.
"""

from __future__ import annotations

from alertd.cli import main
from alertd.ops.clock import ClockGuard


def blind(self: ClockGuard) -> float:
    """Return that the clock was not set, whatever it shows."""
    return 0.0


if __name__ == "__main__":
    ClockGuard.stepped = blind  # type: ignore[method-assign]
    main()
