"""Totals of tokens and statuses: how many runs reported, and a sum that no run reported is unknown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowtui.formatting import count
from flowtui.model.stats.totals import totals

from ...examples import examples


def usage(prompt=None, completion=None, total=None):
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total}


def test_totals_of_no_runs_are_unknown_not_zero():
    assert totals([])[:5] == (0, 0, None, None, None)


def test_sums_cover_the_runs_that_reported_and_count_them(a_run):
    runs = [
        a_run("a", usage=usage(10, 5, 15)),
        a_run("b", usage=usage(0, 0, 0)),
        a_run("c", usage=usage(7, None, None)),
        a_run("d", usage={}),
        a_run("e"),
    ]
    found = totals(runs)
    assert (found.runs, found.reported) == (5, 2)
    assert (found.prompt, found.completion, found.total) == (17, 5, 15)


def test_the_sum_is_unknown_if_no_run_reported(a_run):
    found = totals([a_run("a"), a_run("b", usage={})])
    assert (found.reported, found.prompt, found.completion, found.total) == (0, None, None, None)
    assert totals([a_run("a", usage=usage(0, 0, 0))]).total == 0


def test_status_classes_are_counted(a_run):
    words = ["queued", "running", "running", "completed", "failed", "canceled", "cancelled", "weird"]
    found = totals([a_run(str(number), word) for number, word in enumerate(words)])
    assert (found.active, found.failed, found.runs) == (3, 1, 8)
    assert found.by_class["cancelled"] == 2
    assert found.by_class["unknown"] == 1
    assert totals([a_run()]).failed == 0


@examples(50)
@given(st.lists(st.none() | st.integers(-(10**4000), 10**4000), max_size=5))
def test_numbers_of_any_length_add_up_and_can_be_shown(a_run, numbers):
    found = totals([a_run(str(n), usage=usage(total=number)) for n, number in enumerate(numbers)])
    reported = [number for number in numbers if number is not None]
    assert found.total == (sum(reported) if reported else None)
    assert found.reported == len(reported)
    assert len(count(found.total)) < 25
