"""The fast path and the fallback of the parser agree on any input, and neither raises."""

from __future__ import annotations

import json
from datetime import UTC, timedelta, timezone

from hypothesis import example, given
from hypothesis import strategies as st

from flowtui.model.run import parsing
from flowtui.model.run.light_runs import LIGHT_RUNS
from flowtui.model.run.parsing import parse_agents, parse_runs, parse_threads
from flowtui.text import safe_text

from ...examples import examples

SETTINGS = examples(100)
TIMES = ("created_at", "started_at", "expires_at", "cancelled_at", "failed_at", "completed_at")


def fast(body: bytes):
    """Parse with the fast path alone, which raises if it refuses the body."""
    return [parsing._from_light(item, "thr_1") for item in LIGHT_RUNS.validate_json(body)]


def both(body: bytes):
    """Parse with `parse_runs`, and check that the fallback alone gives the same."""
    parsed = parse_runs(body, "thr_1")
    assert repr(parsed) == repr(parsing._tolerant(body, "thr_1"))
    return parsed


WORD = st.text(max_size=8)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
ISO = st.datetimes(timezones=st.none() | st.just(UTC) | OFFSETS).map(
    lambda moment: moment.isoformat().replace("+00:00", "Z")
)
COUNT = st.none() | st.integers()
USAGE = st.fixed_dictionaries(
    {}, optional={f"{name}_tokens": COUNT for name in ("prompt", "completion", "total")}
)
STATUS = st.sampled_from(["queued", "running", "completed", "failed", "canceled", "cancelled"]) | WORD
WELL_FORMED = st.fixed_dictionaries(
    {"id": st.text(min_size=1, max_size=8)},
    optional={
        "agent_id": st.none() | WORD,
        "status": st.none() | STATUS,
        "model": st.none() | WORD,
        "is_active": st.none() | st.booleans(),
        "usage": st.none() | USAGE,
        "tools": st.lists(st.dictionaries(WORD, WORD, max_size=1), max_size=1),
        **dict.fromkeys(TIMES, st.none() | ISO),
    },
)
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters() | st.characters(categories=["Cs"]), max_size=8)
    | ISO
    | st.integers(10**19, 10**21),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORD, inner, max_size=3),
    max_leaves=6,
)
NEARLY = st.builds(
    lambda run, name, value: {**run, name: value},
    WELL_FORMED,
    st.sampled_from(["id", "agent_id", "thread_id", "status", "model", "is_active", "usage", *TIMES]),
    ANYTHING | st.fixed_dictionaries({"total_tokens": ANYTHING}),
)


@SETTINGS
@given(st.lists(WELL_FORMED, max_size=4))
def test_every_well_formed_list_takes_the_fast_path_and_the_fallback_agrees(body_of, values):
    body = body_of(values)
    assert fast(body) == parsing._tolerant(body, "thr_1").rows
    rows, error = both(body)
    assert error is None
    assert all(row.unreadable is None for row in rows)
    assert [row.raw_id for row in rows] == [value["id"] for value in values]


@SETTINGS
@given(st.lists(NEARLY | ANYTHING, max_size=4))
def test_any_list_gives_one_row_for_each_element_on_both_paths(body_of, values):
    rows, error = both(body_of(values))
    assert error is None
    assert len(rows) == len(values)
    for row in rows:
        for text in (row.id, row.agent_id, row.status, row.model, row.unreadable or ""):
            assert safe_text(text) == text


@SETTINGS
@given(st.lists(WELL_FORMED, min_size=1, max_size=4), NEARLY | ANYTHING, st.data())
def test_good_elements_around_a_bad_one_are_kept(body_of, values, bad, data):
    place = data.draw(st.integers(0, len(values)))
    rows, _ = both(body_of([*values[:place], bad, *values[place:]]))
    assert rows[:place] + rows[place + 1 :] == parse_runs(body_of(values), "thr_1").rows


@SETTINGS
@given(st.binary(max_size=60) | ANYTHING.map(json.dumps).map(str.encode))
@example(b'[{"id":"a"')
@example(b"\xff[\x00")
def test_arbitrary_bodies_never_raise(body):
    rows, error = both(body)
    assert error is None or error.isprintable()
    assert all(row.raw_id for row in rows)
    parse_threads(body)
    parse_agents(body)
