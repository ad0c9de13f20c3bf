"""Times on the command line, and marks that stand for a time."""

from datetime import UTC, datetime

import pytest

from flowtui.cli.options.moments import parse_moment, release_marks, time_of_deployment, time_of_mark
from flowtui.config.memory.marks import owner_of, set_mark
from flowtui.config.settings import Settings
from flowtui.errors import UsageError
from flowtui.model.state.marks import Deployment

HERE = Settings()
NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("now", NOW),
        (" NOW ", NOW),
        ("10m", NOW - 600),
        ("600", NOW - 600),
        (str(NOW - 5), NOW - 5),
        (str(int(NOW - 5) * 1000), NOW - 5),
        ("2026-11-24T11:00:00Z", NOW - 3600),
        ("11:59", NOW - 60),
    ],
)
def test_each_form_of_a_moment_is_read(text, at):
    assert parse_moment("--at", text, UTC, NOW) == at


@pytest.mark.parametrize("text", ["", "soon", "12:01x", "1.2.3", "٣", str(NOW + 60), "2026-11-25"])
def test_wrong_and_future_moments_are_refused(text):
    with pytest.raises(UsageError, match="--at: "):
        parse_moment("--at", text, UTC, NOW)


@pytest.fixture
def marks(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    set_mark(owner_of(HERE), "release-42", NOW - 60, made=NOW)
    set_mark(owner_of(HERE), "release-41", NOW - 600, made=NOW)


def test_a_mark_gives_its_time(marks):
    assert time_of_mark("--since", "release-42", HERE, NOW) == NOW - 60


def test_an_unknown_mark_gets_a_suggestion(marks):
    with pytest.raises(UsageError, match="no mark 'relaese-42'") as caught:
        time_of_mark("--since", "relaese-42", HERE, NOW)
    assert caught.value.hint == "Did you mean release-42?"
    with pytest.raises(UsageError) as caught:
        time_of_mark("--since", "\x1b[2J", HERE, NOW)
    assert "\x1b" not in caught.value.message
    assert caught.value.hint == "There are release-41, release-42"


def test_marks_of_other_profiles_are_not_used(marks):
    with pytest.raises(UsageError, match="in profile staging") as caught:
        time_of_mark("--since", "release-42", Settings(profile="staging"), NOW)
    assert "flowtui mark NAME" in caught.value.hint


def test_marks_of_other_addresses_are_not_used_and_the_error_names_the_address(marks):
    there = Settings(base_url="https://staging.example")
    with pytest.raises(UsageError, match=r"no mark .release-42. for https://staging\.example") as caught:
        time_of_mark("--since", "release-42", there, NOW)
    assert caught.value.hint == "A mark of this name was made for https://flow.seekr.com"
    assert release_marks(there, "release") == ()
    assert [mark.name for mark in release_marks(HERE, "release")] == ["release-41", "release-42"]


def test_a_mark_in_the_future_is_refused(marks):
    with pytest.raises(UsageError, match="is in the future"):
        time_of_mark("--since", "release-42", HERE, NOW - 3600)


def test_an_agents_deployment_gives_its_time():
    agents = [Deployment("a1", "checkout", NOW - 9), Deployment("a2", "twin", 1), Deployment("a3", "twin", 2)]
    assert time_of_deployment("--since", "checkout", agents, NOW) == NOW - 9
    with pytest.raises(UsageError, match="no agent 'chekout'") as caught:
        time_of_deployment("--since", "chekout", agents, NOW)
    assert caught.value.hint == "Did you mean checkout?"
    with pytest.raises(UsageError, match="2 agents are called 'twin'") as caught:
        time_of_deployment("--since", "twin", agents, NOW)
    assert "a2, a3" in caught.value.hint
    with pytest.raises(UsageError, match="future"):
        time_of_deployment("--since", "checkout", agents, NOW - 60)
