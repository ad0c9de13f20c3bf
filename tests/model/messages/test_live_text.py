"""The text of a running run, read from its events: in order, display-safe, bounded, and with what is left out counted."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.messages.conversation import Conversation
from flowtui.model.messages.live_part import MAX_LINES, MAX_TEXT
from flowtui.model.messages.live_shown import unseen
from flowtui.model.messages.live_text import MAX_PARTS, LiveReader
from flowtui.model.messages.message import parse_message
from flowtui.model.messages.opened import Loaded
from flowtui.model.messages.redaction import redact_live
from flowtui.model.run.redacted import REDACTED
from flowtui.text import safe_text

NOW = 1_800_000_000.0
CALL = {"toolCallId": "call_1", "toolName": "refunds_agent"}


def event(kind, **fields):
    return {"type": kind, **fields}


def nested(chunk, *path, depth=1, name="refunds_agent"):
    data = {"chunk": chunk, "depth": depth, "toolCallPath": list(path), "sourceToolName": name}
    return event("data-nestedToolEvent", data=data)


def text(name, *deltas, kind="text", end=True):
    return [
        event(f"{kind}-start", id=name),
        *(event(f"{kind}-delta", id=name, delta=delta) for delta in deltas),
        *([event(f"{kind}-end", id=name)] if end else []),
    ]


def read(*events, mask=str):
    reader = LiveReader(mask)
    for one in events:
        reader.take(one if isinstance(one, bytes) else json.dumps(one).encode(), NOW)
    return reader


def parts(*events, **how):
    return read(*events, **how).text().parts


SDK_STREAM = [
    event("start", messageId="msg_1", messageMetadata={"metadata": {"agent_id": "agent_1"}}),
    event("start-step"),
    *text("r1", "The order ", "is known.", kind="reasoning"),
    event("tool-input-start", **CALL),
    event("tool-input-delta", toolCallId="call_1", inputTextDelta='{"order": '),
    event("tool-input-delta", toolCallId="call_1", inputTextDelta='"88"}'),
    event("tool-input-available", **CALL, input={"order": "88"}),
    *(nested(one, "call_1") for one in text("0", "Looking it up.")),
    nested(event("tool-input-available", toolCallId="call_2", toolName="crm", input={}), "call_1", "call_2"),
    nested(event("tool-output-error", toolCallId="call_2", errorText="crm 502"), "call_1", "call_2"),
    event("tool-output-available", toolCallId="call_1", output={"refund": "sent"}),
    event("finish-step"),
    event("start-step"),
    *text("mermaid-1", "graph TD"),
    *text("t1", "The refund ", "is on its way."),
    event("finish-step"),
    event("finish"),
    b"[DONE]",
]
"""A stream as the official SDK reads it."""


def test_a_stream_as_the_official_sdk_reads_it():
    reader = read(*SDK_STREAM)
    live = reader.text()
    assert [(part.kind, part.depth, part.title, part.lines, part.result) for part in live.parts] == [
        ("reasoning", 0, "", ("The order is known.",), None),
        ("tool_call", 0, "refunds_agent", ('order="88"',), '{"refund": "sent"}'),
        ("text", 1, "", ("Looking it up.",), None),
        ("tool_call", 1, "crm", (), "crm 502"),
        ("text", 0, "", ("The refund is on its way.",), None),
    ]
    assert all(part.done for part in live.parts)
    assert [part.error for part in live.parts] == [False, False, False, True, False]
    assert {part.agent for part in live.parts if part.depth} == {"refunds_agent"}
    assert live[1:] == (NOW, 0, 0, 0, False, "")
    assert reader.ended


def test_arguments_and_texts_are_shown_while_they_come():
    (call, said) = parts(
        event("start"),
        event("tool-input-start", **CALL),
        event("tool-input-delta", toolCallId="call_1", inputTextDelta='{"order": "8'),
        *text("t", "The ref", end=False),
    )
    assert (call.lines, call.done, call.result) == (('{"order": "8',), False, None)
    assert (said.lines, said.done) == (("The ref",), False)


def test_parts_of_parallel_nested_agents_stay_together():
    calls = [event("tool-input-start", toolCallId=name, toolName=name) for name in ("a", "b")]
    found = parts(
        event("start"),
        *calls,
        nested(event("text-delta", id="0", delta="a1"), "a"),
        nested(event("text-delta", id="0", delta="b1"), "b"),
        nested(event("tool-input-start", toolCallId="c", toolName="c"), "a", "c"),
        nested(event("text-delta", id="0", delta="a2"), "a", "c", depth=2),
        nested(event("text-delta", id="0", delta="b2"), "b"),
    )
    assert [part.title or "".join(part.lines) for part in found] == ["a", "a1", "c", "a2", "b", "b1b2"]
    assert [part.depth for part in found] == [0, 1, 1, 2, 0, 1]


def test_an_id_that_another_step_uses_again_is_another_text():
    step = [event("start-step"), *text("0", "one", end=False), event("finish-step")]
    again = [event("start-step"), *text("0", "two", end=False)]
    assert [part.lines for part in parts(*step, *again)] == [("one",), ("two",)]


def test_what_the_server_sends_again_replaces_what_came():
    begin = [event("start", messageId="m"), event("start-step"), *text("0", "one two", end=False)]
    whole = [*begin, event("text-delta", id="0", delta=" three")]
    assert parts(*begin, *whole) == parts(*whole)
    text_again = [*text("0", "one", end=False), *text("0", "one two", end=False)]
    assert [part.lines for part in parts(*text_again)] == [("one two",)]
    tool_again = [
        event("tool-input-start", **CALL),
        event("tool-input-delta", toolCallId="call_1", inputTextDelta="{"),
    ]
    assert [part.lines for part in parts(*tool_again, *tool_again)] == [("{",)]


def test_a_stream_that_begins_in_the_middle_says_so():
    late = read(event("text-delta", id="9", delta="on its way"), event("finish-step")).text()
    assert late.middle
    assert [part.lines for part in late.parts] == [("on its way",)]
    assert not read(event("start"), *text("0", "all")).text().middle


def test_an_error_and_unknown_events_change_no_part():
    events = text("0", "fine")
    live = read(
        *events, event("error", errorText="no\x1b[2J"), event("data-usage"), event("source-url")
    ).text()
    assert live.parts == parts(*events)
    assert (live.error, live.unknown, live.unreadable) == ("no␛[2J", 2, 0)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"[1]",
        b"null",
        b"\xff\xfe\x00",
        b'{"type": 7}',
        b'{"no": "type"}',
        b'{"type": "text-delta", "id": "0", "delta": []}',
        b'{"type": "data-nestedToolEvent"}',
        b'{"type": "data-nestedToolEvent", "data": {"chunk": 1}}',
        b'{"type": "data-nestedToolEvent", "data": {"chunk": {}}}',
        b"[" * 100_000,
        b'{"type": "x", "a": ' + b"[" * 300 + b"]" * 300 + b"}",
    ],
)
def test_what_cannot_be_read_is_counted_once(payload):
    live = read(payload, *text("0", "fine")).text()
    assert (live.unreadable, [part.lines for part in live.parts]) == (1, [("fine",)])


def test_several_lines_of_data_are_one_event_or_one_each():
    joined = b'{"type": "text-delta",\n "id": "0",\n "delta": "a"}'
    lines = (
        b'{"type": "text-delta", "id": "0", "delta": "b"}\n{"type": "text-delta", "id": "0", "delta": "c"}'
    )
    assert [part.lines for part in parts(joined, lines)] == [("abc",)]


def test_nothing_grows():
    reader = read(event("start"))
    for number in range(5 * MAX_PARTS):
        for one in (*text(f"id{number}", "x" * 3000, "y" * 9000), event("error", errorText="e" * 10_000)):
            reader.take(json.dumps(one).encode(), NOW)
    live = reader.text()
    assert (len(live.parts), live.earlier) == (MAX_PARTS, 4 * MAX_PARTS)
    assert all(sum(map(len, part.lines)) == MAX_TEXT and part.left_out == 4000 for part in live.parts)
    assert len(live.error) <= 300
    assert len(reader._by_id) <= MAX_PARTS
    long = {"toolCallId": "c" * 10_000, "toolName": "n" * 10_000, "input": {"a": "b" * 100_000}}
    (call,) = parts(
        event("tool-input-available", **long), event("tool-output-available", **long, output="o\n" * 9999)
    )
    assert max(len(call.call), len(call.title), len(call.lines[0]), len(call.result)) <= 610
    (many,) = parts(*text("0", "a\n" * 3000))
    assert (len(many.lines), many.left_out > 0) == (MAX_LINES - 1, True)


def test_an_empty_line_at_the_cut_counts_as_left_out():
    (part,) = parts(*text("0", "z" * 10, "\n" * MAX_TEXT, "end"))
    assert part.lines == ("end",)
    assert part.left_out >= 10


def test_a_key_that_is_spread_over_events_is_masked_also_at_the_cut():
    key = "sk-very-secret-0123"

    def mask(said):
        return said.replace(key, "***")

    spread = [*key, *("." * (MAX_TEXT - 6)), "end"]
    live = parts(*text("0", *spread), mask=mask)
    assert "secret" not in str(live)
    assert "0123" not in str(live)
    call = [
        event("tool-input-delta", toolCallId="c", inputTextDelta=letter) for letter in f'{{"k": "{key}"}}'
    ]
    assert parts(*call, mask=mask)[0].lines == ('{"k": "***"}',)


def test_halves_of_a_letter_in_two_events_are_one_letter():
    assert parts(*text("0", "a\ud83d", "\ude00b\ud83d"))[0].lines == ("a😀b�",)


def test_all_text_is_display_safe():
    bad = "\x1b[2J\u202e\x9b31m\r\n\tx\u200b"
    live = read(
        *text("0", bad),
        *text("1", bad, kind="reasoning"),
        event("tool-input-available", toolCallId="c", toolName=bad, input={bad: bad}),
        event("tool-output-available", toolCallId="c", output=bad),
        nested(event("text-delta", id="0", delta=bad), "c", name=bad),
        event("error", errorText=bad),
    ).text()
    for part in live.parts:
        said = [*part.lines, part.title, part.agent, part.result or ""]
        assert said == [safe_text(each) for each in said]
    assert live.error == safe_text(live.error)


@given(
    st.lists(
        st.fixed_dictionaries(
            {"type": st.sampled_from([one["type"] for one in SDK_STREAM if isinstance(one, dict)] + ["x"])},
            optional={
                "id": st.sampled_from(["0", "1", 7]),
                "delta": st.sampled_from(["a", "", None, "b\n"]),
                "toolCallId": st.sampled_from(["c", "d", {}]),
                "toolName": st.sampled_from(["t", None]),
                "input": st.sampled_from([{}, {"a": 1}, None]),
                "output": st.sampled_from(["", {"a": 1}, None]),
                "messageId": st.sampled_from(["m", "n"]),
                "data": st.fixed_dictionaries(
                    {"chunk": st.sampled_from([event("text-delta", id="0", delta="n"), {}, None])},
                    optional={
                        "depth": st.sampled_from([0, -3, True, 10**9, "2"]),
                        "toolCallPath": st.sampled_from([["c"], [], None, [7]]),
                    },
                ),
            },
        ),
        max_size=30,
    )
)
def test_events_in_any_order_are_read_without_an_error(events):
    live = read(*events).text()
    assert len(live.parts) <= MAX_PARTS
    assert all(0 <= part.depth <= 8 for part in live.parts)


_JSON = st.recursive(
    st.sampled_from([None, True, -1, 1.5, "", "c", "a\ud83d\x1b[2J\n", "mermaid-1"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["chunk", "depth", "type"]), inner)
    ),
    max_leaves=6,
)
_TYPES = st.sampled_from(
    [
        *(f"{kind}-{step}" for kind in ("text", "reasoning") for step in ("start", "delta", "end", "odd")),
        *(f"tool-{step}" for step in ("input-start", "input-delta", "input-available", "input-error")),
        *(
            "tool-output-available",
            "tool-output-error",
            "data-nestedToolEvent",
            "error",
            "start",
            "finish-step",
        ),
    ]
)
_FIELDS = (
    "id",
    "delta",
    "toolCallId",
    "toolName",
    "input",
    "output",
    "errorText",
    "inputTextDelta",
    "data",
    "messageId",
)


@given(st.lists(st.fixed_dictionaries({"type": _TYPES}, optional=dict.fromkeys(_FIELDS, _JSON)), max_size=8))
def test_fields_of_any_shape_are_read_without_an_error(events):
    for part in redact_live(read(*events).text()).parts + read(*events).text().parts:
        assert [*part.lines, part.title, part.agent] == [
            safe_text(each) for each in (*part.lines, part.title, part.agent)
        ]


# -- what the messages show already


def loaded(*values, at=NOW - 5):
    return Loaded(Conversation(tuple(parse_message(value) for value in values)), "", at)


def message(*found):
    return {"id": "msg_1", "role": "assistant", "run_id": "run_1", "parts": list(found)}


def test_parts_that_messages_show_are_not_drawn_twice(a_run):
    live = read(*SDK_STREAM).text()
    shown = [
        {"type": "reasoning", "text": "The order is known."},
        {"type": "tool-call", "tool_name": "refunds_agent", "tool_call_id": "call_1", "args": {}},
    ]
    rest = unseen(live, a_run(), loaded(message(*shown)))
    assert [part.title or part.lines[0] for part in rest.parts] == [
        "Looking it up.",
        "crm",
        "The refund is on its way.",
    ]
    answer = {"type": "text", "text": "A lot.\n\nThe refund is on its way."}
    rest = unseen(live, a_run(), loaded(message(*shown, answer)))
    assert [part.depth for part in rest.parts] == [1, 1]
    result = {"type": "tool-result", "tool_call_id": "call_1", "output": "sent"}
    assert unseen(live, a_run(), loaded(message(*shown, answer, result))) is None


def test_a_text_that_is_not_complete_is_drawn_even_if_a_message_has_it(a_run):
    live = read(*text("0", "The refund", end=False)).text()
    assert unseen(live, a_run(), loaded(message({"type": "text", "text": "The refund"}))).parts == live.parts


def test_after_the_end_of_the_run_live_text_goes_once_the_messages_are_read_again(a_run):
    live, ended = read(*SDK_STREAM).text(), a_run(status="completed", completed=NOW)
    assert unseen(live, ended, loaded(at=NOW - 1)) == live
    assert unseen(live, ended, loaded(at=NOW + 1)) is None
    assert unseen(live, ended, Loaded()) == live
    assert unseen(read(event("start")).text(), a_run(), Loaded()) is None


def test_redacted_live_text_has_names_of_tools_only():
    live = redact_live(
        read(
            *SDK_STREAM[:10], *text("9", "secret text", end=False), event("error", errorText="secret")
        ).text()
    )
    assert [(part.kind, part.title, part.lines) for part in live.parts] == [
        ("tool_call", "refunds_agent", (REDACTED,)),
        ("text", "", (REDACTED,)),
    ]
    assert live.error == REDACTED
    assert "secret" not in str(live)
