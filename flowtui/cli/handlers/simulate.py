"""`flowtui simulate`, and the simulator that `demo` brings along. Imports the server only when one is wanted."""

from __future__ import annotations

import signal
import sys
import threading
from typing import TYPE_CHECKING

from flowtui.cli.log import start_log
from flowtui.cli.world import settings_of

if TYPE_CHECKING:
    from argparse import Namespace
    from types import FrameType

    from flowtui.cli.command import Call
    from flowtui.simulator.server import Simulator


def simulator_of(options: Namespace, *, port: int, key: str | None = None) -> Simulator:
    """Return the simulator that the options describe, not started yet.

    Raises:
        UsageError: there is no such fault.
    """
    from flowtui.simulator.server import Simulator  # noqa: PLC0415  imports starlette and uvicorn

    return Simulator(
        seed=options.seed,
        threads=options.threads,
        runs=options.runs,
        speed=options.speed,
        faults=options.fault,
        key=key,
        port=port,
        deploy_at=getattr(options, "deploy_at", None),
    )


def simulate(call: Call) -> int:
    """Serve until a signal ends it; the first line on stdout is the address. Returns 128 and the signal's number.

    Raises:
        UsageError: there is no such fault, or the port is taken.
    """
    start_log(settings_of(call, use_file=False), call.command.name)
    simulator = simulator_of(call.options, port=call.options.port, key=call.options.key)
    ended = threading.Event()
    caught: list[int] = []

    def end(number: int, _frame: FrameType | None) -> None:
        caught.append(number)
        ended.set()

    # Before the address is out: whoever reads it may end us at once.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), end)
    with simulator:
        sys.stdout.write(f"{simulator.url}\n")
        sys.stdout.flush()
        ended.wait()
    return 128 + caught[0]
