"""Evidence from spans and messages of any shape: the latest first, display-safe, of limited size."""

from __future__ import annotations

import pytest

from flowtui.model.messages.evidence import MAX_ITEMS, MAX_LINES, SPAN_PAGE, SlowCall, evidence
from flowtui.model.messages.why import reason_of


def span(name="chat llama", start=0, end=10, **fields):
    return {
        "run_id": "run_1",
        "span_name": name,
        "level": 9,
        "is_exception": False,
        "start_timestamp": start + 1_800_000_000,
        "end_timestamp": end + 1_800_000_000,
        **fields,
    }


def raised(name="running tool crm", **fields):
    given = {"is_exception": True, "exception_type": "HTTPStatusError", "message": "crm 502: Bad Gateway"}
    return span(name, **{"parent_span_id": "p", **given, **fields})


def message(at=0, **fields):
    return {"run_id": "run_1", "role": "assistant", "created_at": at + 1_800_000_000, **fields}


REF = {"object_id": "o", "size_bytes": 9_100, "preview_text": "crm 502: Bad\nat 3", "truncated": True}


@pytest.mark.parametrize(
    ("fields", "lines", "reason"),
    [
        ({"output_ref": REF}, ("crm 502: Bad", "at 3", "(9.1 kB, cut by the server)"), "tool error: crm 502"),
        (
            {"error_text": "", "output": None, "output_ref": REF | {"truncated": False}},
            ("crm 502: Bad", "at 3", "(9.1 kB)"),
            "tool error: crm 502",
        ),
        ({"error_text": "gone", "output_ref": REF}, ("gone",), "tool error: crm: gone"),
        ({"output_ref": REF | {"preview_text": None}}, (), "tool error: crm: no message"),
        ({"output_ref": "obj_1"}, (), "tool error: crm: no message"),
    ],
)
def test_a_failed_result_without_error_text_takes_its_preview_as_the_reason(fields, lines, reason):
    part = {"type": "tool-result", "tool_name": "crm", "is_error": True, **fields}
    found = evidence([], [message(parts=[part])], "run_1")
    assert found.tool_errors[0].lines == lines
    assert reason_of(found).reason == reason


def test_the_output_of_a_guardrail_as_the_last_message_says_what_it_is():
    content = [{"type": "output_guardrail", "text": "Not allowed", "guardrail": []}]
    assert evidence([], [message(content=content)], "run_1").last_message.lines == ("guardrail: Not allowed",)


def test_an_exception_has_time_tool_model_and_message():
    (one,) = evidence([raised(message="\ncrm 502: x\n  at 3\n\n", gen_ai_request_model="llama")]).exceptions
    assert one.when == 1_800_000_010
    assert (one.span, one.tool, one.kind, one.model) == (
        "running tool crm",
        "crm",
        "HTTPStatusError",
        "llama",
    )
    assert one.lines == ("crm 502: x", "  at 3")


def test_exceptions_are_sorted_by_their_end():
    spans = [raised(end=3, message="b"), raised(end=9, message="c"), raised(end=1, message="a")]
    assert [one.lines for one in evidence(spans).exceptions] == [("c",), ("b",), ("a",)]


def test_a_span_without_a_time_comes_last():
    nowhere = raised(start_timestamp=None, end_timestamp="soon", message="nowhere")
    found = evidence([nowhere, raised(message="late")]).exceptions
    assert [one.when for one in found] == [1_800_000_010, None]


def test_enclosing_spans_are_named_outermost_first():
    spans = [
        span("agent run", span_id="a"),
        span("step 2", span_id="b", parent_span_id="a"),
        raised(span_id="c", parent_span_id="b"),
    ]
    assert evidence(spans).exceptions[0].parents == ("agent run", "step 2")


def test_of_an_exception_and_those_that_it_went_up_through_the_innermost_is_the_cause():
    spans = [
        raised(span_id="a", end_timestamp=90),
        raised(span_id="b", parent_span_id="a", end_timestamp=80),
        raised(span_id="c", parent_span_id="b", end_timestamp=70, exception_type="KeyError"),
    ]
    found = evidence(spans)
    assert found.cause.kind == "KeyError"
    assert found.tree.rows[found.tree.broke].span.id == "c"
    assert [one.severity for one in found.exceptions] == [2, 2, 3]


def test_a_tool_that_only_an_attribute_names_is_named():
    (one,) = evidence([raised(span_name="step", gen_ai_tool_name="crm")]).exceptions
    assert (one.tool, one.span) == ("crm", "step")


def test_spans_that_enclose_each_other_do_not_loop_forever():
    spans = [
        span("x", span_id="a", parent_span_id="c"),
        raised(span_id="c", parent_span_id="a"),
        raised(span_id="d", parent_span_id="d"),
    ]
    assert {one.parents for one in evidence(spans).exceptions} == {("x",), ()}


