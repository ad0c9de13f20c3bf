"""The Diff tab: the compared runs, what differs (readable without colour), and why there is nothing to compare."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from flowtui.model.columns.context import Context
from flowtui.model.messages.opened import Opened
from flowtui.model.run.fingerprint import fingerprint
from flowtui.model.run.parsing import parse_run
from flowtui.model.state.known_runs import ThreadState
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import ASCII, UNICODE
from flowtui.ui.paint.ink import wrap_spans
from flowtui.ui.paint.theme import ROLES
from flowtui.ui.run import diff_tab as diff_lines_module
from flowtui.ui.run.diff_tab import diff_lines
from flowtui.ui.run.rendering import RenderContext

NOW = 1_800_000_000.0
PROMPT = "# You are kind\n\nAnswer in at most 8 sentences.\n" + "\n".join(f"Rule {n}." for n in range(40))
RAW = {
    "status": "completed",
    "agent_id": "agent_1",
    "model": "llama",
    "temperature": 0.2,
    "top_p": 1,
    "instructions": PROMPT,
    "tools": [
        {"type": "web_search"},
        {"type": "function", "name": "crm", "schema": {"id": {"type": "string"}}},
    ],
    "meta_data": {"build": 17},
}


def opened(run_id, ago=120, **fields):
    raw = {"id": run_id, "created_at": NOW - ago, **RAW, **fields}
    return Opened(parse_run(raw, "thr_1"), raw)


@pytest.fixture
def said():
    """Return the text of a diff; check that no line is too wide and that every role has a colour."""

    def text(after, before=None, *, cells=100, selected=False, glyphs=UNICODE, **context):
        context = Context(now=NOW, zone=UTC, **{"agents": {"agent_1": "checkout"}, **context})
        lines = diff_lines(
            replace(after, against=before, selected=selected), RenderContext(context, glyphs, cells)
        )
        assert all(ink.width(line.spans) <= cells for line in lines)
        assert {span.role for line in lines for span in line.spans} <= set(ROLES)
        return "\n".join("".join(span.text for span in line.spans).rstrip() for line in lines)

    return text


def words(text):
    return " ".join(text.split())


# -- the two runs


def test_the_header_names_both_runs_and_their_fingerprints(said):
    before, after = opened("run_a", ago=3600), opened("run_b", temperature=0.7)
    text = words(said(after, before))
    assert text.startswith(
        "run_b · checkout · created 2m ago against run_a · created 1h ago, the previous run of this agent "
        f"configuration {fingerprint(after.raw)} against {fingerprint(before.raw)} "
    )
    assert "the selected run" in words(said(after, before, selected=True))


def test_if_the_selected_run_is_of_another_agent_that_agent_is_named(said):
    text = words(said(opened("run_b"), opened("run_a", agent_id="agent_2"), selected=True))
    assert "run_a · agent_2 · created" in text


def test_unknown_values_are_shown_as_a_dash(said):
    bare = opened("run_a", agent_id="")
    bare = Opened(bare.run._replace(created=None), {"id": "run_a"})
    text = words(said(opened("run_b"), bare))
    assert "run_a · — · created —," in text
    assert "against — unchanged" in text


# -- nothing to compare


def test_without_another_run_it_says_why_and_which_key_to_press(said):
    first = opened("run_a")
    assert "No run of checkout before this one is known here." in words(said(first))
    assert "names no agent" in words(said(opened("run_a", agent_id=None)))
    assert "when this run was created" in words(said(Opened(first.run._replace(created=None))))
    for run in (first, opened("run_a", agent_id=None)):
        assert "space selects a run, then d" in words(said(run, cells=40))


def test_the_selected_run_is_not_compared_with_itself(said):
    run = opened("run_a")
    text = words(said(run, run, selected=True))
    assert "This is the selected run itself" in text
    assert "d compares it" in text


def test_a_run_that_is_still_loading_is_called_so_and_may_already_have_a_fingerprint(said):
    before, after = opened("run_a"), opened("run_b")
    assert "Loading run_a …" in said(after, replace(before, raw=None))
    assert "Loading run_b …" in said(replace(after, raw=None), before)
    threads = {"thr_1": ThreadState("thr_1", 2.0, configs={"run_a": "1b22c3d", "run_b": ""})}
    text = words(said(replace(after, raw=None), replace(before, raw=None), threads=threads))
    assert "configuration — against 1b22c3d" in text
    assert "Loading run_a … Loading run_b …" in text


def test_if_a_run_could_not_be_fetched_its_error_and_the_retry_key_are_shown(said):
    trouble = "Refused by the server. " * 5
    text = words(said(opened("run_b"), replace(opened("run_a"), raw=None, trouble=trouble), cells=50))
    assert f"Run run_a could not be read: {trouble.strip()}" in text
    assert "r tries again" in text


def test_if_nothing_differs_the_tab_says_so(said):
    text = words(said(opened("run_b"), opened("run_a", status="failed")))
    assert "the same on both" in text
    assert "Nothing differs. The same on both: instructions, tools, model," in text
    assert "unchanged" not in text


# -- what differs


def test_unchanged_fields_are_one_line_and_changed_ones_side_by_side(said):
    text = said(opened("run_b", temperature=0.7, top_p=0.5), opened("run_a"), cells=160)
    lines = text.splitlines()
    assert lines[2].startswith("unchanged: instructions, tools, model, response_format")
    assert "temperature" not in lines[2]
    assert "- run_a   + run_b" in lines
    assert ["temperature", "-", "0.2", "+", "0.7"] in [line.split() for line in lines]


def test_on_narrow_panes_values_are_stacked(said):
    lines = said(opened("run_b", temperature=0.7), opened("run_a"), cells=60).splitlines()
    at = lines.index("temperature")
    assert lines[at + 1 : at + 3] == ["- 0.2", "+ 0.7"]


def test_changed_words_of_instructions_are_marked_and_the_rest_is_folded(said):
    text = said(opened("run_b", instructions=PROMPT.replace("8", "12", 1) + "\nBe brief."), opened("run_a"))
    assert text[text.index("instructions\n  #") :].splitlines() == [
        "instructions",
        "  # You are kind",
        "",
        "  Answer in at most [-8-]{+12+} sentences.",
        "  Rule 0.",
        "  Rule 1.",
        "  … 36 lines the same …",
        "  Rule 38.",
        "  Rule 39.",
        "+ Be brief.",
    ]


def test_tools_are_compared_by_name_and_changed_field(said):
    newer = [
        {"type": "file_search"},
        {"type": "function", "name": "crm", "schema": {"id": {"type": "integer"}}},
    ]
    text = said(opened("run_b", tools=newer), opened("run_a"))
    assert "\n- web_search  removed\n" in text
    assert "\n+ file_search  added" in text
    assert "\n  crm  changed\n" in text
    assert 'schema.id.type - "string" + "integer"' in words(text)


def test_if_only_the_order_of_tools_differs_the_tab_says_so(said):
    text = said(opened("run_b", tools=RAW["tools"][::-1]), opened("run_a"))
    assert "the same tools in another order" in text


def test_long_texts_inside_tools_are_compared_by_words(said):
    told = "Searches the ledger of the shop by number, by name of the customer or by the day it was paid."
    before = opened("run_a", tools=[{"type": "crm", "description": told}])
    after = opened("run_b", tools=[{"type": "crm", "description": told.replace("day", "month")}])
    assert "[-day-]{+month+}" in said(after, before)


def test_fields_outside_the_fingerprint_are_marked(said):
    text = said(opened("run_b", meta_data={"build": 18}), opened("run_a"))
    assert "The configuration is the same. What differs is not part of its fingerprint:" in text
    assert "build - 17 + 18" in words(text)


def test_every_difference_is_readable_without_colour(said):
    after = opened(
        "run_b", temperature=1, tools=[], model="qwen", instructions=PROMPT.replace("kind", "fair")
    )
    context = Context(now=NOW, agents={})
    for cells in (60, 100):
        render = RenderContext(context, ASCII, cells)
        for line in diff_lines(replace(after, against=opened("run_a")), render):
            for role, signs in (("removed", ("-", "[-")), ("added", ("+", "{+"))):
                text = "".join(span.text for span in line.spans if span.role == role).strip()
                assert not text or text.startswith(signs), text


@pytest.mark.parametrize("cells", [20, 40, 60, 79, 80, 120, 200])
def test_at_any_width_no_line_is_too_wide_and_no_text_is_lost(said, cells):
    before = opened(
        "run_" + "a" * 30, temperature="x" * 300, instructions="日本語 " * 100, tools=[{"n" * 90: 1}]
    )
    after = opened(
        "run_b", temperature=7, instructions="日本語 " * 99 + "end", response_format={"a": ["b"] * 9}
    )
    text = "".join(said(after, before, cells=cells).split())
    assert text.count("x") >= 300
    assert text.count("日本語") >= 99
    assert text.count('"b"') == 9


@pytest.mark.parametrize(
    "value", [7, "x\x1b[31m\u202e", [], [None, 3, "t"], {"crm": True}, [{"function": {"name": 5}}]]
)
def test_fields_of_unexpected_types_do_not_crash(said, value):
    odd = Opened(opened("run_a").run, dict.fromkeys((*RAW, "response_format", "tool_choice"), value))
    assert said(opened("run_b"), odd).isascii() is False
    assert "\x1b" not in said(odd, opened("run_b"))


def test_a_redraw_does_not_compare_again(said, monkeypatch):
    before, after = opened("run_a"), opened("run_b", temperature=0.7)
    first = said(after, before)
    monkeypatch.setattr(diff_lines_module, "config_changes", lambda *_: pytest.fail("compared"))
    assert said(after, before) == first


# -- wrapping


def test_coloured_words_wrap_at_spaces_and_long_ones_are_cut():
    spans = [ink.Span("  be kind ", "text"), ink.Span("{+and brief+}", "added"), ink.Span("x" * 25, "text")]
    lines = wrap_spans(spans, 12)
    assert ["".join(span.text for span in line) for line in lines] == [
        "  be kind ",
        "{+and",
        "brief+}",
        "x" * 12,
        "x" * 12,
        "x",
    ]
    assert wrap_spans([], 10) == [()]
    assert wrap_spans([ink.Span("", "text")], 10) == [()]
