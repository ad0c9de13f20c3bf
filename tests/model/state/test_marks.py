"""Which runs came after which mark, and when agents were deployed."""

from __future__ import annotations

import json

from flowtui.model.run.parsing import parse_run
from flowtui.model.state.marks import (
    Deployment,
    Mark,
    deployments_of,
    parse_deployments,
    release_of,
)

MARKS = (Mark(100.0, "v1"), Mark(200.0, "v2"))


def _run(created, status="completed"):
    return parse_run({"id": f"run_{created}", "status": status, "created_at": created}, "thr_1")


def test_a_run_belongs_to_the_last_mark_before_it_was_created():
    assert [release_of(_run(at), MARKS) for at in (99, 100, 199, 200, 900)] == ["", "v1", "v1", "v2", "v2"]
    assert release_of(_run(None), MARKS) == ""
    assert release_of(_run(900), ()) == ""


def body(*agents):
    return json.dumps({"data": list(agents)}).encode()


def test_deployments_are_sorted_and_agents_never_deployed_are_left_out():
    found, error = parse_deployments(
        body(
            {"id": "b", "name": "B", "last_deployed_at": "2026-11-06T21:20:00Z"},
            {"id": "a", "name": "A", "last_deployed_at": 1_793_999_000},
            {"id": "c", "name": "C", "last_deployed_at": None},
            {"id": "d", "name": "D", "last_deployed_at": "soon"},
            {"name": "no id", "last_deployed_at": 1_793_999_000},
            7,
        )
    )
    assert error is None
    assert found == [Deployment("a", "A", 1_793_999_000.0), Deployment("b", "B", 1_794_000_000.0)]


def test_deployment_texts_are_display_safe_and_an_unreadable_body_is_reported():
    found, _ = parse_deployments(body({"id": "a\x1b", "name": "\u202ex", "last_deployed_at": 1_793_999_000}))
    assert (found[0].agent_id, found[0].agent) == ("a␛", "�x")
    assert parse_deployments(b"<html>")[1] is not None


def test_an_agent_is_found_by_id_then_name_then_ignoring_case():
    one, two = Deployment("id1", "checkout", 1.0), Deployment("id2", "Checkout", 2.0)
    assert deployments_of("id2", [one, two]) == [two]
    assert deployments_of("checkout", [one, two]) == [one]
    assert deployments_of("CHECKOUT", [one, two]) == [one, two]
    assert deployments_of("nobody", [one, two]) == []
    assert Deployment("id", "", 1.0).label == "id"
