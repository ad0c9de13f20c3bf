"""All fields of an opened run as text, for values of any shape."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.run import detail
from flowtui.model.run.detail import inference
from flowtui.model.run.parsing import parse_run
from flowtui.model.run.span_facts import SpanFacts

from ...examples import examples

NOW = 1_795_521_700.0
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
SHAPES = VALUES | st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "name": VALUES,
            "type": VALUES,
            "function": st.fixed_dictionaries({}, optional={"name": VALUES}),
        },
    )
)
UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# Fields that the overview leaves out, as each has a tab of its own.
ELSEWHERE = {"instructions", "tools"}


def pairs_of(raw, agent="", fetched=True):
    run = parse_run(raw, "thr_1")
    return dict(detail.overview(run, raw if fetched else None, agent=agent, now=NOW, zone=UTC))


def is_safe(text):
    return not [char for char in text if unicodedata.category(char) in UNSAFE]


def test_the_overview_has_every_field_of_the_api(raw_run):
    raw = raw_run(
        max_completion_tokens=512,
        truncation_strategy={"type": "auto"},
        response_format="json",
        tool_choice="auto",
        meta_data={"customer": "acme"},
        usage={"prompt_tokens": 30, "completion_tokens": 4, "total_tokens": 34},
    )
    pairs = pairs_of(raw, agent="checkout")
    for field in raw:
        if field not in ELSEWHERE:
            label = "agent" if field == "agent_id" else field.removesuffix("_at")
            assert label in pairs, field
    assert pairs["agent"] == "checkout (agent_1)"
    assert pairs["thread_id"] == "thr_1"
    assert pairs["object"] == "thread.run"
    assert pairs["max_completion_tokens"] == "512"
    assert pairs["truncation_strategy"] == '{"type": "auto"}'
    assert pairs["meta_data"] == "customer=acme"
    assert pairs["parallel_tool_calls"] == "true"
    assert pairs["usage"] == "prompt 30  completion 4  total 34  still counting"
    assert pairs["created"] == "2026-11-24 12:00:00 UTC  1m ago"
    assert pairs["failed"] == "—"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (None, ("— not read", "— not read")),
        (SpanFacts(), ("(none)", "(none)")),
        (SpanFacts("a", (("env", "prod"), ("who", "Acme Corp"))), ("a", 'env=prod  who="Acme Corp"')),
    ],
)
def test_group_and_labels_come_from_spans(raw_run, facts, said):
    raw = raw_run(meta_data={"env": "other"})
    run = parse_run(raw, "thr_1")
    pairs = dict(detail.overview(run, raw, agent="", now=NOW, zone=UTC, facts=facts))
    assert (pairs["group"], pairs["labels"]) == said


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("canceled", "cancelled (the API says canceled)"),
        ("cancelled", "cancelled"),
        ("running", "running"),
        ("dreaming", "dreaming"),
        (None, "—"),
    ],
)
def test_the_status_is_shown_as_the_server_spells_it(raw_run, status, said):
    assert pairs_of(raw_run(status=status))["status"] == said


@pytest.mark.parametrize(
    ("status", "why", "note"),
    [
        (None, "the server sent no status", "no status"),
        ("Failed", "the server's status is 'Failed'", "status 'Failed'"),
    ],
)
def test_an_inferred_status_says_from_which_time_and_why(raw_run, status, why, note):
    raw = raw_run(status=status, failed_at="2026-11-24T12:01:00Z", completed_at="2026-11-24T12:02:00Z")
    assert pairs_of(raw)["status"] == f"failed, inferred from failed_at: {why}"
    assert inference(parse_run(raw, "thr_1")) == f"{note}, inferred from failed_at"
    assert inference(parse_run(raw | {"status": "failed"}, "thr_1")) == ""


def test_before_the_run_is_fetched_only_fields_of_its_row_have_values(raw_run):
    pairs = pairs_of(raw_run(), fetched=False)
    assert pairs["model"] == "llama"
    assert pairs["created"].startswith("2026-11-24 12:00:00")
    for name in ("temperature", "top_p", "meta_data", "tool_choice", "object", "thread_id"):
        assert pairs[name] == "…"


def test_future_times_are_not_shown_as_past(raw_run):
    pairs = pairs_of(raw_run(expires_at=NOW + 588, started_at=NOW + 60))
    assert " in 9m" in pairs["expires"]
    assert "ago" not in pairs["started"]


def test_missing_usage_is_shown_as_not_reported(raw_run):
    assert pairs_of(raw_run())["usage"] == "— not reported yet"
    assert pairs_of(raw_run(status="completed"))["usage"] == "— not reported"
    some = pairs_of(raw_run(status="completed", usage={"total_tokens": 1204}))
    assert some["usage"] == "prompt —  completion —  total 1,204"


def test_unreadable_parts_are_named(raw_run):
    assert "unreadable" in pairs_of(raw_run(created_at="yesterday"))
    assert "unreadable" not in pairs_of(raw_run())


@pytest.mark.parametrize(
    ("tool", "name", "kind"),
    [
        ({"type": "web_search"}, "web_search", "web_search"),
        ({"type": "function", "function": {"name": "refund"}}, "refund", "function"),
        ({"name": "crm", "type": "mcp", "url": "x"}, "crm", "mcp"),
        ({"name": "only"}, "only", "—"),
        ({}, "tool", "—"),
        ({"name": {"odd": 1}, "type": ["x"]}, '{"odd": 1}', '["x"]'),
        ("web_search", "web_search", "—"),
        (None, "—", "—"),
        (7, "7", "—"),
    ],
)
def test_tool_names_and_types_are_found_at_all_usual_places(tool, name, kind):
    for value in ([tool], tool):
        if value is None:
            continue
        found = detail.tools({"tools": value})
        assert [(item.name, item.type) for item in found] == [(name, kind)]


def test_other_fields_of_a_tool_are_kept():
    tool = {"type": "function", "name": "f", "function": {"name": "f", "parameters": {"type": "object"}}}
    assert detail.tools({"tools": [tool]})[0].fields == {"function": tool["function"]}
    assert detail.tools({"tools": [{"name": {"odd": 1}}]})[0].fields == {"name": {"odd": 1}}


def test_instructions_of_any_type_become_lines():
    assert detail.instructions({"instructions": "Be kind\r\nand\tshort"}) == ["Be kind", "and short"]
    assert detail.instructions({"instructions": {"system": "x"}}) == ["{", '  "system": "x"', "}"]
    for nothing in ({}, {"instructions": None}, {"instructions": ""}):
        assert detail.instructions(nothing) == []


@examples(50)
@given(
    st.fixed_dictionaries(dict.fromkeys(("tools", "instructions", "meta_data", "usage", "status"), SHAPES))
)
def test_values_of_any_shape_give_display_safe_text(raw_run, odd):
    raw = raw_run(**odd)
    run = parse_run(raw, "thr_1")
    told = [text for pair in detail.overview(run, raw, agent="", now=NOW, zone=UTC) for text in pair]
    told += detail.instructions(raw)
    for tool in detail.tools(raw):
        told += [tool.name, tool.type]
    assert all(is_safe(text) and "\n" not in text for text in told)


@given(VALUES)
def test_json_lines_parse_back_to_the_value(value):
    lines = detail.json_lines(value)
    assert all(is_safe(line) for line in lines)
    assert len(lines) == len(json.dumps(value, indent=2, ensure_ascii=False).split("\n"))
