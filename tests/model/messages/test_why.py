"""Why a run failed, as one short display-safe line, from spans or messages of any shape."""

import pytest

from flowtui.model.messages.evidence import evidence
from flowtui.model.messages.why import reason_of, show_command
from flowtui.model.run.parsing import parse_run


def reason_from(spans, messages=(), run_id=None):
    return reason_of(evidence(spans, messages, run_id))


def span(**fields):
    return {
        "run_id": "run_1",
        "span_name": "chat llama",
        "is_exception": False,
        "level": 9,
        "end_timestamp": "2026-11-24T12:00:00Z",
        **fields,
    }


def failed(message, name="running tool mcp_connector", **fields):
    return span(
        span_name=name,
        is_exception=True,
        exception_type="HTTPStatusError",
        message=message,
        parent_span_id="p",
        **fields,
    )


@pytest.mark.parametrize(
    ("spans", "reason"),
    [
        ([failed("crm 502: upstream answered Bad Gateway")], "tool error: crm 502"),
        ([failed("index is being rebuilt")], "tool error: mcp_connector: index is being rebuilt"),
        ([failed("mcp_connector: no connection")], "tool error: mcp_connector: no connection"),
        ([failed("the prompt is too long", name="chat llama")], "HTTPStatusError: the prompt is too long"),
        ([failed("first\nsecond", name="chat llama")], "HTTPStatusError: first"),
        ([failed(None)], "tool error: mcp_connector: HTTPStatusError"),
        ([failed("chat llama", name="chat llama")], "HTTPStatusError"),
        ([span(level=17, message="out of memory")], "out of memory"),
        ([span(), span(message="fine")], None),
        ([], None),
        ([None, 7, "x", [], {"is_exception": "yes"}], None),
    ],
)
def test_the_reason_is_one_short_line(spans, reason):
    found = reason_from(spans)
    assert (None if found is None else found.reason) == reason


def test_of_several_exceptions_the_one_that_ended_last_counts():
    early = failed("crm 500: once", end_timestamp="2026-11-24T11:59:00Z")
    late = failed("crm 503: again", end_timestamp="2026-11-24T12:00:01Z")
    for spans in ([early, late], [late, early]):
        assert reason_from(spans).reason == "tool error: crm 503"


def test_a_failed_call_explains_more_than_the_run_around_it():
    around = failed("agent failed", name="agent run", end_timestamp="2026-11-24T12:00:09Z")
    around["parent_span_id"] = None
    assert reason_from([around, failed("crm 502: x")]).reason == "tool error: crm 502"


def test_spans_and_messages_of_other_runs_are_left_out():
    assert reason_from([failed("crm 502: x")], run_id="run_2") is None
    assert reason_from([failed("crm 502: x")], run_id="run_1") is not None


def test_tool_errors_in_messages_count_if_spans_explain_nothing():
    part = {"type": "tool-error", "tool_name": "search", "error_text": "quota used up"}
    result = {"type": "tool-result", "tool_name": "search", "is_error": True, "error_text": "no"}
    message = {"run_id": "run_1", "parts": [{"type": "text"}, result, part]}
    assert reason_from([], [message], run_id="run_1").reason == "tool error: search: quota used up"
    assert (
        reason_from([], [{**message, "parts": [result]}], run_id="run_1").reason == "tool error: search: no"
    )
    assert reason_from([], [{**message, "run_id": None}], run_id="run_1") is None
    assert reason_from([], [{"run_id": "run_1", "parts": "x"}, {"parts": None}, None], run_id="run_1") is None


def test_the_reason_is_short_and_display_safe():
    nasty = failed("\x1b[2J" + "m" * 100_000 + "\u202e", name="running tool \x1b]0;x\x07")
    found = reason_from([nasty])
    assert len(found.reason) <= 160
    assert all(text.isprintable() for text in (found.reason, found.detail, found.tool))


@pytest.mark.parametrize(
    ("run_id", "thread", "command"),
    [
        ("run_71", "thr_9a", "flowtui run run_71 -t thr_9a"),
        ("a b;c", "$(x)", "flowtui run 'a b;c' -t '$(x)'"),
        ("-x", "thr", "flowtui run --thread=thr -- -x"),
        ("run_\x1b[2J", "thr", "flowtui run 'run_␛[2J' -t thr"),
    ],
)
def test_the_shown_command_quotes_ids_for_the_shell(run_id, thread, command):
    assert show_command(parse_run({"id": run_id}, thread)) == command
