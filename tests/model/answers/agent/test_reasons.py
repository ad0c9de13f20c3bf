"""When a reason came: since a release, since a time, for a while, or now and then."""

from __future__ import annotations

import pytest

from flowtui.model.answers.agent import reasons
from flowtui.model.answers.agent.reasons import reasons_of_range
from flowtui.model.answers.agent.time_ranges import RANGES, grid_of
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.marks import Mark

from ....store.remembering import BEGIN, run

DAY = RANGES[2]
NOW = BEGIN + 1000.0
TAX, CRM = Reason("no tax_rate"), Reason("502 of crm")
GRID = grid_of(DAY, NOW, 12)


def use_of(*ago, releases=(), before=(), oldest=DAY.seconds):
    """Return the use of a reason for which runs failed that were created so many hours ago."""
    rows = [run(f"run-{hours}", "failed", created=NOW - hours * 3600) for hours in sorted(ago)]
    found = reasons_of_range(
        rows,
        {row.key: TAX for row in rows},
        GRID,
        NOW,
        oldest=NOW - oldest,
        releases=[Mark(NOW - hours * 3600, name) for name, hours in releases],
        before=before,
    )
    assert not found.unexplained
    return found.uses[0]


OLD, NEW = ("release-41", 20.0), ("release-42", 2.0)


@pytest.mark.parametrize(
    ("use", "when", "release"),
    [
        (use_of(5.0), reasons.ONCE, ""),
        (use_of(1.0, 0.5, releases=(OLD, NEW)), reasons.SINCE_RELEASE, "release-42"),
        (use_of(3.0, 0.5, releases=(OLD, NEW)), reasons.SINCE_RELEASE, "release-41"),
        (use_of(1.0, 0.5, releases=(OLD, NEW), before=[TAX]), reasons.SCATTERED, ""),
        (use_of(1.0, 0.5, releases=(NEW,), oldest=3600.0), reasons.SINCE, ""),
        (use_of(9.0, 8.5, 8.0), reasons.STRETCH, ""),
        (use_of(9.0, 8.5, 0.5), reasons.SINCE, ""),
        (use_of(9.0, 8.5, 0.5, before=[TAX]), reasons.SCATTERED, ""),
        (use_of(23.5, 15.0, 9.0), reasons.SCATTERED, ""),
    ],
)
def test_when_a_reason_came(use, when, release):
    assert (use.when, use.release) == (when, release)


def test_the_reason_of_most_runs_first_and_runs_without_a_reason_apart():
    rows = [run(name, "failed", created=NOW - place * 3600) for place, name in enumerate("abcd")]
    known = {rows[0].key: CRM, rows[1].key: TAX, rows[2].key: TAX}
    found = reasons_of_range(rows, known, GRID, NOW, oldest=None, releases=(), before=())
    assert [(use.reason, list(use.runs)) for use in found.uses] == [(TAX, rows[1:3]), (CRM, rows[:1])]
    assert found.unexplained == rows[3:]
    assert sum(found.uses[0].trend) == 2
    assert sum(found.uses[1].trend) == 1
