"""JSON from bodies of any kind: readable parts are kept, unreadable ones are named, and it never takes long."""

from __future__ import annotations

import json
import math
import time
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowtui.model.run.json_body import (
    MAX_DEPTH,
    MAX_ELEMENTS,
    TOO_MANY,
    Undecodable,
    decode,
    parse_elements,
    too_deep,
    type_name,
)

from ...examples import examples

SETTINGS = examples(200)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@settings(SETTINGS, max_examples=60)
@given(st.lists(JSON, max_size=6))
def test_bare_and_wrapped_arrays_are_read(values):
    for wrapped in (values, {"data": values}, {"object": "list", "data": values, "x": 1}):
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
            assert parse_elements(json.dumps(wrapped).encode(encoding)) == (values, None)


@SETTINGS
@given(st.binary(max_size=80) | st.text('[]{},:"\\ \n0eNx\u00e9', max_size=60).map(str.encode))
@example(b"\xff\xfe")
@example(b"[\x00")
@example(b"\x00\x00\xfe\xff")
def test_any_bytes_give_elements_or_an_error(body):
    values, error = parse_elements(body)
    assert isinstance(values, list)
    if error is None:
        assert b"[" in body
    else:
        assert error.isprintable()


@settings(SETTINGS, max_examples=100)
@given(st.lists(JSON, min_size=1, max_size=5), st.data())
def test_a_truncated_body_keeps_the_elements_before_the_break(values, data):
    text = json.dumps(values)
    cut = data.draw(st.integers(0, len(text) - 1))
    read, error = parse_elements(text[:cut].encode())
    assert error is not None
    assert read == values[: len(read)]
    whole = sum(len(json.dumps(values[: n + 1])) <= cut for n in range(len(values)))
    assert len(read) >= whole  # an element is whole if the bracket or comma after it is there


@pytest.mark.parametrize(
    "bad",
    [
        b"tru",
        b"{'a': 1}",
        b'{"a" 1}',
        b'{"a": "\x01"}',
        b"undefined",
        b"",
        b"-",
        b"01",
        b'{"a": [1, 2,]}',
        nested(500),
    ],
)
@pytest.mark.parametrize(
    "shape", [b"[1, %s, 2]", b'{"data": [1,%s,2]}', b'{"n": 2, "data":[1 ,%s , 2], "x": 0}']
)
def test_an_undecodable_element_does_not_hide_its_neighbours(bad, shape):
    values, error = parse_elements(shape.replace(b"%s", bad))
    assert error is None
    assert (values[0], values[2], len(values)) == (1, 2, 3)
    assert isinstance(values[1], Undecodable)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "an empty body"),
        (b" \r\n", "an empty body"),
        (b"\xef\xbb\xbf", "an empty body"),
        (
            b"<!doctype html><title> Bad\x1b[2J\ngateway </title>",
            "an HTML page instead of JSON (Bad␛[2J␊gateway)",
        ),
        (b"\n<html>", "an HTML page instead of JSON"),
        (b"Service Unavailable", "not JSON: Expecting value at character 0"),
        (b'[{"id": "a', "truncated JSON"),
        (b'{"id": ', "truncated JSON"),
        (b"null", "null instead of an array"),
        (b"true", "a boolean instead of an array"),
        (b"12", "a number instead of an array"),
        (b'"runs"', "a string instead of an array"),
        (b'{"error": "no"}', "an object instead of an array"),
        (b'{"data": null}', "null instead of an array"),
        (b'{"data": {"id": "a"}}', "an object instead of an array"),
        (b"[]<html>", "not JSON: Extra data"),
        (b'{"data": [], "x": ', "truncated JSON"),
        (b'{"a": ' + nested(10_000) + b"}", f"JSON nested deeper than {MAX_DEPTH} levels"),
        (b"[" * 10_000, "JSON nested deeper"),
    ],
)
def test_a_body_that_is_not_a_list_is_described(body, reason):
    _values, error = parse_elements(body)
    assert error is not None
    assert error.startswith(reason)


