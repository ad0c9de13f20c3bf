"""Requests are validated against the OpenAPI document, and answers match it."""

from datetime import UTC, timedelta, timezone

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowtui.simulator.document import check, document, read_date, read_json, read_query
from flowtui.simulator.server import Simulator

RUNS = "/v1/threads/{thread_id}/runs"


@pytest.mark.slow  # CI generates many more of them
def test_a_few_generated_requests_to_every_operation_are_answered_as_documented():
    """A short form of `.ci/schemathesis`."""
    with Simulator(key="k", seed=1, ids="uuid", clock=lambda: 1_800_000_000.0) as running:
        schema = schemathesis.openapi.from_url(f"{running.url}/openapi.json")
        operations = [found.ok() for found in schema.get_all_operations()]
        assert len(operations) == 13
        for operation in operations:

            @settings(
                max_examples=4,
                deadline=None,
                derandomize=True,
                database=None,
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy())
            def answered(case):
                case.call_and_validate(headers={"Authorization": "k"})

            answered()


def test_only_what_the_monitor_needs_is_documented():
    paths = document()["paths"]
    assert not [path for path in paths if "models" in path or "deployments" in path]
    for methods in paths.values():
        for operation in methods.values():
            assert {"200", "401", "405"} <= set(operation["responses"])


def test_query_parameters_have_the_documented_defaults():
    assert read_query(RUNS, {}) == ({"limit": 20, "order": "desc", "offset": 0}, [])
    assert read_query(RUNS, {"unknown": "1"})[1] == []


@pytest.mark.parametrize("text", ["+1", " 1", "1_0", "٣", "0x1", "1e3", "true", "9" * 5000])
def test_only_plain_digits_are_integers(text):
    assert read_query(RUNS, {"limit": text})[1]


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        (True, {"type": "integer"}),
        (1.5, {"type": "integer"}),
        ("x", {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        (3, {"type": "number", "maximum": 2}),
        (float("nan"), {"type": "number", "minimum": 0}),
        ({}, {"type": "object", "required": ["a"]}),
        ({"a": 1}, {"type": "object", "additionalProperties": {"type": "string"}}),
        (1, {"allOf": [{"type": "string"}]}),
    ],
)
def test_invalid_values_have_a_problem(value, schema):
    (problem,) = check(value, schema, ("body",))
    assert problem["loc"][0] == "body"


@pytest.mark.parametrize(
    ("value", "schema"),
    [(1.0, {"type": "integer"}), (None, {"type": ["string", "null"]}), (2, {"type": "number", "maximum": 2})],
)
def test_valid_values_have_no_problem(value, schema):
    assert check(value, schema, ()) == []


@given(st.binary(max_size=40))
def test_any_bytes_as_a_body_are_answered(body):
    value, problems = read_json(body, "SpanQuery")
    assert problems or isinstance(value, dict)


def test_a_body_nested_too_deep_is_refused():
    assert read_json(b"[" * 100_000, "RunRequest")[1]


@given(st.datetimes(timezones=st.sampled_from([None, UTC, timezone(timedelta(hours=-9, minutes=-30))])))
def test_iso_dates_are_parsed(moment):
    assert read_date(moment.isoformat()) is not None


@pytest.mark.parametrize(
    "text", ["", "now", "2026-01-01", "2026-02-30T00:00:00Z", "20260101T000000Z", "2026-01-01T25:00:00"]
)
def test_other_texts_are_not_dates(text):
    assert read_date(text) is None
