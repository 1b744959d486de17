"""The real command line, in a process and a home of its own, on a terminal if need be."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import alertd

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_CHECKOUT = Path(alertd.__file__).parents[1]

# What the machine that runs the tests may have set, and no test wants.
_FOREIGN = (
    "ALERTD_CONFIG", "CACHE_DIRECTORY", "NOTIFY_SOCKET", "STATE_DIRECTORY", "XDG_CACHE_HOME",
    "XDG_STATE_HOME",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said, and with which status it left."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


@dataclass(frozen=True, slots=True)
class Home:
    """A folder in which `alertd` is typed."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    def alertd(self, *words: str, **env: str) -> Answer:
        """Run one command to its end."""
        done = subprocess.run(
            self.command(*words), cwd=self.folder, env=self.environ(**env),
            capture_output=True, encoding="utf-8", timeout=60, check=False,
        )  # fmt: skip
        return Answer(done.returncode, done.stdout, done.stderr)

    def on_terminal(self, *words: str, columns: int) -> Answer:
        """Run one command on a terminal so wide; `out` is all that it shows, without colours."""
        ours, theirs = pty.openpty()
        environ = self.environ(COLUMNS=str(columns), TERM="xterm")
        with subprocess.Popen(
            self.command(*words), cwd=self.folder, env=environ,
            stdin=theirs, stdout=theirs, stderr=theirs,
        ) as process:  # fmt: skip
            os.close(theirs)
            shown = b"".join(iter(lambda: _read(ours), b"")).decode()
        os.close(ours)
        return Answer(process.returncode, _ESCAPES.sub("", shown).replace("\r\n", "\n"), "")

    def command(self, *words: str) -> list[str]:
        """Return what a shell would run."""
        return [sys.executable, "-m", "alertd", *words]

    def environ(self, **more: str) -> dict[str, str]:
        """Return the environment of a command: the folder is its home too."""
        kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
        own = {
            "HOME": str(self.folder),
            "COLUMNS": "80",
            "TZ": "UTC",
            "PYTHONPATH": str(_CHECKOUT),
        }
        return {**kept, **own, **self.env, **more}

    def config(self, text: str, name: str = "alerts.toml") -> str:
        """Write a configuration that keeps its database here, and return its name."""
        path = self.folder / name
        path.write_text(f'{text}\n[store]\npath = "alertd.db"\n', encoding="utf-8")
        path.chmod(0o600)
        return name


def _read(terminal: int) -> bytes:
    """Return what comes next; nothing once the last writer has gone, which Linux calls an error."""
    try:
        return os.read(terminal, 65_536)
    except OSError:
        return b""
