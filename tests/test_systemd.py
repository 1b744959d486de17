"""The unit that ships is one that systemd accepts, restarts, feeds and locks up."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[1] / "systemd" / "alertd.service"

EXPECTED = {
    "Type": "notify",
    "WatchdogSec": "60",
    "Restart": "always",
    "RestartSec": "5",
    "StartLimitIntervalSec": "0",
    "RestartPreventExitStatus": "2",
    "ExecReload": "/bin/kill -HUP $MAINPID",
    "DynamicUser": "yes",
    "StateDirectory": "alertd",
    "CacheDirectory": "alertd",
    "TimeoutStopSec": "30",
    "MemoryMax": "512M",
    "TasksMax": "64",
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "AmbientCapabilities": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "DevicePolicy": "closed",
    "PrivateUsers": "yes",
    "PrivateMounts": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectControlGroups": "yes",
    "ProtectClock": "yes",
    "ProtectHostname": "yes",
    "ProtectProc": "invisible",
    "ProcSubset": "pid",
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "RemoveIPC": "yes",
    "KeyringMode": "private",
    "UMask": "0077",
    "SystemCallArchitectures": "native",
    "SystemCallErrorNumber": "EPERM",
    "IPAddressDeny": "link-local multicast",
}


def settings() -> dict[str, list[str]]:
    """Return what the unit sets; a setting may be given more than once."""
    found = defaultdict(list)
    for name, value in re.findall(r"^([A-Z]\w+)=(.*)$", UNIT.read_text(), re.MULTILINE):
        found[name].append(value)
    return found


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed: it comes with systemd")
    command = [program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Return a copy of the unit as if its programs were installed."""
    copy = tmp_path / UNIT.name
    programs = re.compile(r"^(Exec\w+=)\S+", re.MULTILINE)
    copy.write_text(programs.sub(rf"\g<1>{sys.executable}", UNIT.read_text()))
    return copy


@pytest.mark.parametrize(("name", "value"), EXPECTED.items())
def test_the_unit_sets(name: str, value: str) -> None:
    assert settings()[name] == [value]


def test_the_unit_allows_what_a_service_needs_and_no_more_system_calls() -> None:
    assert settings()["SystemCallFilter"] == ["@system-service", "~@privileged @resources"]


def test_the_unit_runs_the_daemon_with_the_installed_configuration() -> None:
    (command,) = settings()["ExecStart"]
    assert command == "/opt/alertd/bin/alertd run --config /etc/alertd/alertd.toml"


def test_the_unit_shows_how_a_secret_is_handed_over() -> None:
    assert re.search(r"^#LoadCredential=[\w-]+:/etc/alertd/", UNIT.read_text(), re.MULTILINE)


def test_systemd_finds_no_fault_in_the_unit(installed: Path) -> None:
    verdict = analyze("verify", str(installed))
    assert (verdict.returncode, verdict.stderr) == (0, "")


def test_systemd_finds_the_fault_in_a_broken_unit(installed: Path) -> None:
    installed.write_text(installed.read_text().replace("Type=notify", "Type=notfy"))
    assert "notfy" in analyze("verify", str(installed)).stderr


def test_the_exposure_of_the_service_is_at_most_1_5(installed: Path) -> None:
    verdict = analyze("security", "--offline=true", "--threshold=15", "--no-pager", str(installed))
    assert verdict.returncode == 0, verdict.stdout.splitlines()[-1]


def test_a_bare_unit_is_too_exposed(tmp_path: Path) -> None:
    bare = tmp_path / "bare.service"
    bare.write_text(f"[Service]\nExecStart={sys.executable}\n")
    verdict = analyze("security", "--offline=true", "--threshold=15", "--no-pager", str(bare))
    assert verdict.returncode != 0
