"""Messages parsed from JSON of any shape, of limited size and without repetition."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.messages.message import MAX_PARTS, parse_message, parse_page, tool_results
from flowtui.model.messages.parts import MAX_BRIEF, MAX_LINES, MAX_TEXT, bounded, brief
from flowtui.model.run.json_body import Undecodable
from flowtui.text import safe_text

from ...examples import examples

HOSTILE = "a\x1b[2J\u202e\x00b"


def message(**fields):
    return {
        "id": "msg_1",
        "role": "assistant",
        "created_at": "2026-11-24T12:00:00Z",
        "agent_id": "agent_1",
        "run_id": "run_1",
        "content": "",
        **fields,
    }


def parts(**fields):
    return parse_message(message(**fields)).parts


def one(part):
    (found,) = parts(parts=[part])
    return found


def said(found):
    return [line for part in found for line in part.lines]


def test_a_message_is_parsed_with_all_fields():
    found = parse_message(message(content="Hello\nworld"))
    assert (found.key, found.raw_id, found.id) == ("msg_1", "msg_1", "msg_1")
    assert (found.role, found.agent_id, found.run) == ("assistant", "agent_1", "run_1")
    assert found.created == 1_795_521_600.0
    assert said(found.parts) == ["Hello", "world"]
    assert found.unreadable is None


@pytest.mark.parametrize(
    "content",
    [
        "Hello",
        ["Hello"],
        [{"type": "output_text", "text": "Hello", "annotations": []}],
        [{"type": "input_text", "text": {"value": "Hello"}}],
        [{"text": "Hello"}],
        {"type": "text", "text": "Hello"},
    ],
)
def test_content_of_every_form_is_read(content):
    (part,) = parts(content=content)
    assert (part.kind, part.lines) == ("text", ("Hello",))


def test_parts_take_precedence_over_content_without_repetition():
    found = parts(content="Hello", parts=[{"type": "text", "text": "Hello"}])
    assert said(found) == ["Hello"]
    found = parts(
        content=[{"type": "output_text", "text": "other"}], parts=[{"type": "text", "text": "Hello"}]
    )
    assert said(found) == ["Hello"]


def test_text_that_only_content_has_is_kept_beside_parts():
    found = parts(content="Looking it up.", parts=[{"type": "tool-call", "tool_name": "crm", "args": {}}])
    assert [part.kind for part in found] == ["text", "tool_call"]


@pytest.mark.parametrize("nothing", [None, [], ""])
def test_without_parts_content_is_used(nothing):
    assert said(parts(content="Hello", parts=nothing)) == ["Hello"]
    assert parts(content=nothing, parts=nothing) == ()


def test_a_tool_call_is_one_line_and_a_tree():
    part = one(
        {"type": "tool-call", "tool_name": "web_search", "tool_call_id": "c1", "args": {"query": "x", "n": 3}}
    )
    assert (part.kind, part.title, part.call) == ("tool_call", "web_search", "c1")
    assert part.lines == ('query="x", n=3',)
    assert part.value == {"query": "x", "n": 3}


def test_arguments_may_be_json_text_or_under_other_names():
    assert one({"type": "tool-call", "args": '{"query": "x"}'}).value == {"query": "x"}
    assert one({"type": "tool-call", "input": {"query": "x"}}).value == {"query": "x"}
    assert one({"type": "tool-call", "args_ref": {"id": "blob"}}).value == {"args_ref": {"id": "blob"}}
    assert one({"type": "tool-call", "args": "not json {"}).lines == ('"not json {"',)
    assert one({"type": "tool-call"}).value is None


def test_a_tool_result_shows_its_error_text_or_its_output():
    good = one({"type": "tool-result", "output": {"rows": 3}, "is_error": False, "tool_call_id": "c1"})
    assert (good.kind, good.value, good.error, good.call) == ("tool_result", {"rows": 3}, False, "c1")
    text = one({"type": "tool-result", "output": "two\nlines"})
    assert (text.lines, text.value) == (("two", "lines"), None)
    bad = one({"type": "tool-result", "output": None, "is_error": True, "error_text": "crm 502"})
    assert (bad.lines, bad.error) == (("crm 502",), True)
    worse = one({"type": "tool-error", "error_text": None})
    assert (worse.kind, worse.lines, worse.error) == ("tool_error", (), True)
    assert one({"type": "tool-result", "output_ref": {"id": "b"}}).value == {"output_ref": {"id": "b"}}


REF = {
    "object_id": "obj_1",
    "size_bytes": 4_812_904,
    "mime_type": "application/json",
    "sha256": "ab12",
    "preview_text": '{"rows": 81204,\n "accounts": [\x1b[2J',
    "truncated": True,
}
REST = {name: value for name, value in REF.items() if name != "preview_text"}


@pytest.mark.parametrize(
    "raw",
    [
        {"type": "tool-result", "output": None, "output_ref": REF},
        {"type": "tool-result", "is_error": True, "error_text": None, "output_ref": REF},
        {"type": "tool-call", "args": None, "args_ref": REF},
        {"type": "tool-call", "input_ref": REF},
        {"type": "data", "data": None, "data_ref": REF},
        {"type": "text", "text": None, "text_ref": REF},
    ],
)
def test_a_reference_is_shown_by_its_preview_and_its_size(raw):
    part = one(raw)
    assert part.lines == ('{"rows": 81204,', ' "accounts": [␛[2J')
    assert (part.note, part.value, part.error) == (
        "4.8 MB, cut by the server",
        REST,
        bool(raw.get("is_error")),
    )


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        ({"truncated": False}, "4.8 MB"),
        ({"truncated": None, "preview_text": None}, "4.8 MB, no preview"),
        ({"size_bytes": None}, "of unknown size, cut by the server"),
        ({"size_bytes": True}, "of unknown size, cut by the server"),
        ({"size_bytes": -1, "preview_text": 7}, "of unknown size, cut by the server"),
        ({"size_bytes": 912, "truncated": "yes"}, "912 B"),
        ({"size_bytes": 10**400, "truncated": False}, "1.0e+288 TB"),
    ],
)
def test_a_reference_with_missing_or_invalid_fields_says_what_is_known(fields, note):
    assert one({"type": "tool-result", "output_ref": REF | fields}).note.startswith(note)


@pytest.mark.parametrize("ref", ["obj_1", {"id": "b", "bytes": 5}, 7, [REF], True])
def test_a_reference_of_another_shape_is_shown_as_it_is(ref):
    part = one({"type": "tool-result", "output_ref": ref})
    assert (part.note, part.value) == ("", {"output_ref": ref})


def test_an_output_or_an_error_text_takes_precedence_over_a_reference():
    assert one({"type": "tool-result", "output": "two", "output_ref": REF}).lines == ("two",)
    failed = one({"type": "tool-result", "is_error": True, "error_text": "crm 502", "output_ref": REF})
    assert failed.lines == ("crm 502",)


GUARDRAIL = {
    "type": "output_guardrail",
    "text": "Not\x1b so",
    "guardrail": [{"name": "pii"}, {"type": "tone"}, 7],
}


def test_the_output_of_a_guardrail_has_its_text_its_names_and_its_results():
    for found in (parts(content=[GUARDRAIL]), parts(parts=[GUARDRAIL])):
        (part,) = found
        assert (part.kind, part.title, part.lines) == ("guardrail", "pii, tone", ("Not␛ so",))
        assert part.value == GUARDRAIL["guardrail"]
    (part,) = parts(content=[{"type": "output_guardrail", "guardrail": "blocked"}])
    assert (part.kind, part.title, part.lines, part.value) == ("guardrail", "", (), None)


def test_the_output_of_a_guardrail_is_kept_beside_parts_and_replaces_a_part_of_the_same_text():
    text = {"type": "text", "text": GUARDRAIL["text"]}
    found = parts(content=[GUARDRAIL], parts=[text, {"type": "reasoning", "text": "x"}])
    assert [part.kind for part in found] == ["guardrail", "reasoning"]
    assert [part.kind for part in parts(content=[GUARDRAIL], parts=[{**text, "text": "other"}])] == [
        "text",
        "guardrail",
    ]
    assert [part.kind for part in parts(content=[GUARDRAIL], parts=[GUARDRAIL])] == ["guardrail"]


def test_files_are_titled_by_name_and_data_by_kind():
    file = one(
        {
            "type": "file",
            "file_id": "file_1",
            "mime_type": "application/pdf",
            "metadata": {"filename": "a.pdf"},
        }
    )
    assert (file.kind, file.title, file.lines) == ("file", "a.pdf", ("application/pdf  file_1",))
    assert one({"type": "file", "url": "https://x.example/a.png"}).title == "https://x.example/a.png"
    data = one({"type": "data", "data_type": "table", "data": [1, 2]})
    assert (data.kind, data.title, data.value) == ("data", "table", [1, 2])


def test_an_unknown_kind_is_shown_verbatim():
    part = one({"id": "p", "type": "hologram", "beams": [1]})
    assert (part.kind, part.title, part.lines) == ("other", "hologram", ('{"beams": [1]}',))


def test_a_bad_element_is_described_and_does_not_hide_others():
    found = list(parse_page([message(), None, "x", 7, Undecodable("nested deeper than 200 levels")], "run_1"))
    assert [one.unreadable for one in found] == [
        None,
        "null instead of an object",
        "a string instead of an object",
        "a number instead of an object",
        "nested deeper than 200 levels",
    ]
    assert len({one.key for one in found}) == 5


def test_unreadable_fields_are_named_and_the_rest_is_kept():
    found = parse_message(message(created_at="soon", role=["x"], run_id={"id": "run_1"}, content="Hello"))
    assert found.created is None
    assert found.run == "run_1"
    assert "created_at" in found.unreadable
    assert "role" in found.unreadable
    assert said(found.parts) == ["Hello"]
    assert "content" in parse_message({"id": "msg_1"}).unreadable


def test_the_raw_id_is_kept_and_all_other_texts_are_display_safe():
    found = parse_message(message(id=HOSTILE, role=HOSTILE, agent_id=HOSTILE, content=HOSTILE))
    assert found.raw_id == HOSTILE
    for text in (found.id, found.role, found.agent_id, *said(found.parts)):
        assert text == safe_text(text)
        assert "\x1b" not in text


def test_repeated_messages_are_merged_and_different_ones_with_the_same_id_are_not():
    twice = list(parse_page([message(), message()], "run_1"))
    assert len(twice) == 1
    other = list(parse_page([message(content="a"), message(content="b"), message(content="b")], "run_1"))
    assert len({one.key for one in other}) == 2
    nameless = list(parse_page([message(id=None, content="a"), message(id=None, content="b")], "run_1"))
    assert len({one.key for one in nameless}) == 2


def test_messages_of_other_runs_have_no_parts():
    mine, other, nobody = parse_page(
        [message(id=str(n), run_id=run, content="Hello") for n, run in enumerate(("run_1", "run_2", None))],
        "run_1",
    )
    assert mine.parts
    assert other.parts == ()
    assert nobody.parts


def test_a_huge_text_is_cut_with_a_count():
    (part,) = parts(content="x" * 5_000_000)
    assert sum(map(len, part.lines)) == MAX_TEXT
    assert part.left_out == 5_000_000 - MAX_TEXT
    (part,) = parts(content="x\n" * 8_000)
    assert len(part.lines) == MAX_LINES
    assert part.left_out == 2 * (8_000 - MAX_LINES) + 1


def test_a_message_with_many_long_parts_is_cut():
    found = parts(parts=[{"type": "text", "text": "y" * 30_000}] * 5_000)
    assert len(found) == MAX_PARTS + 1
    assert found[-1].lines == (f"{5_000 - MAX_PARTS:,} more parts",)
    assert sum(len(line) for line in said(found)) < 100_000
    assert sum(part.left_out for part in found) > 5_000_000


@pytest.mark.parametrize(
    "value",
    [
        {"a": "x" * 5_000_000},
        ["x" * 1_000] * 5_000,
        {f"{n:05}" + "k" * 300: n for n in range(9_000)},
        [[n] for n in range(9_000)],
    ],
)
def test_a_huge_value_is_cut_with_a_count(value):
    small = json.dumps(bounded(value))
    assert len(small) < 250_000
    assert "more" in small
    assert len(brief(value)) <= MAX_BRIEF


def test_a_small_value_is_unchanged():
    value = {"a": [1, 2.5, None, True, {"b": "x"}], "": {}}
    assert bounded(value) == value


def test_a_result_belongs_to_the_last_call_with_its_id():
    def call(key, *found):
        return parse_message(message(id=key, parts=list(found)))

    ask = {"type": "tool-call", "tool_name": "crm", "tool_call_id": "c1"}
    give = {"type": "tool-result", "tool_call_id": "c1", "output": 1}
    early = call("m0", give)
    talk = [early, call("m1", ask, give), call("m2", ask), call("m3", give, {**give, "tool_call_id": ""})]
    assert tool_results(talk) == {("m1", 0): [("m1", 1)], ("m2", 0): [("m3", 0)]}


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
garbage = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
KINDS = [
    "text",
    "reasoning",
    "file",
    "data",
    "tool-call",
    "tool-error",
    "tool-result",
    "tool_call",
    "x",
    "\x1b[2J",
]
NAMES = [
    "text",
    "args",
    "output",
    "error_text",
    "is_error",
    "tool_name",
    "tool_call_id",
    "data",
    "metadata",
    "url",
]
wild_parts = st.builds(
    lambda kind, rest: {**rest, "type": kind},
    st.sampled_from(KINDS),
    st.dictionaries(st.sampled_from(NAMES), garbage, max_size=4),
)
wild_messages = st.dictionaries(
    st.sampled_from(["id", "role", "created_at", "agent_id", "run_id", "content", "parts"]),
    garbage | st.lists(wild_parts | garbage, max_size=3),
)


@examples(60)
@given(st.lists(garbage | wild_messages, max_size=4))
def test_any_json_is_accepted_and_shown_text_is_safe(values):
    found = list(parse_page(values, "run_1"))
    assert len({one.key for one in found}) == len(found)
    assert len(found) <= len(values)
    tool_results(found)
    for one_of in found:
        shown = [one_of.id, one_of.role, one_of.agent_id, one_of.unreadable or ""]
        for part in one_of.parts:
            shown += [part.title, *part.lines]
            json.dumps(part.value)
        assert all(text == safe_text(text) for text in shown)
