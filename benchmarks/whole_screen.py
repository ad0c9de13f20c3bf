"""Measures the whole dashboard while it draws updates such as the poller's, for a given number of runs."""

from __future__ import annotations

import asyncio
import gc
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from benchmarks.company_runs import Company
from benchmarks.hosts import NOW, SIZE
from flowtui.config.settings import Settings
from flowtui.ui.app.app import FlowtuiApp


class Unconnected(FlowtuiApp):
    """The application without a connection to a server."""

    def _connect(self) -> None:
        pass


@contextmanager
def alone() -> Iterator[None]:
    """Hide the user's own configuration until the end of the block."""
    with tempfile.TemporaryDirectory() as folder:
        homes = {f"XDG_{name}_HOME": folder for name in ("CONFIG", "STATE", "DATA", "CACHE")}
        with patch.dict(os.environ, {**homes, "SEEKR_API_KEY": "any"}):
            yield


async def _updates(company: Company, turns: int) -> list[float]:
    app = Unconnected(Settings(), now=lambda: NOW)
    spent = []
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        for _ in range(turns + 2):
            update = company.turn()
            painted = asyncio.Event()
            before = time.process_time()
            app.session.update(update)
            app.screen.call_after_refresh(painted.set)
            await asyncio.wait_for(painted.wait(), 60.0)
            spent.append(time.process_time() - before)
            gc.collect()
        assert len(app.dashboard.table.rows) == sum(map(len, company.by_thread.values()))
    return spent[2:]  # the first ones fill the caches


def updates(company: Company, turns: int) -> list[float]:
    """Return the seconds of CPU of `turns` updates, each with one changed run, until it is painted."""
    with alone():
        return asyncio.run(_updates(company, turns))
