"""`flowtui simulate`, and the simulator of `flowtui demo`. Imports the server only when it starts one."""

from __future__ import annotations

import signal
import sys
import threading
from argparse import Namespace
from types import FrameType
from typing import TYPE_CHECKING

from flowtui.cli.call_settings import settings_of
from flowtui.cli.command import Call
from flowtui.cli.log import start_log

if TYPE_CHECKING:
    from flowtui.simulator.server import Simulator


def simulator_of(options: Namespace, *, port: int, key: str | None = None) -> Simulator:
    """Return the simulator that the options describe; the caller starts it.

    Raises:
        UsageError: a fault or `--deploy-at` is wrong.
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
        ids=options.ids,
    )


def simulate(call: Call) -> int:
    """Print the address on stdout, and serve until a signal comes. Return 128 plus the number of the signal.

    Raises:
        UsageError: a fault or `--deploy-at` is wrong, or the port is taken.
    """
    start_log(settings_of(call, use_file=False), call.command.name)
    simulator = simulator_of(call.options, port=call.options.port, key=call.options.key)
    ended = threading.Event()
    caught: list[int] = []

    def end(number: int, _frame: FrameType | None) -> None:
        caught.append(number)
        ended.set()

    # Installed before the address is printed: a caller that has read it may send a signal at once.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), end)
    with simulator:
        sys.stdout.write(f"{simulator.url}\n")
        sys.stdout.flush()
        ended.wait()
    return 128 + caught[0]
