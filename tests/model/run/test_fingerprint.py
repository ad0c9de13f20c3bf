"""Which configurations have the same fingerprint, and that no input from a server raises."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.run import fingerprint as fingerprint_module
from flowtui.model.run.fingerprint import DEFAULTS, FIELDS, canonical, fingerprint, fingerprints

from ...examples import examples

CASES = examples(150)
SCALARS = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=5)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    SCALARS | NUMBERS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)
RUNS = st.fixed_dictionaries(
    {"model": st.just("llama")}, optional={name: JSON for name in FIELDS if name != "model"}
)


def nested(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


def reordered(value):
    if isinstance(value, dict):
        return {key: reordered(value[key]) for key in reversed(value)}
    return [reordered(item) for item in value] if isinstance(value, list) else value


@CASES
@given(RUNS)
def test_a_fingerprint_is_seven_digits_and_ignores_key_order_and_other_fields(run):
    mark = fingerprint(run)
    assert len(mark) == 7
    assert set(mark) <= set("0123456789abcdef")
    assert fingerprint(reordered(run)) == mark
    assert fingerprint({**run, "id": "run_9", "status": "failed", "meta_data": {"a": 1}}) == mark
    assert fingerprint(json.loads(json.dumps(run))) == mark


@CASES
@given(RUNS, st.sampled_from(FIELDS))
def test_null_missing_and_the_default_give_the_same_fingerprint(run, name):
    without = {key: value for key, value in run.items() if key != name} | {"other": 1, "model": "llama"}
    missing = {key: value for key, value in without.items() if key != name}
    if name == "model":
        missing["temperature"] = without["temperature"] = 1
    assert fingerprint({**missing, name: None}) == fingerprint(missing)
    if name in DEFAULTS:
        assert fingerprint({**missing, name: DEFAULTS[name]}) == fingerprint(missing)


@CASES
@given(RUNS, st.sampled_from(FIELDS), JSON)
def test_fingerprints_are_equal_exactly_if_configurations_are(run, name, value):
    other = {**run, name: value}
    old, new = (canonical(fingerprint_module.effective(raw, name)) for raw in (run, other))
    assert (fingerprint(run) == fingerprint(other)) == (old == new)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"instructions": "Be kind"}, {"instructions": "Be kind "}),
        ({"instructions": "a\nb"}, {"instructions": "a\r\nb"}),
        ({"tools": [{"type": "a"}, {"type": "b"}]}, {"tools": [{"type": "b"}, {"type": "a"}]}),
        ({"tools": [{"a": None}]}, {"tools": [{}]}),
        ({"temperature": True}, {"temperature": 1}),
        ({"temperature": "1"}, {"temperature": 1}),
        ({"temperature": 2**53}, {"temperature": 2**53 + 1}),
        ({"top_p": 1, "temperature": 0}, {"top_p": 0, "temperature": 1}),
        ({"instructions": "x\ud800"}, {"instructions": "x\ud801"}),
    ],
)
def test_different_meanings_have_different_fingerprints(one, two):
    assert fingerprint({"model": "llama", **one}) != fingerprint({"model": "llama", **two})


@pytest.mark.parametrize(
    ("one", "two"), [(1, 1.0), (0.0, -0.0), (10**22, 1e22), ({"a": [1, 2.0]}, {"a": [1.0, 2]})]
)
def test_numbers_of_equal_value_give_the_same_fingerprint(one, two):
    assert fingerprint({"temperature": one}) == fingerprint({"temperature": two}) != ""


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        10**5000,
        nested(100_000),
        [0] * 30_000,
        {1: 2, "a": 3},
        object(),
    ],
    ids=["nan", "inf", "5001 digits", "deep", "long", "odd keys", "no JSON"],
)
def test_a_value_that_cannot_be_hashed_gives_an_unknown_fingerprint(value):
    assert fingerprint({"model": "llama", "tools": value}) == ""
    assert fingerprint({"model": "llama", "tools": [{"x": value}]}) == ""


def test_a_run_without_any_of_the_fields_has_no_known_configuration():
    assert fingerprint({"id": "run_1", "status": "queued"}) == ""
    assert fingerprint({"tools": [], "tool_choice": "auto", "model": None}) == ""


# -- pages


def page(*runs):
    return json.dumps(runs).encode()


def test_only_the_wanted_runs_of_a_page_are_hashed(raw_run, monkeypatch):
    runs = [raw_run(f"run_{number}", temperature=number) for number in range(5)]
    hashed = []
    whole = fingerprint_module._hashed
    monkeypatch.setattr(
        fingerprint_module, "_hashed", lambda raw, room: hashed.append(raw["id"]) or whole(raw, room)
    )
    found = fingerprints(page(*runs), {"run_1", "run_3", "run_9"})
    assert hashed == ["run_1", "run_3"]
    assert found == {"run_1": fingerprint(runs[1]), "run_3": fingerprint(runs[3]), "run_9": ""}


def test_a_configuration_that_many_runs_share_is_hashed_once(raw_run, monkeypatch):
    calls = []
    whole = fingerprint_module._hashed
    monkeypatch.setattr(
        fingerprint_module, "_hashed", lambda raw, room: calls.append(raw["id"]) or whole(raw, room)
    )
    runs = [raw_run(f"run_{number}", instructions=f"Version {number // 10}") for number in range(20)]
    found = fingerprints(page(*runs), [run["id"] for run in runs])
    assert calls == ["run_0", "run_10"]
    assert found == {run["id"]: fingerprint(run) for run in runs}


def test_wrapped_pages_and_numeric_ids_are_read_as_for_rows(raw_run):
    run = raw_run("x", id=7)
    body = json.dumps({"data": [run]}).encode()
    assert fingerprints(body, ["7"]) == {"7": fingerprint(run)}


def test_if_two_runs_have_the_same_id_the_first_counts(raw_run):
    first, second = raw_run(temperature=1), raw_run(temperature=2)
    assert fingerprints(page(first, second), ["run_1"]) == {"run_1": fingerprint(first)}


@pytest.mark.parametrize(
    "bad",
    [
        b"7",
        b"null",
        b'{"id": []}',
        b'"\\ud800"',
        b"NaN",
        b"[" * 300 + b"]" * 300,
        b"nonsense",
        b'{"id": "run_b"',
    ],
    ids=["number", "null", "id", "surrogate", "nan", "deep", "no JSON", "broken off"],
)
def test_a_bad_element_does_not_hide_the_others(raw_run, bad):
    good = raw_run("run_a")
    body = b"[" + json.dumps(good).encode() + b"," + bad + b"]"
    assert fingerprints(body, ["run_a", "run_b"]) == {"run_a": fingerprint(good), "run_b": ""}


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"data": 7}', b"7", b"\xff\xfe[", b"[]"])
def test_a_body_that_is_not_a_page_gives_no_fingerprints(body):
    assert fingerprints(body, ["run_a"]) == {"run_a": ""}


def test_of_a_page_of_huge_configurations_only_some_are_hashed(raw_run):
    large = [raw_run(f"run_{number}", tools=[number] * 15_000) for number in range(20)]
    found = fingerprints(page(*large), [run["id"] for run in large])
    known = [mark for mark in found.values() if mark]
    assert 5 <= len(known) <= 15
    assert list(found.values())[: len(known)] == known
