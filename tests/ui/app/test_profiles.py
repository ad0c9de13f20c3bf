"""Switching profiles: the new profile's runs are read with its key, and nothing of the old one is left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtui.config.memory.memory import recall
from flowtui.errors import ConfigError
from flowtui.ui.app.profiles import Profiles
from flowtui.ui.base.messages import ProfileChosen, RefreshRequested
from flowtui.ui.run.run_screen import RunScreen
from flowtui.ui.table.run_table import RunTable
from flowtui.ui.widgets.menu import Menu


@pytest.fixture
def two(app, simulate):
    """Open the application for a profile; return it, and the server of a second profile, which needs another key."""

    def open_app(**settings):
        other = simulate(seed=11, threads=3, runs=9)
        return app(profile="shop", **settings), other

    return open_app


def _profiles(seat, other):
    first = seat.app.settings
    second = replace(first, profile="lab", base_url=other.url)

    def settings_for(name):
        if name == "broken":
            raise ConfigError("profile broken has no key", hint="Set api_key_env in it")
        return {"shop": first, "lab": second}[name]

    seat.app.profiles = Profiles(lambda: ["shop", "lab", "broken"], settings_for)


def _there(seat, count):
    return bool(seat.dashboard.query(RunTable)) and len(seat.ids) == count


async def test_the_other_profile_shows_its_own_runs_and_nothing_of_the_first(two):
    opening, other = two()
    async with opening as seat:
        _profiles(seat, other)
        ours, theirs = set(seat.ids), {run for thread in other.thread_ids() for run in other.run_ids(thread)}
        assert not ours & theirs
        await seat.press("space", "slash", *"failed", "enter")
        await seat.press("P")
        await seat.until(lambda: isinstance(seat.app.screen, Menu))
        await seat.sees("shop", "shown now", "lab", other.url, "broken", "has no key")
        await seat.press("2")
        await seat.until(lambda: _there(seat, len(theirs)) and set(seat.ids) == theirs)
        await seat.sees("lab", other.url.removeprefix("http://"))
        assert seat.dashboard.view.text == ""
        assert not len(seat.table.selection)
        assert not any(run in seat.text for run in ours)
        before = len(seat.simulator.requests)
        seat.clock.advance(30)
        seat.app.post_message(RefreshRequested())
        await seat.until(lambda: len(other.requests) > 20)
        assert len(seat.simulator.requests) == before
        await seat.press("P")
        await seat.until(lambda: isinstance(seat.app.screen, Menu))
        await seat.press("1")
        await seat.until(lambda: bool(seat.dashboard.query(RunTable)) and set(seat.ids) == set(seat.world()))
        assert not set(seat.ids) & theirs


async def test_switching_closes_an_opened_run(two):
    opening, other = two()
    async with opening as seat:
        _profiles(seat, other)
        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        seat.app.post_message(ProfileChosen("lab"))
        await seat.until(lambda: seat.app.screen is seat.dashboard and seat.dashboard.is_mounted)
        await seat.sees("lab")


async def test_if_a_profile_cannot_be_used_its_error_is_shown_and_the_current_one_stays(two):
    opening, other = two()
    async with opening as seat:
        _profiles(seat, other)
        ids = seat.ids
        seat.app.post_message(ProfileChosen("broken"))
        await seat.sees("profile broken has no key", "Set api_key_env in it")
        assert seat.ids == ids
        assert seat.app.settings.profile == "shop"


async def test_the_sort_order_is_remembered_for_each_profile(two):
    opening, other = two()
    async with opening as seat:
        _profiles(seat, other)
        await seat.press("s", "S")
        await seat.until(lambda: recall("shop").sort == "status")
        assert recall("shop").descending is True
        assert recall("lab").sort is None
        seat.app.post_message(ProfileChosen("lab"))
        await seat.until(lambda: _there(seat, 9))
        assert seat.dashboard.view.sort == "age"
        seat.app.post_message(ProfileChosen("shop"))
        await seat.until(lambda: _there(seat, 16))
        assert (seat.dashboard.view.sort, seat.dashboard.view.descending) == ("status", True)


async def test_the_demo_says_that_it_has_no_profiles(app):
    async with app() as seat:
        await seat.press("P")
        await seat.sees("The demo has no profiles")
