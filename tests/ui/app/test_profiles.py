"""Switching profiles: the new profile's runs are read with its key, and nothing of the old one is left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtui.config.memory.memory import recall
from flowtui.config.settings import Settings
from flowtui.errors import ConfigError
from flowtui.ui.app.profiles import Profiles, ProfileSwitcher
from flowtui.ui.base.messages import ProfileChosen, RefreshRequested
from flowtui.ui.run.run_screen import RunScreen
from flowtui.ui.table.run_table import RunTable
from flowtui.ui.widgets.menu import Choice, Entry, Menu

from ..services import FakeServices, Said

SHOP = Settings(profile="shop", base_url="https://shop")
LAB = Settings(profile="lab", base_url="https://lab")


def two_profiles(shop, lab):
    """Return the functions that read a config file with these two profiles, and one that cannot be used."""

    def settings_for(name):
        if name == "broken":
            raise ConfigError("profile broken has no key", hint="Set api_key_env in it")
        return {"shop": shop(), "lab": lab()}[name]

    return Profiles(lambda: ["shop", "lab", "broken"], settings_for)


class Desk:
    """A switcher that shows the profile `shop`; `switched` are the settings that it switched to."""

    def __init__(self, profiles):
        self.services, self.switched = FakeServices(), []
        self.switcher = ProfileSwitcher(self.services, profiles, "shop", self._switch)

    async def _switch(self, settings):
        assert self.services.said == []  # the message follows
        self.switched.append(settings)

    async def handle(self, name=""):
        self.switcher.handle(ProfileChosen(name))
        await self.services.work("profiles")

    @property
    def entries(self):
        [asked] = self.services.asked
        return asked.dialog._entries


@pytest.fixture
def desk():
    return Desk(two_profiles(lambda: SHOP, lambda: LAB))


async def test_the_menu_has_the_address_of_each_profile_and_a_choice_switches(desk):
    await desk.handle()
    assert isinstance(desk.services.asked[0].dialog, Menu)
    assert desk.services.asked[0].dialog._title_text == "Profiles"
    shop, lab, broken = desk.entries
    assert shop == Entry("1", "shop", "shown now")
    assert lab == Entry("2", "lab", "https://lab")
    assert broken[:2] == ("3", "broken")
    assert "has no key" in broken.hint
    desk.services.answer(Choice("2"))
    await desk.services.work("profiles")
    assert desk.switched == [LAB]
    assert desk.services.said == [Said("Profile lab", "", "information", 2)]


@pytest.mark.parametrize("answer", [None, Choice("1")])
async def test_the_shown_profile_or_none_switches_nothing(desk, answer):
    await desk.handle()
    desk.services.answer(answer)
    assert (desk.services.started, desk.switched, desk.services.said) == ([], [], [])


async def test_a_later_choice_replaces_one_that_is_not_done_yet(desk):
    desk.switcher.handle(ProfileChosen("broken"))
    await desk.handle("lab")
    assert desk.switched == [LAB]
    assert desk.services.texts == ["Profile lab"]


async def test_a_profile_that_cannot_be_used_is_explained_and_the_shown_one_stays(desk):
    await desk.handle("broken")
    [said] = desk.services.said
    assert "profile broken has no key" in said.text
    assert "Set api_key_env in it" in said.text
    assert (said.severity, said.timeout) == ("error", 8)
    assert desk.switched == []


async def test_a_config_file_that_cannot_be_read_is_explained_and_no_menu_opens():
    def names():
        raise ConfigError("flowtui.toml: line 3 is no TOML", hint="")

    desk = Desk(Profiles(names, lambda _name: LAB))
    await desk.handle()
    [said] = desk.services.said
    assert "line 3 is no TOML" in said.text
    assert (said.severity, said.timeout) == ("error", None)
    assert desk.services.asked == []


async def test_each_profile_has_a_letter_of_its_own_that_moves_no_cursor():
    desk = Desk(Profiles(lambda: [f"profile_{number}" for number in range(99)], lambda _name: LAB))
    await desk.handle()
    letters = [entry.letter for entry in desk.entries]
    assert len(set(letters)) == len(letters) == 31
    assert not set(letters) & set("qjks")
    assert [entry.name for entry in desk.entries] == [f"profile_{number}" for number in range(31)]


async def test_the_demo_says_that_it_has_no_profiles():
    desk = Desk(None)
    await desk.handle()
    await desk.handle("lab")
    said = Said("The demo has no profiles: they are in the config file", "", "information", 4)
    assert desk.services.said == [said, said]
    assert (desk.services.asked, desk.switched) == ([], [])


# -- on the dashboard ------------------------------------------------------------------------------------------


@pytest.mark.slow
async def test_the_other_profile_shows_its_own_runs_and_nothing_of_the_first(app, simulate):
    other = simulate(seed=11, threads=3, runs=9)
    theirs = {run for thread in other.thread_ids() for run in other.run_ids(thread)}
    first = []
    profiles = two_profiles(lambda: first[0], lambda: replace(first[0], profile="lab", base_url=other.url))

    async with app(profile="shop", profiles=profiles) as seat:
        first.append(seat.app.settings)
        ours = set(seat.ids)
        assert not ours & theirs

        async def shown(runs):
            """Wait until the table of the new dashboard shows these runs."""
            await seat.until(lambda: bool(seat.dashboard.query(RunTable)) and set(seat.ids) == runs)

        # The order is remembered for the shown profile alone.
        await seat.press("s", "s", "S")
        await seat.until(lambda: recall("shop").sort == "status")
        assert recall("shop").descending is True
        assert recall("lab").sort is None
        await seat.press("space", "slash", *"failed", "enter")
        await seat.press("P")
        await seat.until(lambda: isinstance(seat.app.screen, Menu))
        await seat.sees("shop", "shown now", "lab", other.url, "broken", "has no key")
        await seat.press("2")
        await shown(theirs)
        await seat.sees("lab", other.url.removeprefix("http://"))
        assert (seat.dashboard.view.text, seat.dashboard.view.sort) == ("", "age")
        assert not len(seat.table.selection)
        assert not any(run in seat.text for run in ours)

        # The first server is not asked any more.
        before = len(seat.simulator.requests)
        seat.clock.advance(30)
        seat.app.post_message(RefreshRequested())
        await seat.until(lambda: len(other.requests) > 20)
        assert len(seat.simulator.requests) == before

        await seat.press("P")
        await seat.until(lambda: isinstance(seat.app.screen, Menu))
        await seat.press("1")
        await shown(set(seat.world()))
        assert (seat.dashboard.view.sort, seat.dashboard.view.descending) == ("status", True)

        # A profile that cannot be used changes nothing.
        ids = set(seat.ids)
        seat.app.post_message(ProfileChosen("broken"))
        await seat.sees("profile broken has no key", "Set api_key_env in it")
        assert set(seat.ids) == ids
        assert seat.app.settings.profile == "shop"

        # A run that is open is closed.
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        seat.app.post_message(ProfileChosen("lab"))
        await seat.until(lambda: seat.app.screen is seat.dashboard and seat.dashboard.is_mounted)
        await seat.sees("lab")


async def test_a_dashboard_whose_parts_are_being_removed_is_not_asked_for_rows(app):
    async with app() as seat:
        dashboard = seat.dashboard
        assert dashboard.drawable
        await dashboard.query(RunTable).remove()
        assert dashboard.is_mounted
        assert (dashboard.drawable, dashboard.failures, dashboard.details) == (False, (), None)
        assert dashboard.selected_runs() == []
        assert seat.app.session.hurries()
        seat.app.session.tick()
