"""Which agents cannot start runs, from a list of agents."""

import json

import pytest

from flowtui.model.state.agent_statuses import UNREAD, parse_agent_statuses


def not_active(*agents):
    return dict(parse_agent_statuses(json.dumps({"data": agents}).encode(), 5.0).not_active)


@pytest.mark.parametrize("status", ["Inactive", "Pending", "Failed", "INACTIVE", "failed"])
def test_documented_statuses_other_than_active_are_kept_as_written(status):
    assert not_active({"id": "a", "status": status}) == {"a": status}


@pytest.mark.parametrize(
    "agent",
    [
        {"id": "a", "status": "Active"},
        {"id": "a", "status": "active"},
        {"id": "a", "status": "Asleep"},
        {"id": "a", "status": "\x1b[2JFailed"},
        {"id": "a", "status": ""},
        {"id": "a", "status": None},
        {"id": "a", "status": ["Failed"]},
        {"id": "a"},
        {"id": None, "status": "Failed"},
        {"status": "Failed"},
        "Failed",
        None,
    ],
)
def test_nothing_is_claimed_of_other_agents(agent):
    assert not_active(agent) == {}


def test_ids_are_display_safe_and_the_time_is_kept():
    found = parse_agent_statuses(b'[{"id": "a\\u001b", "status": "Failed"}]', 5.0)
    assert found.not_active == {"a␛": "Failed"}
    assert found.read_at == 5.0


@pytest.mark.parametrize("body", [b"", b"<html>", b"null", b"[", b"{}"])
def test_an_unreadable_list_claims_nothing(body):
    assert parse_agent_statuses(body, 5.0).not_active == UNREAD.not_active == {}
