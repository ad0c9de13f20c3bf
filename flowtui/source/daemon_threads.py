"""Threads for what blocks, such as the look-up of a host's name: nobody waits for them when the process ends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class DaemonThreads(ThreadPoolExecutor):
    """One thread a call. Python's own pool is waited for at the end, for as long as a name server may take."""

    def submit(self, call: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Run a call in a thread of its own."""
        future: Future[Any] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = call(*arguments, **named)
            except BaseException as error:  # noqa: BLE001  whoever awaits the future gets it
                future.set_exception(error)
            else:
                future.set_result(result)

        threading.Thread(target=run, name="flowtui-call", daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for nobody."""


def never_wait_for_threads() -> None:
    """Let the running loop make its threads so."""
    asyncio.get_running_loop().set_default_executor(DaemonThreads())


def run_loop(main: Coroutine[Any, Any, T]) -> T:
    """Run a program to its end in a loop of its own, as `asyncio.run`, and wait for no thread."""

    async def begin() -> T:
        never_wait_for_threads()
        return await main

    return asyncio.run(begin())
