"""Cells of the table: reasons that are too long, and the times of runs whose data is old."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtui.model.columns.columns import COLUMNS
from flowtui.model.columns.context import Context
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.known_runs import ThreadState
from flowtui.ui.paint.glyphs import UNICODE
from flowtui.ui.run.card.outcome import when_spans
from flowtui.ui.table.cell_style import CellStyle
from flowtui.ui.table.cells import cell
from flowtui.ui.table.layout import Slot

NOW = 1_800_000_000.0


def said(name, cells, run, context):
    spans = cell(Slot(COLUMNS[name], 0, cells), run, CellStyle(context, UNICODE))
    return "".join(span.text for span in spans).strip()


@pytest.mark.parametrize(
    ("text", "cells", "shown"),
    [
        ("file_search: index is being rebuilt", 44, "8× file_search: index is being rebuilt"),
        ("file_search: index is being rebuilt", 32, "8× index is being rebuilt"),
        ("file_search: index is being rebuilt", 25, "8× index is being rebuilt"),
        ("file_search: index is being rebuilt", 24, "index is being rebuilt"),
        ("file_search: index is being rebuilt", 14, "index is bein…"),
        ("no connection: none within #s", 20, "no connection: none…"),
        ("KeyError: 'tax_rate' is not in the order", 31, "8× 'tax_rate' is not in the or…"),
    ],
)
def test_a_reason_that_is_too_long_loses_its_first_word_before_what_went_wrong(a_run, text, cells, shown):
    run, reason = a_run("a", "failed"), Reason(text)
    context = Context(NOW, reasons={run.key: reason}, reason_counts={reason: 8})
    assert said("note", cells, run, context) == shown


def test_the_times_of_an_active_run_stand_still_while_its_data_is_old(a_run):
    running = a_run("a", "running", created=NOW - 100, started=NOW - 90)
    queued = a_run("b", "queued", created=NOW - 100)
    ended = a_run("c", "completed", created=NOW - 100, started=NOW - 90, completed=NOW - 80)
    state = ThreadState(running.thread_key, 2.0, observed=NOW - 50)
    fresh = Context(NOW, threads={running.thread_key: state})
    old = replace(fresh, old=frozenset({running.thread_key}))
    assert [said("time", 8, run, fresh) for run in (running, ended)] == ["01:30", "00:10"]
    assert [said("time", 8, run, old) for run in (running, ended)] == ["00:40", "00:10"]
    assert [said("wait", 8, queued, context) for context in (fresh, old)] == ["1m", "50s"]
    assert said("age", 8, running, old) == said("age", 8, running, fresh)
    assert [span.text for span in when_spans(ended, old)] == [span.text for span in when_spans(ended, fresh)]
    assert when_spans(running, old)[0].text.startswith("as of ")
    behind = replace(old, threads={}, now=NOW + 3600)  # a thread that is gone: nothing is known of it
    assert said("time", 8, running, behind) == said("time", 8, running, replace(behind, old=frozenset()))
