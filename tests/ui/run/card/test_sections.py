"""The sections of the card: fields and their fold, what changed, the runs around."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from flowtui.model.answers.run.usual import Metric
from flowtui.model.columns.context import Context
from flowtui.model.messages.opened import Opened
from flowtui.model.run.redacted import REDACTED, Redacted
from flowtui.model.run.span_facts import SpanFacts
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.stats.usual_times import DurationStats, UsualTimes
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import UNICODE
from flowtui.ui.run.card.around_section import around_section
from flowtui.ui.run.card.changed_section import changed_section, changed_words
from flowtui.ui.run.card.fields_section import FOLD, fields_section
from flowtui.ui.run.card.outcome import when_spans
from flowtui.ui.run.card.usual_section import metric_line
from flowtui.ui.run.rendering import RenderContext

NOW = 1_800_000_000.0


def _text(lines):
    return "\n".join("".join(span.text for span in line) for line in lines)


@pytest.fixture
def render(a_run):
    def make(*runs, cells=100, folds=frozenset(), facts=None):
        state = ThreadState("thr_1", 2.0, runs={run.raw_id: run for run in runs}, span_facts=facts or {})
        return RenderContext(Context(now=NOW, zone=UTC, threads={"thr_1": state}), UNICODE, cells, folds)

    return make


def test_fields_that_say_nothing_are_folded_and_their_number_is_said(a_run, render):
    run = a_run(status="completed", created=NOW - 60, completed=NOW)
    raw = {
        "object": "thread.run",
        "thread_id": "t",
        "temperature": 0.0,
        "response_format": "auto",
        "meta_data": {},
    }
    facts = {run.raw_id: SpanFacts("default_group", (("env", "prod"), ("多言語", "漢字")))}
    folded = fields_section(Opened(run, raw), render(run, folds={FOLD}, facts=facts))
    whole = fields_section(Opened(run, raw), render(run, facts=facts))
    few, all_ = (_text(line.spans for line in lines) for lines in (folded, whole))
    assert folded[0].fold == whole[0].fold == FOLD
    for name in ("object", "response_format", "meta_data", "started", "failed"):
        assert f"\n{name} " not in few
        assert name in all_
    for words in ("temperature", "0.0", "label.env", "prod", "label.多言語", "漢字"):
        assert words in few
    assert "empty or default ones are hidden, Z shows them, 9 is all of it" in few
    assert "Z hides" in all_
    assert "07:59:00 UTC  1m ago" in few  # today, so without a date


@pytest.mark.parametrize(
    ("fields", "said"), [({}, "since 07:59:00"), ({"completed": NOW}, "08:00:00  0s ago")]
)
def test_moments_of_a_run_are_by_one_clock_whatever_this_machine_has(a_run, fields, said):
    context = Context(now=NOW, zone=UTC, clock_offset=7_200.0)
    run = a_run(status="completed" if fields else "queued", created=NOW - 60, **fields)
    assert _text([when_spans(run, context)]) == said


def test_a_contradicting_is_active_is_not_folded(a_run, render):
    run = a_run(status="completed", is_active=True, completed=NOW)
    assert "is_active" in _text(
        line.spans for line in fields_section(Opened(run, {}), render(run, folds={FOLD}))
    )


def test_what_changed_names_fields_tools_and_a_few_lines(a_run, render):
    old = {
        "instructions": "Be kind.\nAnswer.\n" * 3,
        "temperature": 0.2,
        "tools": [{"type": "web_search"}, {"type": "mcp", "name": "crm", "a": 1}],
    }
    new = {
        "instructions": "Be kind.\nAnswer in 多言語.\n" * 3,
        "temperature": 1.0,
        "tools": [{"type": "mcp", "name": "crm", "a": 2}, {"type": "run_python"}],
    }
    run, other = a_run("new", created=NOW - 5, agent_id="a"), a_run("old", created=NOW - 50, agent_id="a")
    opened = Opened(run, new, last_completed=Opened(other, old))
    for cells in (44, 70, 120):
        lines = changed_section(opened, render(run, other, cells=cells), cells)
        assert all(ink.width(line) <= cells for line in lines)
        said = _text(lines)
        for words in ("old", "temperature", "0.2", "1.0", "web_search", "crm", "run_python"):
            assert words in said
    assert "~ Answer{+ in 多言語+}." in said
    words = _text([changed_words(opened, render(run, other))])
    assert words == "5 changes against old: temperature, web_search, crm, run_python, instructions"


def test_old_and_new_values_stand_in_columns_and_are_written_plainly(a_run, render):
    old = {
        "temperature": 0.2,
        "tool_choice": "auto",
        "truncation_strategy": {"type": "auto"},
        "tools": [{"type": "mcp", "name": "crm", "a": 1}],
    }
    new = {
        "temperature": 1.0,
        "tool_choice": {"type": "function", "function": {"name": "crm"}},
        "truncation_strategy": {"type": "last_messages", "last_messages": 12},
        "tools": [{"type": "mcp", "name": "crm", "a": 2}],
    }
    run, other = a_run("new", created=NOW - 5, agent_id="a"), a_run("old", created=NOW - 50, agent_id="a")
    opened = Opened(run, new, last_completed=Opened(other, old))
    for cells in (44, 76, 120):
        lines = changed_section(opened, render(run, other, cells=cells), cells)[2:]
        assert all(ink.width(line) <= cells for line in lines)
        texts = _text(lines).splitlines()
        assert len({text.index("→") for text in texts if "→" in text}) == 1, "new values begin in one column"
        assert texts[-1].split()[:2] == ["tool", "crm"]
    said = _text(lines)
    assert '→  {"type": "function", "function": {"name": "crm"}}' in said
    assert " ".join(said.splitlines()[2].split()) == "truncation_strategy.type auto → last_messages"


def test_equal_and_hidden_and_unknown_configurations_are_told_apart(a_run, render):
    run, other = a_run("new", created=NOW - 5, agent_id="a"), a_run("old", created=NOW - 50, agent_id="a")
    same = Opened(run, {"temperature": 1}, last_completed=Opened(other, {"temperature": 1.0}))
    assert "Nothing differs" in _text(changed_section(same, render(run, other), 80))
    assert _text([changed_words(same, render(run, other))]) == "the same as old"
    hidden = Opened(
        run, {"instructions": Redacted("1")}, last_completed=Opened(other, {"instructions": Redacted("2")})
    )
    assert f"they differ; their text is {REDACTED}" in _text(changed_section(hidden, render(run, other), 80))
    broken = Opened(run, {}, last_completed=Opened(other, None, "Connection refused"))
    assert "old could not be read: Connection refused" in _text(
        changed_section(broken, render(run, other), 80)
    )
    assert "is known here" in _text(changed_section(Opened(run), render(run), 80))


def test_the_runs_around_share_one_axis_and_keep_their_order(a_run, render):
    first = a_run("first", "completed", created=NOW - 40, started=NOW - 39, completed=NOW - 22)
    own = a_run("own", "failed", created=NOW - 30, started=NOW - 20, failed=NOW - 10)
    after = a_run("after", "running", created=NOW - 15, started=NOW - 9)
    far = a_run("far", "completed", created=NOW - 9000, started=NOW - 8999, completed=NOW - 8998)
    lines = _text(around_section(Opened(own), render(after, own, first, far), 100)).split("\n")
    at = [
        next(place for place, line in enumerate(lines) if name in line) for name in ("first", "own", "after")
    ]
    assert at == sorted(at)
    assert not any("far" in line for line in lines)
    queue, bar = lines[at[1]].index("─"), lines[at[1]].index("▆")
    assert queue < bar
    assert lines[at[0]].rindex("▆") <= bar  # it ran before
    assert "completed" in lines[-1]
    alone = _text(around_section(Opened(own), render(own), 100))
    assert "No other run of the thread is known in this time." in alone


def test_without_a_usual_range_the_time_says_what_the_note_of_the_row_says(a_run, render):
    run = a_run("run_x", "running")
    took = DurationStats(24.0, 60.0, 40)
    plain = render(run)
    known = replace(plain, context=replace(plain.context, usual=UsualTimes(durations={run.agent_id: took})))
    for short in (True, False):
        line = metric_line(Metric("time", 3.0), run, known, 60, short=short)
        assert "".join(span.text for span in line).endswith("00:03  usually 00:24")
    ranged = metric_line(Metric("time", 3.0, (4.0, 7.0), top=9.0), run, known, 60, short=True)
    assert "".join(span.text for span in ranged).endswith("usual 00:04–00:07")
    assert "usual —" in "".join(
        span.text for span in metric_line(Metric("wait", 3.0), run, known, 60, short=True)
    )
