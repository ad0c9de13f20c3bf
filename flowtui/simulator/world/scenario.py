"""The simulated world: all threads and runs, as a function of seed, sizes and time.

The same arguments give the same world, except for cancel calls. A thread is computed on first use, so a world of five
thousand threads costs only what is read. Times are world seconds, 0 is the start. Reads no clock, makes no JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate, pairwise
from typing import Final

from flowtui.simulator.world import random_choices
from flowtui.simulator.world.catalogue import AGENTS, TRIAGE
from flowtui.simulator.world.ids import Codec, bare, seeded_random
from flowtui.simulator.world.random_choices import Choices, run_choices
from flowtui.simulator.world.release import Release
from flowtui.simulator.world.timeline import Timeline
from flowtui.simulator.world.uuids import UuidCodec

_LIVE_AT_MOST: Final = 30
"""The largest number of threads that get new runs."""
_QUIET_FOR: Final = (20 * 60.0, 6 * 3600.0)
_BETWEEN_THREADS: Final = 37 * 60.0
_AT_ONCE: Final = 1.2
"""Seconds from a cancel call to the end of the run."""
SHORT: Final = "short"
UUID: Final = "uuid"
ID_STYLES: Final = (SHORT, UUID)
"""`short`: `run_5c1e07`. `uuid`: UUIDs, of version 7 for runs, threads and messages and of version 4 for agents."""
_UUIDS_FROM: Final = 100
"""The number of threads from which on a world has UUIDs by default."""
_BEGIN: Final = 1_767_225_600.0
"""UTC epoch seconds of world second 0 in the UUIDs of a world without a calendar."""


class World:
    """All threads and their runs.

    A thread is given by its index (0 is the oldest), a run by its thread and its number on that thread.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        threads: int = 6,
        runs: int = 60,
        release: Release | None = None,
        ids: str | None = None,
        live: bool = True,
        epoch: Callable[[float], float] = _BEGIN.__add__,
    ) -> None:
        """Create `threads` threads with `runs` runs in all at time 0.

        `release`: changes later runs; None: there is no release.
        `ids`: one of `ID_STYLES`; None: UUIDs in a world of 100 threads or more, else short ids.
        `live`: whether threads get new runs after time 0.
        `epoch`: returns the UTC epoch seconds of a world second, for the clock in UUIDs.
        """
        self.seed = seed
        self._release = release
        self.threads = threads
        self._epoch = epoch
        self.uuids = threads >= _UUIDS_FROM if ids is None else ids == UUID
        self.run_ids = self.id_codec("run_", (6, 9))
        self.thread_ids = self.id_codec("thr_", (6, 9))
        # An agent's id is the same in each world, so that saved filters stay valid.
        self._agent_ids = UuidCodec("agent_", 0, version=4) if self.uuids else Codec("agent_", 0, (8,))
        self._timelines: dict[int, Timeline] = {}
        rng = seeded_random(seed, "history")
        marks = list(accumulate((rng.uniform(0.5, 1.5) for _ in range(threads)), initial=0.0))
        shares = [round(runs * mark / (marks[-1] or 1.0)) for mark in marks]
        self._history = [after - before for before, after in pairwise(shares)]
        self._oldest_run = max(self._history, default=0) * random_choices.LONGEST_TURN + _QUIET_FOR[1]
        count = min(_LIVE_AT_MOST, -(-threads * 2 // 3)) if live else 0
        self._live = {threads - 1 - place * threads // count: place for place in range(count)}

    @property
    def live(self) -> list[int]:
        """The threads that get new runs."""
        return list(self._live)

    @property
    def quiet_since(self) -> float:
        """The latest world second (negative, as it is before the start) at which a thread without new runs can have been active."""
        return -_QUIET_FOR[0]

    def activity(self, thread: int) -> str:
        """Return the activity of a thread, such as BUSY. One thread of each world is PULSE, or EARLIER_SHORT."""
        if not self._live:
            return random_choices.EARLIER if thread < self.threads - 1 else random_choices.EARLIER_SHORT
        place = self._live.get(thread)
        if place is None:
            return random_choices.QUIET
        pulse = 1 if len(self._live) > 1 else 0
        if place == pulse:
            return random_choices.PULSE
        return random_choices.CALM if place % 4 == 3 else random_choices.BUSY

    def timeline(self, thread: int) -> Timeline:
        """Return the runs of a thread."""
        known = self._timelines.get(thread)
        return self._timelines.setdefault(thread, self._begin(thread)) if known is None else known

    def _begin(self, thread: int) -> Timeline:
        activity = self.activity(thread)
        rng = seeded_random(self.seed, "thread", thread)
        first: float
        if thread not in self._live:
            first = -rng.uniform(*_QUIET_FOR)
        elif activity == random_choices.PULSE and not self._history[thread]:
            first = 0.0
        else:
            first = rng.uniform(0.2, 6)
        release = self._release

        def change(created: float, choices: Choices) -> Choices:
            if release is None or not release.applies_to(self.run_agent(thread, choices.bits), created):
                return choices
            return release.apply(choices)

        return Timeline(run_choices(activity, rng), self._history[thread], first=first, change=change)

    def thread_created(self, thread: int) -> float:
        """Return when a thread was created: before its first run, and later than the next older thread."""
        return -(self._oldest_run + 60.0 + (self.threads - 1 - thread) * _BETWEEN_THREADS)

    def thread_agent(self, thread: int) -> int:
        """Return the index of the agent that mostly works on a thread."""
        if self.activity(thread) in (random_choices.PULSE, random_choices.EARLIER_SHORT):
            return TRIAGE
        return (thread + self.seed) % len(AGENTS)

    def run_agent(self, thread: int, bits: int) -> int:
        """Return the index of the agent of a run with these random bits: the thread's agent, in 12 of 100 runs another one."""
        own = self.thread_agent(thread)
        return (own + 1 + bits % (len(AGENTS) - 1)) % len(AGENTS) if bits % 100 < 12 else own

    def released(self, agent: int, now: float) -> float | None:
        """Return when (world seconds) an agent got the bad release; None if the agent does not have it at `now`."""
        release = self._release
        if release is None or release.at > now or not release.applies_to(agent, release.at):
            return None
        return release.at

    def serial(self, thread: int, number: int) -> int:
        """Return a number for the run that is unique in the world; `number` is unique on its thread only."""
        return number * self.threads + thread

    def id_codec(self, prefix: str, widths: tuple[int, ...]) -> Codec | UuidCodec:
        """Return the codec of the ids of one kind. `prefix`, `widths`: those of short ids, see `Codec`."""
        return UuidCodec(prefix, self.seed) if self.uuids else Codec(prefix, self.seed, widths)

    def epoch(self, second: float) -> float:
        """Return the UTC epoch seconds of a world second, for the clock in a UUID."""
        return self._epoch(second)

    def agent_id(self, agent: int) -> str:
        """Return an agent's id."""
        return self._agent_ids.encode(agent)

    def find_agent(self, agent_id: str) -> int | None:
        """Return the index of the agent with this id; None for an unknown id."""
        agent = self._agent_ids.decode(agent_id)
        return agent if agent is not None and agent < len(AGENTS) else None

    def thread_id(self, thread: int) -> str:
        """Return a thread's id."""
        return self.thread_ids.encode(thread, self._epoch(self.thread_created(thread)))

    def run_id(self, thread: int, number: int) -> str:
        """Return the id of a run, which must exist."""
        created = self.timeline(thread)[number].created if self.uuids else 0.0
        return self.run_ids.encode(self.serial(thread, number), self._epoch(created))

    def find_thread(self, thread_id: str) -> int | None:
        """Return the thread with this id; None for an unknown id."""
        thread = self.thread_ids.decode(thread_id)
        if thread is None or thread >= self.threads or self.thread_id(thread) != bare(thread_id):
            return None
        return thread

    def find_run(self, run_id: str, now: float) -> tuple[int, int] | None:
        """Return (thread, number) of the run with this id; None if it does not exist at `now`."""
        serial = self.run_ids.decode(run_id)
        found = None if serial is None else self.locate(serial, now)
        return None if found is None or self.run_id(*found) != bare(run_id) else found

    def locate(self, serial: int, now: float) -> tuple[int, int] | None:
        """Return (thread, number) of the run with this serial number; None if it does not exist at `now`."""
        if not self.threads:
            return None
        number, thread = divmod(serial, self.threads)
        return (thread, number) if number < self.timeline(thread).count(now) else None

    def cancel(self, thread: int, number: int, now: float, *, late: float = 0.0) -> None:
        """Cancel an active run. It ends after 1.2 s plus `late` seconds, or as planned if that is earlier."""
        self.timeline(thread).cancel(number, now, now + _AT_ONCE + late)
