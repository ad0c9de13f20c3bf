"""The Why tab with a reason, without one, with incomplete evidence, after an error, and for a run without failure."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC

import pytest

from flowtui.model.answers.failures import Count
from flowtui.model.answers.reason_news import News
from flowtui.model.answers.run.same_reason import SameReason
from flowtui.model.columns.context import Context
from flowtui.model.findings.kinds import FINDINGS
from flowtui.model.findings.rules import Finding
from flowtui.model.messages.evidence import Evidence, evidence
from flowtui.model.messages.opened import Loaded, Opened
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.marks import Mark
from flowtui.text import safe_text
from flowtui.ui.charts.signs import ASCII as CHART_ASCII
from flowtui.ui.charts.signs import UNICODE as CHART_UNICODE
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import UNICODE
from flowtui.ui.run.rendering import RenderContext
from flowtui.ui.run.why_tab import why_lines

NOW = 1_800_000_000.0  # 08:00:00 UTC
SPANS = [
    {"run_id": "run_1", "span_id": "a", "span_name": "agent run shop"},
    {
        "run_id": "run_1",
        "span_id": "b",
        "parent_span_id": "a",
        "span_name": "running tool crm",
        "start_timestamp": NOW - 23,
        "end_timestamp": NOW - 3,
        "is_exception": True,
        "exception_type": "HTTPStatusError",
        "message": "crm 502: upstream answered Bad Gateway\n  at line 3",
    },
]
MESSAGES = [
    {
        "run_id": "run_1",
        "role": "assistant",
        "created_at": NOW - 2,
        "content": "I could not finish this.",
        "parts": [{"type": "tool-error", "tool_name": "crm", "error_text": "no answer"}],
    }
]
FOUND = evidence(SPANS, MESSAGES, "run_1")
NOTHING = evidence([], [], "run_1")
OVERDUE = Finding("overdue", "overdue by 5s")


@pytest.fixture
def failed(a_run):
    return a_run(status="failed", created=NOW - 45, started=NOW - 40, failed=NOW - 2)


def _said(run, loaded, *, findings=(), cells=100, reasons=None, offset=0.0):
    context = Context(now=NOW, zone=UTC, reasons=reasons or {}, clock_offset=offset)
    lines = why_lines(loaded, Opened(run), findings, RenderContext(context, UNICODE, cells))
    assert all(ink.width(line.spans) <= cells for line in lines)
    texts = ["".join(span.text for span in line.spans) for line in lines]
    assert all(text.isprintable() for text in texts)
    return texts


def _places(said, *titles):
    return [next(place for place, line in enumerate(said) if line.startswith(title)) for title in titles]


def test_the_reason_comes_first_with_its_time_from_the_start(failed):
    said = _said(failed, Loaded(FOUND), cells=140)[0]
    reason = "× crm 502: upstream answered Bad Gateway at line #"
    assert said.startswith(f"{reason}   HTTPStatusError in crm, 37s after the start  ")
    assert said.endswith("  07:59:58  2s ago")
    first, second = _said(failed, Loaded(FOUND), cells=60)[:2]  # without room for both, on two lines
    assert first == reason
    assert second.startswith("  HTTPStatusError in crm, 37s")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"span_name": "chat llama"}, "HTTPStatusError, 37s after the start"),
        ({"end_timestamp": NOW - 100}, "HTTPStatusError in crm"),
        ({"end_timestamp": None, "start_timestamp": None}, "HTTPStatusError in crm"),
        ({"message": ""}, "tool error in crm, 37s after the start"),
    ],
)
def test_the_reason_names_tool_exception_and_time_only_if_they_are_known(failed, change, reason):
    said = _said(failed, Loaded(evidence([{**SPANS[1], **change}])), cells=140)[0]
    assert re.split("   +", said)[1] == reason


def test_without_a_start_offsets_count_from_creation(a_run):
    run = a_run(status="failed", created=NOW - 45, failed=NOW - 2)
    assert "42s after it was created" in _said(run, Loaded(FOUND), cells=140)[0]


def test_evidence_is_listed_in_order_with_times(failed):
    said = _said(failed, Loaded(FOUND), findings=[OVERDUE])
    titles = ("What it did", "Where it broke", "Last message", "Looks wrong", "Rests on")
    places = _places(said, *titles)
    assert places == sorted(places)
    at = places[1]
    assert said[at].startswith("Where it broke  1 exception, 1 tool error ")
    assert said[at + 2 : at + 7] == [
        "07:59:57  +37s      inside agent run shop",  # its name and type are in the first line
        "  crm 502: upstream answered Bad Gateway",
        "    at line 3",
        "07:59:58  +38s      tool error in crm",
        "  no answer",
    ]
    assert said[places[2] + 2 : places[2] + 4] == [
        "07:59:58  +38s      assistant",
        "  I could not finish this.",
    ]
    assert said[-1] == "Rests on 2 spans of this run and 1 message of its thread (1 of them of this run)."


def test_spans_are_counted_as_in_the_waterfall(failed):
    begun = {**SPANS[0], "span_id": "open", "end_timestamp": None}
    twice = evidence([*SPANS, begun, {**begun, "end_timestamp": NOW - 3}], MESSAGES, "run_1")
    said = _said(failed, Loaded(twice))
    assert twice.spans == len(twice.tree.rows) + 1
    assert said[-1].startswith(f"Rests on {len(twice.tree.rows)} spans of this run")


def test_that_no_message_is_of_the_run_is_said_in_words(failed):
    said = _said(failed, Loaded(replace(FOUND, messages=0)))
    assert said[-1].endswith("1 message of its thread (none of them of this run).")


def test_empty_sections_are_left_out(failed):
    said = "\n".join(_said(failed, Loaded(evidence(SPANS, [], "run_1"))))
    assert "tool error" not in said
    assert "Last message" not in said
    assert "Looks wrong" not in said


def test_a_finding_is_explained_with_its_next_step(failed):
    said = " ".join(" ".join(_said(failed, Loaded(FOUND), findings=[OVERDUE])).split())
    kind = FINDINGS["overdue"]
    for text in (kind.title, "overdue by 5s", kind.meaning, f"next {kind.next_step}"):
        assert text in said


def test_an_unknown_finding_is_still_listed(failed):
    said = _said(failed, Loaded(FOUND), findings=[Finding("new_thing", "it is so")])
    assert "new thing" in said
    assert "  it is so" in said


def test_a_known_reason_shows_while_evidence_is_loading(failed):
    assert _said(failed, Loaded()) == ["Reading its spans and messages …"]
    said = _said(failed, Loaded(), reasons={failed.key: Reason("tool error: crm 502")})
    assert said[0].startswith("× tool error: crm 502  ")
    assert said[1:] == ["", "Reading its spans and messages …"]


def test_without_a_reason_a_command_is_suggested(failed):
    said = _said(failed, Loaded(NOTHING))
    assert said[0] == "The API gives no reason: no exception span, no tool error."
    assert "  flowtui run run_1 -t thr_1" in said


def test_parts_that_could_not_be_read_are_named_and_not_taken_as_empty(failed):
    partial = evidence([], MESSAGES[:0], "run_1", missing=("spans: Connection refused",))
    said = _said(failed, Loaded(partial))
    assert said[0] == "What could be read gives no reason; the rest could not be read."
    assert said[-2:] == ["Rests on no messages of its thread.", "Not read: spans: Connection refused"]


def test_an_error_shows_the_retry_key_beside_the_last_evidence(failed):
    said = _said(failed, Loaded(None, "Connection refused"))
    assert said == [
        "What was traced of this run could not be read: Connection refused",
        "r tries again",
    ]
    said = _said(failed, Loaded(FOUND, "Connection refused"))
    assert said[0].startswith("× crm 502")
    assert _places(said, "What was traced") < _places(said, "Where it broke")


@pytest.mark.parametrize("status", ["queued", "running", "completed", "cancelled"])
def test_a_run_that_has_not_failed_says_so(a_run, status):
    said = _said(a_run(status=status, created=NOW), Loaded(NOTHING))
    assert said[:3] == ["This run has not failed.", "", "Nothing looks wrong."]


def test_for_an_unknown_status_the_tab_does_not_say_that_the_run_has_not_failed(a_run):
    assert "does not say" in _said(a_run(status="zombie"), Loaded(NOTHING))[0]


def test_findings_of_an_active_run_come_first(a_run):
    said = _said(a_run(created=NOW - 50, started=NOW - 40), Loaded(FOUND), findings=[OVERDUE])
    assert said[2].startswith("Looks wrong  1 ")
    assert "Nothing looks wrong." not in said
    assert _places(said, "Looks wrong") < _places(said, "Where it broke") < _places(said, "Slowest calls")


def test_nothing_is_said_twice(failed):
    one = {**SPANS[1], "message": "agent is away", "exception_type": "GoneError"}
    part = {"type": "tool-error", "tool_name": "crm", "error_text": "agent is away"}
    found = evidence([SPANS[0], one], [{**MESSAGES[0], "parts": [part]}], "run_1")
    said = _said(failed, Loaded(found), reasons={failed.key: Reason("agent is away", "tool crm")}, cells=140)
    whole = "\n".join(said)
    assert whole.count("agent is away") == 1
    assert "  1 more error with the same text" in said
    assert [place for place, line in enumerate(said) if "GoneError in" in line] == [0]


def test_the_reason_is_told_with_how_often_it_came_whose_it_was_and_since_when(failed):
    reason, mark = Reason("agent is away", "tool crm"), Mark(NOW - 300, "release-42")
    agents = [Count("agent_1", 4), Count("agent_2", 1)]
    times = [NOW - 2, NOW - 10, NOW - 20, NOW - 100, NOW - 200]
    same = SameReason(reason, 5, times, agents, News("new", mark), NOW - 9e5, 312)
    context = Context(
        now=NOW, zone=UTC, reasons={failed.key: reason}, agents={"agent_1": "多言語", "agent_2": "billing"}
    )
    for cells, signs in ((150, CHART_UNICODE), (60, CHART_ASCII)):
        render = RenderContext(context, UNICODE, cells, signs=signs, same_reason=same)
        lines = why_lines(Loaded(), Opened(failed), (), render)
        assert all(ink.width(line.spans) <= cells for line in lines)
        tinted = ["".join(span.text for span in line.spans) for line in lines if line.tint]
        said = " ".join(" ".join(tinted).split())
        assert "5 times since 07:56" in said
        assert "多言語 4, billing 1" in said
        assert "new since release-42: none in the 312 runs of the day before" in said


def test_the_keys_of_the_next_steps_are_those_of_the_user(failed):
    reason = Reason("agent is away", "tool crm")
    same = SameReason(reason, 22, [NOW], [Count("agent_1", 22)])
    context = Context(now=NOW, zone=UTC, reasons={failed.key: reason}, marks=[Mark(NOW - 300, "release-42")])
    render = RenderContext(
        context, UNICODE, 120, same_reason=same, opened=True, keys={"run_failures": "ctrl+f"}
    )
    texts = [
        "".join(span.text for span in line.spans) for line in why_lines(Loaded(), Opened(failed), (), render)
    ]
    said = " ".join(" ".join(texts).split())
    for words in ("Next", "the 22 runs with this reason", "M gate since release-42", "E save a report"):
        assert words in said
    assert not any(line.startswith("f  ") for line in texts)


def test_errors_of_a_successful_run_are_mentioned(a_run):
    said = _said(a_run(created=NOW - 50, started=NOW - 40), Loaded(FOUND))
    assert "It had errors while it ran." in said
    assert "Nothing looks wrong." not in said


def test_the_read_time_is_server_time(failed):
    said = _said(failed, Loaded(FOUND, at=NOW - 60), offset=10.0)
    assert said[-1].endswith("Read at 07:59:10.")


def test_if_a_full_page_of_spans_was_read_the_tab_says_that_there_may_be_more(failed):
    assert "there may be more" in _said(failed, Loaded(Evidence(spans=100, full=True)), cells=200)[-1]


@pytest.mark.parametrize("cells", [40, 60, 100, 200])
def test_markup_and_control_characters_are_shown_as_text_that_fits(a_run, cells):
    nasty = "\x1b[2J[/nope]\u202e漢字" * 40 + "\n" + "x" * 3_000
    span = {**SPANS[1], "span_name": f"running tool {nasty}", "exception_type": nasty, "message": nasty}
    part = {"type": "tool-error", "tool_name": nasty, "error_text": nasty}
    message = {**MESSAGES[0], "role": nasty, "content": nasty, "parts": [part]}
    found = evidence([{**span, "gen_ai_request_model": nasty}], [message], missing=(safe_text(nasty),))
    run = a_run(nasty, status="failed", thread=nasty, created=NOW)
    for value in (found, evidence([], [])):
        _said(run, Loaded(value, safe_text(nasty)), findings=[Finding("x", safe_text(nasty))], cells=cells)
