"""How a span of time was watched: every second counts once, gaps are never hidden, and words say it all."""

from __future__ import annotations

import math
from datetime import UTC
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowtui.model.history.coverage import (
    GAP,
    coverage,
    coverage_words,
    remembered_words,
    time_words,
    with_present,
)
from flowtui.model.history.past import LIVE, READ, UNANSWERED, Watched

HOUR = 3600.0
DAY = 24 * HOUR
MIDNIGHT = 1_793_491_200.0
"""2026-11-01 00:00:00 UTC."""


def at(hours, minutes=0):
    return MIDNIGHT + hours * HOUR + minutes * 60


def words(*spans, hours=24):
    return coverage_words(coverage([Watched(*span) for span in spans], MIDNIGHT, at(hours)), UTC)


span = st.tuples(
    st.integers(-5, 30), st.integers(-5, 30), st.sampled_from([LIVE, READ, UNANSWERED, "new word"])
)


def test_the_present_is_watched_though_it_is_not_written_yet():
    live, out = Watched(0.0, 100.0, LIVE), Watched(100.0, 200.0, UNANSWERED, "timeout")
    assert with_present([live], 120.0, answered=True) == [live._replace(until=120.0)]
    assert with_present([live], 120.0, answered=False) == [live]
    assert with_present([live, out], 210.0, answered=False)[1].until == 210.0
    assert with_present([live], 131.0, answered=True) == [live]
    assert with_present([live], 90.0, answered=True) == [live]
    assert with_present([], 90.0, answered=True) == []


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(span, max_size=8))
def test_every_second_counts_once_in_the_best_way_it_was_watched(spans):
    found = coverage([Watched(float(a), float(b), how) for a, b, how in spans], 0.0, 24.0)
    seen = []
    for second in range(24):
        ways = {how for a, b, how in spans if a <= second < b}
        best = next((how for how in (LIVE, READ, UNANSWERED) if how in ways), GAP)
        seen.append(best)
        (part,) = [one for one in found.parts if one.since <= second < one.until]
        assert part.how == best
        silent = any(one.since <= second < one.until for one in found.outages)
        assert silent == (UNANSWERED in ways and LIVE not in ways)
    assert found.share == sum(how in (LIVE, READ) for how in seen) / 24
    assert all(one.until == other.since and one.how != other.how for one, other in pairwise(found.parts))
    inner = found.within(3.0, 9.0)
    assert math.fsum(part.seconds for part in inner.parts) == 6
    assert inner.seconds(LIVE) == seen[3:9].count(LIVE)


def test_impossible_spans_are_ignored():
    spans = [Watched(math.nan, 5.0, LIVE), Watched(0.0, math.nan, LIVE), Watched(5.0, 1.0, LIVE)]
    assert [part.how for part in coverage(spans, 0.0, 9.0).parts] == [GAP]
    assert coverage([Watched(-math.inf, math.inf, LIVE)], 0.0, 9.0).share == 1
    empty = coverage([Watched(0.0, 9.0, LIVE)], 5.0, 5.0)
    assert (empty.share, empty.parts, empty.known_until) == (None, (), None)
    assert coverage_words(empty, UTC) == "not watched"


def test_words_name_what_was_watched_and_what_was_not():
    live = (at(0), at(24), LIVE)
    assert words(live) == "watched all 24h"
    assert words() == "not watched in these 24h"
    silent = (at(3, 10), at(3, 22), UNANSWERED, "timeout")
    parts = ((at(0), at(3, 10), LIVE), silent, (at(3, 22), at(24), LIVE))
    assert words(*parts) == "watched 23h 48m of 24h; API did not answer 03:10-03:22 (timeout)"
    assert words(*parts, (at(3, 10), at(3, 22), READ)).endswith(
        "12m read afterwards; API did not answer 03:10-03:22 (timeout)"
    )
    assert words((at(0), at(22), LIVE)) == "watched 22h of 24h; not watched 22:00-00:00"
    assert words((at(0), at(24) - 30, LIVE)) == "watched 23h 59m of 24h; not watched 23:59:30-00:00:00"
    assert words((at(0), at(4), LIVE), (at(4) + 0.5, at(24), LIVE)) == "watched 23h 59m of 24h"
    short = words((at(23, 50), at(24), LIVE), (at(1), at(1, 10), LIVE))
    assert short.endswith("not watched 00:00-01:00, 2026-11-01 01:10-23:50")
    apart = [(at(n), at(n, 50), LIVE) for n in range(24)]
    assert words(*apart).endswith("not watched 00:50-01:00, 01:50-02:00, 02:50-03:00 and 21 more")
    long = words((at(0), at(22), LIVE), hours=96)
    assert long == "watched 22h of 4d; not watched 2026-11-01 22:00 - 2026-11-05 00:00"


@pytest.mark.parametrize(
    ("seconds", "remembered", "short"),
    [
        (-5, "nothing is remembered yet", "0s"),
        (40, "in the 40 seconds remembered", "40s"),
        (150, "in the 2 minutes remembered", "2m"),
        (5 * HOUR, "in the 5 hours remembered", "5h"),
        (30 * HOUR + 60, "in the 30 hours remembered", "30h 1m"),
        (12.9 * DAY, "in the 12 days remembered", "12d 21h"),
    ],
)
def test_how_long_there_is_a_history(seconds, remembered, short):
    assert remembered_words(MIDNIGHT - seconds, MIDNIGHT) == remembered
    assert time_words(seconds) == short
    assert remembered_words(None, MIDNIGHT) == "nothing is remembered yet"
