"""Each fault in its short form: what is promised holds, and each control is found out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chaos.__main__ import SEED
from tests.chaos.matrices import MATRICES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.chaos.findings import Matrix


@pytest.mark.parametrize("matrix", MATRICES, ids=lambda matrix: matrix.name)
def test_nothing_is_lost_or_invented_and_the_control_is_found_out(
    matrix: Matrix, tmp_path: Path
) -> None:
    findings = matrix.play(SEED, matrix.short, tmp_path)
    assert [finding for finding in findings if not finding.good] == []
    assert any(finding.expected for finding in findings if not finding.control)
