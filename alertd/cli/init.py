"""`alertd init`: where is a configuration to start from?

It is written where the other commands will look for it, and never over a file by itself.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Annotated

import typer

from alertd import config
from alertd.cli import output

EXAMPLES = """\
  alertd init
  alertd init --path /etc/alertd/alertd.toml"""

_Place = Annotated[
    Path | None,
    typer.Option(
        "--path",
        "--config",
        metavar="FILE",
        help="Where to write it. Without it: $ALERTD_CONFIG, ./config/alertd.toml.",
    ),
]
_Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]


def init(path: _Place = None, force: _Force = False) -> None:
    """Write a configuration to start from.

    It has comments, and runs as it is. A file that is there is not written over.
    """
    usual = Path(os.environ.get("ALERTD_CONFIG") or config.NEARBY)
    place = path or usual
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("w" if force else "x", encoding="utf-8") as file:
            file.write(config.example())
    except OSError as error:
        output.fail(_refusal(place, error))
    chosen = "" if place == usual else f" --config {shlex.quote(str(place))}"
    output.say(f"wrote {place}")
    output.say(f"next: make it yours, then `alertd check{chosen}` and `alertd run{chosen}`")


def _refusal(place: Path, error: OSError) -> str:
    in_the_way = isinstance(error, FileExistsError | IsADirectoryError)
    if in_the_way and place.is_dir():
        return f"{place} is a folder\n    hint: name a file in it, such as {place / 'alertd.toml'}"
    if in_the_way and place.exists():
        return f"{place} is there already\n    hint: --force writes over it"
    return f"{place}: cannot be written: {error.strerror}"
