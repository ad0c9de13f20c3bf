"""Sweeps over a list that may change meanwhile: no row is lost, each sweep ends, and with how many requests."""

from __future__ import annotations

import importlib.util
import itertools
import random
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.source.read.list_walk import END, IGNORES_OFFSET, TOO_FAST
from flowtui.source.read.paging import KNOWN, MAX_ROWS, PAGE_LIMIT, PageRequest, SweepEnd, sweep

from ...examples import examples


def _load_benchmark():
    path = Path(__file__).parents[3] / "benchmarks" / "paging.py"
    spec = importlib.util.spec_from_file_location("paging_benchmark", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


world = _load_benchmark()


def read(page, **options):
    """Return the requests of a sweep over `page(offset, limit)`, the ids, and how it ended."""
    requests, seen = [], set()
    plan = sweep(**{"limit": 20, **options})
    try:
        request = next(plan)
        while True:
            requests.append((request.offset, request.limit))
            ids = page(request.offset, request.limit)
            seen.update(ids)
            request = plan.send(ids)
    except StopIteration as stop:
        end = stop.value
    assert end.pages == len(requests)
    assert all(offset >= 0 for offset, _ in requests)
    return requests, seen, end


def still(count, cap=10**9):
    """Return a function that returns pages of an unchanging list of `count` runs, with at most `cap` rows each."""
    rows = [f"run_{count - i}" for i in range(count)]
    return lambda offset, limit: rows[offset : offset + min(limit, cap)]


# --- a list that does not change


@pytest.mark.parametrize("count", [0, 1, 2, 5, 19, 20, 21, 39, 40, 41, 95, 400])
@pytest.mark.parametrize("cap", [1, 2, 7, 20, 100])
def test_a_list_without_changes_is_read_once(count, cap):
    requests, seen, end = read(still(count, cap))
    assert len(seen) == count
    assert end == SweepEnd(complete=True, reason=END, pages=len(requests))
    assert len({offset for offset, _ in requests}) == len(requests), "no page is requested twice"


def test_one_walk_without_changes_is_enough():
    requests, _, _ = read(still(95))
    assert [offset for offset, _ in requests] == [0, 10, 20, 30, 40, 50, 60, 70, 80, 95]


def test_a_short_page_is_not_the_end():
    lengths = itertools.cycle([20, 7, 13, 20, 5, 11])
    page = still(95)
    _, seen, end = read(lambda offset, limit: page(offset, min(limit, next(lengths))))
    assert len(seen) == 95
    assert end.complete


def test_an_empty_list_costs_one_request():
    assert read(still(0))[2] == SweepEnd(complete=True, reason=END, pages=1)


# --- a list whose older rows are known


def test_if_the_first_page_has_a_known_row_one_request_is_made():
    assert read(still(95), known={"run_90"})[2] == SweepEnd(complete=True, reason=KNOWN, pages=1)


def test_new_rows_are_read_down_to_a_known_one():
    requests, seen, end = read(still(95), known={"run_50", "run_49"})
    assert end == SweepEnd(complete=True, reason=KNOWN, pages=4)
    assert [offset for offset, _ in requests] == [0, 10, 20, 30]
    assert "run_51" in seen


def test_new_rows_are_read_on_until_all_active_runs_were_seen():
    _, seen, end = read(still(95), known={"run_90"}, must_see={"run_95", "run_60"})
    assert end == SweepEnd(complete=True, reason=KNOWN, pages=3)
    assert "run_60" in seen


def test_for_a_deleted_active_run_the_list_is_read_once_to_the_end():
    _, _, end = read(still(95), known={"run_90"}, must_see={"run_deleted"})
    assert end == SweepEnd(complete=True, reason=END, pages=10)


# --- limits, and servers that ignore options


def test_max_rows_stops_at_once():
    _, seen, end = read(still(95), max_rows=50)
    assert end == SweepEnd(complete=False, reason=MAX_ROWS, pages=4)
    assert len(seen) == 50


def test_max_rows_beyond_the_list_is_complete():
    assert read(still(30), max_rows=200)[2].complete
    assert read(still(30), max_rows=30)[2].reason in {MAX_ROWS, END}


@pytest.mark.parametrize(
    "options", [{"limit": 0}, {"limit": -1}, {"overlap": -1}, {"max_sweeps": 0}, {"max_pages": 0}]
)
def test_invalid_options_are_refused(options):
    with pytest.raises(ValueError, match="at least"):
        next(sweep(**{"limit": 20, **options}))


def test_equal_page_requests_are_equal():
    assert PageRequest(0, 20) == next(sweep(limit=20))


def test_a_server_that_ignores_offset_is_detected():
    full = [f"run_{i}" for i in range(20)]
    _, seen, end = read(lambda _, limit: full[:limit])
    assert (end.complete, end.reason) == (False, IGNORES_OFFSET)
    assert end.pages <= 5
    assert len(seen) == 20


@pytest.mark.parametrize("count", [1, 2, 3, 12, 19])
def test_a_list_below_one_page_is_complete_if_the_server_ignores_offset(count):
    _, _, end = read(lambda *_: [f"run_{i}" for i in range(count)])
    assert end.complete
    assert end.pages <= 5


def test_a_server_that_ignores_offset_and_limit_sends_the_whole_list():
    rows = [f"run_{i}" for i in range(95)]
    _, seen, end = read(lambda *_: rows)
    assert (end.complete, len(seen)) == (True, 95)
    assert end.pages <= 5


def test_a_server_that_ignores_limit_sends_the_whole_list():
    rows = [f"run_{i}" for i in range(95)]
    _, seen, end = read(lambda offset, _: rows[offset:])
    assert (end.complete, len(seen), end.pages) == (True, 95, 3)


def test_a_page_of_new_rows_per_request_is_not_taken_for_an_ignored_offset():
    rows = [f"run_{i}" for i in range(60)]
    calls = itertools.count()

    def page(offset, limit):
        if 0 < next(calls) < 4:
            rows[:0] = [f"new_{len(rows) + i}" for i in range(10)]
        return rows[offset : offset + limit]

    _, seen, end = read(page)
    assert end.complete
    assert {f"run_{i}" for i in range(60)} <= seen


def test_a_list_whose_pages_never_repeat_a_row_ends():
    fresh = itertools.count()
    _, _, end = read(lambda _, limit: [f"run_{next(fresh)}" for _ in range(limit)])
    assert (end.complete, end.reason) == (False, TOO_FAST)
    assert end.pages <= 60


def test_a_list_without_end_stops_at_the_page_limit():
    _, seen, end = read(
        lambda offset, limit: [f"run_{i}" for i in range(offset, offset + limit)], max_pages=100
    )
    assert end == SweepEnd(complete=False, reason=PAGE_LIMIT, pages=100)
    assert len(seen) == 1010


def test_steady_inserts_end_complete():
    for rate in (1, 2, 5, 9):
        rows = [f"run_{i}" for i in range(95)]

        def page(offset, limit, rows=rows, rate=rate):
            rows[:0] = [f"new_{len(rows) + i}" for i in range(rate)]
            return rows[offset : offset + limit]

        _, seen, end = read(page)
        assert {f"run_{i}" for i in range(95)} <= seen
        assert end.complete
        assert end.pages < 150


@pytest.mark.parametrize("rate", [10, 20, 40])
def test_inserts_faster_than_a_page_still_end(rate):
    rows = [f"run_{i}" for i in range(95)]

    def page(offset, limit):
        rows[:0] = [f"new_{len(rows) + i}" for i in range(rate)]
        return rows[offset : offset + limit]

    _, _, end = read(page)
    assert end.complete or end.reason == TOO_FAST


# --- properties

CHANGES = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 10**6)), min_size=1, max_size=8
)


