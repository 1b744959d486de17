"""Which configuration does a command work on, and in which form does it answer?

Every command takes --config. What is typed wrong is answered in our own words, with status 2.
"""

from __future__ import annotations

import os
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from alertd import config
from alertd.cli import output
from alertd.config.wrong import listed, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from alertd.config.settings import Config
    from alertd.store.desk import Desk
    from alertd.store.reading import Reader

Word = TypeVar("Word", bound=StrEnum)

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help=(
            "The configuration. Without it: $ALERTD_CONFIG, ./config/alertd.toml, "
            "/etc/alertd/alertd.toml."
        ),
    ),
]

NoConfigFile = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Accepted as everywhere; not needed here."),
]


def one_of(words: type[Word], option: str) -> Callable[[str], Word]:
    """Return the reader of an option that takes one of a few words."""

    def read(text: str) -> Word:
        try:
            return words(text)
        except ValueError:
            what = f"expected {listed(words)}, found {shown(text)}"
            raise typer.BadParameter(what, param_hint=option) from None

    return read


def day(option: str) -> Callable[[str], date]:
    """Return the reader of an option that takes a day."""

    def read(text: str) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError:
            what = f"expected a day such as 2026-10-01, found {shown(text)}"
            raise typer.BadParameter(what, param_hint=option) from None

    return read


class Form(StrEnum):
    """How events are listed."""

    TABLE = "table"
    JSONL = "jsonl"


FormOption = Annotated[
    Form,
    typer.Option(
        "--format",
        parser=one_of(Form, "--format"),
        metavar="|".join(Form),
        help="A table to read, or one JSON object a line.",
    ),
]


def place(given: Path | None) -> Path:
    """Return the configuration file to use.

    raises: ConfigError when there is none.
    """
    return config.find(given, os.environ, Path.cwd())


def reader(settings: Config) -> Reader:
    """Open the database for reading, or leave with status 1 where there is none.

    raises: StoreError, StoreTooNew.
    """
    from alertd.store.reading import Reader

    return Reader.open(settings.store.path) or output.fail(_absent(settings))


def desk(settings: Config) -> Desk:
    """Open the database for what the user says of alerts, or leave with status 1 without one.

    raises: StoreError, StoreTooOld, StoreTooNew.
    """
    from alertd.store.desk import Desk

    return Desk.open(settings.store.path) or output.fail(_absent(settings))


def _absent(settings: Config) -> str:
    return f"no daemon has run yet: there is no {settings.store.path}"


def settings(given: Path | None, *, secrets: bool = False) -> Config:
    """Read the configuration; without `secrets`, from whoever may not see them.

    raises: ConfigError.
    """
    return config.load(place(given), secrets=secrets, environ=os.environ)
