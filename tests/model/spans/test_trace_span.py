"""What a span is, by its attributes first and by its name only without them; fields of other types are unknown."""

from __future__ import annotations

import pytest

from flowtui.model.spans.trace_span import AGENT, MODEL, OTHER, TOOL, kind_and_label, parse_span, severity_of

OPERATION = "gen_ai_operation_name"


@pytest.mark.parametrize(
    ("fields", "kind", "label"),
    [
        ({"span_name": "running tool crm"}, TOOL, "crm"),
        ({"span_name": "running tool: crm"}, TOOL, "crm"),
        ({"span_name": "execute_tool crm"}, TOOL, "crm"),
        ({"span_name": "running 2 tools"}, OTHER, "running 2 tools"),
        ({"span_name": "step", OPERATION: "execute_tool", "gen_ai_tool_name": "crm"}, TOOL, "crm"),
        ({"span_name": "step", "attributes": {"gen_ai.tool.name": "crm"}}, TOOL, "crm"),
        ({"span_name": "step", "attributes": {"tool.name": "crm"}}, TOOL, "crm"),
        ({"span_name": "step", OPERATION: "execute_tool"}, TOOL, "step"),
        ({OPERATION: "execute_tool"}, TOOL, "tool call"),
        ({"span_name": "running tool crm", OPERATION: "chat"}, MODEL, "running tool crm"),
        ({"span_name": "chat llama", OPERATION: "chat"}, MODEL, "chat"),
        ({"span_name": "chat llama"}, MODEL, "chat"),
        ({"span_name": "chatting"}, OTHER, "chatting"),
        ({"span_name": "ask it", "gen_ai_request_model": "llama"}, MODEL, "ask it"),
        ({"span_name": "agent run shop"}, AGENT, "shop"),
        ({"span_name": "agent run"}, AGENT, "agent run"),
        ({"span_name": "agent run", "gen_ai_agent_name": "shop"}, AGENT, "shop"),
        ({"span_name": "x", OPERATION: "invoke_agent", "gen_ai_request_model": "llama"}, AGENT, "x"),
        ({"span_name": "agent run shop", "gen_ai_request_model": "llama"}, AGENT, "shop"),
        ({"span_name": "work", OPERATION: "something_new"}, OTHER, "work"),
        ({}, OTHER, "a span without a name"),
        (
            {"span_name": ["x"], OPERATION: 7, "attributes": [1], "gen_ai_tool_name": {}},
            OTHER,
            "a span without a name",
        ),
    ],
)
def test_attributes_decide_what_a_span_is_and_names_only_without_them(fields, kind, label):
    assert kind_and_label(fields) == (kind, label)


@pytest.mark.parametrize(
    ("value", "tokens"),
    [("1234", 1234), (1234, 1234), ("0", 0), ("", None), (None, None), ("-5", None), (-5, None), ("١٢", None),
     ("9" * 400, None), (10**400, None), (-(10**400), None), (True, None), (1.5, None), (["5"], None)],
)  # fmt: skip
def test_tokens_are_whole_numbers_written_as_text(value, tokens):
    assert parse_span({"gen_ai_usage_input_tokens": value}).tokens_in == tokens
    assert parse_span({"gen_ai_usage_output_token": value}).tokens_out == tokens
    assert parse_span({"gen_ai_usage_output_tokens": value}).tokens_out == tokens


def test_the_tokens_of_a_span_are_those_that_were_reported():
    assert parse_span({}).tokens is None
    assert parse_span({"gen_ai_usage_input_tokens": "0"}).tokens == 0
    assert parse_span({"gen_ai_usage_input_tokens": "2", "gen_ai_usage_output_token": "3"}).tokens == 5


@pytest.mark.parametrize(
    ("fields", "pending", "point"),
    [
        ({}, False, False),
        ({"kind": "span"}, False, False),
        ({"kind": "pending_span"}, True, False),
        ({"kind": "log"}, False, True),
        ({"kind": "span_event"}, False, True),
        ({"level": "pending_span"}, True, False),
        ({"kind": "INTERNAL", "level": "LOG"}, False, True),
        ({"kind": ["log"], "level": {}}, False, False),
    ],
)
def test_the_type_of_a_record_is_in_kind_or_in_level(fields, pending, point):
    span = parse_span({"start_timestamp": 5, "end_timestamp": 5, **fields})
    assert (span.pending, span.point) == (pending, point)
    assert span.end == (None if pending else 5)  # a pending span repeats its start


@pytest.mark.parametrize(
    ("fields", "severity"),
    [({}, 0), ({"level": 9}, 0), ({"level": 17}, 1), ({"level": "Error"}, 1), ({"level": "span"}, 0),
     ({"exception_type": "KeyError"}, 1), ({"is_exception": True}, 2), ({"is_exception": "yes"}, 0),
     ({"level": float("nan")}, 0), ({"is_exception": False, "level": 21}, 1)],
)  # fmt: skip
def test_a_span_failed_with_an_exception_or_an_error_level(fields, severity):
    assert severity_of(fields) == severity


def test_texts_are_short_and_display_safe_and_only_errors_have_messages():
    nasty = "\x1b[2J[/nope]\u202e" * 4000
    span = parse_span(
        {
            "span_name": nasty,
            "message": f"{nasty}\nmore",
            "exception_type": nasty,
            "gen_ai_request_model": nasty,
        }
    )
    for text in (span.label, span.error, span.message, span.model):
        assert text.isprintable()
        assert 0 < len(text) <= 200
    assert parse_span({"message": "all is well"}).message == ""
    assert parse_span({"message": "x", "span_name": "x", "is_exception": True}).message == ""


def test_times_are_read_in_every_form_and_a_negative_duration_is_unknown():
    for start in ("1970-01-01T00:00:05Z", "1970-01-01T00:00:05", 5, "1970-01-01T01:00:05+01:00"):
        assert parse_span({"start_timestamp": start, "end_timestamp": 7}).seconds == 2
    assert parse_span({"start_timestamp": 7, "end_timestamp": 5}).seconds is None
    assert parse_span({"start_timestamp": "soon", "end_timestamp": 5}).start is None


def test_very_long_ids_are_kept_apart_but_not_kept():
    long = "x" * 100_000
    one, other = (parse_span({"span_id": long + end}) for end in "ab")
    assert one.id != other.id
    assert len(one.id) < 200
    assert parse_span({"span_id": 7}).id == "7"
    assert parse_span({"span_id": 10**5000}).id == ""
    assert parse_span({"gen_ai_usage_input_tokens": -(10**5000)}).tokens_in is None
