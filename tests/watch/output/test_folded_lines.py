"""Many events of one kind at the same time become one readable line."""

from __future__ import annotations

from datetime import UTC

import pytest

from flowtui.formatting import iso_time
from flowtui.model.run.parsing import parse_run
from flowtui.watch.events import STARTED, Event, appeared_event
from flowtui.watch.output.formats.lines import GROUP_FROM, lines_of, started_text

NOW = 1_800_000_000.0


def _text(status, *, history, threads=7):
    told = []
    for number in range(57):
        raw = {"id": f"run_{number}", "status": status}
        told.append(
            appeared_event(
                parse_run(raw, f"thr_{number % threads}"), NOW, {}, NOW, since=None, history=history
            )
        )
    assert len(told) >= GROUP_FROM
    lines = [line.text for line in lines_of(told, UTC, 3.0)]
    assert len(lines) == 1
    return lines[0].partition("  ")[2]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("failed", "had already failed"),
        ("completed", "had already completed"),
        ("cancelled", "were already cancelled"),
        ("queued", "were already queued"),
        ("running", "were already running"),
        ("odd", "were of unknown status"),
    ],
)
def test_runs_from_before_the_watch_get_a_sentence(status, said):
    assert _text(status, history=True).startswith(f"57 runs on 7 threads {said}")
    assert _text(status, history=True, threads=1).startswith(f"57 runs {said}")


def test_lines_of_new_and_changed_runs_keep_their_columns():
    assert _text("queued", history=False).startswith("57 runs on 7 threads  appeared queued")


@pytest.mark.parametrize(
    ("before", "said"),
    [(600.0, "runs since 07:50:00 on"), (86_400.0, "runs since 2027-01-14 08:00:00 UTC on")],
)
def test_the_first_line_names_the_moment_of_since(before, said):
    fields = {"text": "runs since then on every thread   for all", "since": iso_time(NOW - before)}
    assert started_text(Event(STARTED, NOW, fields), UTC).startswith(said)
    marked = {**fields, "text": "runs since mark r42 on every thread", "mark": "r42"}
    assert started_text(Event(STARTED, NOW, marked), UTC) == marked["text"]


@pytest.mark.parametrize(("failed", "said"), [(21, "and 1 more run FAILED"), (22, "and 2 more runs FAILED")])
def test_failures_beyond_the_first_20_share_a_line(failed, said):
    told = []
    for number in range(failed):
        run = parse_run({"id": f"run_{number}", "status": "failed"}, "thr_1")
        told.append(appeared_event(run, NOW, {}, NOW, since=None, history=False))
    lines = [line.text for line in lines_of(told, UTC, 3.0)]
    assert len(lines) == 21
    assert lines[-1].endswith(said)
