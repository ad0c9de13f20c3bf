"""A worker is named by its group: its arguments, which may be a whole snapshot, are not written out."""

from __future__ import annotations

from functools import partial

from textual.app import App

from flowtui.ui.base.workers import start_worker


class Argument:
    """Notes whether it was written out as text."""

    written = False

    def __repr__(self):
        self.written = True
        return "argument"


async def test_the_arguments_of_a_worker_are_not_written_out():
    given, taken = Argument(), []

    async def work(argument):
        taken.append(argument)

    async with App().run_test() as pilot:
        start_worker(pilot.app, partial(work, given), "past")
        await pilot.app.workers.wait_for_complete()
    assert taken == [given]
    assert not given.written