@pytest.mark.parametrize(("shape", "levels_round_it"), [(b"[1,%s,2]", 1), (b'{"data":[1,%s,2]}', 2)])
@pytest.mark.parametrize("depth", [*range(MAX_DEPTH - 4, MAX_DEPTH + 4), 900, 10_000])
def test_only_the_element_nested_too_deep_is_undecodable(shape, levels_round_it, depth):
    values, error = parse_elements(shape.replace(b"%s", nested(depth)))
    assert (error, values[0], values[2], len(values)) == (None, 1, 2, 3)
    assert isinstance(values[1], Undecodable) == (depth + levels_round_it > MAX_DEPTH)


def test_too_deep_works_without_recursion():
    value: list[object] = []
    for _ in range(50_000):
        value = [value]
    assert too_deep(value)
    assert not too_deep([[]], 2)
    assert too_deep([[[]]], 2)
    while value:  # freed step by step: the interpreter would recurse
        value = value.pop()


@pytest.mark.parametrize("more", [0, 1])
def test_elements_above_the_limit_are_cut_and_reported(more):
    values, error = parse_elements(json.dumps(list(range(MAX_ELEMENTS + more))).encode())
    assert values == list(range(MAX_ELEMENTS))
    assert error == (TOO_MANY if more else None)


@pytest.mark.parametrize("wide", ["\N{GRINNING FACE}", "\\ud83d\\ude00", "\x7f", "\N{SNOWMAN}", "\xe9"])
def test_one_wide_character_does_not_quadruple_memory(wide):
    good = '{"id": "é"}'
    body = f'[{good}, {{"id": "{wide}{"x" * 6_000_000}"}}, {good}]'.encode()
    tracemalloc.start()
    values, error = parse_elements(body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (values, error) == ([{"id": "é"}], TOO_MANY)
    assert peak < 3 * len(body)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32-be"])
@pytest.mark.parametrize("before", ["[", '{"object": "ł", "data": ['])
def test_truncated_bodies_are_read_in_every_encoding(encoding, before):
    rows = [{"id": f"é☃💡{number}", "tools": ["]", "["]} for number in range(5)]
    text = before + ", ".join(json.dumps(row, ensure_ascii=False) for row in rows) + ', {"id": "brok'
    values, error = parse_elements(text.encode(encoding))
    assert values == rows
    assert error.startswith("truncated JSON")


def test_the_last_of_duplicate_keys_counts():
    assert decode(b'{"id": 1, "id": 2}') == ({"id": 2}, None)


def test_nan_and_infinity_are_read():
    values, error = parse_elements(b"[NaN, -Infinity, 1e999]")
    assert error is None
    assert math.isnan(values[0])
    assert values[1:] == [-math.inf, math.inf]


@pytest.mark.parametrize("digits", [30, 4000, 4001, 4301, 100_000])
def test_numbers_of_any_length_are_read(digits):
    values, error = parse_elements(b"[" + b"9" * digits + b"]")
    assert error is None
    assert values == [int("9" * digits) if digits <= 4000 else math.inf]


@pytest.mark.parametrize(
    "body",
    [
        b'[{"a":"' + b'\\"' * 400_000,
        b'[{"a":"' + b'\\"' * 400_000 + b"\\",
        b'{"data' + b'"data' * 200_000,
        b"[" + b"{" * 800_000,
        b"[" + b"x," * 60_000 + b"x]",
        b"[" + b"," * 200_000 + b"]",
        b'["' + b"\\" * 800_001,
        b"<title" * 150_000,
    ],
    ids=lambda body: f"{body[:8]!r}...{len(body)}",
)
def test_hostile_bodies_take_linear_time(body):
    start = time.thread_time()
    parse_elements(body)
    assert time.thread_time() - start < 5  # usually a third of a second; quadratic time would be minutes


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "null"),
        (True, "a boolean"),
        (1, "a number"),
        (1.5, "a number"),
        ("", "a string"),
        ([], "an array"),
        ({}, "an object"),
    ],
)
def test_type_name_names_json_types(value, name):
    assert type_name(value) == name
