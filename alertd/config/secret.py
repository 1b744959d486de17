"""Where is a secret, and what is it?

    { env = "NAME" }           an environment variable
    { file = "PATH" }          the text of a file; also KEY_file = "PATH"
    { credential = "NAME" }    a file in $CREDENTIALS_DIRECTORY, where systemd puts it
    "the secret itself"        only where the file says so and nobody else can read it

A complaint names the place, never what was found there.
"""

from __future__ import annotations

import os.path
import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from alertd.config.wrong import Wrong, expected, listed, meant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ENV = r"[A-Z_][A-Z0-9_]{0,127}"
CREDENTIAL = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"

_LONGEST = 64 * 1024
_INSTEAD = 'write { env = "NAME" }, { file = "PATH" } or { credential = "NAME" }'


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a configuration file is read in.

    `inline` is whether it says that it holds secrets, `private` whether only its owner can read it.
    Without `resolve`, a secret that lies elsewhere is left there, and stands as "".
    """

    folder: Path
    environ: Mapping[str, str]
    inline: bool
    private: bool
    resolve: bool


def secret(value: object, around: Surroundings) -> str:
    """Return a secret, from wherever the file says that it is."""
    if not isinstance(value, str):
        return public(value, around)
    if not around.resolve:
        return ""
    if not around.inline:
        what = "expected the place of a secret, found the secret itself"
        raise Wrong(what, f"{_INSTEAD}, or set allow_inline_secrets = true")
    if not around.private:
        what = "found a secret in a file that others can read"
        raise Wrong(what, "chmod 600 the file")
    return _whole(value, "the text")


def key(text: str) -> str:
    """Return a key that goes along with requests; what cannot is not one."""
    if not re.fullmatch(r"[!-~]{1,512}", text):
        what = "expected a key of letters and digits, found a text with other characters"
        raise Wrong(what, "copy it anew from your account")
    return text


def public(value: object, around: Surroundings) -> str:
    """Return what may stand in the file, or lie where secrets do."""
    if isinstance(value, str):
        return _whole(value, "the text")
    place, name = _place(value)
    if not isinstance(name, str):
        what = f"expected a text for {place}"
        raise Wrong(what)
    return _PLACES[place](name, around)


def from_file(value: object, around: Surroundings) -> str:
    """Return the text of a file."""
    return _from_path(_named(value, around), around)


def contents(value: object, around: Surroundings) -> str:
    """Return a text of any number of lines from a file of its own; "" where it is not fetched."""
    place = _named(value, around)
    return _text(place) if around.resolve else ""


def path(value: object, around: Surroundings) -> Path:
    """Return where a file lies; a relative path begins at the configuration file."""
    if not (isinstance(value, str) and value and value.isprintable()):
        raise expected(value, "the path of a file")
    home = around.environ.get("HOME")
    if value.startswith("~/") and home:
        return Path(home, value[2:])
    return around.folder / value


def database(value: object, around: Surroundings) -> Path:
    """Return where the database lies."""
    place = path(value, around)
    if "://" in str(value) or os.path.isdir(place):  # noqa: PTH112 - see _must_exist
        what = "expected the path of a file, found a URL or a folder"
        raise Wrong(what, 'name a file in it: "alertd.db"')
    return place


def certificates(value: object, around: Surroundings) -> Path:
    """Return where the certificates of an authority lie."""
    place = path(value, around)
    if not around.resolve:
        return place
    _must_exist(place)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=place)
    except ssl.SSLError:
        raise expected(value, "a file of PEM certificates") from None
    except OSError as error:
        raise _unreadable(place, error) from None
    return place


def _named(value: object, around: Surroundings) -> Path:
    """Return where a text lies; the text itself in its place is not repeated."""
    if isinstance(value, str) and ("://" in value or value.startswith("whsec_")):
        raise expected(value, "the path of a file")
    return path(value, around)


def _place(value: object) -> tuple[str, object]:
    """Return the kind of place and its name, of a table that has just these."""
    what = f"expected a text or a table of {listed(_PLACES)}"
    if not isinstance(value, dict):
        # A number may be the secret itself, without its quotes: it is not repeated.
        what += ", found another value"
        raise Wrong(what)
    match list(value.items()):
        case [(place, name)] if place in _PLACES:
            return place, name
        case [(place, _)]:
            what += ", found another key"
            raise Wrong(what, meant(place, _PLACES))
        case pairs:
            what += f", found {len(pairs)} keys"
            raise Wrong(what)


def _from_env(name: str, around: Surroundings) -> str:
    if not re.fullmatch(ENV, name):
        # A name of another shape may be the secret itself: it is not repeated.
        what = "expected the name of an environment variable, in capitals"
        raise Wrong(what)
    if not around.resolve:
        return ""
    if name not in around.environ:
        what = f"environment variable {name} is not set"
        raise Wrong(what, f"set {name} where the daemon starts, or remove what needs it")
    return _whole(around.environ[name], f"environment variable {name}")


def _from_credential(name: str, around: Surroundings) -> str:
    if not re.fullmatch(CREDENTIAL, name):
        what = "expected the name of a credential"
        raise Wrong(what)
    folder = around.environ.get("CREDENTIALS_DIRECTORY")
    if around.resolve and not folder:
        what = f"there is no credential {name}: CREDENTIALS_DIRECTORY is not set"
        raise Wrong(what, f"put LoadCredential={name}:PATH in the unit, or remove what needs it")
    return _from_path(Path(folder or "", name), around)


def _from_path(place: Path, around: Surroundings) -> str:
    if not around.resolve:
        return ""
    text = _text(place).removesuffix("\n").removesuffix("\r")
    return _whole(text, str(place))


def _text(place: Path) -> str:
    _must_exist(place)
    try:
        with place.open(encoding="utf-8") as file:
            return file.read(_LONGEST)
    except OSError as error:
        raise _unreadable(place, error) from None
    except UnicodeDecodeError:
        what = f"{place} is not a text"
        raise Wrong(what) from None


def _must_exist(place: Path) -> None:
    # A device or a pipe could keep us waiting; Path.is_file raises where a name is too long.
    if not os.path.isfile(place):  # noqa: PTH113 - as said
        what = f"there is no file {place}"
        raise Wrong(what, "create it, or remove what needs it")


def _unreadable(place: Path, error: OSError) -> Wrong:
    what = f"{place} cannot be read: {error.strerror}"
    return Wrong(what)


def _whole(text: str, name: str) -> str:
    if not text:
        what = f"{name} is empty"
        raise Wrong(what)
    if not text.isprintable():
        what = f"{name} is more than one line of text"
        raise Wrong(what)
    return text


_PLACES: dict[str, Callable[[str, Surroundings], str]] = {
    "env": _from_env,
    "file": from_file,
    "credential": _from_credential,
}
