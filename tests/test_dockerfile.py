"""The image is what its users were promised; hadolint looks at the rest."""

from __future__ import annotations

import json
from pathlib import Path

LINES = (Path(__file__).parents[1] / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
LAST_STAGE = LINES[max(n for n, line in enumerate(LINES) if line.startswith("FROM ")) :]


def said(instruction: str, lines: list[str] = LAST_STAGE) -> list[str]:
    """Return what follows an instruction, each time it is given."""
    return [
        line.removeprefix(instruction).strip()
        for line in lines
        if line.startswith(f"{instruction} ")
    ]


def test_the_base_may_be_chosen() -> None:
    assert said("ARG", LINES)[0].startswith("BASE=")
    assert {line.split()[0] for line in said("FROM", LINES)} == {"${BASE}"}


def test_what_was_needed_to_build_stays_behind() -> None:
    assert len(said("FROM", LINES)) == 2
    assert said("RUN") == []
    assert any(line.startswith("--from=build /opt/alertd ") for line in said("COPY"))


def test_it_runs_as_nobody_in_particular_and_keeps_its_state_in_a_volume() -> None:
    assert said("USER") == ["10001:10001"]
    assert said("VOLUME") == ["/var/lib/alertd"]
    assert "STATE_DIRECTORY=/var/lib/alertd" in " ".join(said("ENV"))


def test_it_stops_on_sigterm_and_says_whether_it_is_well() -> None:
    assert said("STOPSIGNAL") == ["SIGTERM"]
    (check,) = said("HEALTHCHECK")
    assert json.loads(check.partition("CMD ")[2]) == ["alertd", "health"]


def test_it_starts_the_daemon_without_a_shell_in_between() -> None:
    assert [json.loads(line) for line in said("ENTRYPOINT") + said("CMD")] == [["alertd"], ["run"]]
