"""What a reload changes in a daemon is changed for everybody at once."""

from __future__ import annotations

from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from alertd.daemon import EXIT_OK, Order
from alertd.store.database import Database
from tests.support.running import PATIENCE, Running, Steady

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from pathlib import Path


def test_nobody_sends_by_the_old_rules_while_what_calm_holds_back_is_judged_anew(
    tmp_path: Path,
) -> None:
    begun: list[Running] = []
    waits: SimpleQueue[bool] = SimpleQueue()

    class Watched(Database):
        """A database into whose reload a tick of the old delivery falls."""

        def reopen(self, now: datetime, daily: Collection[str] = ()) -> None:
            super().reopen(now, daily)
            if begun:
                tick = Thread(target=begun[0].daemon._deliver.tick)  # noqa: SLF001 - the scheduler's
                tick.start()
                # It would hold back again what is due since then, and nobody would judge it anew.
                tick.join(0.3)
                waits.put(tick.is_alive())

    (tmp_path / "alertd.toml").write_text('[[alert]]\nid = "a"\nsymbol = "BABA"\nabove = 192\n')
    source = Steady()
    running = Running(tmp_path, source, store=Watched)
    assert source.asked.acquire(timeout=PATIENCE)
    begun.append(running)
    running.daemon.orders.put(Order.RELOAD)
    waited = waits.get(timeout=PATIENCE)
    running.daemon.orders.put(Order.STOP)
    assert running.ended() == EXIT_OK
    assert waited
