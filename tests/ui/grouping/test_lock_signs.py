"""The sign of a locked thread in every form of the list, and its words in the details of a run and in the title."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from flowtui.model.columns.context import Context
from flowtui.model.messages.opened import Opened
from flowtui.model.run.thread import Thread
from flowtui.model.state.known_runs import ThreadState, apply_runs, apply_thread
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.groups import EVERYTHING, Grouper
from flowtui.ui.grouping.columns import GroupTable
from flowtui.ui.grouping.rows import entry_line, entry_of, picker_line
from flowtui.ui.paint.glyphs import ASCII, UNICODE
from flowtui.ui.run.rendering import RenderContext
from flowtui.ui.run.tab_lines import detail_lines
from flowtui.ui.table.shown_rows import ShownRows

NOW = 1_800_000_000.0
HELD, OLD, NONE = "held", "old", ""

# seconds from now of reading the list, the lock in it, seconds of reading the runs, their status → the sign
STORIES = {
    "the list is old, the runs are not": (-45.0, ("locked", "run_1"), -1.0, "completed", NONE),
    "a run began after the list": (-45.0, ("available", None), -1.0, "running", HELD),
    "only the list knows, long ago": (-45.0, ("locked", "run_1"), -90.0, "completed", OLD),
    "only the list knows, just now": (-2.0, ("locked", "run_2"), -90.0, "completed", HELD),
    "nobody answers since": (-50.0, ("available", None), -45.0, "running", OLD),
    "free": (-2.0, ("available", None), -1.0, "completed", NONE),
}


@pytest.fixture(params=STORIES.values(), ids=STORIES)
def story(request, a_run):
    """Return a snapshot with one thread, and the expected sign."""
    listed_at, said, read_at, status, sign = request.param
    state = ThreadState("thr_1", interval=2.0)
    looks = sorted([(listed_at, "T"), (read_at, "R")])
    for at, kind in looks:
        if kind == "T":
            state = apply_thread(state, Thread("thr_1", "thr_1", *said, 0.0, None), at=NOW + at)
        else:
            state, _ = apply_runs(state, [a_run("run_1", status, created=NOW - 200)], at=NOW + at, whole=True)
    return Snapshot(NOW, {"thr_1": state}, listed=True), sign


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_each_form_of_the_list_shows_the_lock_sign_of_the_newer_observation(story, glyphs):
    snapshot, sign = story
    context = Context(NOW, threads=snapshot.threads)
    group = Grouper().of(snapshot, EVERYTHING, context)[1]
    entry = entry_of(group, "thread", snapshot, NOW)
    table = GroupTable.laid_out([entry], 100)
    lines = (
        entry_line(entry, NOW, 60, glyphs, chosen=False),
        picker_line(entry, 1, 3, NOW, cells=60, glyphs=glyphs),
        table.line(entry, NOW, NOW, glyphs, chosen=False),
    )
    wanted = {HELD: glyphs.lock, OLD: glyphs.old_lock, NONE: ""}[sign]
    for line in lines:
        text = "".join(span.text for span in line)
        assert text.split("thr_1 ", 1)[1].startswith(wanted or " ")
        found = [span for span in line if span.text.strip() in (glyphs.lock, glyphs.old_lock)]
        assert [span.text.strip() for span in found] == ([wanted] if wanted else [])
        assert [span.role for span in found] == {HELD: ["text"], OLD: ["dim"], NONE: []}[sign]


@pytest.mark.parametrize(("cells", "words"), [(40, "stale 45s"), (39, "45s"), (26, "45s"), (18, "")])
def test_a_stale_thread_keeps_its_counts_in_their_columns_and_says_only_its_age_if_need_be(
    a_run, cells, words
):
    runs = [a_run("run_1", "running", created=NOW - 60), a_run("run_2", "failed", created=NOW - 90)]
    state, _ = apply_runs(ThreadState("thr_af291c", interval=2.0), runs, at=NOW - 45, whole=True)
    snapshot = Snapshot(NOW, {"thr_af291c": replace(state, asked=NOW - 43)}, listed=True)
    group = Grouper().of(snapshot, EVERYTHING, Context(NOW, threads=snapshot.threads))[1]
    line = entry_line(entry_of(group, "thread", snapshot, NOW), NOW, cells, UNICODE, chosen=False)
    text = "".join(span.text for span in line)
    assert len(text) == cells
    assert text.endswith(f" {words} 1● 1×" if words else " 45s")  # without room for both, the age stays


def test_the_pane_of_a_run_says_how_old_the_lock_of_its_thread_is(story, a_run):
    snapshot, sign = story
    run = snapshot.threads["thr_1"].runs["run_1"]
    render = RenderContext(Context(NOW, threads=snapshot.threads, zone=UTC), UNICODE, 100)
    lines = detail_lines(0, Opened(run, {"id": "run_1", "thread_id": "thr_1"}), render)
    text = "\n".join("".join(span.text for span in line.spans) for line in lines)
    assert ("thr_1  locked" in text) == (sign != NONE)
    assert ("thr_1  locked as of 45s ago" in text) == (sign == OLD)


def test_the_age_of_the_chosen_threads_lock_is_shown_and_its_holder_is_highlighted(story):
    snapshot, sign = story
    rows = ShownRows()
    rows.groups(snapshot, rows.view.group, Context(NOW, threads=snapshot.threads))
    assert rows.old_lock(snapshot, "thr_1", NOW) == ("locked as of 45s ago" if sign == OLD else "")
    assert rows.old_lock(snapshot, None, NOW) == rows.old_lock(None, "thr_1", NOW) == ""
