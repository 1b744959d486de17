"""`alertd schema`: what does an editor know of the configuration?

It comes from the very tables that read the file, and needs no file itself.
"""

from __future__ import annotations

import json

from alertd import config as configuration
from alertd.cli import output
from alertd.cli.options import NoConfigFile  # noqa: TC001 - Typer reads it when it runs

EXAMPLES = "  alertd schema > alertd.schema.json"


def schema(config: NoConfigFile = None) -> None:  # noqa: ARG001 - taken so that every command takes it
    """Write the JSON Schema of the configuration.

    Editors that know it complete and check the file as it is written.
    """
    output.show(json.dumps(configuration.json_schema(), indent=2, ensure_ascii=False))
