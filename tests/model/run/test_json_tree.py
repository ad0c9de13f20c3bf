"""JSON values as rows that the user can fold: complete, in order and display-safe."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.run.json_body import MAX_DEPTH
from flowtui.model.run.json_tree import json_rows
from flowtui.text import safe_text

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)
HOSTILE = "\x1b]52;c;eA==\x07\x9b2J\u202e\u200b\x00\ud800\r\n\t\u2028"
UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def text_of(row):
    return "".join(text for text, _ in row.parts)


def written(value, folded=frozenset()):
    return [f"{'  ' * row.depth}{text_of(row)}" for row in json_rows(value, folded)]


@given(VALUES)
def test_rows_contain_the_whole_value_and_are_display_safe(value):
    rows = list(json_rows(value, frozenset()))
    expected = json.dumps(value, indent=2, ensure_ascii=False).split("\n")
    assert written(value) == [safe_text(line.removesuffix(",")) for line in expected]
    for row in rows:
        assert not [char for char in text_of(row) if unicodedata.category(char) in UNSAFE]


@given(VALUES)
def test_a_foldable_row_has_the_path_of_its_value(value):
    for row in json_rows(value, frozenset()):
        if row.folds:
            inner = value
            for step in row.path:
                inner = inner[step]
            assert isinstance(inner, dict | list)
            assert inner
            assert row.depth == len(row.path)


def test_a_folded_row_shows_the_number_of_its_fields_or_items():
    value = {"tools": [1, 2, 3], "one": ["x"], "meta": {"a": 1}, "many": {"a": 1, "b": 2}, "none": {}}
    rows = list(json_rows(value, {("tools",), ("one",), ("meta",), ("many",), ("none",)}))
    assert [text_of(row) for row in rows] == [
        "{",
        '"tools": [ … ]  3 items',
        '"one": [ … ]  1 item',
        '"meta": { … }  1 field',
        '"many": { … }  2 fields',
        '"none": {}',
        "}",
    ]
    assert [row.folded for row in rows] == [False, True, True, True, True, False, False]


def test_folding_an_inner_value_hides_only_its_rows():
    value = {"a": {"b": [1, 2]}, "c": 3}
    assert written(value, {("a", "b")}) == [
        "{",
        '  "a": {',
        '    "b": [ … ]  2 items',
        "  }",
        '  "c": 3',
        "}",
    ]
    assert written(value, {("a",)}) == ["{", '  "a": { … }  1 field', '  "c": 3', "}"]
    assert written(value, {()}) == ["{ … }  2 fields"]


@pytest.mark.parametrize("value", [{HOSTILE: HOSTILE}, [HOSTILE], {HOSTILE: {HOSTILE: []}}])
def test_hostile_keys_and_values_take_one_safe_row_each(value):
    for row in json_rows(value, frozenset()):
        assert not [char for char in text_of(row) if unicodedata.category(char) in UNSAFE]
        assert "\n" not in text_of(row)


def test_the_deepest_readable_body_can_be_drawn():
    value = "bottom"
    for level in range(MAX_DEPTH):
        value = [value] if level % 2 else {"k": value}
    rows = list(json_rows(value, frozenset()))
    assert len(rows) == 2 * MAX_DEPTH + 1
    assert max(row.depth for row in rows) == MAX_DEPTH
