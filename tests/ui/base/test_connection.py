"""Closing a connection closes the pool, also when the closing task is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
from unittest.mock import AsyncMock, Mock

from flowtui.ui.base.connection import Connection


async def test_a_cancelled_close_still_closes_the_pool():
    held, ends = asyncio.Event(), asyncio.Event()

    async def poll():
        try:
            await asyncio.Event().wait()
        finally:
            held.set()
            await ends.wait()

    shut = AsyncMock()
    polling = asyncio.create_task(poll())
    await asyncio.sleep(0)
    connection = Connection(Mock(), Mock(), Mock(), polling, shut, {})
    closing = asyncio.create_task(connection.close())
    await held.wait()
    shut.assert_not_called()
    closing.cancel()
    ends.set()
    with contextlib.suppress(asyncio.CancelledError):
        await closing
    shut.assert_awaited_once()
