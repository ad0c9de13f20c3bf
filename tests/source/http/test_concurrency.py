"""How many polls may run at the same time."""

from __future__ import annotations

from flowtui.source.http.concurrency import max_concurrent_polls


def test_concurrent_polls_grow_with_the_budget_from_4_to_16():
    assert [max_concurrent_polls(budget) for budget in (1, 300, 800, 1_200, 3_000, 1_000_000)] == [
        4,
        4,
        4,
        6,
        15,
        16,
    ]
