"""Which configuration does a command work on, and in which form does it answer?"""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alertd import config
from alertd.cli import output

if TYPE_CHECKING:
    from alertd.config.settings import Config
    from alertd.store.reading import Reader

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


class Form(StrEnum):
    """How events are listed."""

    TABLE = "table"
    JSONL = "jsonl"


FormOption = Annotated[
    Form, typer.Option("--format", help="A table to read, or one JSON object a line.")
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

    place = settings.store.path
    return Reader.open(place) or output.fail(f"no daemon has run yet: there is no {place}")


def settings(given: Path | None, *, secrets: bool = False) -> Config:
    """Read the configuration; without `secrets`, from whoever may not see them.

    raises: ConfigError.
    """
    return config.load(place(given), secrets=secrets, environ=os.environ)
