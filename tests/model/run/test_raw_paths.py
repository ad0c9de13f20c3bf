"""Paths into raw runs: their syntax, and the values at them as display-safe cells of limited length."""

from __future__ import annotations

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flowtui.errors import UsageError
from flowtui.model.run.raw_paths import (
    MAX_CELL,
    MAX_PATH,
    cell_of,
    extras_of,
    parse_path,
    path_name,
    paths_in,
    value_at,
)
from flowtui.text import safe_text

from ...examples import examples

RAW = {
    "id": "run_1",
    "temperature": 0.5,
    "meta_data": {"env": "prod", "a.b": 1, "empty": "", "none": None, "deep": {"x": [1, {"y": "z"}]}},
    "tools": [{"name": "search"}, {"name": "mail"}],
    "usage": {"total_tokens": 1234},
}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("meta_data.env", ("meta_data", "env"), "prod"),
        (" .meta_data.env ", ("meta_data", "env"), "prod"),
        (".temperature", ("temperature",), 0.5),
        ("tools[1].name", ("tools", 1, "name"), "mail"),
        ('meta_data["a.b"]', ("meta_data", "a.b"), 1),
        ("meta_data.deep.x[1].y", ("meta_data", "deep", "x", 1, "y"), "z"),
        ("usage.total_tokens", ("usage", "total_tokens"), 1234),
        # a missing value, or one of another type, is unknown
        ("meta_data.none", ("meta_data", "none"), None),
        ("meta_data.no", ("meta_data", "no"), None),
        ("tools[2].name", ("tools", 2, "name"), None),
        ("tools.name", ("tools", "name"), None),
        ("id.name", ("id", "name"), None),
        ("meta_data[0]", ("meta_data", 0), None),
        ("no.such.thing", ("no", "such", "thing"), None),
    ],
)
def test_a_path_gives_a_value_or_none(text, path, value):
    assert parse_path(text) == path
    assert value_at(RAW, path) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "a..b",
        "a.",
        "a[",
        "a[]",
        "a[-1]",
        "a[x]",
        "a b.c",
        'a["x]',
        'a["\\q"]',
        "a]b",
        "a[0]b",
        "[0",
        "a." * 80 + "b",
        "a.b.c.d.e.f.g.h.i",
        "a[12345678]",
    ],
)
def test_invalid_paths_are_refused(text):
    with pytest.raises(UsageError) as caught:
        parse_path(text)
    assert caught.value.hint


@given(st.lists(st.text(max_size=12) | st.integers(0, 99), min_size=1, max_size=5))
def test_the_name_of_a_path_parses_back_to_the_path(steps):
    path = tuple(steps)
    assume(len(path_name(path)) <= MAX_PATH)
    assert parse_path(path_name(path)) == path
    assert path_name(parse_path(path_name(path))) == path_name(path)


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, None),
        (True, "true"),
        (False, "false"),
        (7, 7),
        (-0.25, -0.25),
        (float("nan"), "NaN"),
        (float("inf"), "Infinity"),
        (10**18, "1" + "0" * 18),
        ("", ""),
        ("prod", "prod"),
        ([], "[]"),
        ({}, "{}"),
        ({"a": [1, "x", None, True]}, '{"a": [1, "x", null, true]}'),
        ("a\x1b[31mb\n", "a␛[31mb␊"),
        ({"\x1b]8;;": "\u202e"}, '{"\\u001b]8;;": "�"}'),
    ],
)
def test_a_value_becomes_a_number_or_display_safe_text(value, cell):
    assert cell_of(value) == cell


@given(JSON)
def test_a_cell_is_display_safe_and_short_for_any_value(value):
    cell = cell_of(value)
    if isinstance(cell, str):
        assert safe_text(cell) == cell
        assert len(cell) <= MAX_CELL
    else:
        assert cell is None or isinstance(cell, int | float)


def test_only_the_beginning_of_a_huge_value_is_read():
    assert len(cell_of("x" * 10_000_000)) == MAX_CELL
    assert len(cell_of([["y" * 5_000_000]] * 1000)) == MAX_CELL
    assert len(cell_of({"k" * 5_000_000: 1})) == MAX_CELL
    assert "digits" in cell_of(10**5000)
    nested = []
    for _ in range(190):
        nested = [nested]
    assert len(cell_of(nested)) == MAX_CELL


def test_values_at_paths_are_in_the_order_of_the_paths():
    extras = extras_of(RAW, ("tools[0].name", "meta_data.no", "meta_data.empty"))
    assert extras.cells == ("search", None, "")
    assert extras.cell("tools[0].name") == "search"
    assert extras.cell("never.asked") is None
    assert extras_of("no object", ("a.b",)).cells == (None,)


def test_the_offered_paths_begin_with_metadata():
    names = paths_in([RAW, {"meta_data": {"later": 1}}])
    assert names[:2] == ["meta_data.env", 'meta_data["a.b"]']
    assert "meta_data.later" in names
    assert ".id" in names
    assert "tools[1].name" in names
    assert all(parse_path(name) for name in names)


@examples(50)
@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_every_offered_path_is_safe_and_can_be_parsed(raw):
    for name in paths_in([raw]):
        assert safe_text(name) == name
        assert path_name(parse_path(name)) == name


def test_the_number_of_offered_paths_is_limited():
    huge = {f"k{number}": list(range(100)) for number in range(5_000)}
    assert len(paths_in([json.loads(json.dumps(huge))])) <= 400
