"""`alertd init`: a configuration to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alertd import config
from alertd.cli import output

EXAMPLES = """\
  alertd init
  alertd init --path /etc/alertd/alertd.toml"""

_Place = Annotated[
    Path, typer.Option("--path", "--config", metavar="FILE", help="Where to write it.")
]
_Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]


def init(path: _Place = config.NEARBY, force: _Force = False) -> None:
    """Write a configuration to start from.

    It has comments, and runs as it is. A file that is there is not written over.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(config.example())
    except OSError as error:
        if isinstance(error, FileExistsError) and path.exists():
            output.fail(f"{path} is there already\n    hint: --force writes over it")
        output.fail(f"{path}: cannot be written: {error.strerror}")
    chosen = "" if path == config.NEARBY else f" --config {path}"
    output.say(f"wrote {path}")
    output.say(f"next: make it yours, then `alertd check{chosen}` and `alertd run{chosen}`")
