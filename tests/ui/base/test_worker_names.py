"""A worker is named by its group: its arguments, which may be a whole snapshot, are not written out."""

from __future__ import annotations

from textual.app import App

from flowtui.ui.base.workers import start_worker


class Work:
    """Background work that notes whether it was written out as text."""

    def __init__(self):
        self.done = self.written = False

    async def __call__(self):
        self.done = True

    def __repr__(self):
        self.written = True
        return "work"


async def test_the_arguments_of_a_worker_are_not_written_out():
    work = Work()
    async with App().run_test() as pilot:
        start_worker(pilot.app, work, "past")
        await pilot.app.workers.wait_for_complete()
    assert (work.done, work.written) == (True, False)
