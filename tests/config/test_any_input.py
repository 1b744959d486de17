"""Whatever the file holds, the answer is a configuration or its problems."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertd import config
from alertd.errors import ConfigError
from tests.config.builders import ENVIRON, authority, keys, replaced, toml, whole_example

if TYPE_CHECKING:
    from pathlib import Path

    from tests.config.builders import Key

WHOLE = tomllib.loads(whole_example())

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
words = st.sampled_from(
    ["1%", "2 closes", "30m", "BABA", "0700.HK", "~/x", "https://h/", "whsec_", "a@b", "a.b", "env"]
)
scalars = st.one_of(
    words, texts, st.integers(), st.just(10**400), st.floats(), st.booleans(), st.dates(),
    st.datetimes(), st.times(),
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts | words, inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("any")
    authority(folder)
    return folder / "alertd.toml"


def answer(place: Path, *, secrets: bool) -> config.Config | ConfigError:
    try:
        return config.load(place, environ=ENVIRON, secrets=secrets)
    except ConfigError as refused:
        return refused


def answers(place: Path, content: bytes) -> None:
    place.write_bytes(content)
    for secrets in (True, False):
        match answer(place, secrets=secrets):
            case ConfigError() as refused:
                assert refused.problems
                assert str(refused).replace("\n", "").isprintable()
            case found:
                assert found.alerts
                assert all(each.notify for each in found.alerts)


@settings(deadline=None, max_examples=300)
@given(at=st.sampled_from(list(keys(WHOLE))), extra=st.none() | texts, value=values)
def test_any_value_at_any_key(place: Path, at: Key, extra: str | None, value: object) -> None:
    beside = extra is not None and isinstance(at[-1], str)
    data = replaced(WHOLE, (*at[:-1], extra) if beside and extra is not None else at, value)
    answers(place, toml(data).encode())


@settings(deadline=None, max_examples=100)
@given(data=st.dictionaries(st.sampled_from(list(WHOLE)) | texts, values, max_size=4))
def test_any_tables(place: Path, data: dict[str, object]) -> None:
    answers(place, toml(data).encode())


@settings(deadline=None, max_examples=100)
@given(content=st.binary(max_size=200))
def test_any_bytes(place: Path, content: bytes) -> None:
    answers(place, content)


@settings(deadline=None, max_examples=100)
@given(at=st.integers(0, len(whole_example())), cut=st.integers(0, 30), put=texts)
def test_any_slip_of_the_hand(place: Path, at: int, cut: int, put: str) -> None:
    text = whole_example()
    answers(place, (text[:at] + put + text[at + cut :]).encode())
