"""Ten simulated nights: what happened in each, what the sentences of the brief must name, and what they must not name.

A night is data only: rows, reasons, marks and watched time, made by a seed. It was written before the rules of the brief.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from flowtui.model.history.past import LIVE, READ, UNANSWERED, Watched
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import CANCELLED, COMPLETED, FAILED, RUNNING, Run
from flowtui.model.state.marks import Mark

DAY, HOUR, MINUTE = 86_400.0, 3600.0, 60.0
NOW = 1_795_592_712.0
"""Wed 25 Nov 2026 07:45:12 UTC."""
SINCE = NOW - 13 * HOUR - 43 * MINUTE
"""Tue 24 Nov 2026 18:02:12 UTC."""
BEGIN = SINCE - 3 * DAY
"""Since when there is a history."""

AGENTS = {
    # id: name, runs in an hour, usual seconds, share of failures, model
    "ag_1": ("triage", 30, 20, 0.012, "llama-3.3-70b"),
    "ag_2": ("checkout", 14, 40, 0.02, "llama-3.3-70b"),
    "ag_3": ("billing", 9, 30, 0.015, "gpt-4o"),
    "ag_4": ("refunds", 9, 14, 0.02, "llama-3.3-70b"),
    "ag_5": ("research", 6, 65, 0.025, "gpt-4o"),
    "ag_6": ("多言語-concierge", 6, 25, 0.02, "llama-3.3-70b"),
}
BACKGROUND = (
    Reason("timed out after # s", "model"),
    Reason("no such customer #", "tool lookup"),
    Reason("totals differ by # EUR after # passes", "tool run_python"),
    Reason("the answer is not JSON", "model"),
)
TAX = Reason("'tax_rate' is not in the order", "tool run_python")
CRM = Reason("502 Bad Gateway to GET /accounts/search", "tool crm")
QUOTA = Reason("429: quota of llama-3.3-70b is used up", "model")


def at(clock: str) -> float:
    """Return a time of the night: `18:30` is on the evening before `02:04`."""
    hour, minute = map(int, clock.split(":"))
    midnight = NOW - 7 * HOUR - 45 * MINUTE - 12
    return midnight + hour * HOUR + minute * MINUTE - (DAY if hour >= 12 else 0)


@dataclass
class World:
    """All that is known: the rows of some days, why runs failed, releases, and how time was watched.

    `hit`: the runs that what happened has let fail, by their reason.
    """

    rows: list[Run]
    why: dict[tuple[str, str], Reason]
    names: dict[str, str]
    marks: list[Mark] = field(default_factory=list)
    hit: dict[Reason, list[tuple[str, str]]] = field(default_factory=dict)
    spans: list[Watched] = field(default_factory=lambda: [Watched(BEGIN, NOW, LIVE, threads=18)])

    def fail(self, chosen: Callable[[Run], bool], reason: Reason, share: float, dice: Random) -> None:
        """Let a share of the chosen ended runs fail for a reason."""
        for place, run in enumerate(self.rows):
            if run.status_class == COMPLETED and chosen(run) and dice.random() < share:
                end = run.completed
                self.rows[place] = run._replace(
                    status=FAILED, status_class=FAILED, completed=None, failed=end
                )
                self.why[run.key] = reason
                self.hit.setdefault(reason, []).append(run.key)


def peaceful(seed: int) -> World:
    """Return a world of four days in which nothing but the usual happens."""
    dice = Random(seed)
    world = World([], {}, {key: agent[0] for key, agent in AGENTS.items()})
    number = 0
    for key, (_, rate, seconds, share, model) in AGENTS.items():
        created = BEGIN
        while True:
            created += dice.expovariate(rate / HOUR)
            if created >= NOW - 2:
                break
            number += 1
            _add(world, dice, key, number, created=created, usual=(seconds, share, model))
    return world


def _add(world: World, dice: Random, key: str, number: int, *, created: float, usual) -> None:
    seconds, share, model = usual
    started = created + dice.expovariate(0.5)
    ended = started + dice.lognormvariate(0.0, 0.45) * seconds
    thread, luck = f"thr_{key[3:]}{dice.randrange(3)}", dice.random()
    status = FAILED if luck < share else CANCELLED if luck < share + 0.01 else COMPLETED
    if ended >= NOW:
        status, ended = RUNNING, None
    times = {COMPLETED: None, FAILED: None, CANCELLED: None, status: ended}
    used = None if dice.random() < 0.002 else int(dice.lognormvariate(0.0, 0.4) * 4000)
    run = Run(
        thread_key=thread,
        raw_id=f"run_{number:05}",
        id=f"run_{number:05}",
        agent_id=key,
        status=status,
        status_class=status,
        model=model,
        is_active=status == RUNNING,
        created=created,
        started=started,
        expires=None,
        cancelled=times[CANCELLED],
        failed=times[FAILED],
        completed=times[COMPLETED],
        prompt_tokens=None if used is None else used * 3 // 4,
        completion_tokens=None if used is None else used // 4,
        total_tokens=used,
        unreadable=None,
    )
    world.rows.append(run)
    if status == FAILED:
        world.why[run.key] = dice.choice(BACKGROUND)


# -- what happens in a night ------------------------------------------------------------------------------------


def release(world: World, dice: Random, name: str, since: str, until: str | None) -> None:
    """Let runs of two agents that were created since a release fail, until another moment."""
    begin, end = at(since), NOW if until is None else at(until)
    world.marks.append(Mark(begin, name))
    world.fail(
        lambda run: run.agent_id in {"ag_2", "ag_3"} and begin <= (run.created or 0) < end, TAX, 0.6, dice
    )


def tool_down(world: World, dice: Random, since: str, until: str) -> None:
    """Let most runs of three agents that end in some minutes fail in one tool."""
    begin, end = at(since), at(until)
    agents = {"ag_1", "ag_2", "ag_4"}
    world.fail(lambda run: run.agent_id in agents and begin <= (run.ended or 0) < end, CRM, 0.75, dice)


def no_quota(world: World, dice: Random, since: str) -> None:
    """Let all runs of one model that end after a moment fail, but for a few."""
    begin = at(since)
    world.fail(lambda run: run.model == "llama-3.3-70b" and (run.ended or 0) >= begin, QUOTA, 0.95, dice)


def watched(world: World, since: str, until: str, how: str, why: str = "") -> None:
    """Let some minutes be watched in another way."""
    begin, end = at(since), at(until)
    parts = [(BEGIN, begin, LIVE, ""), (begin, end, how, why), (end, NOW, LIVE, "")]
    world.spans = [Watched(*part, threads=18) for part in parts]


def slow(world: World, since: str) -> None:
    """Let runs of one agent take five times as long from a moment on."""
    begin = at(since)
    for place, run in enumerate(world.rows):
        if run.agent_id == "ag_2" and run.completed is not None and run.created and run.created >= begin:
            later = run.started + 5 * (run.completed - run.started)
            if later < NOW:
                world.rows[place] = run._replace(completed=later)


def another_agent(world: World, dice: Random, since: str) -> None:
    """Let an agent have its first runs, of which no more fail than of others."""
    world.names["ag_9"] = "refunds-v2"
    for number in range(40):
        created = at(since) + number * 600.0
        if created < NOW - 600:
            _add(world, dice, "ag_9", 90_000 + number, created=created, usual=(14, 0.0, "gpt-4o"))


# -- the nights -------------------------------------------------------------------------------------------------

RELEASE, REASON, AGENT, OUTAGE, GAP, SLOW, NEW_AGENT, QUIET = (
    *("release", "reason", "agent", "outage", "gap"),
    *("slow", "new agent", "quiet"),
)
CAUSES = ("broke", "caus", "because", "due to", "fault of", "blame", "led to", "bad release")
"""What no sentence may say: it knows what coincided, not why."""


@dataclass(frozen=True)
class Night:
    """A night. `kinds`: its sentences, in order. `names`: what they must name; `never`: what they must not."""

    name: str
    make: Callable[[int], World]
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    never: tuple[str, ...] = ()


def _bad_release(seed: int) -> World:
    world = peaceful(seed)
    world.marks.append(Mark(at("20:15"), "release-41"))
    release(world, Random(seed), "release-42", "02:04", None)
    return world


def _rolled_back(seed: int) -> World:
    world = peaceful(seed)
    release(world, Random(seed), "release-42", "02:04", "03:10")
    world.marks.append(Mark(at("03:10"), "release-43"))
    return world


def _tool_down(seed: int) -> World:
    world = peaceful(seed)
    world.marks.append(Mark(at("01:50"), "release-41"))
    tool_down(world, Random(seed), "02:10", "02:31")
    return world


def _no_quota(seed: int) -> World:
    world = peaceful(seed)
    no_quota(world, Random(seed), "05:20")
    return world


def _outage(seed: int) -> World:
    world = peaceful(seed)
    watched(world, "23:40", "23:52", UNANSWERED, "timeout")
    return world


def _off(seed: int) -> World:
    world = peaceful(seed)
    world.marks.append(Mark(at("23:00"), "release-41"))
    watched(world, "04:20", "05:20", READ)
    return world


def _nothing(seed: int) -> World:
    world = peaceful(seed)
    world.marks.append(Mark(at("23:00"), "release-41"))
    return world


def _three(seed: int) -> World:
    world = peaceful(seed)
    dice = Random(seed)
    tool_down(world, dice, "22:10", "22:31")
    release(world, dice, "release-42", "02:04", "03:10")
    world.marks.append(Mark(at("03:10"), "release-43"))
    watched(world, "04:20", "05:05", READ)
    return world


def _slow(seed: int) -> World:
    world = peaceful(seed)
    slow(world, "18:02")
    return world


def _new_agent(seed: int) -> World:
    world = peaceful(seed)
    another_agent(world, Random(seed), "23:02")
    return world


TROUBLE = (TAX.text, CRM.text, QUOTA.text)
NIGHTS = (
    Night(
        "a bad release",
        _bad_release,
        (RELEASE,),
        ("release-42", "02:04", TAX.text, "checkout", "billing"),
        ("release-41", CRM.text, QUOTA.text, "watched", "answer", "quiet"),
    ),
    Night(
        "a release that was rolled back",
        _rolled_back,
        (RELEASE, QUIET),
        ("release-42", "02:04", "release-43", "03:10", TAX.text, "checkout", "billing"),
        (CRM.text, QUOTA.text, "watched", "answer"),
    ),
    Night(
        "a tool that is down for 20 minutes",
        _tool_down,
        (REASON, QUIET),
        (CRM.text,),
        ("release", TAX.text, QUOTA.text, "watched", "answer"),
    ),
    Night(
        "a model without quota",
        _no_quota,
        (REASON,),
        (QUOTA.text, "all on llama-3.3-70b", "05:2"),
        ("release", TAX.text, CRM.text, "watched", "quiet"),
    ),
    Night(
        "an outage of the API",
        _outage,
        (OUTAGE, QUIET),
        ("23:40", "23:52", "12m", "timeout"),
        ("release", *TROUBLE, "watched"),
    ),
    Night(
        "flowtui off for an hour",
        _off,
        (GAP, QUIET),
        ("04:20", "05:20", "1h", "read"),
        ("release", *TROUBLE, "answer"),
    ),
    Night("nothing at all", _nothing, (QUIET,), ("usual",), ("release", *TROUBLE, "watched", "answer")),
    Night(
        "three at once",
        _three,
        (RELEASE, REASON, GAP, QUIET),
        (
            *("release-42", "02:04", "release-43", "03:10", TAX.text),
            *(CRM.text, "04:20", "05:05", "45m"),
        ),
        (QUOTA.text, "answer"),
    ),
    Night(
        "a slow night",
        _slow,
        (SLOW, QUIET),
        ("checkout", "usual"),
        ("release", *TROUBLE, "watched", "answer", "billing", "triage"),
    ),
    Night(
        "a new agent",
        _new_agent,
        (NEW_AGENT, QUIET),
        ("refunds-v2", "23:02"),
        ("release", *TROUBLE, "watched", "answer"),
    ),
)
