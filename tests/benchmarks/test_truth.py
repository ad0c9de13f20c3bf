"""A short walk of the real dashboard: what it says is true, and a planted lie is found. `python -m benchmarks.truth` is the long one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # benchmarks are no part of the package

from benchmarks.oracle.lies import LIES
from benchmarks.oracle.walk import lines_of, walk

WORLD = {"size": (158, 38), "threads": 4, "runs": 24, "speed": 4}
SECONDS = 8.0


def test_a_short_walk_without_a_wrong_claim():
    found = walk(5, SECONDS, **WORLD)
    assert found.wrong == [], "\n".join(lines_of(5, found))


@pytest.mark.slow
def test_a_planted_lie_is_found():
    """Where the machine was too busy for any screen to be judged, nothing can be found."""
    found = walk(5, SECONDS, LIES["count"](), **WORLD)
    assert {wrong.claim.kind for wrong in found.wrong} >= {"count"} or not found.judged
    assert "failed | API:" in "\n".join(lines_of(5, found)) or not found.judged
