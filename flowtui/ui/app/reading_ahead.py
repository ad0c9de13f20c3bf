"""Takes items from a blocking iterator in one thread of its own, a little ahead of the coroutine that uses them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from threading import Semaphore
from typing import Final, TypeVar

Item = TypeVar("Item")

_AHEAD: Final = 2
"""The most items that are taken before they are used."""


async def read_ahead(begin: Callable[[], Iterator[Item]]) -> AsyncGenerator[Item, None]:
    """Yield the items of the iterator that `begin` returns. Both run in a thread.

    Close it with `aclose` if it is not used to its end; the thread then ends with the item that it is taking. Raises
    what the iterator raises.
    """
    loop, items = asyncio.get_running_loop(), asyncio.Queue[list[Item]]()
    room, unused = Semaphore(_AHEAD), False

    def read() -> None:
        try:
            for item in begin():
                loop.call_soon_threadsafe(items.put_nowait, [item])
                room.acquire()
                if unused:
                    return
        finally:
            if not unused:
                loop.call_soon_threadsafe(items.put_nowait, [])

    reading = asyncio.ensure_future(asyncio.to_thread(read))
    try:
        while found := await items.get():
            yield found[0]
            room.release()
        await reading
    finally:
        unused = True
        room.release()
        reading.cancel()
