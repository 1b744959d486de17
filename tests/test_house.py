"""The checkout keeps its promises: pins, commands, no registry, no overgrown module."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]

# Written so that this file does not match itself.
REGISTRY = re.compile(r"pypi\.(?:org|python)|python[h]osted|npmjs\.|index[-_]ur[l]|find[-_]link[s]")
LOCKS = re.compile(r"(?:uv|poetry|pdm)\.lock|pylock.*\.toml|package-lock\.json|Pipfile\.lock")


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    named = (line.split("==") for line in lines if not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in named}


def wanted() -> list[Requirement]:
    """Return what the project asks for, its extras included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    lines = [*project["dependencies"], *(line for extra in extras for line in extra)]
    return [Requirement(line) for line in lines if not line.startswith("alertd[")]


def needs(requirement: Requirement) -> list[Requirement]:
    """Return what an installed package needs here; nothing when it is not installed."""
    try:
        lines = metadata.distribution(requirement.name).requires or []
    except metadata.PackageNotFoundError:
        return []
    extras = ["", *requirement.extras]
    further = [Requirement(line) for line in lines]
    return [
        need
        for need in further
        if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in extras)
    ]


def reachable() -> set[str]:
    """Return the names of all packages that an installation with all extras brings."""
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = wanted()
    while waiting:
        requirement = waiting.pop()
        asked = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if asked not in seen:
            waiting.extend(needs(requirement))
        seen.add(asked)
    return {name for name, _ in seen}


def installed(names: set[str]) -> dict[str, str]:
    """Return the versions of those packages that are here."""
    versions: dict[str, str] = {
        canonicalize_name(distribution.name): distribution.version
        for distribution in metadata.distributions()
    }
    return {name: versions[name] for name in names & versions.keys()}


def files() -> Iterator[Path]:
    """Yield the files of the checkout that are or would be committed."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("this is not a git checkout: what belongs to it cannot be told")
    listing = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    yield from (ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file())


def environment() -> dict[str, str]:
    """Return the environment without what a make above this one would add to the output."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
    }


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_every_package_that_an_installation_brings_is_pinned() -> None:
    assert reachable() - pins().keys() == set()


def test_these_tests_run_on_the_pinned_versions() -> None:
    present = installed(reachable())
    assert present.keys() >= {"yfinance", "apscheduler", "pandas", "pytest"}
    assert {name: pins()[name] for name in present} == present


def test_the_pins_are_exact_and_name_nothing_but_packages() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    odd = [line for line in lines if not re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line)]
    assert odd == []


def test_no_file_names_a_package_registry() -> None:
    texts = {file: file.read_text(errors="replace") for file in files()}
    assert [file for file, text in texts.items() if REGISTRY.search(text)] == []


def test_there_is_no_lock_file() -> None:
    assert [file for file in files() if LOCKS.fullmatch(file.name)] == []


@pytest.mark.parametrize("text", ["https://pypi" + ".org/simple", "--index" + "-url=https://x"])
def test_a_registry_would_be_noticed(text: str) -> None:
    assert REGISTRY.search(text)


def test_the_readme_shows_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text()
    assert {"demo", "test"} <= set(re.findall(r"\bmake ([a-z]+)", readme))


def test_every_make_command_in_the_readme_exists() -> None:
    readme = (ROOT / "README.md").read_text()
    assert set(re.findall(r"^\s*(?:\$ )?make ([a-z]+)", readme, re.MULTILINE)) <= targets()


def test_make_alone_lists_every_target_with_its_purpose() -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not installed")
    printed = subprocess.run(
        [make], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
    ).stdout
    assert set(re.findall(r"^  make ([a-z]+) +\S", printed, re.MULTILINE)) == targets()
    assert targets() >= {"demo", "test", "check", "help"}


def test_no_module_has_grown_past_300_lines() -> None:
    modules = [*ROOT.glob("alertd/**/*.py"), *ROOT.glob("tests/**/*.py")]
    long = [module for module in modules if len(module.read_text().splitlines()) > 300]
    assert len(modules) > 10
    assert long == []


class Checkout:
    """A checkout with the real `.ci/run` and a Makefile that only says what was called."""

    def __init__(self, folder: Path, check: str) -> None:
        self.root = folder / "checkout"
        (self.root / ".ci").mkdir(parents=True)
        shutil.copy(ROOT / ".ci" / "run", self.root / ".ci" / "run")
        (self.root / "Makefile").write_text(
            f"check:\n\t@{check}\ntest:\n\t@echo tested with $${{ALERTD_SHARED:-nothing}}\n"
        )
        self._programs = folder / "programs"
        self._programs.mkdir()
        # Everything is there already: nothing may be installed by a test.
        for program in ("systemd-analyze", "chromium"):
            (self._programs / program).symlink_to(sys.executable)
        (self._programs / "apt-get").symlink_to(shutil.which("false") or "/bin/false")

    def run(self) -> subprocess.CompletedProcess[str]:
        environ = {**environment(), "PATH": f"{self._programs}:{os.environ['PATH']}"}
        environ.pop("ALERTD_SHARED", None)
        command = ["bash", str(self.root / ".ci" / "run")]
        return subprocess.run(
            command, env=environ, capture_output=True, text=True, timeout=60, check=False
        )


needs_make = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")


@needs_make
def test_ci_runs_the_tests_last_so_that_their_verdict_closes_its_output(tmp_path: Path) -> None:
    run = Checkout(tmp_path, "echo checked").run()
    assert (run.returncode, run.stdout.splitlines()) == (0, ["checked", "tested with nothing"])


@needs_make
def test_ci_fails_when_a_check_fails_and_still_runs_the_tests(tmp_path: Path) -> None:
    run = Checkout(tmp_path, "false").run()
    assert run.returncode == 1
    assert "tested" in run.stdout


@needs_make
def test_ci_finds_the_shared_data_beside_the_checkout(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    run = Checkout(tmp_path, "true").run()
    assert run.stdout == f"tested with {tmp_path / 'shared'}\n"
