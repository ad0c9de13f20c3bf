"""The marks of a server alone, without an application: reading and setting them, errors, and deployments."""

from __future__ import annotations

import os
from datetime import UTC
from pathlib import Path

import pytest

from flowtui.config.memory.marks import MAX_MARKS, MarkChange, Owner, read_marks, set_mark
from flowtui.config.memory.marks_file import marks_path
from flowtui.model.state.marks import Deployment, Mark
from flowtui.model.state.snapshot import Snapshot
from flowtui.ui.base.messages import MarksNeeded, MomentMarked
from flowtui.ui.gate.deploy_marks import DeployMarks, mark_message, time_words

from ..services import FakeServices

BEGIN = 1_800_000_000.0  # 08:00:00 UTC
HERE = Owner("prod", "https://flow.seekr.com")


class Marks:
    """The controller, whose owner a test may change. `changes`: how often it said that other marks were read."""

    def __init__(self, owner=HERE):
        self.owner, self.changes = owner, 0
        self.services = FakeServices(BEGIN)
        self.controller = DeployMarks(self.services, lambda: self.owner, UTC, self._changed)

    def _changed(self):
        self.changes += 1

    async def handle(self, message):
        self.controller.handle(message)
        await self.services.work()

    @property
    def said(self):
        return [(said.severity, said.timeout, said.text) for said in self.services.said]


@pytest.fixture
def marks():
    return Marks()


def _break_file():
    marks_path().parent.mkdir(parents=True, exist_ok=True)
    marks_path().write_text("{")


def _make_folder_impossible():
    state = Path(os.environ["XDG_STATE_HOME"])
    state.parent.mkdir(parents=True, exist_ok=True)
    state.write_text("not a folder")


def _text_of(path):
    return Path(path).read_text()


async def test_a_mark_is_set_at_this_moment_for_this_profile_and_server(marks):
    await marks.handle(MomentMarked("v1.4"))
    assert marks.said == [("information", 4, "Marked v1.4 at 08:00:00")]
    assert (marks.controller.marks, marks.changes) == ((Mark(BEGIN, "v1.4"),), 1)
    assert [(mark.at, mark.made) for mark in read_marks(HERE).values()] == [(BEGIN, BEGIN)]
    assert read_marks(HERE._replace(profile="default")) == {}
    assert read_marks(HERE._replace(address="http://127.0.0.1:1")) == {}
    marks.services.advance(60)
    await marks.handle(MomentMarked("v1.4"))
    assert marks.services.texts[1] == "Marked v1.4 at 08:01:00; it was at 08:00:00 before"
    assert (marks.controller.marks, marks.changes) == ((Mark(BEGIN + 60, "v1.4"),), 2)


async def test_the_time_of_a_mark_is_when_the_user_asked_for_it(marks):
    marks.controller.handle(MomentMarked("v1"))
    marks.services.advance(5)  # the worker starts later
    await marks.services.work()
    assert read_marks(HERE)["v1"].at == BEGIN


async def test_marks_are_read_again_when_a_screen_needs_them_and_drawn_only_if_they_changed(marks):
    await marks.handle(MarksNeeded())
    assert (marks.controller.marks, marks.changes) == ((), 0)
    for name, ago in (("second", 200), ("first", 400)):  # set by a pipeline
        set_mark(HERE, name, BEGIN - ago, made=BEGIN)
    for _ in range(2):
        await marks.handle(MarksNeeded())
    assert marks.controller.marks == (Mark(BEGIN - 400, "first"), Mark(BEGIN - 200, "second"))
    assert (marks.changes, marks.said) == (1, [])


async def test_a_second_reading_replaces_the_first_but_not_the_setting_of_a_mark(marks):
    marks.controller.handle(MomentMarked("v1"))
    marks.controller.handle(MomentMarked("v2"))
    marks.controller.read()
    marks.controller.read()
    assert [(each.group, each.exclusive) for each in marks.services.started] == [
        ("setting", False),
        ("setting", False),
        ("marks", True),
    ]
    await marks.services.work()
    assert [mark.name for mark in marks.controller.marks] == ["v1", "v2"]


