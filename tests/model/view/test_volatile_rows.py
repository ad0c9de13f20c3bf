"""Following changes gives every view the same rows as arranging all runs again, whatever happens between updates.

The server, time and the user change a few runs at random; for each view, a ranking follows the changes. A field, `has:`
test or column that declares too low a volatility fails here.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC
from unittest.mock import patch

import pytest

from flowtui.config.values.prices import Price, Prices
from flowtui.model.columns.columns import COLUMNS
from flowtui.model.columns.context import Context
from flowtui.model.columns.path_columns import find_column
from flowtui.model.columns.volatility import STABLE, UNTRACKED
from flowtui.model.query.fields import FIELDS, HAS_TESTS, field_of
from flowtui.model.query.query import Query, parse
from flowtui.model.query.tree import Compare, Has, Regex
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.parsing import parse_thread
from flowtui.model.run.raw_paths import Extras
from flowtui.model.run.span_facts import SpanFacts
from flowtui.model.state import changes
from flowtui.model.state.changes import NOT_SEEN, Change
from flowtui.model.state.known_runs import (
    Failure,
    ThreadState,
    apply_runs,
    apply_span_facts,
    apply_thread,
    apply_unchanged,
)
from flowtui.model.state.lineage import Lineage
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.usual_times import DurationStats, UsualTimes
from flowtui.model.view.groups import Grouping
from flowtui.model.view.ranking import Ranking
from flowtui.model.view.view import View, filter_of

START = 1_800_000_000.0
PATH = ".env"
LABEL = "label.env"
LONG = "thr_" + "x" * 1200
THREADS = ("thr_1", "thr_2", LONG)
AGENTS = ("agent_1", "agent_2", "")
STATUSES = ("queued", "running", "completed", "failed", "canceled", "dreaming", "")
PRICES = (None, Prices({"llama": Price(2.0, 6.0)}))
WORDS = ("run", "agent", "com", "overdue", "waits", "usual", "quota", "cancelling", "v1", "tokens", "a1")
DAY = "1970-01-01"


class World:
    """A few runs that change at random. `step` makes one update, whose reported changes are in `changes`."""

    def __init__(self, a_run, seed):
        self.chance = random.Random(seed)
        self._a_run = a_run
        self.now, self.offset = START, 0.0
        self.states: dict[str, ThreadState] = {}
        self.agents: dict[str, str] = {"agent_1": "Checkout"}
        self.reasons: dict[tuple[str, str], Reason] = {}
        self.told: dict[tuple[str, str], str] = {}
        self.usual, self.marks, self.redact, self.prices = UsualTimes(), (), False, None
        self.lineage = Lineage()
        self.changes: list[Change] = []
        self.snapshot = self.picture()

    def picture(self):
        return Snapshot(self.now, dict(self.states), self.agents, clock_offset=self.offset, listed=True)

    def context(self):
        return Context(
            self.snapshot.server_time(self.now),
            self.agents,
            self.snapshot.threads,
            UTC,
            self.prices,
            self.usual,
            self.reasons,
            dict(self.told),
            self.offset,
            self.lineage,
            self.marks,
            self.redact,
        )

    def step(self):
        """Make some random changes, then the snapshot of the next update."""
        self.changes = []
        for _ in range(self.chance.choice((1, 1, 2, 4))):
            self.pass_time()
        if self.chance.random() < 0.06:
            self.set()
        self.lineage.update(self.changes)
        self.snapshot = self.picture()

    def pass_time(self):
        self.now += self.chance.choice((0.0, 0.4, 1.0, 1.0, 7.0, 60.0, 200.0))
        for _ in range(self.chance.randint(0, 2)):
            self.look(self.chance.choice(THREADS))
        others = (self.label, self.miss, self.same, self.tell, self.learn, self.drift, self.fail, self.doubt)
        for happens in (self.lock, self.explain, *self.chance.sample(others, self.chance.randint(0, 3))):
            happens()

    def row(self, thread, number, before):
        chance, now = self.chance, self.now + self.offset
        created = chance.choice((None, *(now - ago for ago in (-3.0, 0.0, 2.5, 30.0, 59.0, 400.0, 4000.0))))
        if before is not None and chance.random() < 0.8:
            created = before.created
        later = chance.choice((2.0, 2.0, 40.0, -5.0))  # times in a wrong order, which contradict each other
        begun = None if created is None else created + later
        ended = None if begun is None else begun + later
        run = self._a_run(f"run_{number}", chance.choice(STATUSES), agent_id=chance.choice(AGENTS))
        prompt, completion, more = (chance.choice((1, 2, 90)) for _ in range(3))
        counts = (
            (None, None, None) if chance.random() < 0.2 else (prompt, completion, prompt + completion + more)
        )
        return run._replace(
            thread_key=thread,
            is_active=chance.random() < 0.35,
            model=chance.choice(("llama", "made/by", "")),
            created=created,
            started=chance.choice((None, begun, begun)) if run.active else begun,
            expires=chance.choice((None, None, now - 1.0, now + 20.0)),
            completed=chance.choice((None, ended)),
            failed=chance.choice((None, None, ended)),
            cancelled=chance.choice((None, None, ended)),
            prompt_tokens=counts[0],
            completion_tokens=counts[1],
            total_tokens=counts[2],
            unreadable=chance.choice((*(None,) * 9, "usage")),
        )

    def look(self, thread):
        chance = self.chance
        state = self.states.get(thread, ThreadState(thread, 2.0))
        rows = []
        for number in chance.sample(range(7), chance.randint(0, 5)):
            known = state.runs.get(f"run_{number}")
            same = known is not None and chance.random() < 0.6
            rows.append(known if same else self.row(thread, number, known))
        told, shown = ([row.raw_id for row in rows if chance.random() < 0.3] for _ in range(2))
        self.states[thread], changes = apply_runs(
            state,
            rows,
            at=self.now,
            whole=chance.random() < 0.5,
            configs={raw_id: chance.choice(("a1b2", "c3d4", "")) for raw_id in told},
            extras={raw_id: Extras((PATH,), (chance.choice((1, 2, "b", None)),)) for raw_id in shown},
        )
        self.changes += changes

    def some(self):
        return self.chance.choice(list(self.states.values())) if self.states else None

    def any_run(self):
        runs = [run for state in self.states.values() for run in state.runs.values()]
        return self.chance.choice(runs) if runs else None

    def lock(self):
        if (state := self.some()) is not None:
            holder = self.chance.choice([None, "gone", *state.runs])
            if state.thread is not None and self.chance.random() < 0.8:
                holder = state.thread.active_run
            status = self.chance.choice((*("locked",) * 7, "available"))
            thread = parse_thread({"id": state.key, "status": status, "active_run_id": holder})
            self.states[state.key] = apply_thread(state, thread, at=self.now)

    def doubt(self):
        """Change which runs of a thread are not seen or went back, without reporting a change of the runs."""
        if (state := self.some()) is not None:
            some = [
                frozenset(raw_id for raw_id in state.runs if self.chance.random() < 0.2) for _ in range(2)
            ]
            self.states[state.key] = replace(state, not_seen=some[0], went_back=some[1])

    def miss(self):
        run = self.any_run()
        if run is None:
            return
        state = self.states[run.thread_key]
        if run.raw_id not in state.not_seen:
            self.states[state.key] = replace(state, not_seen=state.not_seen | {run.raw_id})
            self.changes.append(Change(NOT_SEEN, run, run, self.now, self.now))

    def same(self):
        if (state := self.some()) is not None:
            self.states[state.key] = apply_unchanged(state, at=self.now)

    def fail(self):
        if (state := self.some()) is not None:
            failure = Failure("timeout", "no answer", self.now)
            self.states[state.key] = replace(state, failure=failure, extras={}, interval=3.0)

    def explain(self):
        run = self.any_run()
        if run is not None and run.status_class == "failed":
            reason = Reason(self.chance.choice(("quota", "agent down")))
            self.reasons = {**self.reasons, run.key: reason}

    def tell(self):
        run = self.any_run()
        if self.chance.random() < 0.4:
            self.told = {}
        elif run is not None:
            self.told[run.key] = self.chance.choice(("cancelling 4s", "waits for a word", ""))

    def learn(self):
        habit = DurationStats(1.0, self.chance.choice((5.0, 20.0)), self.chance.choice((3, 50, 50)))
        self.usual = UsualTimes({"agent_1": habit}, {"agent_1": habit, "agent_2": habit})

    def label(self):
        """Read spans of one run, which the list of runs may not show yet."""
        if (state := self.some()) is not None:
            env, prompt = self.chance.choice(("a1", "v1", "")), self.chance.choice((None, 1, 2))
            facts = SpanFacts(
                self.chance.choice(("", "a1", "v1")), (("env", env),) if env else (), prompt, prompt
            )
            found = {f"run_{self.chance.randrange(7)}": facts}
            self.states[state.key] = apply_span_facts(state, found)

    def drift(self):
        self.offset += self.chance.choice((-40.0, -2.0, 0.5, 30.0))

    def set(self):
        match self.chance.randrange(4):
            case 0:
                self.agents = {"agent_1": self.chance.choice(("Checkout", "Billing")), "agent_2": "Zed"}
            case 1:
                self.marks = (*self.marks, Mark(self.now - 30.0, self.chance.choice(("v1", "v2"))))
            case 2:
                self.redact = not self.redact
            case _:
                self.prices = PRICES[self.prices is None]


def _asked(name):
    """Yield conditions on a field: that it is known, comparisons with its values, and patterns."""
    field = field_of(name)
    yield Has(name)
    if field.kind == "flag":
        yield Compare(name, "=", "true")
        return
    if field.kind == "duration":
        yield from (Compare(name, op, value) for op in ("<", "!=", "=") for value in ("0", "5", "59.5", "5m"))
    elif field.kind == "count":
        yield from (Compare(name, op, "2") for op in (">=", "="))
    elif field.kind == "time":
        yield from (Compare(name, ">", value) for value in ("now-1m", "now", "now+20s", "2027-01-15T08:01"))
        yield Compare(name, "=", "2027-01-15")
    else:
        yield from (Compare(name, "=", word) for word in ("agent_1", "v1", "failed"))
        yield Compare(name, "!=", "v1")
    if field.kind not in ("duration", "count"):  # these fields are compared, not searched
        yield Regex("[2a]", name)


def _texts():
    nodes = [node for name in (*FIELDS, LABEL) for node in _asked(name)] + [Has(name) for name in HAS_TESTS]
    yield from (str(Query(node)) for node in nodes)
    yield from WORDS
    yield from (
        "/e[rd]/",
        "status:active or age<5m",
        "not (note:waits or created>now-30s)",
        "checkout not has:finding age>=59",
        "not status:running wait>2",
        "not label.env:a group!=v1",
    )


TEXTS = tuple(dict.fromkeys(_texts()))
SORTS = (*COLUMNS, PATH, LABEL)
VIEWS = (
    *(View(sort=name, descending=down) for name in SORTS for down in (False, True)),
    *(View(only=only, sort=name) for only in ("active", "problems") for name in ("age", "time", "note")),
    *(View(text=text) for text in TEXTS),
    *(View(text=text, sort=name) for text in WORDS[:3] for name in ("time", "findings")),
    View(Grouping("thread", "thr_1"), only="problems", sort="time"),
    View(Grouping("agent", "agent_1"), text="age<1m"),
    View(Grouping("status", "running"), text="tokens>1", sort="wait"),
)


def _unrest(view):
    asked = filter_of(view.text)[0].volatility.volatility if view.text else STABLE
    return max(asked, find_column(view.sort).volatility)


def _wrong(a_run, views, seeds, steps=40):
    """Return the views for which following changes and sorting again differ, and how often each was followed."""
    wrong, followed = set(), dict.fromkeys(views, 0)
    for seed in seeds:
        world, rankings = World(a_run, seed), {view: Ranking() for view in views}
        for view, ranking in rankings.items():
            ranking.arrange(world.snapshot, view, world.context())
        for _ in range(steps):
            before = world.snapshot
            world.step()
            context, snapshot = world.context(), world.snapshot
            for view, ranking in rankings.items():
                held = list(ranking.order)
                moved = ranking.follow(before, snapshot, view, context, world.changes)
                afresh = [run.key for run in Ranking().arrange(snapshot, view, context)]
                if moved is None:
                    ranking.arrange(snapshot, view, context)
                    continue
                followed[view] += 1
                left = set(held) - set(afresh)
                if (
                    ranking.order != afresh
                    or moved.removed.keys() != left
                    or not moved.placed >= set(afresh) - set(held)
                ):
                    wrong.add(view)
                    ranking.arrange(snapshot, view, context)
    return wrong, followed


@pytest.fixture(scope="module")
def short_trails():
    with patch.object(changes, "MAX_TRAILS", 2):
        yield


def test_the_filters_of_this_file_are_valid():
    assert [str(parse(text)) for text in TEXTS]
    assert {view.sort for view in VIEWS} == set(SORTS)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 12))])
def test_following_changes_gives_the_same_rows_as_arranging(a_run, short_trails, seed):
    wrong, followed = _wrong(a_run, VIEWS, [seed])
    assert not wrong
    assert all(bool(times) == (_unrest(view) < UNTRACKED) for view, times in followed.items())


def test_a_lock_orphaned_between_two_snapshots_is_found(a_run):
    ended = a_run("run_1", "completed", created=START - 90.0, started=START - 80.0, completed=START - 60.0)
    states = [apply_runs(ThreadState("thr_1", 2.0), [ended], at=START, whole=True)[0]]
    for later in (0.0, 5.0):
        state, changes = apply_runs(states[-1], [ended], at=START + later, whole=True)
        thread = parse_thread({"id": "thr_1", "status": "locked", "active_run_id": "run_1"})
        assert not changes
        states.append(apply_thread(state, thread, at=START + later))
    before, after = (Snapshot(START, {"thr_1": state}, {}) for state in (states[0], states[-1]))
    after = replace(after, agents=before.agents)
    view, ranking = View(text="has:orphan_lock"), Ranking()
    ranking.arrange(before, view, Context(START, before.agents, before.threads))
    late = Context(START + 5.0, after.agents, after.threads)
    moved = ranking.follow(before, after, view, late, [])
    assert moved is not None
    assert ranking.order == [ended.key]
