"""Where do the secrets of a configuration lie?

    { env = "NAME" }         in the environment
    { file = "PATH" }        in a file; also KEY_file = "PATH", and { credential = "NAME" }

The file is one that was loaded: what is wrong with it has been said then. Which templates and
certificates it names is no secret.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from alertd.config.problems import where
from alertd.config.secret import Surroundings, path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HOLDERS = ("channel", "heartbeat", "quotes")
_OPEN = ("ca_file", "_template")


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where one secret lies, and where the configuration says so; without a file, elsewhere."""

    key: str
    file: Path | None = None


def whereabouts(place: Path, environ: Mapping[str, str]) -> list[Whereabouts]:
    """Return where the secrets lie that a configuration file does not hold itself.

    raises: OSError, ValueError when the file is no longer the one that was loaded.
    """
    raw = tomllib.loads(place.read_text(encoding="utf-8-sig"))
    around = Surroundings(place.parent, environ, inline=True, private=True, resolve=False)
    return [
        Whereabouts(where(loc), file)
        for name in _HOLDERS
        for loc, file in _secrets((name,), raw.get(name), around)
    ]


def _secrets(
    loc: tuple[str, ...], value: object, around: Surroundings
) -> Iterator[tuple[tuple[str, ...], Path | None]]:
    key = loc[-1]
    if key.endswith(_OPEN):
        return
    match value:
        case {"env": str()}:
            yield loc, None
        case {"file": str(name)}:
            yield loc, path(name, around)
        case {"credential": str(name)}:
            yield loc, Path(around.environ.get("CREDENTIALS_DIRECTORY", ""), name)
        case str() if key.endswith("_file"):
            yield loc, path(value, around)
        case dict():
            for name, inner in value.items():
                yield from _secrets((*loc, name), inner, around)
        case _:
            pass
