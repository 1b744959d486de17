"""What happens to a promise?

    due -> leased -> written -> sent -> delivered, due again, or dead

Each channel has a few threads of its own, so that a mail server that hangs holds up no webhook.
Delivery never touches an alert's state.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from loguru import logger

from alertd.core.messages import message
from alertd.core.retry import Again, Dead, Delivered, Settlement, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from alertd.ports import Channel, Clock, Delivery, OutboxStore

_THREADS = 2
_SECOND = timedelta(seconds=1)

# A lease outlives the longest send, so that only a dead sender's delivery is sent again.
_LEASE_MARGIN = timedelta(seconds=60)


class Deliver:
    """The service that keeps promises. `random` gives numbers from [0, 1)."""

    def __init__(
        self,
        clock: Clock,
        store: OutboxStore,
        channels: Mapping[str, Channel],
        random: Callable[[], float],
    ) -> None:
        self._clock, self._store, self._channels, self._random = clock, store, channels, random
        self._pools = {name: ThreadPoolExecutor(_THREADS, f"send-{name}") for name in channels}
        self._under_way: dict[str, set[Future[None]]] = {name: set() for name in channels}
        self._claiming = Lock()
        self._stopped = False

    def tick(self) -> int:
        """Begin to send what is due; return how many messages."""
        with self._claiming:
            if self._stopped:
                return 0
            return sum(self._begin(name, channel) for name, channel in self._channels.items())

    def wait(self, timeout: timedelta) -> bool:
        """Wait for the sends under way; False when some were not done in time."""
        running = [future for futures in self._under_way.values() for future in futures]
        return not wait(running, timeout.total_seconds()).not_done

    def stop(self) -> None:
        """Begin nothing more; what is under way goes on."""
        # Not while a tick has claimed what it is about to begin: that would wait for its lease.
        with self._claiming:
            self._stopped = True
            for pool in self._pools.values():
                pool.shutdown(wait=False)

    def _begin(self, name: str, channel: Channel) -> int:
        running = self._under_way[name] = {f for f in self._under_way[name] if not f.done()}
        free = _THREADS - len(running)
        if free <= 0:
            return 0
        lease = {name: self._as_clock_time(channel.deadline + _LEASE_MARGIN)}
        claimed = self._store.claim_deliveries(self._clock.now(), lease, free)
        running.update(self._pools[name].submit(self._send, channel, one) for one in claimed)
        return len(claimed)

    def _as_clock_time(self, real: timedelta) -> timedelta:
        """Return by how much the clock advances in a stretch of real time."""
        return real * (_SECOND / self._clock.real(_SECOND))

    @logger.catch(message="a send failed on a bug; its lease runs out and it is sent again")
    def _send(self, channel: Channel, delivery: Delivery) -> None:
        outcome = channel.send(message(delivery.notice), self._clock.now())
        now = self._clock.now()
        recorded_at = delivery.notice.detected_at
        settlement = settle(outcome, delivery.attempt, recorded_at, now, self._random())
        if self._store.settle(delivery, settlement, now):
            _log(delivery, settlement)
        else:
            logger.warning("another attempt has begun since", **_fields(delivery))


def _log(delivery: Delivery, settlement: Settlement) -> None:
    fields = _fields(delivery)
    match settlement:
        case Delivered():
            logger.info("delivered", **fields)
        case Again(at=at, reason=reason):
            logger.warning("not delivered, will try again", **fields, next_try=at, why=reason)
        case Dead(reason=reason):
            logger.error("given up", **fields, why=reason)


def _fields(delivery: Delivery) -> dict[str, object]:
    return {
        "channel": delivery.channel,
        "alert": delivery.notice.event.alert,
        "id": str(delivery.notice.event.id),
        "attempt": delivery.attempt,
    }