async def test_a_broken_file_is_a_warning_and_the_known_marks_stay(marks):
    set_mark(HERE, "v1", BEGIN - 400, made=BEGIN)
    await marks.handle(MarksNeeded())
    _break_file()
    await marks.handle(MarksNeeded())
    [(severity, timeout, text)] = marks.said
    assert (severity, timeout) == ("warning", 6)
    assert "is broken and no mark can be read" in text
    assert (marks.controller.marks, marks.changes) == ((Mark(BEGIN - 400, "v1"),), 1)


async def test_a_mark_is_set_although_the_file_is_broken_and_the_message_names_the_renamed_file(marks):
    _break_file()
    await marks.handle(MomentMarked("v1"))
    [(severity, timeout, text)] = marks.said
    assert (severity, timeout) == ("information", 10)
    assert text.startswith("Marked v1 at 08:00:00; the file of marks was broken and is now ")
    assert _text_of(text.rpartition(" is now ")[2]) == "{"
    assert marks.controller.marks == (Mark(BEGIN, "v1"),)


async def test_a_mark_that_cannot_be_written_is_an_error_and_nothing_is_read(marks):
    _make_folder_impossible()
    await marks.handle(MomentMarked("v1"))
    assert [said[:2] for said in marks.said] == [("error", 8)]
    assert (marks.controller.marks, marks.changes) == ((), 0)


async def test_a_name_that_no_mark_may_have_is_an_error(marks):
    await marks.handle(MomentMarked("agent:x"))
    assert [said[:2] for said in marks.said] == [("error", 8)]
    assert "Names that begin with agent: are reserved for agents" in marks.services.texts[0]
    assert not marks_path().exists()


async def test_in_the_demo_there_are_no_marks_until_its_server_runs():
    marks = Marks(owner=None)
    await marks.handle(MarksNeeded())
    assert (marks.services.started, marks.said) == ([], [])
    await marks.handle(MomentMarked("v1"))
    assert marks.said == [("warning", 3, "The demo has not started yet")]
    marks.owner = HERE
    await marks.handle(MomentMarked("v1"))
    assert [mark.name for mark in marks.controller.marks] == ["v1"]


async def test_marks_of_a_server_that_is_no_longer_shown_are_ignored(marks):
    set_mark(HERE, "v1", BEGIN - 400, made=BEGIN)
    marks.controller.read()
    marks.owner = HERE._replace(address="http://127.0.0.1:1")
    await marks.services.work()
    assert (marks.controller.marks, marks.changes) == ((), 0)


async def test_the_deployments_of_agents_are_marks_too_sorted_by_time(marks):
    set_mark(HERE, "v1", BEGIN - 400, made=BEGIN)
    await marks.handle(MarksNeeded())
    assert marks.controller.with_deployments(None) == [Mark(BEGIN - 400, "v1")]
    deployed = [
        Deployment("agent_1", "triage", BEGIN - 500),
        Deployment("agent_2", "", BEGIN - 300),
    ]
    assert marks.controller.with_deployments(Snapshot(BEGIN, deployments=deployed)) == [
        Mark(BEGIN - 500, f"agent:{deployed[0].label}"),
        Mark(BEGIN - 400, "v1"),
        Mark(BEGIN - 300, f"agent:{deployed[1].label}"),
    ]
    assert marks.controller.marks == (Mark(BEGIN - 400, "v1"),)


def test_a_time_of_day_that_is_not_of_today_has_its_date():
    assert time_words(BEGIN, BEGIN + 20 * 3600, UTC) == "08:00:00"
    assert time_words(BEGIN, BEGIN + 20 * 3600 + 1, UTC) == "2027-01-15 08:00:00 UTC"


def test_the_message_counts_the_oldest_marks_that_were_dropped():
    written = MarkChange(None, dropped=MAX_MARKS * 2)
    said = mark_message(Mark(BEGIN, "v1"), written, BEGIN, UTC)
    assert said == "Marked v1 at 08:00:00; 1,000 of the oldest marks were dropped"
