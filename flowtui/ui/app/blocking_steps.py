"""Takes items from a blocking iterator, in one thread, in turn with the coroutine that uses them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from threading import Semaphore
from typing import TypeVar

Item = TypeVar("Item")


async def blocking_steps(begin: Callable[[], Iterator[Item]]) -> AsyncGenerator[Item, None]:
    """Yield the items of the iterator that `begin` returns. Both run in a thread.

    The next item is taken once the last one was used: Python runs one thread at a time, so the use of an item would take
    twice as long meanwhile. Close it with `aclose` if it is not used to its end. Raises what the iterator raises.
    """
    loop, items = asyncio.get_running_loop(), asyncio.Queue[list[Item]]()
    used, closed = Semaphore(0), False

    def read() -> None:
        try:
            for item in begin():
                loop.call_soon_threadsafe(items.put_nowait, [item])
                used.acquire()
                if closed:
                    return
        finally:
            if not closed:
                loop.call_soon_threadsafe(items.put_nowait, [])

    reading = asyncio.ensure_future(asyncio.to_thread(read))
    try:
        while found := await items.get():
            yield found[0]
            used.release()
        await reading
    finally:
        closed = True
        used.release()
        reading.cancel()
