"""Differences between two configurations: what counts as different, and how tools and objects are compared."""

from __future__ import annotations

import pytest

from flowtui.model.diff.config_diff import (
    CHANGED,
    COMPARED,
    MAX_LINES,
    MAX_PATHS,
    MAX_TEXT,
    PathChange,
    ToolChange,
    config_changes,
    instructions_text,
)
from flowtui.model.diff.word_diff import ADDED, REMOVED
from flowtui.model.run.fingerprint import FIELDS, fingerprint


@pytest.fixture
def change_of(raw_run):
    """Return a function that compares two values of one field."""

    def compare(name, before, after):
        changes = config_changes(raw_run(**{name: before}), raw_run(**{name: after}))
        return next(change for change in changes if change.name == name)

    return compare


def test_every_compared_field_is_listed_in_a_fixed_order(raw_run):
    assert tuple(change.name for change in config_changes(raw_run(), {})) == COMPARED
    assert COMPARED[: len(FIELDS)] == FIELDS
    assert all(change.same for change in config_changes(raw_run(), raw_run("run_2", status="failed")))


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("temperature", 1, 1.0),
        ("tool_choice", None, "auto"),
        ("tools", None, []),
        ("meta_data", {}, None),
        ("response_format", {"a": 1, "b": 2.0}, {"b": 2, "a": 1}),
        ("max_completion_tokens", float("nan"), float("nan")),
    ],
)
def test_values_with_the_same_meaning_are_the_same(change_of, name, before, after):
    assert change_of(name, before, after).same


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("temperature", 1, True),
        ("model", "llama", "llama "),
        ("tool_choice", "auto", "none"),
        ("parallel_tool_calls", False, None),
        ("tools", [{"type": "a"}, {"type": "b"}], [{"type": "b"}, {"type": "a"}]),
        ("tools", [0] * 30_000, [0] * 30_001),
    ],
)
def test_values_with_different_meanings_are_not_the_same(change_of, name, before, after):
    assert not change_of(name, before, after).same


def test_the_diff_agrees_with_the_fingerprint(raw_run):
    before = raw_run()
    for name, value in (("top_p", 0.5), ("instructions", "Be kind "), ("meta_data", {"a": 1}), ("top_p", 1)):
        after = raw_run(**{name: value})
        same = all(change.same for change in config_changes(before, after) if change.name in FIELDS)
        assert same == (fingerprint(before) == fingerprint(after))


def test_default_values_are_marked(change_of):
    change = change_of("tool_choice", None, {"type": "none"})
    assert change.before == ("auto (the default)",)
    assert change.after == ("{", '  "type": "none"', "}")
    assert change_of("temperature", None, 0).before == ("—",)
    assert change_of("instructions", None, "a\nb").after == ("a", "b")


def test_values_that_look_alike_are_shown_as_json(change_of):
    change = change_of("max_completion_tokens", "1", 1)
    assert (change.before, change.after) == (('"1"',), ("1",))


def test_tools_are_compared_by_name(change_of):
    crm = {"type": "function", "function": {"name": "crm", "parameters": {"id": {"type": "string"}}}}
    newer = {"type": "function", "function": {"name": "crm", "parameters": {"id": {"type": "integer"}}}}
    change = change_of(
        "tools", [{"type": "old"}, crm, {"type": "web"}], [{"type": "web"}, newer, {"type": "x"}]
    )
    assert change.tools == (
        ToolChange("old", REMOVED),
        ToolChange("crm", CHANGED, (PathChange("function.parameters.id.type", '"string"', '"integer"'),)),
        ToolChange("x", ADDED),
    )


def test_tools_with_the_same_name_are_paired_in_order(change_of):
    one, two = {"name": "crm", "url": "a"}, {"name": "crm", "url": "b"}
    change = change_of("tools", [one, two], [one, {"name": "crm", "url": "c"}])
    assert change.tools == (ToolChange("crm", CHANGED, (PathChange("url", '"b"', '"c"'),)),)


def test_reordered_tools_are_not_changed_tools(change_of):
    change = change_of("tools", [{"type": "a"}, {"type": "b"}], [{"type": "b"}, {"type": "a"}])
    assert (change.tools, change.before, change.after) == ((), ("a", "b"), ("b", "a"))


def test_objects_are_compared_by_path(change_of):
    before = {"build": 17, "tags": ["a", "b", "c"], "gone": None, "pair": [{"x": 1}, 2]}
    after = {"build": 18, "tags": ["a", "c"], "pair": [{"x": 2}, 2], "new": {"y": 1}}
    assert change_of("meta_data", before, after).paths == (
        PathChange("build", "17", "18"),
        PathChange("tags[1]", '"b"', None),
        PathChange("gone", "null", None),
        PathChange("pair[0].x", "1", "2"),
        PathChange("new", None, '{"y": 1}'),
    )


def test_only_a_limited_number_of_paths_and_lines_is_listed(change_of):
    change = change_of("meta_data", {}, {f"key{number}": number for number in range(100)})
    assert (len(change.paths), change.more) == (MAX_PATHS, 100 - MAX_PATHS)
    long = change_of("meta_data", {"a": "x"}, {"a": "y" * 100_000}).paths[0].after
    assert len(long) < MAX_TEXT + 50
    assert long.endswith("more characters")
    lines = change_of("response_format", "auto", {str(number): 1 for number in range(1000)}).after
    assert len(lines) == MAX_LINES + 1
    assert lines[-1] == "… 802 more lines"


def deep(levels):
    value = 1
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "value",
    [
        7,
        "x",
        True,
        [7, None, "x", []],
        {"a": 1},
        deep(30),
        deep(5_000),
        "x\ud800\x1b[1m",
        float("inf"),
        10**5000,
    ],
    ids=["number", "text", "flag", "list", "object", "deep", "deeper", "unsafe", "inf", "5001 digits"],
)
@pytest.mark.parametrize("name", COMPARED)
def test_any_value_of_any_field_is_display_safe(change_of, name, value):
    for change in (
        change_of(name, None, value),
        change_of(name, value, {"b": value}),
        change_of(name, value, [value]),
    ):
        assert not change.same
        texts = [*change.before, *change.after]
        for path in (*change.paths, *(path for tool in change.tools for path in tool.paths)):
            texts += [path.path, path.before or "", path.after or ""]
        assert all(text.isprintable() for text in texts)


def test_instructions_that_are_not_text_are_compared_as_json():
    assert instructions_text({"instructions": "a\tb"}) == "a\tb"
    assert instructions_text({"instructions": None}) == ""
    assert instructions_text({"instructions": ["a"]}) == '[\n  "a"\n]'