@examples(150)
@given(
    count=st.integers(0, 120),
    limit=st.integers(2, 40),
    cap=st.integers(2, 40),
    overlap=st.integers(1, 15),
    changes=st.tuples(CHANGES, st.integers(1, 4)),
)
def test_a_complete_sweep_in_stable_order_loses_no_row(count, limit, cap, overlap, changes):
    """Rows are added at the top and removed anywhere; linked pages prove that none is lost."""
    rows = [f"run_{i}" for i in range(count)]
    throughout = set(rows)
    fresh, calls, script, every = (
        itertools.count(),
        itertools.count(),
        itertools.cycle(changes[0]),
        changes[1],
    )

    def page(offset, asked):
        call = next(calls)
        if call and call % every == 0:
            inserts, deletes, where = next(script)
            start = where % (len(rows) + 1)
            throughout.difference_update(rows[start : start + deletes])
            del rows[start : start + deletes]
            rows[:0] = [f"new_{next(fresh)}" for _ in range(inserts)]
        return rows[offset : offset + min(asked, cap)]

    _, seen, end = read(page, limit=limit, overlap=overlap, max_pages=3_000)
    assert not end.complete or throughout <= seen
    assert end.complete or end.reason in {TOO_FAST, IGNORES_OFFSET, PAGE_LIMIT}


