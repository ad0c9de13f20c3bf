"""Faults in agents: only the older list of them, odd statuses, and agents that start no runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from flowtui.simulator.exchange import FaultUse, Record, Reply
from flowtui.simulator.faults.kinds import ALL, Fault
from flowtui.simulator.faults.rows import each, put
from flowtui.simulator.faults.statuses import answer
from flowtui.simulator.faults.suspects import as_queued

_AGENTS: Final = "agents"
_V2: Final = "/v2/"


def _older_only(reply: Reply, use: FaultUse) -> Reply:
    if not use.path.startswith(_V2):
        return reply
    return answer(int(use.number(404)), {"detail": "Not Found"})(reply, use)


def _not_active(status: str) -> Fault:
    """Return a fault that gives agents this status; their runs that are queued, or created later, stay queued.

    These have no spans. Whether a run is one of them is known once it was listed; no new spans of it are sent before.
    """

    def rows(found: list[Record], use: FaultUse) -> list[Any]:
        since = use.memory.setdefault("since", use.now)

        def shown(row: Record) -> Record:
            if "last_deployed_at" in row:
                return {**row, "status": status} if use.arg in {"", row["id"]} else row
            if "agent_id" not in row or "model" not in row or use.arg not in {"", row["agent_id"]}:
                return row  # no run, or a run of another agent
            held = use.memory.setdefault(row["id"], False)
            if not held and (row["status"] == "queued" or _time(row["created_at"]) >= since):
                held = use.memory[row["id"]] = True
            return as_queued(row, holds=False) if held else row

        def sent(row: Record) -> bool:
            if "span_id" not in row or use.arg not in {"", row["agent_id"]}:
                return True
            return _time(row["start_timestamp"]) < since or use.memory.get(row["run_id"]) is False

        return [shown(row) for row in found if sent(row)]

    return Fault(f"agent ARG is {status}, and its runs stay queued", rows=rows, argument="AGENT", scope=ALL)


def _time(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _without_status(row: Record) -> None:
    row.pop("status", None)


AGENTS: Final[dict[str, Fault]] = {
    "agents-v1": Fault(
        "ARG (404) for agents of version 2: only version 1 is served",
        reply=_older_only,
        argument="NUMBER",
        scope=_AGENTS,
    ),
    "agent-inactive": _not_active("Inactive"),
    "agent-pending": _not_active("Pending"),
    "agent-failed": _not_active("Failed"),
    "agent-status-odd": put(
        "agents have a status that nobody knows", scope=_AGENTS, status="[b]Asleep[/b]\x1b[2J"
    ),
    "agent-status-missing": each(_without_status, "agents have no status", scope=_AGENTS),
}
"""These faults, by name on the command line."""
