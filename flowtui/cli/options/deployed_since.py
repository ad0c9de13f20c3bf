"""`--since mark:agent:NAME`: asks the server when an agent was last deployed."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from typing import Final

from flowtui.cli.options.moments import time_of_deployment
from flowtui.config.memory.marks import AGENT
from flowtui.headless.mark import ask_deployments
from flowtui.headless.retry import Requester, RetryBudget
from flowtui.source.clock import Clock
from flowtui.source.http.client import Client
from flowtui.source.poll.schedule import Budget
from flowtui.watch.options import Options
from flowtui.watch.signals import Signals

_CLOCK_TOLERANCE: Final = 2.0  # seconds; a server may date a deployment slightly later than its own clock


async def since_deployment(
    source: Client, options: Options, signals: Signals, clock: Clock, budget: int
) -> Options:
    """Return the options with `since` set to the agent's last deployment; unchanged if a signal comes before the answer.

    Failed requests are retried for the seconds of `--give-up-after`.

    Raises:
        UsageError: no agent or more than one has this name, or the deployment is in the future.
        ApiError: the server did not answer.
    """
    requester = Requester(clock, Budget(budget), random.Random(), RetryBudget(options.give_up_after))  # noqa: S311  jitter
    asking = asyncio.create_task(ask_deployments(source, requester))
    ended = asyncio.Event()
    asking.add_done_callback(lambda _: ended.set())
    signals.wake_with(ended.set)
    await ended.wait()
    if not asking.done():
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        return options
    found = asking.result()
    if found.error is not None:
        raise found.error
    at = time_of_deployment(
        "--since", options.mark.removeprefix(AGENT), found.value, requester.now + _CLOCK_TOLERANCE
    )
    return replace(options, since=at)
