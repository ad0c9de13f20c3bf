"""Which buckets are unusual, and since which release more runs fail."""

from __future__ import annotations

import pytest

from flowtui.model.answers.agent.onset import is_rare, since_release
from flowtui.model.answers.ended_runs import EndedRuns
from flowtui.model.state.marks import Mark

from ....store.remembering import BEGIN, run


@pytest.mark.parametrize(
    ("failed", "ended", "usual", "rare"),
    [
        (0, 50, 0.0, False),
        (1, 5, 0.04, False),
        (2, 5, 0.04, True),
        (1, 1, 0.0, True),
        (1, 20, 0.0, False),
        (19, 61, 0.04, True),
        (3, 60, 0.05, False),
        (4, 4, 1.0, False),
    ],
)
def test_few_failures_of_few_runs_are_no_news(failed, ended, usual, rare):
    assert is_rare(failed, ended, usual) is rare


def found(statuses, *releases, begin=0):
    """Return the release since which more runs fail; a run ends each minute, with these statuses (f: failed)."""
    runs = EndedRuns(BEGIN)
    words = {"f": "failed", ".": "completed"}
    runs.fill(run(f"run-{n}", words[each], created=BEGIN + n * 60) for n, each in enumerate(statuses))
    marks = [Mark(BEGIN + minute * 60, f"release-{minute}") for minute in releases]
    mark = since_release(runs, BEGIN + begin * 60, 1200.0, 0.05, marks)
    return None if mark is None else mark.name


def test_the_release_since_which_more_runs_fail():
    assert found("." * 40 + "f.f." * 5, 10, 40) == "release-40"
    assert found("." * 40 + "f.f." * 5, 10) is None, "they did not fail from then on"
    assert found("." * 20 + "f.f." * 10, 40) is None, "they failed before"
    assert found("." * 40 + "f.f." * 5 + "." * 300, 40) is None, "that is long over"
    assert found("." * 40 + "f.f." * 5, 40, begin=50) is None, "the release is not in the range"
