"""Values far above what is usual are marked, others are not; the note says how many times."""

from __future__ import annotations

from flowtui.model.columns.context import Context
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.lineage import Lineage
from flowtui.ui.table.unusual import NOTHING, UnusualValues

NOW = 1_800_000_000.0


def _context(runs):
    threads = {"thr_1": ThreadState("thr_1", 2.0, runs={run.raw_id: run for run in runs})}
    return Context(NOW, threads=threads, lineage=Lineage(runs))


def test_a_time_far_above_the_last_completed_runs_of_the_agent_is_unusual(a_run):
    def ended(number, took=10.0, tokens=100, waited=1.0):
        created = NOW - 3_000 + 60 * number
        return a_run(
            f"run_{number}",
            "completed",
            agent_id="agent_a",
            created=created,
            started=created + waited,
            completed=created + waited + took,
            usage={"total_tokens": tokens},
        )

    known = [ended(number) for number in range(12)]
    slow, hungry, quick = (
        ended(20, took=29.0),
        ended(21, tokens=190),
        ended(22, took=15.0, tokens=149, waited=4.9),
    )
    running = a_run("run_30", "running", agent_id="agent_a", created=NOW - 40, started=NOW - 35.0)
    context, values = _context([*known, slow, hungry, quick, running]), UnusualValues()

    def note(run):
        return "".join(span.text for span in values.of(run, context).note(run))

    assert note(slow) == "2.9× usual time"
    assert note(hungry) == "1.9× usual tokens"
    assert note(quick) == "", "at most 1.5 times what is usual, or a few seconds"
    assert note(running).endswith("× usual time, still counting")
    assert values.of(known[3], context) is NOTHING, "too few runs before it"
