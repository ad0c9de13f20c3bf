"""Threads for blocking calls such as host name look-ups. The process does not wait for them when it ends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class DaemonThreads(ThreadPoolExecutor):
    """An executor with one daemon thread per call.

    The executor of asyncio would delay the exit: Python waits for its threads, even if a host name look-up hangs.
    """

    def submit(self, call: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Run `call` in a new thread and return the future of its result."""
        future: Future[Any] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = call(*arguments, **named)
            except BaseException as error:  # noqa: BLE001  the caller gets it from the future
                future.set_exception(error)
            else:
                future.set_result(result)

        threading.Thread(target=run, name="flowtui-call", daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Return at once, without waiting for running calls."""


def never_wait_for_threads() -> None:
    """Make the running event loop use `DaemonThreads` for its blocking calls."""
    asyncio.get_running_loop().set_default_executor(DaemonThreads())


def run_loop(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end as `asyncio.run` does, but do not wait for threads afterwards; return its result."""

    async def begin() -> T:
        never_wait_for_threads()
        return await main

    return asyncio.run(begin())
