"""The time ranges to choose from, and when an answer about one has become too old."""

from __future__ import annotations

from flowtui.model.state.marks import Mark
from flowtui.ui.failures.time_ranges import FARTHEST, TimeRange, time_ranges

NOW = 1_800_000_000.0


def names(*ages):
    return [
        each.name
        for each in time_ranges([Mark(NOW - age, f"r{place}") for place, age in enumerate(ages)], NOW)
    ]


def test_the_newest_mark_is_offered_unless_it_is_too_old_or_to_come():
    assert names() == ["30m", "1h", "2h", "6h", "24h"]
    assert names(900, 60)[5:] == ["since r1"]
    assert names(900, -60)[5:] == ["since r0"]
    assert names(FARTHEST + 1)[5:] == []


def test_begin_words_and_age():
    two, since = TimeRange(7200.0), TimeRange(None, Mark(NOW - 60, "r1"))
    assert (two.since(NOW), since.since(NOW)) == (NOW - 7200, NOW - 60)
    assert (two.words, since.words) == ("in the last 2h", "since r1")
    assert [two.stale(NOW, NOW + age) for age in (0, 59, 60, -1)] == [False, False, True, True]
    assert not since.stale(NOW, NOW + 1e6), "its begin stays"
