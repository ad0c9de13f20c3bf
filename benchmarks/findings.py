"""Counts false findings in healthy days, and measures the time until true ones are found. Seeded: the same table each time.

    python -m benchmarks.findings [--seed N]

Observes the simulator's world in simulated time as the poller would: active threads often, the others and the list of
threads seldom, with outages. No HTTP; rows go through parser, store and rules.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from flowtui.model.findings.kinds import (
    AGENT_GRACE,
    FAR_FACTOR,
    FINDINGS,
    GRACE,
    QUEUED_FLOOR,
    RUNNING_FLOOR,
    TRUSTED_RUNS,
    UNTOUCHED_FLOOR,
)
from flowtui.model.findings.rules import Finding, run_findings, thread_findings
from flowtui.model.run.parsing import parse_run, parse_thread
from flowtui.model.run.row import Run
from flowtui.model.state.agent_statuses import UNREAD, AgentStatuses, parse_agent_statuses
from flowtui.model.state.known_runs import ThreadState, apply_runs, apply_thread
from flowtui.model.stats.usual_times import NO_USUAL_TIMES, UsualTimes, usual_times
from flowtui.simulator.exchange import FaultUse, encode
from flowtui.simulator.faults import FAULTS
from flowtui.simulator.faults.kinds import ALL
from flowtui.simulator.world.catalogue import AGENTS
from flowtui.simulator.world.dates import Calendar
from flowtui.simulator.world.records import agent_record, run_record, thread_record
from flowtui.simulator.world.scenario import World
from flowtui.source.poll.agent_rereads import SOON, AgentRereads

BEGIN: Final = 1_800_000_000.0
INTERVAL: Final = 5.0
SELDOM: Final = 30.0
PAGE: Final = 20
KEPT: Final = 400  # rows of a thread that are kept; the store is not measured here
DAY: Final = 86_400.0


@dataclass
class Watcher:
    """Observes a world whose seconds take `1 / speed` real ones, and keeps the state of its threads."""

    world: World
    speed: float = 1.0
    expires: bool = True
    now: float = BEGIN
    states: dict[str, ThreadState] = field(default_factory=dict)
    usual: UsualTimes = NO_USUAL_TIMES
    added_at: float = 0.0
    faults: list[ActiveFault] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    ended: dict[tuple[int, int], Run] = field(default_factory=dict)
    agents: AgentStatuses = UNREAD
    rereads: AgentRereads = field(default_factory=lambda: AgentRereads(300))

    def __post_init__(self) -> None:
        self.calendar = Calendar(lambda: self.now, BEGIN, self.speed)
        for thread in range(self.world.threads):
            key = self.world.thread_id(thread)
            self.states[key] = ThreadState(key, interval=INTERVAL)
        self.read_agents()

    def read_agents(self) -> None:
        """Read the list of agents."""
        records = [agent_record(self.world, number, self.calendar) for number in range(len(AGENTS))]
        self.agents = parse_agent_statuses(encode(self._with_faults(records, "agents")), self.now)

    def observe(self, thread: int) -> None:
        """Read the newest page of a thread."""
        key, world, at = self.world.thread_id(thread), self.world, self.calendar.now()
        timeline = world.timeline(thread)
        count = timeline.count(at)
        numbers = range(count - 1, max(-1, count - 1 - PAGE), -1)
        if self.faults:
            records = [run_record(world, thread, timeline[number], self.calendar, at) for number in numbers]
            rows = [parse_run(row, key) for row in self._with_faults(records, "runs")]
        else:
            rows = [self._row(thread, number, at) for number in numbers]
        rows = [*self._singles(thread, rows), *rows]
        state, changes = apply_runs(self.states[key], rows, at=self.now, whole=count <= PAGE)
        self.rereads.update(changes)
        if self.rereads.due(self.agents, self.agents.read_at, self.now):
            self.read_agents()
        if len(state.runs) > KEPT + 100:
            state = replace(state, runs=dict(list(state.runs.items())[:KEPT]))
        self.states[key] = state
        self.seen.update(row.raw_id for row in rows)

    def _singles(self, thread: int, page: list[Run]) -> list[Run]:
        """Read the active runs that are not on the page, one by one."""
        key, at, shown = self.world.thread_id(thread), self.calendar.now(), {row.raw_id for row in page}
        state, rows = self.states[key], list[Run]()
        for run in state.runs.values():
            if run.active and run.raw_id not in shown and run.raw_id not in state.not_seen:
                _, number = self.world.find_run(run.raw_id, at) or (thread, 0)
                plan = self.world.timeline(thread)[number]
                record = run_record(self.world, thread, plan, self.calendar, at)
                record["expires_at"] = record["expires_at"] if self.expires else None
                rows += [parse_run(row, key) for row in self._with_faults([record], "runs")]
        return rows

    def _row(self, thread: int, number: int, at: float) -> Run:
        """Return a run as it is now. An ended run is computed only once."""
        known = self.ended.get((thread, number))
        if known is not None:
            return known
        record = run_record(self.world, thread, self.world.timeline(thread)[number], self.calendar, at)
        record["expires_at"] = record["expires_at"] if self.expires else None
        row = parse_run(record, self.world.thread_id(thread))
        if row.terminal:
            self.ended[thread, number] = row
        return row

    def list_threads(self) -> None:
        """Read the list of threads."""
        at = self.calendar.now()
        records = [
            thread_record(self.world, number, self.calendar, at) for number in range(self.world.threads)
        ]
        for row in self._with_faults(records, "threads"):
            thread = parse_thread(row)
            self.states[thread.key] = apply_thread(self.states[thread.key], thread, at=self.now)

    def _with_faults(self, rows: list[dict[str, Any]], scope: str) -> list[dict[str, Any]]:
        for fault in self.faults:
            rows = fault.apply(rows, scope, self.now)
        return rows

    def learn(self) -> None:
        """Compute the usual times."""
        self.usual = usual_times(run for state in self.states.values() for run in state.runs.values())

    def findings(self, key: str, *, looked: bool = True) -> Iterator[tuple[str, Finding]]:
        """Yield (id, finding) of a thread now. If not `looked`, there is no new observation, only later time."""
        state = self.states[key]
        yield from ((state.key, finding) for finding in thread_findings(state))
        for place, run in enumerate(state.runs.values()):
            if run.terminal and (not looked or place >= PAGE):
                continue
            for finding in run_findings(run, self.now, state, 0.0, self.usual, agents=self.agents):
                yield run.raw_id, finding


class ActiveFault:
    """A fault that is active, with its argument and what it keeps between its uses."""

    def __init__(self, name: str, arg: str = "") -> None:
        self.fault, self.arg, self.count = FAULTS[name], arg, 0
        self.memory: dict[str, Any] = {}

    def apply(self, rows: list[dict[str, Any]], scope: str, now: float) -> list[dict[str, Any]]:
        """Return the rows of an answer with the fault applied."""
        if self.fault.rows is None or self.fault.scope not in (scope, ALL) or not rows:
            return rows
        use = FaultUse(arg=self.arg, count=self.count, now=now, memory=self.memory)
        self.count += 1
        return self.fault.rows(rows, use)


# -- false findings --------------------------------------------------------------------------------------------


class Healthy(NamedTuple):
    """The result of a healthy day: observed runs, observations, findings by name."""

    runs: int
    observations: int
    false: Counter[str]


def healthy(seed: int, *, runs: int, seconds: float = DAY, speed: float = 1.0, history: int = 60) -> Healthy:
    """Observe a world without faults until `seconds` are over and `runs` runs were observed.

    At a `speed` below 1 everything takes longer, so that times exceed the fixed minimums and are compared with the
    usual times.
    """
    rng = random.Random(f"outages {seed}")
    watcher = Watcher(World(seed=seed, threads=9, runs=history), speed=speed, expires=speed == 1.0)
    step = INTERVAL if speed == 1.0 else INTERVAL * 8
    false: dict[tuple[str, str], None] = {}
    moving = [True] * 9
    due, observations, blind, learned, listed = dict.fromkeys(range(9), BEGIN), 0, 0.0, 0.0, 0.0
    while watcher.now < BEGIN + seconds or len(watcher.seen) < runs:
        watcher.now += step
        if rng.random() < step / 7200:
            blind = watcher.now + rng.uniform(20, 900)  # an outage
        if watcher.now < blind:
            continue
        if watcher.now - listed >= SELDOM:
            watcher.list_threads()
            listed = watcher.now
        if watcher.now - learned >= 60:
            watcher.learn()
            learned = watcher.now
        for thread in range(9):
            key = watcher.world.thread_id(thread)
            looked = watcher.now >= due[thread] or moving[thread]
            if looked:
                watcher.observe(thread)
                observations += 1
                due[thread], moving[thread] = watcher.now + SELDOM, watcher.states[key].active
            told = watcher.findings(key, looked=looked)
            false.update(((about, finding.name), None) for about, finding in told)
    return Healthy(len(watcher.seen), observations, Counter(name for _, name in false))


def spread(seed: int, *, runs: int) -> Healthy:
    """Judge runs whose times have long tails, as those of model calls, and that report no tokens before the end.

    Each is judged just before it starts and just before it ends, when it looks worst.
    """
    rng = random.Random(f"spread {seed}")
    agents = {f"agent_{number}": (rng.uniform(1, 60), rng.uniform(2, 600)) for number in range(12)}
    known: list[Run] = []
    false: Counter[str] = Counter()
    usual, now = NO_USUAL_TIMES, BEGIN
    for number in range(runs):
        agent = rng.choice(list(agents))
        wait, seconds = (rng.lognormvariate(0.0, 0.7) * usually for usually in agents[agent])
        raw = {"id": f"run_{number}", "agent_id": agent, "created_at": now, "status": "queued"}
        queued = parse_run(raw, "thr")
        running = parse_run({**raw, "status": "running", "started_at": now + wait}, "thr")
        end = now + wait + seconds
        state, _ = apply_runs(ThreadState("thr", INTERVAL), [queued], at=now, whole=True)
        state, _ = apply_runs(state, [queued], at=now + wait, whole=True)
        told = run_findings(queued, now + wait, state, 0.0, usual)
        state, _ = apply_runs(state, [running], at=now + wait, whole=True)
        state, _ = apply_runs(state, [running], at=end, whole=True)
        told += run_findings(running, end, state, 0.0, usual)
        false.update(finding.name for finding in told)
        known.append(
            parse_run({**raw, "status": "completed", "started_at": now + wait, "completed_at": end}, "thr")
        )
        now += 10
        if number % 50 == 0:
            usual = usual_times(known[-3000:])
    return Healthy(runs, 4 * runs, false)


# -- true findings ---------------------------------------------------------------------------------------------


class Found(NamedTuple):
    """The result for one fault: seconds until its finding (None: never), and seconds between observations."""

    name: str
    faults: str
    after: float | None
    interval: float


CASES: Final = (
    # faults, finding, seconds between two observations that can show it
    (("orphan-lock",), "orphan_lock", SELDOM),
    (("stuck",), "stalled", INTERVAL),
    (("stuck", "overdue"), "overdue", INTERVAL),
    (("vanish",), "vanished", INTERVAL),
    (("waiting",), "waiting_behind", INTERVAL),
    (("agent-inactive",), "agent_not_active", SOON),
    (("stuck-queued",), "queued_long", INTERVAL),
    (("stuck", "status-backwards"), "went_back", INTERVAL),
    (("still-active",), "contradiction", INTERVAL),
    (("negative-durations",), "contradiction", INTERVAL),
    (("usage-mismatch",), "contradiction", INTERVAL),
    (("stuck", "tokens-fall"), "contradiction", INTERVAL),
)


def demanded(seed: int, faults: tuple[str, ...], name: str, interval: float) -> Found:
    """Add faults to a busy thread in the middle of a day, and measure the time until they are found."""
    watcher = Watcher(World(seed=seed, threads=9, runs=200))
    # A live thread always has queued and running runs. `stuck-queued` needs a thread whose lock is free.
    idle = next(number for number in range(9) if number not in watcher.world.live)
    thread = idle if faults == ("stuck-queued",) else watcher.world.live[1]
    key = watcher.world.thread_id(thread)
    for _ in range(360):
        _step(watcher, thread)
    watcher.learn()
    while _suited(watcher, key, faults) is None:
        _step(watcher, thread)
    told = f"{' '.join(faults)}"
    about, true_at = _add_faults(watcher, key, faults)
    for _ in range(400):
        _step(watcher, thread)
        if any(who == about and each.name == name for who, each in watcher.findings(key)):
            since = true_at if true_at is not None else _true_at(watcher, key, about, name)
            return Found(name, told, watcher.now - since, interval)
    return Found(name, told, None, interval)


def _step(watcher: Watcher, thread: int) -> None:
    watcher.now += INTERVAL
    if watcher.now % SELDOM == 0:
        watcher.list_threads()
    watcher.observe(thread)


def _add_faults(watcher: Watcher, key: str, faults: tuple[str, ...]) -> tuple[str, float | None]:
    """Add faults to a suitable run; return the id in the finding to come, and since when it is true (None: not yet)."""
    chosen = _suited(watcher, key, faults)
    if chosen is None:
        raise LookupError(f"no run for {faults}")
    args = {"orphan-lock": key, "agent-inactive": chosen.agent_id}
    watcher.faults = [ActiveFault(fault, args.get(fault, chosen.raw_id)) for fault in faults]
    if "status-backwards" in faults:
        rows = watcher.states[key].runs.values()
        chosen = next(run for run in rows if run.status_class == "completed")
        watcher.faults[-1].arg = ""
    watcher.added_at = watcher.now
    if "agent-inactive" in faults:
        watcher.observe(watcher.world.find_thread(key) or 0)  # while the run is queued: from here it stays so
    later = {"stuck", "waiting", "still-active", "agent-inactive"} >= set(faults)
    return (key if faults == ("orphan-lock",) else chosen.raw_id), None if later else watcher.now


def _suited(watcher: Watcher, key: str, faults: tuple[str, ...]) -> Run | None:
    """Return a run that suits these faults, of an agent with known usual times; None for none."""
    active = {"stuck": "running", "waiting": "queued", "agent-inactive": "queued"}
    wanted = next((active[fault] for fault in faults if fault in active), "")
    known = {agent for agent, stats in watcher.usual.waits.items() if stats.runs >= TRUSTED_RUNS}
    for run in watcher.states[key].runs.values():
        if run.agent_id in known and (run.status_class == wanted if wanted else run.terminal):
            return run
    return None


def _true_at(watcher: Watcher, key: str, about: str, name: str) -> float:
    """Return when (epoch seconds) the condition of the finding became true, according to the times of the run."""
    run = watcher.states[key].runs[about]
    if name == "stalled" and run.started is not None:
        slow = watcher.usual.durations[run.agent_id].slow
        still = watcher.states[key].trails[about].changed_at + max(UNTOUCHED_FLOOR, slow)
        return max(run.started + max(RUNNING_FLOOR, FAR_FACTOR * slow), still)
    if run.created is not None and name == "agent_not_active":
        return max(run.created + AGENT_GRACE, watcher.added_at)
    if run.created is not None and name == "waiting_behind":
        return run.created + max(QUEUED_FLOOR, FAR_FACTOR * watcher.usual.waits[run.agent_id].slow)
    return max((run.ended or watcher.now) + GRACE, watcher.added_at)


def main(seed: int) -> int:
    """Print both tables; return 1 where a healthy run had a finding or a true finding came late."""
    days = {
        "a day of the simulator": healthy(seed, runs=10_000),
        "the same, 20 times as slow": healthy(seed, runs=10_000, seconds=0.0, speed=0.05, history=0),
        "times with long tails": spread(seed, runs=20_000),
    }
    print(f"{'healthy':28} {'runs':>7} {'observations':>12} {'false findings':>15}")
    for what, day in days.items():
        named = ", ".join(f"{number} {name}" for name, number in day.false.items())
        print(f"{what:28} {day.runs:7,} {day.observations:12,} {day.false.total():15}  {named}".rstrip())
    print(f"\n{'finding':16} {'fault':24} {'found after':>12} {'interval':>9} {'intervals':>10}")
    bad = sum(day.false.total() for day in days.values())
    for faults, name, interval in CASES:
        one = demanded(seed, faults, name, interval)
        late = one.after is None or one.after > 2 * interval
        bad += late
        after = "never" if one.after is None else f"{one.after:.0f} s"
        share = "" if one.after is None else f"{one.after / interval:.1f}"
        print(
            f"{name:16} {one.faults:24} {after:>12} {interval:7.0f} s {share:>10}{'  LATE' if late else ''}"
        )
    missing = set(FINDINGS) - {name for _, name, _ in CASES}
    if missing:
        print(f"Not demanded: {', '.join(missing)}")
    return 1 if bad or missing else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seed", type=int, default=1)
    sys.exit(main(parser.parse_args().seed))
