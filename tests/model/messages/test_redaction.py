"""What `--redact` hides: everything not listed as public, in any shape, while comparisons still work."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.errors import UsageError
from flowtui.model.columns.context import Context
from flowtui.model.columns.path_columns import find_column
from flowtui.model.diff.config_diff import config_changes
from flowtui.model.messages.evidence import evidence
from flowtui.model.messages.message import parse_message
from flowtui.model.messages.redaction import (
    hidden_reason,
    is_private,
    redact_element,
    redact_evidence,
    redact_facts,
    redact_message,
    redact_run,
    redacted_why,
)
from flowtui.model.messages.why import reason_of
from flowtui.model.reasons.reason import reason_id
from flowtui.model.run.fingerprint import canonical, fingerprint
from flowtui.model.run.json_body import Undecodable
from flowtui.model.run.raw_paths import extras_of
from flowtui.model.run.redacted import REDACTED
from flowtui.model.run.span_facts import SpanFacts
from flowtui.model.state.known_runs import ThreadState

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.just("PRIVATE") | st.just(""),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "function", "parameters", "PRIVATE"]), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = (
    "instructions",
    "tools",
    "meta_data",
    "response_format",
    "tool_choice",
    "truncation_strategy",
    "novel",
)


def test_a_run_keeps_public_fields_and_hides_the_rest():
    raw = {
        "id": "run_1",
        "status": "failed",
        "model": "llama",
        "temperature": 0.5,
        "instructions": "PRIVATE",
        "tools": [
            {"type": "function", "function": {"name": "crm", "description": "PRIVATE", "strict": True}},
            {"name": "search", "type": "web", "url": "PRIVATE"},
        ],
        "tool_choice": "auto",
        "meta_data": {"PRIVATE": "PRIVATE"},
        "usage": {"prompt_tokens": 3, "total_tokens": None},
        "novel": ["PRIVATE"],
        "instructions_of": None,
        "empty": {},
    }
    assert redact_run(raw) == {
        **raw,
        "instructions": REDACTED,
        "tools": [
            {"type": "function", "function": {"name": "crm", "description": REDACTED, "strict": True}},
            {"name": "search", "type": "web", "url": REDACTED},
        ],
        "meta_data": REDACTED,
        "novel": REDACTED,
    }


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, VALUES)))
def test_no_private_text_is_left_in_any_shape(raw):
    hidden = redact_run(raw)
    for name in ("instructions", "meta_data", "novel", "tools", "response_format"):
        if not isinstance(raw.get(name), str) or name in ("instructions", "meta_data", "novel", "tools"):
            assert "PRIVATE" not in json.dumps(hidden.get(name)).replace('"PRIVATE": ', "")
    assert hidden == redact_run(hidden)
    for name, value in raw.items():
        assert (hidden[name] in (None, "", [], {})) == (value in (None, "", [], {}))


@given(VALUES, VALUES)
def test_hidden_values_are_equal_exactly_if_the_originals_are(one, other):
    hidden = [redact_element({"meta_data": value})["meta_data"] for value in (one, other)]
    assert (canonical(hidden[0]) == canonical(hidden[1])) == (canonical(one) == canonical(other))


def test_a_redacted_run_keeps_its_fingerprint():
    raw = {"id": "run_1", "model": "llama", "instructions": "PRIVATE", "tools": [{"name": "PRIVATE"}]}
    assert fingerprint(redact_run(raw)) == fingerprint(raw) != ""


def test_redacted_runs_can_be_compared_without_showing_values():
    before = {
        "model": "llama",
        "instructions": "PRIVATE one",
        "meta_data": {"a": 1},
        "tools": [{"name": "crm"}],
    }
    after = {**before, "instructions": "PRIVATE two", "tools": [{"name": "crm", "description": "PRIVATE"}]}
    changes = {change.name: change for change in config_changes(redact_run(before), redact_run(after))}
    whole = {change.name: change.same for change in config_changes(before, after)}
    assert {name: change.same for name, change in changes.items()} == whole
    assert changes["instructions"].before == changes["instructions"].after == (REDACTED,)
    assert [(tool.name, tool.kind) for tool in changes["tools"].tools] == [("crm", "changed")]
    assert "PRIVATE" not in str(changes)


def test_elements_that_are_not_objects_are_hidden_and_undecodable_ones_stay():
    assert redact_element("PRIVATE") == REDACTED
    assert redact_element(None) is None
    broken = Undecodable("too deep")
    assert redact_element(broken) is broken


@pytest.mark.parametrize(
    ("path", "private"),
    [
        (".status", False),
        (".id", False),
        ("usage.total_tokens", False),
        ("tools[0].name", False),
        ("tools[1].function.name", False),
        (".instructions", True),
        (".meta_data", True),
        ("meta_data.id", True),
        ("tools[0].description", True),
        (".tools", True),
        (".usage", True),
        ("usage.novel", True),
        ("id.status", True),
        (".novel", True),
    ],
)
def test_a_path_is_private_unless_listed_as_public(path, private):
    assert is_private(path) is private
    with pytest.raises(UsageError):
        is_private("no path at all")


def test_a_column_of_a_private_path_shows_redacted(a_run):
    names = ("meta_data.env", ".novel", ".status")
    raw = {"meta_data": {"env": "PRIVATE"}, "status": "failed"}
    run = a_run("run_1", "failed")
    state = ThreadState("thr_1", interval=1.0, extras={"run_1": extras_of(raw, names)})
    for redact, cells in ((True, [REDACTED, "—", "failed"]), (False, ["PRIVATE", "—", "failed"])):
        context = Context(now=0.0, threads={"thr_1": state}, redact=redact)
        assert [find_column(name).text(run, context) for name in names] == cells


def test_a_redacted_message_keeps_author_time_and_names_of_tools():
    message = parse_message(
        {
            "id": "m",
            "role": "assistant",
            "created_at": 1.0,
            "parts": [
                {"type": "text", "text": "PRIVATE"},
                {"type": "text", "text": ""},
                {"type": "tool-call", "tool_name": "crm", "tool_call_id": "c", "args": {"a": "PRIVATE"}},
                {"type": "tool-result", "tool_name": "crm", "tool_call_id": "c", "output": "PRIVATE"},
                {
                    "type": "tool-result",
                    "tool_name": "crm",
                    "output_ref": {"object_id": "PRIVATE", "size_bytes": 4},
                },
                {"type": "output_guardrail", "text": "PRIVATE", "guardrail": [{"name": "PRIVATE"}]},
                {"type": "file", "filename": "PRIVATE"},
                {"type": "PRIVATE", "x": "PRIVATE"},
            ],
        }
    )
    hidden = redact_message(message)
    assert "PRIVATE" not in repr(hidden)
    assert (hidden.key, hidden.role, hidden.created) == ("m", "assistant", 1.0)
    kinds = [(part.kind, part.title, part.lines, part.call) for part in hidden.parts]
    assert kinds == [
        ("text", "", (REDACTED,), ""),
        ("text", "", (), ""),
        ("tool_call", "crm", (REDACTED,), "c"),
        ("tool_result", "crm", (REDACTED,), "c"),
        ("tool_result", "crm", (REDACTED,), ""),
        ("guardrail", "", (REDACTED,), ""),
        ("file", "", (REDACTED,), ""),
        ("other", "", (REDACTED,), ""),
    ]


def test_redacted_evidence_keeps_kind_and_place_of_errors():
    spans = [
        {
            "span_id": "s",
            "parent_span_id": "p",
            "span_name": "running tool crm",
            "is_exception": True,
            "exception_type": "HTTPError",
            "message": "PRIVATE 502",
        }
    ]
    messages = [
        {"role": "user", "content": "PRIVATE", "parts": [{"type": "tool-error", "error_text": "PRIVATE"}]}
    ]
    found = redact_evidence(evidence(spans, messages))
    assert "PRIVATE" not in repr(found)
    assert (found.exceptions[0].kind, found.exceptions[0].tool) == ("HTTPError", "crm")
    why = reason_of(found)
    assert why is not None
    assert why.reason == f"tool error: crm: {REDACTED}"
    silent = reason_of(redact_evidence(evidence([{**spans[0], "message": None, "span_name": "agent"}])))
    assert silent is not None
    assert silent.reason == "HTTPError"


def test_a_redacted_reason_names_tool_and_exception_and_has_a_keyed_id():
    def spans(message, tool="running tool crm"):
        return [{"span_name": tool, "is_exception": True, "exception_type": "HTTPError", "message": message}]

    def hidden(found, key):
        why = redacted_why(evidence(found), key)
        assert why is not None
        return why

    tax, vat = spans("PRIVATE tax of 7 EUR"), spans("PRIVATE vat")
    why = hidden(tax, b"key")
    assert "PRIVATE" not in repr(why)
    assert why.folded.text == f"crm: HTTPError: {REDACTED}"
    assert why.reason == f"tool error: crm: HTTPError: {REDACTED}"  # in the words of the list of reasons
    real = reason_of(evidence(tax))
    assert real is not None
    assert reason_id(why.folded) == reason_id(real.folded, b"key") != reason_id(real.folded)
    assert reason_id(why.folded, b"other") == reason_id(why.folded)  # the id is not computed again
    assert hidden(spans("PRIVATE tax of 8 EUR"), b"key").folded == why.folded
    remembered = hidden_reason(real.folded, b"key")
    assert remembered.text == f"crm: {REDACTED}"
    assert {why.folded: 1}[remembered] == 1, (
        "the history does not know the exception, and yet it is the same reason"
    )
    assert remembered not in (hidden(vat, b"key").folded, remembered._replace(hidden_id=""), real.folded)
    assert hidden(vat, b"key").folded.hidden_id != why.folded.hidden_id
    assert hidden(tax, b"other").folded.hidden_id != why.folded.hidden_id
    assert hidden(spans("PRIVATE", "chat"), b"key").folded.text == f"HTTPError: {REDACTED}"
    silent, told = hidden(spans(None, "agent"), b"key"), hidden(spans("HTTPError", "agent"), b"key")
    assert (silent.folded.text, silent.reason) == ("HTTPError", "HTTPError")  # nothing to hide
    bare = reason_of(evidence(spans(None, "agent")))
    assert bare is not None
    assert silent.folded == told.folded == hidden_reason(bare.folded, b"key"), (
        "one reason, told in three ways"
    )
    assert redacted_why(evidence([]), b"key") is None


def test_labels_keep_their_names_and_lose_group_and_values():
    facts = SpanFacts("nightly", (("empty", ""), ("env", "prod")), 7, None)
    assert redact_facts(facts) == SpanFacts(REDACTED, (("empty", ""), ("env", REDACTED)), 7, None)
    assert redact_facts(SpanFacts()) == SpanFacts()
