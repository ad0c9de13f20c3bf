"""What `--redact` hides: all that is not named as public, whatever its shape; comparisons stay true."""

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
    is_private,
    redact_element,
    redact_evidence,
    redact_message,
    redact_run,
)
from flowtui.model.messages.why import reason_of
from flowtui.model.run.fingerprint import canonical, fingerprint
from flowtui.model.run.json_body import Undecodable
from flowtui.model.run.raw_paths import extras_of
from flowtui.model.run.redacted import REDACTED
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


def test_a_run_keeps_what_is_public_and_hides_the_rest():
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
def test_no_private_text_is_left_whatever_the_shape(raw):
    hidden = redact_run(raw)
    for name in ("instructions", "meta_data", "novel", "tools", "response_format"):
        if not isinstance(raw.get(name), str) or name in ("instructions", "meta_data", "novel", "tools"):
            assert "PRIVATE" not in json.dumps(hidden.get(name)).replace('"PRIVATE": ', "")
    assert hidden == redact_run(hidden)
    for name, value in raw.items():
        assert (hidden[name] in (None, "", [], {})) == (value in (None, "", [], {}))


@given(VALUES, VALUES)
def test_two_hidden_values_are_alike_where_those_they_hide_are(one, other):
    hidden = [redact_element({"meta_data": value})["meta_data"] for value in (one, other)]
    assert (canonical(hidden[0]) == canonical(hidden[1])) == (canonical(one) == canonical(other))


def test_the_fingerprint_of_a_run_is_that_of_the_whole_one():
    raw = {"id": "run_1", "model": "llama", "instructions": "PRIVATE", "tools": [{"name": "PRIVATE"}]}
    assert fingerprint(redact_run(raw)) == fingerprint(raw) != ""


def test_what_differs_is_found_and_no_word_of_it_told():
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


def test_what_is_no_object_is_hidden_as_a_whole_and_what_could_not_be_read_stays():
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
def test_paths_into_a_run_are_private_but_for_those_that_are_named(path, private):
    assert is_private(path) is private
    with pytest.raises(UsageError):
        is_private("no path at all")


def test_a_column_of_a_private_path_says_that_there_is_something_and_not_what(a_run):
    names = ("meta_data.env", ".novel", ".status")
    raw = {"meta_data": {"env": "PRIVATE"}, "status": "failed"}
    run = a_run("run_1", "failed")
    state = ThreadState("thr_1", interval=1.0, extras={"run_1": extras_of(raw, names)})
    for redact, cells in ((True, [REDACTED, "—", "failed"]), (False, ["PRIVATE", "—", "failed"])):
        context = Context(now=0.0, threads={"thr_1": state}, redact=redact)
        assert [find_column(name).text(run, context) for name in names] == cells


def test_of_a_message_is_left_who_when_and_which_tools():
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
        ("file", "", (REDACTED,), ""),
        ("other", "", (REDACTED,), ""),
    ]


def test_of_evidence_is_left_what_broke_and_where():
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
