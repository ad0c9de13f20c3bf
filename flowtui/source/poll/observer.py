"""Holds everything known, and updates it with each answer. Makes requests only when the poller calls it.

Changes are kept in `news` and `urgent` until the poller takes them, so that an error loses none of them. A failure of
one thread never affects the rows of another thread.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

from flowtui.errors import UnreadableError
from flowtui.model.run.parsing import ParsedThreads, parse_agents, parse_threads
from flowtui.model.run.row import Run
from flowtui.model.run.span_facts import SpanFacts
from flowtui.model.run.thread import Thread
from flowtui.model.state import known_runs
from flowtui.model.state.agent_statuses import UNREAD, parse_agent_statuses
from flowtui.model.state.changes import NOT_SEEN, Change
from flowtui.model.state.health import MAX_THREADS, Coverage
from flowtui.model.state.known_runs import Failure, ThreadState
from flowtui.model.state.letting_go import Hold, apply_limit, no_run
from flowtui.model.state.marks import Deployment, parse_deployments
from flowtui.model.state.restoring import put_back
from flowtui.source.http.bodies import body_key
from flowtui.source.poll.catch_up.catching_up import AT_ONCE
from flowtui.source.poll.catch_up.restored_threads import RestoredThreads
from flowtui.source.poll.last_observations import LastObservations
from flowtui.source.read.budgeted_calls import Calls, Charge, fetch_pages
from flowtui.source.read.paging import PageRequest, ids_of, sweep
from flowtui.source.read.rereads import Rereads
from flowtui.source.read.span_ledger import SpanLedger
from flowtui.source.read.thread_reader import LOAD_PAGE, Reading, RunReader


class Observer:
    """What is known of threads, runs and agents.

    `named`: raw ids of the wanted threads; empty: all threads of the key's owner.
    `history`, `cheap`: as in `RunReader`. `kept`: how many runs of a thread stay in memory; None: `history`.
    `interval`: seconds between two observations, promised for threads that were not read yet.
    `news`: the changes that were not published yet.
    `urgent`: raw ids of the threads to observe soon.
    `listed`: whether the list of threads was read.
    `list_pages`: how many requests it took to read the whole list the last time.
    `last_observations`: when each thread was last observed completely by this start.
    `restored`: the threads that come from the history and were not observed yet.
    `reader`: reads the runs of a thread.
    `failing`: the threads that cannot be read now.
    `held`: returns the runs that must stay in memory, though more than `history` runs of their threads are newer.
    """

    def __init__(
        self,
        calls: Calls,
        history: int,
        interval: float,
        named: Sequence[str] = (),
        *,
        cheap: bool = False,
        kept: int | None = None,
    ) -> None:
        self.calls = calls
        self.named = frozenset(named)
        self.states: dict[str, ThreadState] = {key: ThreadState(key, interval=interval) for key in named}
        self.agents: dict[str, str] = {}
        self.agent_statuses = UNREAD
        self.deployments: tuple[Deployment, ...] = ()
        self.last_observations = LastObservations()
        self.restored = RestoredThreads()
        self.failing: set[str] = set()
        self._silent: set[str] = set()
        self.held: Hold = no_run
        self._kept = history if kept is None else kept
        self.news: list[Change] = []
        self.urgent: dict[str, None] = {}
        self.listed = False
        self.list_failure: Failure | None = None
        self.list_pages = 1
        self.interval = interval
        self.reader = RunReader(calls, history, cheap=cheap)
        self._rereads = Rereads()
        self._ledger = SpanLedger()
        # what spans said about threads before the list showed these
        self._early_facts: dict[str, dict[str, SpanFacts]] = {}
        self._list_page: tuple[bytes, ParsedThreads] | None = None
        self._on_list: frozenset[str] = frozenset()
        self._nameless: frozenset[str] = frozenset()

    def read_paths(self, names: tuple[str, ...]) -> None:
        """Read the values at these paths into raw runs into `ThreadState.extras` from now on."""
        self.reader.paths = names
        if not names:  # the values are not read any more and would become outdated
            self.reader.forget_extras()
            for key, state in self.states.items():
                if state.extras:
                    self.states[key] = replace(state, extras={})

    # -- the history -------------------------------------------------------------------------------------------

    def restore(self, stored: Iterable[ThreadState], agents: Mapping[str, str]) -> list[str]:
        """Take in threads and names of agents from the history; return the raw ids of the threads whose runs are new.

        What this start has read counts more than the history. Once `MAX_THREADS` threads are known, others are not restored.
        """
        at, new = self.calls.clock.now(), []
        for state in stored:
            known = self.states.get(state.key)
            full = known is None and len(self.states) >= MAX_THREADS
            if full or (self.named and known is None):
                continue
            put = put_back(state, known, at=at, interval=self.interval)
            if put is None or put.restored is None:
                continue
            self.states[put.key] = put
            self.urgent.pop(put.key, None)  # it is not new
            self.restored.add(put.key, put.restored)
            self.reader.resume(put)
            new.append(put.key)
            if put.key in self._on_list or put.key in self.named:
                self.restored.on_list(put.key, put.restored)
        if self.listed and not self.named:
            self._miss_threads(self._on_list)
        if agents.keys() - self.agents.keys():
            self.agents = {**agents, **self.agents}
        return new

    def on_server(self) -> list[str]:
        """Return the raw ids of the threads that may be requested: not those that are gone, nor those that are not listed yet."""
        return [key for key in self.states if self.restored.askable(key)]

    def _miss_threads(self, shown: Iterable[str]) -> None:
        """Note which restored threads are gone: the list, read whole, shows only the threads `shown`."""
        for key in self.restored.not_on_list(shown):
            self.states[key] = replace(self.states[key], gone=True)

    # -- runs --------------------------------------------------------------------------------------------------

    async def see_runs(self, key: str, charge: Charge, *, deepen: bool = False) -> None:
        """Observe the runs of one thread. `deepen`: read all of its wanted history.

        Raises:
            ApiError: the answer is missing or incomplete. What could be read of it is kept.
        """
        floor = self._rereads.floor(key, self.calls.clock.monotonic())
        reading = await self.reader.read(self.states[key], charge, deepen=deepen, floor=floor)
        if reading.error is not None:
            self._salvage(key, reading)
            raise reading.error
        if reading.checked:
            self._rereads.checked(key)
        self.last_observations.observed(key, reading.at)
        self.restored.seen(key)
        self.failing.discard(key)
        state = self.states[key]  # the state after the requests: the list may have shown a lock meanwhile
        if reading.unchanged and state.observed is not None and _shows(state, reading.singles):
            self.states[key] = known_runs.apply_unchanged(state, at=reading.at)
            self._let_go(key, state, [], reading.at)
            return
        self.states[key], changes = self._after(state, reading, whole=reading.whole)
        self._let_go(key, state, changes, reading.at)
        self._miss(key, reading.gone, state)

    def short(self, key: str) -> bool:
        """Whether the first observation of a thread may have left out wanted runs."""
        return key in self.reader.short

    def _let_go(self, key: str, before: ThreadState, changes: list[Change], at: float) -> None:
        """Note the changes of an answer, and let the surplus runs of its thread leave memory."""
        known = self.states[key]
        if len(known.runs) <= self._kept:
            self.news += changes
            return
        self.states[key], told = apply_limit(
            known, self._kept, self.held(), at=at, before=before.runs, changes=changes
        )
        self.news += told
        if self.states[key] is not known:
            self.reader.short.discard(key)  # older runs would be read only to leave again

    def _miss(self, key: str, gone: list[str], before: ThreadState) -> None:
        """Mark these runs as not seen: each was requested by its id, and the server no longer knows it.

        `before`: the thread as it was before this observation.
        """
        state, catch_up = self.states[key], before.restored is not None
        missed = [state.runs[one] for one in gone if one in state.runs and one not in state.not_seen]
        if missed and state.observed is not None:
            self.states[key] = replace(state, not_seen=state.not_seen.union(run.raw_id for run in missed))
            self.news += [
                Change(NOT_SEEN, run, run, before.observed, state.observed, catch_up) for run in missed
            ]

    def _after(
        self, state: ThreadState, reading: Reading, *, whole: bool
    ) -> tuple[ThreadState, list[Change]]:
        """Return the state of a thread after an observation, and what changed."""
        told: list[Change] = []
        for rows in reading.observations():
            state, changes = known_runs.apply_runs(
                state, rows, at=reading.at, whole=whole, configs=reading.configs, extras=reading.extras
            )
            told += changes
        now = self.calls.clock.monotonic()
        self._rereads.observed(state.key, now, reading.singles + reading.rows, told, known=len(state.runs))
        return state, told

    def _salvage(self, key: str, reading: Reading) -> None:
        """Keep the good rows of an incomplete observation. It does not count as an observation, so no run becomes not seen by it."""
        if not (reading.singles or reading.rows):
            return
        state = self.states[key]
        known, changes = self._after(state, reading, whole=False)
        self.states[key] = replace(
            state,
            left=known.left,
            runs=known.runs,
            # a row may be absent only because the answer is incomplete
            not_seen=known.not_seen & state.not_seen,
            went_back=known.went_back,
            trails=known.trails,
            configs=known.configs,
            extras=known.extras,
        )
        told = [change for change in changes if change.kind != NOT_SEEN]
        self._let_go(key, state, told, reading.at)

    def take_spans(self, elements: Iterable[Any]) -> bool:
        """Keep what raw spans say about runs of known threads; return whether something changed."""
        found: dict[str, dict[str, SpanFacts]] = {}
        for (thread, raw_id), facts in self._ledger.take(elements).items():
            found.setdefault(thread, {})[raw_id] = facts
        known = found.keys() & self.states.keys()
        for thread, runs in found.items():
            if thread in known:
                self.states[thread] = known_runs.apply_span_facts(self.states[thread], runs)
            elif len(self._early_facts) < MAX_THREADS:
                self._early_facts.setdefault(thread, {}).update(runs)
        return bool(known)

    def moving(self, key: str) -> bool:
        """Whether a thread may change soon: it is locked, or the server shows an active run of it."""
        state = self.states[key]
        locked = state.thread is not None and state.thread.locked
        return locked or state.shows_active

    def coverage(self) -> Coverage:
        """Return how many threads are known, read and failing, and how many are still restored."""
        gone = len(self.restored.gone)
        known, read = len(self.states) - gone, len(self.last_observations)
        tried_in_vain = sum(key not in self.last_observations for key in self.failing)
        times = [self.last_observations.oldest, self.restored.oldest]
        return Coverage(
            known,
            read,
            len(self.failing),
            known - read - tried_in_vain,
            min((at for at in times if at is not None), default=None),
            restored=len(self.restored),
            gone=gone,
        )

    def readable_unread(self) -> int:
        """Return how many threads this start has not read yet, without those that cannot be read and those that are gone."""
        seen, failures = self.last_observations, {key: self.states[key].failure for key in self.failing}
        hopeless = sum(
            failure is not None and failure.final and key not in seen for key, failure in failures.items()
        )
        return len(self.states) - len(self.restored.gone) - len(seen) - hopeless

    def mark_silent(self, silent: Collection[str]) -> None:
        """Note which restored threads were not active since they were last observed, of at most `AT_ONCE` threads that differ."""
        if silent == self._silent:
            return
        self._silent.intersection_update(self.restored.observed)  # an observation has cleared the others
        for key in list(islice(self._silent.symmetric_difference(silent), AT_ONCE)):
            self.states[key] = replace(self.states[key], silent=key in silent)
        self._silent = {key for key in self._silent.union(silent) if self.states[key].silent}

    def set_interval(self, key: str, interval: float) -> None:
        """Note the promised seconds between two observations of a thread, by which its health is judged."""
        if self.states[key].interval != interval:
            self.states[key] = replace(self.states[key], interval=interval)

    def asked(self, key: str, at: float | None) -> bool:
        """Note since when a request for a thread's runs is unanswered; None: no request is. Return whether this is a change."""
        before = self.states[key]
        self.states[key] = known_runs.apply_request(before, at)
        return self.states[key] is not before

    def fail_runs(self, key: str, failure: Failure) -> None:
        """Note that the runs of a thread cannot be read now."""
        self.failing.add(key)
        self.states[key] = known_runs.apply_failure(self.states[key], failure)

    # -- the list of threads -----------------------------------------------------------------------------------

    async def see_threads(self, charge: Charge, *, whole: bool) -> None:
        """Read the list of threads: from the newest thread down to a known one, or all of it if `whole`.

        Raises:
            ApiError: the answer is missing or incomplete. What could be read of it is kept.
        """
        met: set[str] = set()
        pages: list[ParsedThreads] = []

        async def fetch(request: PageRequest) -> list[str]:
            at = self.calls.clock.now()
            call = partial(self.calls.client.threads, limit=request.limit, offset=request.offset)
            parsed = self._parse_list(request.offset, await self.calls.body(charge, call))
            pages.append(parsed)
            met.update(thread.key for thread in parsed.rows if thread.key)
            for thread in parsed.rows:
                if thread.key and (thread.key in self.states or not self.named):
                    self._take_in_thread(thread, at)
            if parsed.error is not None:
                raise UnreadableError(f"List of threads: the server sent {parsed.error}")
            return ids_of((thread.key for thread in parsed.rows), request.offset)

        whole = whole or not self.listed
        known = frozenset[str]() if whole and not self.named else self._on_list or self.named
        wanted = self.named if whole else frozenset[str]()
        await fetch_pages(
            sweep(limit=LOAD_PAGE, max_sweeps=1, max_rows=MAX_THREADS, known=known, must_see=wanted), fetch
        )
        self._on_list |= met
        self.listed, self.list_failure = True, None
        if whole:
            self.list_pages = len(pages)
            if not self.named:
                self._miss_threads(met)
            self._early_facts.clear()  # what is left belongs to threads of other owners

    def _parse_list(self, offset: int, body: bytes) -> ParsedThreads:
        mark = body_key(body)
        if offset == 0 and self._list_page is not None and self._list_page[0] == mark:
            return self._list_page[1]
        parsed = parse_threads(body)
        if offset == 0:
            self._list_page = (mark, parsed)
        return parsed

    def _take_in_thread(self, thread: Thread, at: float) -> None:
        state = self.states.get(thread.key)
        if state is None:
            state = ThreadState(thread.key, interval=self.interval)
            state = known_runs.apply_span_facts(state, self._early_facts.pop(thread.key, {}))
            self.urgent[thread.key] = None
        before = state.thread
        lock = (before.status, before.active_run) if before is not None else None
        if thread.locked if lock is None else lock != (thread.status, thread.active_run):
            self.urgent[thread.key] = None  # a changed lock means changed runs
        self.restored.on_list(thread.key, state.restored)
        self.states[thread.key] = known_runs.apply_thread(state, thread, at=at)

    def fail_list(self, failure: Failure) -> None:
        """Note that the list of threads cannot be read now."""
        self.list_failure = failure.after(self.list_failure)

    # -- the names of agents -----------------------------------------------------------------------------------

    async def see_agents(self, charge: Charge) -> None:
        """Read the names of the agents, their statuses, and when each was last deployed.

        Raises:
            ApiError: the agents could not be read.
        """
        used = {run.agent_id for state in self.states.values() for run in state.runs.values()}
        at = self.calls.clock.now()
        body = await self.calls.body(charge, self.calls.client.agents)
        self.agent_statuses = parse_agent_statuses(body, at)
        self.agents = {**self.agents, **parse_agents(body)}
        self.deployments = tuple(parse_deployments(body)[0])
        self._nameless = frozenset(used - self.agents.keys())

    def unknown_agent(self, changes: Iterable[Change]) -> bool:
        """Whether a changed run has an agent whose name is unknown and was not looked up yet."""
        return any(
            change.after.agent_id not in self.agents and change.after.agent_id not in self._nameless
            for change in changes
            if change.after.agent_id
        )


def _shows(state: ThreadState, runs: Iterable[Run]) -> bool:
    """Whether these runs are known and unchanged."""
    return all(state.runs.get(run.raw_id) == run and run.raw_id not in state.not_seen for run in runs)
