"""News over real HTTP: runs that fail for a reason that the history does not know are told in the line under the header."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.store.history import open_history
from flowtui.ui.dashboard.news_bar import NewsBar

from ..conftest import BEGIN, KEY

DAY = 86_400.0


def remember_nothing(url, at):
    """Write a history that begins at `at`, in which nothing failed."""
    history = open_history(Settings(base_url=url), SecretStr(KEY), lambda: at)
    for seconds in (0, 60):
        history.recorder.record(Update(Snapshot(at + seconds, listed=True)))
    history.close()


@pytest.mark.slow
async def test_what_fails_since_a_mark_is_told_and_a_click_shows_all_failures(
    app, clock, simulate, own_environment
):
    world = simulate(threads=4, runs=8, deploy_at="60s:failures=100%")
    remember_nothing(world.url, clock() - 3 * DAY)
    options = {"base_url": world.url, "remember": True, "marks": {"release-42": 3.0}}
    async with app(size=(120, 30), wait=False, **options) as seat:
        await seat.until(lambda: len(seat.rows))
        bar = seat.dashboard.query_one(NewsBar)

        async def told():
            await seat.later(15.0)  # a reason is fetched for one run after the other
            return bar.display

        while not await told():
            assert seat.clock() < BEGIN + 900, seat.text
        assert seat.lines[1].startswith(" ▲ new since release-42  ")
        assert "payments: no connection to psp-eu-2:# within #" in seat.lines[1]
        await seat.pilot.click(NewsBar)
        await seat.sees(
            "Failures", "payments: no connection to psp-eu-2:"
        )  # cut if it is not the chosen reason
