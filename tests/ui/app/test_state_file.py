"""What the user chooses is written to the state file in the background; trouble with the file is said once."""

from __future__ import annotations

import asyncio
import json

import pytest

from flowtui.config.memory.memory import Memory, memory_path, recall, remember
from flowtui.ui.app.state_file import StateFile
from flowtui.ui.base.messages import ChoiceMade

from ..services import FakeServices, Said


@pytest.fixture
def services():
    return FakeServices()


@pytest.fixture
def state_file(services):
    return StateFile(services, "shop", Memory())


async def test_a_choice_is_written_for_its_profile_alone(state_file, services):
    remember("shop", theme="day", sort="tokens")
    remember("lab", theme="day")
    state_file.handle(ChoiceMade({"theme": "night", "view": None}))
    assert recall("shop").theme == "day"  # the file is written by a worker
    await services.work("memory")
    assert (recall("shop").theme, recall("shop").sort, recall("shop").view) == ("night", "tokens", None)
    assert recall("lab").theme == "day"
    assert services.said == []


async def test_none_forgets_what_was_chosen(state_file, services):
    remember("shop", columns=["run", "status"], widths={"run": 30})
    state_file.handle(ChoiceMade({"columns": None, "widths": None}))
    await services.work()
    assert (recall("shop").columns, recall("shop").widths) == (None, {})


async def test_a_choice_with_a_delay_is_written_once_no_other_was_made_for_so_long(state_file, services):
    for order in ("status", "tokens", "age"):
        state_file.handle(ChoiceMade({"sort": order, "descending": True}, after=1.0))
        services.advance(0.9)
        assert services.started == []
    state_file.handle(ChoiceMade({"theme": "day"}))  # a choice without a delay neither waits nor is lost
    await services.work()
    assert (recall("shop").theme, recall("shop").sort) == ("day", None)
    services.advance(0.1)
    assert len(services.started) == 1
    await services.work()
    assert (recall("shop").sort, recall("shop").descending, recall("shop").theme) == ("age", True, "day")
    services.advance(60)
    assert services.started == []


async def test_choices_are_written_one_after_the_other(state_file, services, monkeypatch):
    written = []

    async def in_thread(change):
        written.append("begun")
        await asyncio.sleep(0)
        written.append(change.keywords["theme"])
        return True

    monkeypatch.setattr(asyncio, "to_thread", in_thread)
    for theme in ("day", "night"):
        state_file.handle(ChoiceMade({"theme": theme}))
    await asyncio.gather(*(started.work() for started in services.started))
    assert written == ["begun", "day", "begun", "night"]


async def test_a_file_that_cannot_be_written_is_said_once(state_file, services, monkeypatch, tmp_path):
    (tmp_path / "taken\x1b").write_text("")  # a file where the folder should be
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "taken\x1b"))
    for theme in ("day", "night"):
        state_file.handle(ChoiceMade({"theme": theme}))
        await services.work()
    path = str(memory_path()).replace("\x1b", "␛")
    said = f"{path} cannot be written: what you choose holds until you quit"
    assert services.said == [Said(said, "", "warning", 8)]


def test_a_file_that_cannot_be_read_is_said_once(services):
    memory_path().parent.mkdir(parents=True)
    memory_path().write_text(json.dumps(["no", "state"]))
    state_file = StateFile(services, "shop", recall("shop"))
    assert services.said == []
    state_file.report_trouble()
    state_file.report_trouble()
    [said] = services.said
    assert said.text.startswith(f"{memory_path()} was broken and is now state.broken.json")
    assert (said.severity, said.timeout) == ("warning", 8)


def test_without_trouble_nothing_is_said(state_file, services):
    state_file.report_trouble()
    assert services.said == []
