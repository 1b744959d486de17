"""What happens to a promise?

    due -> leased -> written -> sent -> delivered, due again, or dead

Each channel has a few threads of its own, so that a mail server that hangs holds up no webhook.
Delivery never touches an alert's state. How an attempt ended is kept before anything else is begun,
so that a store which could not take it at once does not make us send twice.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Lock
from typing import TYPE_CHECKING

from loguru import logger

from alertd.core.addresses import masked
from alertd.core.calm import FREELY
from alertd.core.messages import message
from alertd.core.retry import Again, Dead, Delivered, Settlement, settle
from alertd.errors import StoreBroken, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from alertd.core.calm import Calm
    from alertd.core.claims import Delivery
    from alertd.core.messages import Chart, Message
    from alertd.core.parcels import Parcel
    from alertd.ports import Channel, Clock, OutboxStore

    Picture = Callable[[Parcel], Chart | None]

_THREADS = 2
_SECOND = timedelta(seconds=1)

# A lease outlives the longest send, so that only a dead sender's delivery is sent again.
_LEASE_MARGIN = timedelta(seconds=60)

# Ends of attempts that the store has not taken yet.
Unsettled = SimpleQueue[tuple["Delivery", Settlement]]


@dataclass(frozen=True, slots=True)
class Route:
    """A channel, how much it may say, who stands in for it, and what draws its charts."""

    channel: Channel
    calm: Calm = FREELY
    fallback: str | None = None
    picture: Picture | None = None


class Deliver:
    """The service that keeps promises. `random` gives numbers from [0, 1).

    A service that takes over from another is given its `unsettled`.
    """

    def __init__(
        self,
        clock: Clock,
        store: OutboxStore,
        routes: Mapping[str, Route],
        random: Callable[[], float],
        unsettled: Unsettled | None = None,
    ) -> None:
        self._clock, self._store, self._routes, self._random = clock, store, routes, random
        self._fallbacks = {name: one.fallback for name, one in routes.items() if one.fallback}
        self._pools = {name: ThreadPoolExecutor(_THREADS, f"send-{name}") for name in routes}
        self._under_way: dict[str, set[Future[None]]] = {name: set() for name in routes}
        self._claiming = Lock()
        self._stopped = False
        self._broken: StoreBroken | None = None
        self.unsettled: Unsettled = SimpleQueue() if unsettled is None else unsettled

    def tick(self) -> int:
        """Begin to send what is due; return how many messages.

        raises: StoreError, with nothing lost: the next tick goes on from there.
        """
        with self._claiming:
            if self._stopped:
                return 0
            # What did not get to a failing disk may seem to, at the second time.
            if self._broken is not None:
                raise self._broken
            self._settle_the_rest()
            now = self._clock.now()
            self._store.remind(now)
            self._store.hand_over(now, self._fallbacks)
            return sum(self._begin(name, route) for name, route in self._routes.items())

    def wait(self, timeout: timedelta) -> bool:
        """Wait for the sends under way; False when some were not done in time."""
        running = [future for futures in self._under_way.values() for future in futures]
        return not wait(running, timeout.total_seconds()).not_done

    def stop(self) -> None:
        """Begin nothing more; what is under way goes on."""
        with self.handing_over():
            pass

    @contextmanager
    def handing_over(self) -> Iterator[None]:
        """Begin nothing meanwhile, and nothing more afterwards; an error within calls it off.

        Who takes over judges anew what calm holds back, and nobody may put it off again by then.
        """
        # Not while a tick has claimed what it is about to begin: that would wait for its lease.
        with self._claiming:
            yield
            self._stopped = True
            for pool in self._pools.values():
                pool.shutdown(wait=False)

    def _begin(self, name: str, route: Route) -> int:
        running = self._under_way[name] = {f for f in self._under_way[name] if not f.done()}
        free = _THREADS - len(running)
        if free <= 0:
            return 0
        lease = self._as_clock_time(route.channel.deadline + _LEASE_MARGIN)
        claimed = self._store.claim_deliveries(self._clock.now(), name, lease, free, route.calm)
        running.update(self._pools[name].submit(self._send, route, one) for one in claimed)
        return len(claimed)

    def _as_clock_time(self, real: timedelta) -> timedelta:
        """Return by how much the clock advances in a stretch of real time."""
        return real * (_SECOND / self._clock.real(_SECOND))

    @logger.catch(message="a send failed on a bug; its lease runs out and it is sent again")
    def _send(self, route: Route, delivery: Delivery) -> None:
        told = _illustrated(message(delivery.parcel), route, delivery)
        outcome = route.channel.send(told, self._clock.now(), delivery.done)
        now = self._clock.now()
        settlement = settle(outcome, delivery.tried, delivery.ready_at, now, self._random())
        try:
            self._settle(delivery, settlement)
        except StoreBroken as error:
            self._broken = error
        except StoreError:
            # Whoever ticks next meets the same trouble, and is the one to speak of it.
            self.unsettled.put((delivery, settlement))

    def _settle(self, delivery: Delivery, settlement: Settlement) -> None:
        if self._store.settle(delivery, settlement, self._clock.now()):
            _log(delivery, settlement)
        else:
            logger.warning("another attempt has begun since", **_fields(delivery))

    def _settle_the_rest(self) -> None:
        while True:
            try:
                delivery, settlement = self.unsettled.get_nowait()
            except Empty:
                return
            try:
                self._settle(delivery, settlement)
            except StoreError:
                self.unsettled.put((delivery, settlement))
                raise


def _illustrated(told: Message, route: Route, delivery: Delivery) -> Message:
    if route.picture is None:
        return told
    return replace(told, chart=_drawn(route.picture, delivery.parcel))


@logger.catch(message="no chart could be drawn, the message goes without one")
def _drawn(picture: Picture, parcel: Parcel) -> Chart | None:
    return picture(parcel)


def _log(delivery: Delivery, settlement: Settlement) -> None:
    fields = _fields(delivery)
    match settlement:
        case Delivered():
            logger.info("delivered", **fields)
        case Again(at=at, reason=reason, closed=True):
            logger.error(
                "the channel is closed, somebody must act", **fields, next_try=at, why=reason
            )
        case Again(at=at, reason=reason):
            logger.warning("not delivered, will try again", **fields, next_try=at, why=reason)
        case Dead(reason=reason, recipients=recipients):
            refused = [masked(address) for address in sorted(recipients.refused)]
            logger.error("given up", **fields, why=reason, refused=refused)


def _fields(delivery: Delivery) -> dict[str, object]:
    parcel = delivery.parcel
    return {
        "channel": delivery.channel,
        "alert": parcel.notices[0].event.alert,
        "messages": len(parcel.notices),
        "id": str(parcel.id),
        "attempt": delivery.attempt,
    }
