"""All faults that the simulated server can show, by name.

On the command line: NAME[:ARG][@SCOPE][*TIMES]. SCOPE selects the requests; each fault has a default, mostly `runs`.
After TIMES of these requests the fault ends. Faults in text and fields apply to each row, or with an argument (an id or
`newest`) to that row only.
"""

from __future__ import annotations

from typing import Final

from flowtui.simulator.faults.agents import AGENTS
from flowtui.simulator.faults.attach import ATTACHING
from flowtui.simulator.faults.bodies import BODIES
from flowtui.simulator.faults.cancelling import CANCELLING
from flowtui.simulator.faults.kinds import Fault
from flowtui.simulator.faults.messages import MESSAGES
from flowtui.simulator.faults.paging import PAGING
from flowtui.simulator.faults.shapes import SHAPES
from flowtui.simulator.faults.slashes import SLASHES
from flowtui.simulator.faults.span_trees import SPANS
from flowtui.simulator.faults.statuses import STATUSES
from flowtui.simulator.faults.suspects import SUSPECTS
from flowtui.simulator.faults.text import TEXT
from flowtui.simulator.faults.transport import TRANSPORT

GROUPS: Final[dict[str, dict[str, Fault]]] = {
    "text": TEXT,
    "fields": SHAPES,
    "suspects": SUSPECTS,
    "messages": MESSAGES,
    "spans": SPANS,
    "bodies": BODIES,
    "statuses": STATUSES,
    "slashes": SLASHES,
    "transport": TRANSPORT,
    "lists and keys": PAGING,
    "cancelling": CANCELLING,
    "event streams": ATTACHING,
    "agents": AGENTS,
}
"""The faults of each group, by name on the command line."""

FAULTS: Final[dict[str, Fault]] = {name: fault for group in GROUPS.values() for name, fault in group.items()}
"""All faults, by name on the command line."""
