"""How does a file become a `Config`?

    bytes -> TOML -> [shape of every value, clashes between tables] -> Config
                      every problem of both, at once

The environment is an argument; the only things read are the file and those that it names.
"""

from __future__ import annotations

import os
import re
import shlex
import stat
import tomllib
from typing import TYPE_CHECKING

from pydantic import ValidationError

from alertd.config.clashes import clashes
from alertd.config.file import File
from alertd.config.problems import in_order, problems, where
from alertd.config.secret import Surroundings
from alertd.config.settled import settled
from alertd.errors import ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from alertd.config.raw import Raw
    from alertd.config.settings import Config

_MIB = 1 << 20
# Room for some hundred thousand alerts.
_LONGEST = 32 * _MIB


def read(path: Path, *, secrets: bool, environ: Mapping[str, str]) -> Config:
    """Read one file, and settle what it leaves open."""
    content, mode = _content(path)
    raw = _toml(path, _text(path, content))
    around = Surroundings(
        folder=path.parent,
        environ=environ,
        inline=raw.get("allow_inline_secrets") is True,
        private=not mode & (stat.S_IRWXG | stat.S_IRWXO),
        resolve=secrets,
    )
    return settled(path, _checked(path, raw, around), environ)


def _checked(path: Path, raw: Raw, around: Surroundings) -> File:
    found = list(clashes(raw))
    try:
        file = File.model_validate(raw, context=around)
    except ValidationError as error:
        found += problems(error)
    else:
        if not found:
            return file
    # Without its cause: pydantic's own account of it would show values, secrets among them.
    raise ConfigError(str(path), in_order(found, raw)) from None


def _content(path: Path) -> tuple[bytes, int]:
    """Return what a file holds, and who may read it."""
    try:
        with path.open("rb") as file:
            content, mode = file.read(_LONGEST + 1), os.fstat(file.fileno()).st_mode
    except FileNotFoundError:
        hint = f"`alertd init --path {shlex.quote(str(path))}` writes one with comments"
        raise _unreadable(path, "there is no such file", hint) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not the name of a file"
        raise _unreadable(path, f"cannot be read: {reason}") from None
    if len(content) > _LONGEST:
        # Never a part of it: the alerts at its end would be missing without a word.
        raise _unreadable(path, f"longer than {_LONGEST // _MIB} MiB")
    return content, mode


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _unreadable(path, f"line {line} is not UTF-8", "save it as UTF-8") from None


def _toml(path: Path, text: str) -> Raw:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), [_syntax(str(error))]) from None
    except (ValueError, RecursionError):
        raise _unreadable(path, "holds a number or a nesting too large to read") from None


def _syntax(account: str) -> Problem:
    """Return the parser's account of a mistake, with its place in front."""
    what, _, place = account.removesuffix(")").partition(" (at ")
    named = re.sub(r"\('.*'\)|\('.*',\)", _path, what)
    return Problem(place or "TOML", named[:1].lower() + named[1:])


def _path(names: re.Match[str]) -> str:
    """Return the path of a table, which the parser shows as Python's tuple."""
    return where(re.findall("'([^']*)'", names[0]))


def _unreadable(path: Path, what: str, hint: str | None = None) -> ConfigError:
    return ConfigError(str(path), [Problem("", what, hint)])
