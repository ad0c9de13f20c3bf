"""Waits until a screen has painted what it was given."""

from __future__ import annotations

import asyncio
from typing import Any

from textual.screen import Screen


async def painted(screen: Screen[Any]) -> None:
    """Return after the next paint of a screen; at once, if another screen is in front of it or it was closed."""
    if screen.is_current:
        done = asyncio.Event()
        screen.call_after_refresh(done.set)
        await done.wait()
