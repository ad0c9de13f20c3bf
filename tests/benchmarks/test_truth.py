"""A short session of the real dashboard: its claims are true, and a planted wrong claim is found. `python -m benchmarks.truth` runs long ones."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # benchmarks are no part of the package

from benchmarks.oracle.lies import LIES
from benchmarks.oracle.walk import lines_of, walk

WORLD = {"size": (158, 38), "threads": 4, "runs": 24, "speed": 4}
SECONDS = 8.0


@pytest.mark.slow  # a long form is benchmarks.truth
def test_a_short_session_has_no_wrong_claim():
    found = walk(5, SECONDS, **WORLD)
    assert found.wrong == [], "\n".join(lines_of(5, found))


@pytest.mark.slow
def test_a_planted_wrong_claim_is_found():
    """If the machine was too busy to judge any screen, nothing can be found."""
    found = walk(5, SECONDS, LIES["count"](), **WORLD)
    assert {wrong.claim.kind for wrong in found.wrong} >= {"count"} or not found.judged
    assert "failed | API:" in "\n".join(lines_of(5, found)) or not found.judged
