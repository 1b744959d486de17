"""`alertd doctor`: is everything there that alertd needs, and what is to be done?

    configuration -> secrets, calendars, time zones, store, versions      on this machine
                  -> each source and its clock, channel, heartbeat        outside

All examinations are made side by side, and each is given some seconds: a server that hangs costs
its own line, and no other.
"""

from __future__ import annotations

import os
import random
import sys
import time
import warnings
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import chain
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from alertd.cli import findings, options, output
from alertd.cli.findings import Finding, Verdict, ok, skipped, trouble
from alertd.errors import AlertdError, ConfigError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from alertd.config.settings import Config
    from alertd.core.rests import Rest
    from alertd.ports import Clock

EXAMPLES = """\
  alertd doctor
  alertd doctor --offline --config alerts.toml"""

UNUSABLE = 2
LIMIT = timedelta(seconds=25)

_CONFIGURATION, _OUTSIDE = "configuration", "outside"

_Offline = Annotated[bool, typer.Option("--offline", help="Ask nobody outside of this machine.")]


@dataclass(frozen=True, slots=True)
class Patient:
    """As much of the configuration as could be read, and whether alertd can run on it."""

    settings: Config | None
    found: Sequence[Finding]
    usable: bool


@dataclass(frozen=True, slots=True)
class Examination:
    """What is to be looked at, and how."""

    about: str
    look: Callable[[], Iterable[Finding]]


def doctor(config: options.ConfigFile = None, offline: _Offline = False) -> None:
    """Try everything that alertd needs, and say what to do.

    The configuration and its secrets, the calendars, the database, the clock, each source, each
    channel, the heartbeat, and what is installed. No message is sent. Exit status 0 when all is
    well, 1 when something is not, 2 when the configuration cannot be used.
    """
    from alertd.core.redaction import Redaction
    from alertd.ops import log
    from alertd.ops.clock import SystemClock

    patient = _patient(config)
    secrets = patient.settings.secrets if patient.settings else ()
    # What there is to say is said here, once. What exchange_calendars silences for itself it may
    # not when several threads do so at once.
    log.setup("critical", sys.stderr, secrets)
    warnings.simplefilter("ignore")
    plan = list(_plan(patient, SystemClock(), offline))
    wide = max(len(name) for name in (_CONFIGURATION, *(each.about for each in plan)))
    redact, troubles = Redaction.of(secrets), 0
    for found in chain(patient.found, examined(plan)):
        findings.show(found, wide, redact)
        troubles += found.verdict is Verdict.TROUBLE
    output.say(output.count(troubles, "trouble") if troubles else "all is well")
    if troubles:
        raise typer.Exit(1 if patient.usable else UNUSABLE)


def _patient(given: Path | None) -> Patient:
    try:
        settings = options.settings(given, secrets=True)
    except ConfigError as error:
        found = findings.refused(_CONFIGURATION, error)
        return Patient(_without_secrets(given), found, usable=False)
    counts = [
        output.count(len(settings.alerts), "alert"),
        output.count(len(settings.listings), "symbol"),
        output.count(len(settings.channels), "channel"),
    ]
    found = [ok(_CONFIGURATION, f"{settings.path}: {', '.join(counts)}")]
    return Patient(settings, found, usable=True)


def _without_secrets(given: Path | None) -> Config | None:
    """Return what a configuration says where only its secrets are wrong."""
    try:
        return options.settings(given)
    except ConfigError:
        return None


def _plan(patient: Patient, clock: Clock, offline: bool) -> Iterator[Examination]:
    """Yield what there is to be looked at."""
    from alertd.cli import examinations, storeroom

    settings, now = patient.settings, clock.now()
    if settings is not None:
        if patient.usable:
            look = partial(examinations.secrets, settings, os.environ)
            yield Examination(examinations.SECRETS, look)
        look = partial(examinations.calendars, settings, now)
        yield Examination(examinations.CALENDARS, look)
        yield Examination(examinations.ZONES, partial(examinations.zones, settings, now))
        yield Examination(storeroom.STORE, partial(storeroom.store, settings.store, now))
    if settings is not None and patient.usable and not offline:
        yield from _outside(settings, clock)
    else:
        why = "--offline" if offline else "the configuration cannot be used"
        what = f"{why}: no source, channel or heartbeat was tried"
        yield Examination(_OUTSIDE, lambda: [skipped(_OUTSIDE, what)])
    yield Examination(examinations.VERSIONS, examinations.versions)


def _outside(settings: Config, clock: Clock) -> Iterator[Examination]:
    from alertd import wiring
    from alertd.cli import outside

    rests, listings = outside.Resting(_rests(settings)), list(settings.listings.values())
    failover = wiring.sources(
        settings, clock=clock, store=rests, environ=os.environ, chance=random.random
    )
    for one in failover.sources:
        first = one is failover.sources[0]
        look = partial(outside.source, one, listings, clock.now(), first=first)
        yield Examination(f"source {one.name}", look)
    for name, channel in settings.channels.items():
        yield Examination(f"channel {name}", partial(outside.channel, name, channel))
    if settings.heartbeat is not None:
        yield Examination(outside.HEARTBEAT, partial(outside.heartbeat, settings.heartbeat))


def _rests(settings: Config) -> Mapping[str, Rest]:
    """Return the rests that the daemon has kept; what is wrong with its database is said apart."""
    from alertd.store.reading import Reader

    try:
        reader = Reader.open(settings.store.path)
        return reader.sources() if reader else {}
    except StoreError:
        return {}


def examined(plan: Sequence[Examination], limit: timedelta = LIMIT) -> Iterator[Finding]:
    """Yield what is found, in the order of the plan; all of it takes no longer than the limit."""
    begun = [(each.about, _begun(each)) for each in plan]
    end = time.monotonic() + limit.total_seconds()
    for about, outcome in begun:
        try:
            yield from outcome.result(max(end - time.monotonic(), 0))
        except TimeoutError:
            late = f"not done within {limit.total_seconds():g} s"
            yield trouble(about, late, "see if something on the way there swallows what is sent")


def _begun(one: Examination) -> Future[list[Finding]]:
    """Begin an examination, in a thread that can be left behind."""
    outcome: Future[list[Finding]] = Future()
    work = lambda: outcome.set_result(_found(one))  # noqa: E731
    Thread(target=work, name=one.about, daemon=True).start()
    return outcome


def _found(one: Examination) -> list[Finding]:
    try:
        return list(one.look())
    except AlertdError as error:
        return findings.refused(one.about, error)
    # What is examined may be broken in any way, and the others are to be told of all the same.
    except Exception as error:  # noqa: BLE001
        return [trouble(one.about, f"alertd itself failed here: {type(error).__name__}")]
