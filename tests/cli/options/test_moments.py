"""Times on the command line, and marks that stand for a time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from flowtui.cli.options.moments import (
    parse_moment,
    parse_time,
    parse_until,
    release_marks,
    time_of_deployment,
    time_of_mark,
)
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
        ("11:59:30", NOW - 30),
        ("12:00", NOW),
        ("12:30", NOW - 23.5 * 3600),
        ("12:30+01:00", NOW - 1800),
        ("yesterday", NOW - 36 * 3600),
        ("2026-11-24", NOW - 12 * 3600),
        ("99999999d", 0.0),
        ("0001-01-01", 0.0),
    ],
)
def test_each_form_of_a_moment_is_read(text, at):
    assert parse_moment("--at", text, UTC, NOW) == at


@pytest.mark.parametrize("text", ["", "soon", "12:01x", "1.2.3", "٣", str(NOW + 60), "2026-11-25"])
def test_wrong_and_future_moments_are_refused(text):
    with pytest.raises(UsageError, match="--at: "):
        parse_moment("--at", text, UTC, NOW)


@pytest.mark.parametrize(
    ("since", "text", "at"),
    [
        ("18:00", "07:00", "2026-11-24T07:00Z"),
        ("2026-11-22T18:00", "07:00", "2026-11-23T07:00Z"),
        ("yesterday", "00:00", "2026-11-24T00:00Z"),
        ("24h", "1h", "2026-11-24T11:00Z"),
        ("3h", "now", "2026-11-24T12:00Z"),
        ("99999999d", "07:00", "1970-01-01T07:00Z"),
    ],
)
def test_a_clock_time_ends_a_span_at_the_first_one_after_its_begin(since, text, at):
    begin = parse_moment("--since", since, UTC, NOW)
    assert parse_until("--until", text, UTC, NOW, since=begin) == datetime.fromisoformat(at).timestamp()


def test_an_end_may_be_in_the_future_but_not_before_the_begin():
    evening = datetime.fromisoformat("2026-11-24T18:00Z").timestamp()
    assert parse_until("--until", "18:00", UTC, NOW, since=NOW - 60) == evening > NOW
    for text in ("2h", "60m", "yesterday"):
        with pytest.raises(UsageError, match="is not after --since"):
            parse_until("--until", text, UTC, NOW, since=NOW - 3600)


def test_hours_that_come_twice_or_never_are_not_guessed_at():
    berlin = ZoneInfo("Europe/Berlin")
    with pytest.raises(UsageError, match="2026-10-25 02:30 comes twice") as caught:
        parse_moment("--since", "2026-10-25T02:30", berlin, NOW)
    assert caught.value.hint == "Write one of 2026-10-25T02:30+02:00 and 2026-10-25T02:30+01:00"
    with pytest.raises(UsageError, match="there is no 2026-03-29 02:30"):
        parse_moment("--since", "2026-03-29T02:30", berlin, NOW)
    back = datetime(2026, 10, 25, 1, 0, tzinfo=UTC).timestamp()  # clocks go from 3:00 to 2:00
    assert parse_moment("--since", "02:30", berlin, back + 3600) == back + 1800
    assert parse_moment("--since", "02:30", berlin, back + 60) == back - 1800
    assert parse_until("--until", "02:30", berlin, back + 7200, since=back - 3600) == back - 1800
    assert parse_until("--until", "02:30", berlin, back + 7200, since=back) == back + 1800
    forth = datetime(2026, 3, 29, 1, 0, tzinfo=UTC).timestamp()  # clocks go from 2:00 to 3:00
    assert parse_moment("--since", "02:30", berlin, forth + 3600) == forth - 23.5 * 3600
    assert parse_moment("--since", "yesterday", berlin, forth + 3600) == forth - 26 * 3600


@pytest.fixture
def marks(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    set_mark(owner_of(HERE), "release-42", NOW - 60, made=NOW)
    set_mark(owner_of(HERE), "release-41", NOW - 600, made=NOW)


def test_a_mark_gives_its_time(marks):
    assert time_of_mark("--since", "release-42", HERE, NOW) == NOW - 60


def test_a_mark_may_begin_or_end_a_span(marks):
    utc = Settings(tz="utc")
    assert parse_time("--since", " mark:release-41", utc, NOW) == NOW - 600
    assert parse_time("--until", "mark:release-42", utc, NOW, since=NOW - 600) == NOW - 60
    assert parse_time("--until", "11:59", utc, NOW, since=NOW - 600) == NOW - 60
    with pytest.raises(UsageError, match="is not after --since"):
        parse_time("--until", "mark:release-41", utc, NOW, since=NOW - 60)
    assert parse_time("--since", "mark:agent:checkout", utc, NOW) is None


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