def test_tool_errors_of_the_newest_message_come_first():
    error = {"type": "tool-error", "tool_name": "crm", "error_text": "first"}
    result = {"type": "tool-result", "tool_name": "search", "is_error": True, "error_text": "second"}
    fine = {"type": "tool-result", "tool_name": "search", "is_error": False, "error_text": "no"}
    found = evidence([], [message(1, parts=[error]), message(5, parts=[fine, error, result])], "run_1")
    assert [(one.tool, one.lines) for one in found.tool_errors] == [
        ("search", ("second",)),
        ("crm", ("first",)),
        ("crm", ("first",)),
    ]
    assert found.tool_errors[0].when == 1_800_000_005


def test_an_error_without_text_shows_the_tool_output():
    part = {"type": "tool-result", "tool_name": "crm", "is_error": True, "output": {"code": 7}}
    assert evidence([], [message(parts=[part])]).tool_errors[0].lines == ("{", '  "code": 7', "}")


@pytest.mark.parametrize(
    ("fields", "lines", "parts"),
    [
        ({"content": "one\ntwo"}, ("one", "two"), ()),
        ({"content": [{"type": "output_text", "text": "one"}, {"type": "x"}, 7]}, ("one",), ()),
        ({"content": "", "parts": [{"type": "text", "text": "one"}]}, ("one",), ("text",)),
        ({"content": None, "parts": [{"type": "tool-call"}, {}]}, (), ("tool-call", "?")),
    ],
)
def test_the_last_message_is_the_newest_of_the_run(fields, lines, parts):
    other = {**message(9, content="of another run"), "run_id": "run_2"}
    found = evidence([], [message(1, content="older"), other, message(5, **fields)], "run_1")
    assert found.last_message.lines == lines
    assert found.last_message.parts == parts
    assert (found.messages, found.messages_read) == (2, 3)


def test_messages_that_name_no_run_are_ignored_and_spans_that_name_none_count():
    found = evidence([{**raised(), "run_id": None}], [{**message(content="x"), "run_id": None}], "run_1")
    assert len(found.exceptions) == 1
    assert found.last_message is None


def test_the_slowest_calls_exclude_the_run_itself():
    spans = [
        span("agent run", end=99),
        span("chat", end=7, parent_span_id="a"),
        span("tool", end=20, parent_span_id="a"),
        span("still going", end=0, parent_span_id="a"),
        span("clock", start=9, end=1, parent_span_id="a"),
    ]
    assert evidence(spans).slowest == (SlowCall("tool", 20), SlowCall("chat", 7))


def test_a_full_page_of_spans_is_marked():
    assert evidence([span()] * SPAN_PAGE).full
    assert not evidence([span()] * (SPAN_PAGE - 1)).full
    assert not evidence([span()] * SPAN_PAGE, whole=True).full
    assert evidence([span()], whole=False).full


@pytest.mark.parametrize("odd", [None, 7, "x", [], [[]], {}, {"run_id": []}, {"parts": {"a": 1}}, True])
def test_any_json_is_accepted(odd):
    found = evidence([odd], [odd], "run_1")
    assert found.exceptions == ()
    assert found.tool_errors == ()
    fields = dict.fromkeys(
        ("span_name", "message", "span_id", "parent_span_id", "start_timestamp", "level", "exception_type"),
        odd,
    )
    told = dict.fromkeys(("role", "content", "parts", "created_at"), odd)
    part = dict.fromkeys(("tool_name", "error_text", "output", "text"), odd)
    found = evidence(
        [raised(**fields)], [message(**told), message(parts=[{"type": "tool-error", **part}])], "run_1"
    )
    assert len(found.exceptions) == 1
    assert reason_of(found) is not None


def test_all_texts_are_display_safe_and_of_limited_size():
    nasty = "\x1b[2J\u202e" * 30 + "m\n" * 100_000
    spans = [
        raised(f"running tool {nasty}", message=nasty, exception_type=nasty, end=number)
        for number in range(500)
    ]
    parts = [{"type": "tool-error", "tool_name": nasty, "error_text": nasty}] * 500
    found = evidence(spans, [message(role=nasty, content=nasty, parts=parts)])
    assert len(found.exceptions) == len(found.tool_errors) == MAX_ITEMS
    items = (*found.exceptions, *found.tool_errors, found.last_message)
    assert all(len(item.lines) == MAX_LINES + 1 and "left out" in item.lines[-1] for item in items)
    texts = [line for item in items for line in item.lines]
    texts += [text for one in found.exceptions for text in (one.span, one.tool, one.kind)]
    assert all(text.isprintable() for text in texts)


def test_an_exception_is_kept_among_many_less_severe_errors():
    spans = [raised(end=1), *(span(level=17, message="also", end=5) for _ in range(300))]
    found = evidence(spans)
    assert reason_of(found).reason == "tool error: crm 502"
    assert found.exceptions[-1].lines == ("crm 502: Bad Gateway",)
