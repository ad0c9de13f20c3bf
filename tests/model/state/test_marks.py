"""Which runs came after which mark."""

from __future__ import annotations

from flowtui.model.run.parsing import parse_run
from flowtui.model.state.marks import Mark, release_of, since_mark

MARKS = (Mark(100.0, "v1"), Mark(200.0, "v2"))


def _run(created, status="completed"):
    return parse_run({"id": f"run_{created}", "status": status, "created_at": created}, "thr_1")


def test_a_run_belongs_to_the_last_mark_before_it_was_created():
    assert [release_of(_run(at), MARKS) for at in (99, 100, 199, 200, 900)] == ["", "v1", "v1", "v2", "v2"]
    assert release_of(_run(None), MARKS) == ""
    assert release_of(_run(900), ()) == ""


def test_what_came_since_a_mark_is_counted_with_its_failures():
    runs = [_run(150), _run(200, "failed"), _run(300), _run(None, "failed")]
    assert since_mark(runs, MARKS[1]) == (MARKS[1], 2, 1)
