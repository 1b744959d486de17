"""What has the user configured, or what is wrong with it?

    find -> load -> Config        every problem at once: ConfigError
    example, json_schema          for whoever writes the file

pydantic is imported when a file is loaded, not before: `alertd --help` does without it.
"""

from __future__ import annotations

import os.path
from pathlib import Path
from typing import TYPE_CHECKING

from alertd.config.settings import (
    AlpacaSettings,
    AppriseSettings,
    ChannelSettings,
    Config,
    ConsoleSettings,
    EmailSettings,
    FinnhubSettings,
    HeartbeatSettings,
    Level,
    LogSettings,
    Manner,
    Poll,
    QuotesSettings,
    StoreSettings,
    Tls,
    WebhookSettings,
)
from alertd.errors import ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "AlpacaSettings",
    "AppriseSettings",
    "ChannelSettings",
    "Config",
    "ConsoleSettings",
    "EmailSettings",
    "FinnhubSettings",
    "HeartbeatSettings",
    "Level",
    "LogSettings",
    "Manner",
    "Poll",
    "QuotesSettings",
    "StoreSettings",
    "Tls",
    "WebhookSettings",
    "example",
    "find",
    "json_schema",
    "load",
]

NEARBY = Path("config", "alertd.toml")
SYSTEM = Path("/etc/alertd/alertd.toml")


def load(path: Path, *, secrets: bool = True, environ: Mapping[str, str]) -> Config:
    """Read a configuration file.

    Without `secrets`, those that lie elsewhere are not fetched: they stand as "", and nothing can
    be sent.

    raises: ConfigError with every problem.
    """
    from alertd.config.reading import read

    return read(path, secrets=secrets, environ=environ)


def find(given: Path | None, environ: Mapping[str, str], cwd: Path, system: Path = SYSTEM) -> Path:
    """Return the file to load: the one given or in $ALERTD_CONFIG, else the first that exists.

    raises: ConfigError with the places tried.
    """
    if given:
        return given
    if named := environ.get("ALERTD_CONFIG"):
        return cwd / named
    for place in (cwd / NEARBY, system):
        # Path.is_file would raise where a folder may not be entered.
        if os.path.isfile(place):  # noqa: PTH113 - as said
            return place
    tried = f"tried --config, $ALERTD_CONFIG, {cwd / NEARBY} and {system}"
    hint = "`alertd init` writes one with comments"
    raise ConfigError(NEARBY.name, [Problem("", f"there is no such file; {tried}", hint)])


def example() -> str:
    """Return the commented configuration that `alertd init` writes."""
    from importlib.resources import files

    packed = files("alertd.config") / "example.toml"
    # In a checkout it lies at the top; the wheel carries that very file.
    source = packed if packed.is_file() else Path(__file__).parents[2] / NEARBY
    return source.read_text(encoding="utf-8")


def json_schema() -> dict[str, object]:
    """Return the JSON Schema of the configuration file."""
    from alertd.config.schema import schema

    return schema()
