"""What is written as JSON comes back as it was, to the last bit."""

from __future__ import annotations

import json
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as some

from alertd.core.almanac import Almanac, Outlook, Targets
from alertd.core.bars import Bar, Split
from alertd.core.quality import Verdict
from alertd.core.records import NOTHING, Doubt, Gap, Judged, Record
from alertd.core.states import PLAIN, Basis, Lack, Origin, Phase, Reason, Side, Want
from alertd.core.tapes import BLANK, Mark, Memory
from alertd.store import documents
from tests.support.build import at

if TYPE_CHECKING:
    from collections.abc import Callable

MOMENTS = some.datetimes(timezones=some.just(UTC))
PRICES = some.floats(allow_nan=False, allow_infinity=False)
SIDES = some.sampled_from(Side)
ORIGINS = some.builds(Origin, some.text(), PRICES, MOMENTS)
LACKS = some.builds(Lack, some.sampled_from(Want), some.text(), some.booleans())
BASES = some.builds(
    Basis,
    scale=PRICES,
    level=some.none() | PRICES,
    origin=some.none() | ORIGINS,
    fixed_for=some.none() | MOMENTS,
    lack=some.none() | LACKS,
    told_level=some.none() | PRICES,
    peak=some.none() | PRICES,
    peak_at=some.none() | MOMENTS,
    gone=some.lists(SIDES, max_size=2).map(tuple),
    anew=some.none() | some.tuples(MOMENTS, some.integers(0, 3)),
    edge=some.none() | SIDES,
)
PLACES = some.tuples(MOMENTS, some.integers(0, 3))
MARKS = some.lists(some.builds(Mark, PLACES, PRICES), max_size=4).map(tuple)
MEMORIES = some.builds(Memory, MARKS, MARKS, PRICES, some.none() | MOMENTS)
VERDICTS = some.sampled_from(Verdict)
RECORDS = some.builds(
    Record,
    some.dictionaries(VERDICTS, some.integers(1), max_size=4),
    some.lists(some.builds(Doubt, MOMENTS, PRICES, VERDICTS), max_size=3).map(tuple),
    some.lists(some.builds(Gap, MOMENTS, MOMENTS), max_size=3).map(tuple),
)
JUDGED = some.builds(
    Judged, MOMENTS, some.sampled_from(Phase), some.sampled_from(Reason), some.none() | PRICES
)
LENGTHS = some.timedeltas(timedelta(0), timedelta(days=1))
DAYS = some.builds(Bar, MOMENTS, LENGTHS, PRICES, PRICES, PRICES, PRICES, some.none() | PRICES)
MAYBE, WORDS = some.none() | PRICES, some.none() | some.text()
TARGETS = some.builds(Targets, MAYBE, MAYBE, MAYBE, MAYBE, WORDS)
OUTLOOKS = some.builds(
    Outlook, MOMENTS, some.text(), MAYBE, WORDS, MAYBE, MAYBE, some.none() | TARGETS
)
ALMANACS = some.builds(
    Almanac,
    days=some.lists(DAYS, max_size=4).map(tuple),
    splits=some.lists(some.builds(Split, MOMENTS, PRICES), max_size=2).map(tuple),
    outlook=some.none() | OUTLOOKS,
    whole=some.booleans(),
    complete_to=some.none() | MOMENTS,
)

quickly = settings(max_examples=40, deadline=None)


def through_json(document: Any) -> Any:  # noqa: ANN401 - JSON is of any shape
    return json.loads(json.dumps(document, allow_nan=False))


def check(value: object, write: Callable[[Any], object], read: Callable[[Any], object]) -> None:
    assert read(through_json(write(value))) == value


@quickly
@given(BASES)
def test_a_basis_comes_back(basis: Basis) -> None:
    check(basis, documents.from_basis, documents.to_basis)


@quickly
@given(MEMORIES)
def test_a_memory_comes_back(memory: Memory) -> None:
    check(memory, documents.from_memory, documents.to_memory)


@quickly
@given(RECORDS)
def test_a_record_comes_back(record: Record) -> None:
    check(record, documents.from_record, documents.to_record)


@quickly
@given(some.lists(JUDGED, max_size=4).map(tuple))
def test_judgements_come_back_in_their_order(judged: tuple[Judged, ...]) -> None:
    check(judged, documents.from_judgements, documents.to_judgements)


@quickly
@given(ALMANACS)
def test_an_almanac_comes_back(almanac: Almanac) -> None:
    check(almanac, documents.from_almanac, documents.to_almanac)


def test_what_says_nothing_is_nothing() -> None:
    assert documents.from_basis(PLAIN) is None
    assert documents.from_memory(BLANK) is None
    assert documents.from_record(NOTHING) is None


def test_a_sentence_may_be_reworded_without_losing_what_was_kept() -> None:
    judged = Judged(at("09:31"), Phase.FIRED, Reason.CROSSED, 149.5)
    assert Reason.CROSSED.value not in json.dumps(documents.from_judgements([judged]))
    record = Record({Verdict.AHEAD: 1}, (Doubt(at("09:31"), 149.5, Verdict.CUT),))
    text = json.dumps(documents.from_record(record))
    assert Verdict.AHEAD.value not in text
    assert Verdict.CUT.value not in text


def test_an_almanac_of_an_older_alertd_is_read() -> None:
    document = documents.from_almanac(Almanac(whole=True))
    del document["complete_to"]
    assert documents.to_almanac(document) == Almanac(whole=True)
