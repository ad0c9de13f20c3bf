"""What happened before this start, as events."""

from __future__ import annotations

from flowtui.model.events.event_log import OUTAGE, RUN
from flowtui.model.events.past_events import UNWATCHED, past_events
from flowtui.model.history.coverage import coverage
from flowtui.model.history.past import LIVE, UNANSWERED, PastMove, Watched
from flowtui.model.run.parsing import parse_run
from flowtui.model.state.changes import StatusChange


def _run(run_id, status, **fields):
    return parse_run({"id": run_id, "status": status, **fields}, "thr_1")


def test_moves_outages_and_times_that_nobody_watched_are_events_newest_first():
    done = _run("run_1", "completed", started_at="1970-01-01T00:10:00Z", completed_at="1970-01-01T00:10:41Z")
    moves = [
        PastMove(done, StatusChange("running", "completed", 640.0, 645.0)),
        PastMove(done, StatusChange("queued", "running", None, 600.0)),
        PastMove(_run("run_2", "running"), StatusChange("", "mystery", None, 595.0)),
    ]
    spans = [Watched(500, 700, LIVE), Watched(700, 800, UNANSWERED, "timeout"), Watched(1000, 1100, LIVE)]
    found = past_events(moves, coverage(spans, 500, 1130))
    assert [(event.kind, event.at, event.word, event.text) for event in found] == [
        (UNWATCHED, 800.0, "not watched", "for 3m 20s"),
        (OUTAGE, 700.0, "no answer", "timeout, for 1m 40s"),
        (RUN, 645.0, "completed", "was running, ran 00:41"),
        (RUN, 600.0, "running", "was queued"),
        (RUN, 595.0, "mystery?", "new"),
    ]  # the 30 seconds of a restart are no event
    assert (found[2].key, found[2].since, found[2].status) == (done.key, 640.0, "completed")