def _random_rows(chance, offset, limit):
    return [f"run_{chance.randrange(60)}" for _ in range(chance.randrange(limit + 1))]


def _always_full(chance, offset, limit):
    return [f"run_{chance.randrange(200)}" for _ in range(limit)]


def _permuted(chance, offset, limit):
    rows = [f"run_{i}" for i in range(95)]
    chance.shuffle(rows)
    return rows[offset : offset + limit]


def _one_id(chance, offset, limit):
    return ["run_1"] * chance.randrange(1, limit + 1)


def _one_shared(chance, offset, limit):
    return ["run_1", *(f"run_{chance.randrange(10**9)}" for _ in range(limit - 1))]


def _asks_for_more(chance, offset, limit):
    return [f"run_{i}" for i in range(offset // 2, offset // 2 + chance.randrange(3 * limit))][:200]


def _backwards(chance, offset, limit):
    return [f"run_{max(0, 500 - offset - i)}" for i in range(limit)]


ADVERSARIES = [
    _random_rows,
    _always_full,
    _permuted,
    _one_id,
    _one_shared,
    _asks_for_more,
    _backwards,
]


@examples(40)
@given(
    seed=st.integers(0, 10**6),
    server=st.sampled_from(ADVERSARIES),
    limit=st.integers(1, 30),
    overlap=st.integers(0, 12),
    known=st.sampled_from([(), frozenset({"run_7"})]),
)
def test_every_sweep_ends_whatever_the_server_answers(seed, server, limit, overlap, known):
    chance = random.Random(seed)
    _, _, end = read(
        lambda offset, asked: server(chance, offset, asked),
        limit=limit,
        overlap=overlap,
        known=known,
        must_see=frozenset({"run_3"}) if known else frozenset(),
        max_pages=600,
    )
    assert end.pages <= 600


# --- many random lists


@pytest.mark.parametrize("condition", world.CONDITIONS, ids=lambda condition: condition.name)
@pytest.mark.parametrize(
    "seeds", [range(200), pytest.param(range(200, 1000), marks=pytest.mark.slow)], ids=["200", "1000"]
)
def test_a_thousand_seeds_lose_no_run_that_existed_throughout(condition, seeds):
    lost, incomplete = [], []
    for seed in seeds:
        trial = world.World(seed, condition)
        seen, end = world.read_ours(trial, 20)
        if not seen >= trial.throughout:
            lost.append(seed)
        if not end.complete:
            incomplete.append(seed)
    assert lost == []
    assert incomplete == []


@pytest.mark.parametrize("condition", world.CONDITIONS, ids=lambda condition: condition.name)
def test_naive_paging_loses_runs_under_these_conditions(condition):
    lost = 0
    for seed in range(100):
        trial = world.World(seed, condition)
        lost += not world.read_naive(trial, 20) >= trial.throughout
    assert lost >= 25
