"""The Overview tab and others while only the row is known, when the whole run is loaded, and after an error."""

from __future__ import annotations

from datetime import UTC

import pytest

from flowtui.model.columns.context import Context
from flowtui.model.messages.evidence import evidence
from flowtui.model.messages.opened import Loaded, Opened
from flowtui.model.run.span_facts import SpanFacts
from flowtui.model.state.known_runs import ThreadState
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import UNICODE
from flowtui.ui.run.rendering import RenderContext
from flowtui.ui.run.tab_lines import detail_lines
from flowtui.ui.run.tabs import NAMES, USAGE

NOW = 1_800_000_000.0
RAW = {
    "id": "run_1",
    "object": "thread.run",
    "status": "running",
    "thread_id": "thr_1",
    "temperature": 0.2,
    "top_p": 1.0,
    "parallel_tool_calls": True,
    "max_completion_tokens": None,
    "meta_data": {"env": "prod", "note": "x[/nope]y"},
    "instructions": "# You are kind\n\nAnswer shortly. " + "Never guess a number. " * 20,
    "tools": [
        {"type": "web_search"},
        {"type": "mcp_connector", "name": "crm", "server": "https://crm.example", "schema": {"a": {"b": 1}}},
    ],
}


@pytest.fixture
def said(a_run):
    """Return the text of a tab; check that no line is too wide."""

    def text(tab, *, raw=RAW, trouble="", cells=100, run=None, agents=None, facts=None):
        run = run or a_run(created=NOW - 60, started=NOW - 40, expires=NOW + 540, agent_id="agent_1")
        state = ThreadState("thr_1", interval=2.0, span_facts={run.raw_id: facts} if facts else {})
        context = Context(now=NOW, agents=agents or {}, threads={"thr_1": state}, zone=UTC)
        render = RenderContext(context, UNICODE, cells)
        lines = detail_lines(NAMES.index(tab), Opened(run, raw, trouble), render)
        texts = ["".join(span.text for span in line.spans) for line in lines]
        # the summary is one line, which is cut only when it is drawn
        body = texts[2:] if tab == "Overview" else texts
        assert all(ink.width([ink.Span(line)]) <= cells for line in body)
        return "\n".join(texts)

    return text


def _words(text):
    return " ".join(text.split())


def test_without_a_run_the_pane_says_that_none_is_selected():
    lines = detail_lines(0, None, RenderContext(Context(now=NOW), UNICODE, 80))
    assert "No run selected" in "".join(span.text for line in lines for span in line.spans)


def test_fields_of_the_row_are_shown_before_the_whole_run_is_loaded(said):
    text = _words(said("Overview", raw=None, agents={"agent_1": "support"}))
    assert "support (agent_1)" in text
    assert "temperature …" in text
    assert "created 07:59:00 UTC 1m ago" in text  # today, so without a date
    assert "expires in 9m 00s" in text
    for tab in ("Instructions", "Tools", "Raw JSON"):
        assert "Loading" in said(tab, raw=None)


def test_every_tab_that_needs_the_whole_run_shows_error_and_retry_key(said):
    trouble = "Connection refused by the server. " * 5
    for tab in ("Overview", "Instructions", "Tools", "Raw JSON"):
        text = _words(said(tab, raw=None, trouble=trouble, cells=50))
        assert _words(trouble) in text
        assert "r tries again" in text


@pytest.mark.parametrize("cells", [40, 60, 79, 80, 120, 200])
def test_at_any_width_no_line_is_too_wide_and_no_text_is_lost(said, cells):
    overview = "".join(said("Overview", cells=cells).split())
    assert "x[/nope]y" in overview
    assert "truncation_strategy" in overview
    assert _words(RAW["instructions"]) == _words(said("Instructions", cells=cells))
    raw = "".join(said("Raw JSON", cells=cells).split())
    assert '"server":"https://crm.example"' in raw
    tools = said("Tools", cells=cells)
    assert "web_search" in tools
    assert "mcp_connector" in tools
    assert "https://crm.example" in tools


def test_a_run_without_instructions_and_tools_says_so(said):
    bare = {"id": "run_1", "instructions": None, "tools": None}
    assert "no instructions" in said("Instructions", raw=bare)
    assert "no tools" in said("Tools", raw=bare)


@pytest.mark.parametrize("value", [7, "x", [], [None, 3, "t"], {"crm": True}, [{"function": {"name": 5}}]])
def test_fields_of_unexpected_types_do_not_crash(said, value):
    odd = {"instructions": value, "tools": value, "meta_data": value, "usage": value}
    for tab in NAMES:
        assert said(tab, raw=odd)


def test_usage_is_shown_as_unknown_until_the_server_reports_it(said, a_run):
    assert "—" in said("Tokens", run=a_run(usage=None))
    usage = {"prompt_tokens": 1200, "completion_tokens": 34, "total_tokens": 1234}
    text = said("Tokens", run=a_run(status="completed", usage=usage))
    assert "1,200" in text
    assert "1,234" in text


def test_until_then_counts_of_spans_are_shown_and_marked_as_such(said, a_run):
    facts = SpanFacts("", (), 1200, 34)
    text = said("Tokens", facts=facts)
    assert all(number in text for number in ("1,200+", "34+", "1,234+"))
    assert "from spans, as far as they were read" in text
    assert "from spans" in _words(said("Overview", cells=60, facts=facts))
    usage = {"prompt_tokens": 1300, "completion_tokens": 40, "total_tokens": 1340}
    text = said("Tokens", facts=facts, run=a_run(status="completed", usage=usage))
    assert "1,340" in text
    assert "+" not in text
    assert "from spans" not in text


def test_usage_says_which_model_call_used_the_tokens(a_run):
    spans = [
        {
            "span_id": f"s{number}",
            "span_name": "chat llama",
            "start_timestamp": NOW - 30 + number,
            "end_timestamp": NOW - 29 + number,
            "gen_ai_request_model": "maker/多言語-Distill-Llama-70B-2026",
            "gen_ai_usage_input_tokens": 1000 * number,
            "gen_ai_usage_output_token": 7,
        }
        for number in range(1, 4)
    ]
    run = a_run(
        status="completed", usage={"prompt_tokens": 6000, "completion_tokens": 21, "total_tokens": 6021}
    )
    opened = Opened(run, RAW, evidence=Loaded(evidence(spans, [], run.raw_id), "", NOW))
    for cells in (40, 120):
        render = RenderContext(Context(now=NOW, zone=UTC), UNICODE, cells)
        lines = detail_lines(USAGE, opened, render)
        assert all(ink.width(line.spans) <= cells for line in lines)
        said = "\n".join("".join(span.text for span in line.spans) for line in lines)
        for words in ("3 model calls", "6,021", ">99%", "07:59:33", "3,007"):
            assert words in said
        assert ("3,000" in said) == (cells == 120)  # a narrow pane has only the sum
        assert ("多言語-Distill-Llama-70B-2026 " in said) == (cells == 120)  # whole where there is room
