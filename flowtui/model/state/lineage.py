"""The order of each agent's runs over all threads, to detect changes of configuration. Pure.

An update costs a few comparisons for each new run. Only known runs are in the order: if older runs were not read, a run
may have had a predecessor that is missing here. If its predecessor has left memory, a run has none.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from operator import eq, itemgetter
from typing import Final

from flowtui.model.run.row import Run, RunKey, getter
from flowtui.model.state.changes import APPEARED, CHANGED, DROPPED, LET_GO, SEEN_AGAIN, Change
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Update

_AGENT: Final = getter("agent_id")
_ENTRY: Final = getter("created", "raw_id", "thread_key")
_MANY: Final = 100  # so many new runs at once are sorted in later
_Entry = tuple[float, str, str]  # created, run, thread: the order of an agent's runs


class Lineage:
    """Each agent's runs in the order of their creation; runs created at the same time are ordered by their ids.

    `runs` are the runs that are known at first.
    """

    def __init__(self, runs: Iterable[Run] = ()) -> None:
        self._entries: dict[str, list[_Entry]] = {}
        self._unsorted: defaultdict[str, list[_Entry]] = defaultdict(list)
        # a run → the newest run between it and the one before that has left memory
        self._gaps: dict[_Entry, _Entry] = {}
        for run in runs:
            entry = _entry(run)
            if entry is not None:
                self._entries.setdefault(run.agent_id, []).append(entry)
        for agent, entries in self._entries.items():
            self._entries[agent] = sorted(set(entries))

    def follow(self, update: Update) -> None:
        """Apply the changes of an update, and add the runs that came from the history."""
        self.update(update.changes)
        self.add(chain.from_iterable(map(update.snapshot.runs, update.restored)))

    def update(self, changes: Iterable[Change]) -> None:
        """Apply changes, in order. A change that was applied before has no effect."""
        changes = tuple(changes)
        if len(changes) > _MANY and all(change.kind == APPEARED for change in changes):
            self.add(change.after for change in changes)
            return
        for change in changes:
            if change.kind in (APPEARED, SEEN_AGAIN):
                self._add(change.after)
            elif change.kind in (DROPPED, LET_GO):
                self._remove(change.after, leaves=change.kind == LET_GO)
            elif change.kind == CHANGED and change.before is not None:
                before, after = change.before, change.after
                if (before.agent_id, before.created) != (after.agent_id, after.created):
                    self._remove(before)
                    self._add(after)

    def add(self, runs: Iterable[Run]) -> None:
        """Add many runs, such as those of the history. They are sorted in once their agent is asked for."""
        coming, rows = self._unsorted, list(runs)
        for agent, entry in zip(map(_AGENT, rows), map(_ENTRY, rows), strict=True):
            if agent and entry[0] is not None:
                coming[agent].append(entry)

    def previous(self, run: Run) -> RunKey | None:
        """Return the key of the run that the same agent created just before; None if no such run is known."""
        entry = _entry(run)
        entries = self._of(run.agent_id)
        if entry is None or not entries:
            return None
        place = bisect_left(entries, entry)
        if place == 0 or entry in self._gaps:
            return None
        _, raw_id, thread_key = entries[place - 1]
        return (thread_key, raw_id)

    def earlier(self, run: Run) -> Iterator[RunKey]:
        """Yield the keys of the runs that the same agent created before, the newest first; up to one that has left memory."""
        entry = _entry(run)
        entries = self._of(run.agent_id)
        if entry is None:
            return
        after = entry
        for place in range(bisect_left(entries, entry) - 1, -1, -1):
            if after in self._gaps:
                return
            after = entries[place]
            yield after[2], after[1]

    def config_changed(self, run: Run, threads: Mapping[str, ThreadState]) -> bool | None:
        """Whether a run's configuration differs from that of its agent's previous run.

        None if one of the two configurations is unknown, or the previous run is.
        """
        own = config_of(run.key, threads)
        if own is None:
            return None
        before = self.previous(run)
        other = config_of(before, threads) if before is not None else None
        return None if other is None else own != other

    def _of(self, agent_id: str) -> list[_Entry]:
        """Return the entries of an agent, in order. The caller may change the list."""
        entries = self._entries.setdefault(agent_id, [])
        coming = self._unsorted.pop(agent_id, None)
        if coming is not None:
            entries += coming
            entries.sort(key=itemgetter(0))  # numbers are compared several times as fast as entries
            entries.sort()  # only those of the same time are not in order yet
            if any(map(eq, entries, islice(entries, 1, None))):
                entries[:] = dict.fromkeys(entries)
        return entries

    def _add(self, run: Run) -> None:
        entry = _entry(run)
        if entry is None:
            return
        entries = self._of(run.agent_id)
        place = bisect_left(entries, entry)
        if place < len(entries) and entries[place] == entry:
            return
        gap = self._gaps.get(entries[place]) if place < len(entries) else None
        if gap is not None and gap < entry:
            self._gaps[entry] = self._gaps.pop(entries[place])
        entries.insert(place, entry)

    def _remove(self, run: Run, *, leaves: bool = False) -> None:
        entry = _entry(run)
        entries = self._of(run.agent_id)
        if entry is None or not entries:
            return
        place = bisect_left(entries, entry)
        if place == len(entries) or entries[place] != entry:
            return
        del entries[place]
        gap = entry if leaves else self._gaps.get(entry)
        self._gaps.pop(entry, None)
        if gap is not None and place < len(entries):
            self._gaps.setdefault(entries[place], gap)


def config_of(key: RunKey, threads: Mapping[str, ThreadState]) -> str | None:
    """Return the fingerprint of a run's configuration; None if it is unknown."""
    state = threads.get(key[0])
    return (state.configs.get(key[1]) or None) if state is not None else None


def _entry(run: Run) -> _Entry | None:
    if not run.agent_id or run.created is None:
        return None
    return (run.created, run.raw_id, run.thread_key)
