"""How do the parts become one program, and what keeps it going?

    main thread   signals; each second: clock guard, watchdog, sign of life, heartbeat
    scheduler     watch tick, then deliver at once; deliver tick; each hour the store's upkeep
    threads       a few that fetch (each call with a hard deadline), a few for each channel

A stop may come at any moment: what is recorded is kept, what is under way is tried again. A store
that cannot be written for a while stops nothing: whatever it did not take is done again. One whose
disk fails ends the daemon, for a fresh start.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from datetime import UTC, timedelta
from enum import StrEnum
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, assert_never

from apscheduler.schedulers.background import BackgroundScheduler
from loguru import logger

from alertd import __version__, config, wiring
from alertd.deliver import Deliver
from alertd.errors import ConfigError, StoreBroken, StoreError
from alertd.ops import disk, log
from alertd.ops.bounded import BoundedSource, Feed
from alertd.ops.clock import ClockGuard, SystemClock
from alertd.ops.deadline import Bounded
from alertd.ops.notify import ServiceManager
from alertd.ops.pulse import Heart, Pulse
from alertd.schedule import Every
from alertd.store.database import Database
from alertd.upkeep import upkeep
from alertd.watch import Plan, Watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from alertd.config.settings import Config
    from alertd.deliver import Unsettled
    from alertd.ops.heartbeat import Heartbeat
    from alertd.ports import Clock

EXIT_OK, EXIT_HUNG, EXIT_BROKEN = 0, 70, 75

FETCH_LIMIT = timedelta(seconds=20)
LOOPS = ("watch", "deliver")

_HUNG_FETCHES = 3
_SENDS_MAY_TAKE = timedelta(seconds=1)
_GOODBYE_MAY_TAKE = timedelta(seconds=0.5)
_TICK = timedelta(seconds=0.5)
_UPKEEP = timedelta(hours=1)


class Order(StrEnum):
    """What a running daemon is to do; GIVE_UP is its own word, when its store is broken."""

    STOP = "stop"
    RELOAD = "reload"
    GIVE_UP = "give up"


class Daemon:
    """The running program: two ticks over one store, and a reaction to every order."""

    def __init__(
        self,
        settings: Config,
        *,
        clock: Clock,
        store: Database,
        feeds: Callable[[Config], Feed],
        manager: ServiceManager,
        guard: ClockGuard | None = None,
        heart: Heart | None = None,
        fetch_limit: timedelta = FETCH_LIMIT,
    ) -> None:
        """Fetch from what `feeds` gives for a configuration."""
        self.orders: SimpleQueue[Order] = SimpleQueue()
        self._clock, self._store, self._manager = clock, store, manager
        self._feeds, self._fetch_limit = feeds, fetch_limit
        self._source = BoundedSource(feeds(settings), fetch_limit)
        self._guard = guard or ClockGuard()
        self._stepped = 0.0
        self._troubled: str | None = None
        self._heart = heart or Heart(LOOPS)
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._use(settings, self._source)

    def run(self) -> int:
        """Work until told to stop; return the exit status."""
        tick = self._clock.real(self._config.poll.interval) / 8
        self._scheduler.add_job(self._watch_tick, Every(min(tick, _TICK)), id="watch")
        self._scheduler.add_job(self._deliver_tick, Every(_TICK), id="deliver")
        self._scheduler.add_job(self._upkeep, Every(_UPKEEP), id="upkeep")
        self._scheduler.start()
        self._ready()
        while (status := self._turn()) is None:
            pass
        self._stop()
        return status

    @logger.catch(message="the daemon goes on after a bug")
    def _turn(self) -> int | None:
        try:
            return self._obey(self.orders.get(timeout=1))
        except Empty:
            return self._look_after()

    def _obey(self, order: Order) -> int | None:
        match order:
            case Order.STOP:
                return EXIT_OK
            case Order.RELOAD:
                self._reload()
                return None
            case Order.GIVE_UP:
                return EXIT_BROKEN
            case _:
                assert_never(order)

    def _look_after(self) -> int | None:
        self._stepped += self._guard.stepped()
        if self._stepped:
            logger.warning("the clock was set, polling now", seconds=round(self._stepped, 1))
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=SystemClock().now())
            self._carefully(lambda: self._store.wake(self._clock.now()))
            self._stepped = 0.0
        if self._source.abandoned >= _HUNG_FETCHES:
            logger.error("fetches hang, leaving for a fresh start", count=self._source.abandoned)
            return EXIT_HUNG
        self._beat()
        return None

    def _beat(self) -> None:
        match self._heart.pulse():
            case Pulse.BEAT:
                self._manager.watchdog()
                self._carefully(self._sign_of_life)
                if self._heartbeat is not None:
                    self._heartbeat.beat(self._troubles())
            case Pulse.STALLED:
                logger.error("a loop has stalled, the watchdog is not fed")
            case Pulse.QUIET:
                pass

    def _sign_of_life(self) -> None:
        self._store.beat(self._clock.now())
        # Only what was written shows that the store can be written again.
        if self._troubled is not None:
            logger.info("the store works again")
            # What could not be kept is judged again now, and not when its lease runs out.
            self._store.wake(self._clock.now())
        self._troubled = None

    def _troubles(self) -> list[str]:
        """Return what somebody else should know of, since it may keep alerts from arriving."""
        try:
            found = self._store.troubles(self._clock.now(), self._config.channels)
        except StoreError as error:
            return [str(error)]
        low = disk.trouble(self._config.store.path, self._config.store.free)
        return [*found, *filter(None, (low, self._troubled))]

    def _watch_tick(self) -> None:
        self._carefully(self._judge)
        self._heart.advanced("watch")

    def _judge(self) -> None:
        while (recorded := self._watch.step()) is not None:
            if recorded:
                self._deliver.tick()

    def _deliver_tick(self) -> None:
        self._carefully(self._deliver.tick)
        self._heart.advanced("deliver")

    def _upkeep(self) -> None:
        self._carefully(lambda: upkeep(self._store, self._config.store, self._clock.now()))

    def _carefully(self, work: Callable[[], object]) -> None:
        """Do some work on the store; what it does not take is done again, and it is said once."""
        try:
            work()
        except StoreBroken as error:
            logger.critical("the store is broken, leaving for a fresh start", error=str(error))
            self.orders.put(Order.GIVE_UP)
        except StoreError as error:
            if self._troubled is None:
                logger.error("the store takes nothing, alertd goes on trying", error=str(error))
            self._troubled = str(error)

    def _reload(self) -> None:
        self._manager.reloading()
        try:
            self._change(config.load(self._config.path, environ=os.environ))
        except (ConfigError, StoreError) as error:
            logger.error("the new configuration is refused, the old one stays", problems=str(error))
            if isinstance(error, StoreBroken):
                self.orders.put(Order.GIVE_UP)
        finally:
            self._ready()

    def _change(self, settings: Config) -> None:
        if settings.store.path != self._config.store.path:
            logger.warning("[store] path changes only at a restart")
        # A send that is under way still holds the secrets from before.
        secrets = {*self._config.secrets, *settings.secrets}
        log.setup(self._config.log.level, sys.stderr, secrets)
        old, watch, source = self._deliver, self._watch, self._source
        if _asked(settings) != _asked(self._config):
            source = BoundedSource(self._feeds(settings), self._fetch_limit)
        with old.handing_over():
            self._use(settings, source, old.unsettled)
        # What the old watch took up after the store had these alerts is the new one's to do.
        watch.retired = True
        self._carefully(lambda: self._store.wake(self._clock.now()))
        log.setup(settings.log.level, sys.stderr, secrets)
        logger.info("configuration reloaded", alerts=len(settings.alerts))

    def _use(
        self, settings: Config, source: BoundedSource, unsettled: Unsettled | None = None
    ) -> None:
        routes = wiring.routes(settings, self._store.almanac)
        deliver = Deliver(self._clock, self._store, routes, random.random, unsettled)
        heartbeat: Heartbeat | None = wiring.heartbeat(settings)
        # Whoever starts the daemon or changes its configuration may have mended a closed channel.
        daily = [name for name, route in routes.items() if route.calm.digest_at is not None]
        self._store.reopen(self._clock.now(), daily)
        # Last: once the store has other alerts, those from before are not judged any more.
        self._store.adopt([alert.rule for alert in settings.alerts], self._clock.now())
        self._watch = Watch(
            self._clock, source, self._store, Plan.configured(settings), source.board,
            chance=random.random, alive=partial(self._heart.advanced, "watch"),
        )  # fmt: skip
        self._source, self._deliver, self._config = source, deliver, settings
        self._heartbeat = heartbeat

    def _ready(self) -> None:
        alerts, symbols = len(self._config.alerts), len(self._config.listings)
        self._manager.ready()
        self._manager.status(f"alerts: {alerts}, symbols: {symbols}")

    def _stop(self) -> None:
        self._manager.stopping()
        self._scheduler.shutdown(wait=False)
        self._deliver.wait(_SENDS_MAY_TAKE)
        self._say_goodbye()
        self._store.close()
        logger.info("stopped")

    @logger.catch(level="WARNING", message="the store shows this daemon as alive for a while yet")
    def _say_goodbye(self) -> None:
        # A store that somebody else has locked must not hold up the stop.
        Bounded(_GOODBYE_MAY_TAKE).call(self._store.rest)


def _asked(settings: Config) -> tuple[object, ...]:
    """Return what a change of means another way to ask for quotes."""
    return settings.quotes, settings.poll, settings.stale_after


def run(path: Path) -> int:
    """Run the daemon on a configuration file until a signal ends it; return the exit status.

    raises: ConfigError, StoreError.
    """
    settings = config.load(path, environ=os.environ)
    log.setup(settings.log.level, sys.stderr, settings.secrets)
    clock, store = SystemClock(), Database.own(settings.store.path)
    logger.info("alertd starts", version=__version__, config=str(path), alerts=len(settings.alerts))

    def feeds(settings: Config) -> Feed:
        found = wiring.sources(
            settings, clock=clock, store=store, environ=os.environ, chance=random.random
        )
        return Feed(found, found)

    manager = ServiceManager.of(os.environ)
    daemon = Daemon(settings, clock=clock, store=store, feeds=feeds, manager=manager)
    orders = {
        signal.SIGTERM: Order.STOP, signal.SIGINT: Order.STOP, signal.SIGHUP: Order.RELOAD,
    }  # fmt: skip
    for number, order in orders.items():
        signal.signal(number, lambda *_, order=order: daemon.orders.put(order))
    return daemon.run()
