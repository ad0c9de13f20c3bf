"""A group of runs as one line: in the list beside the table, and as the picker of narrow terminals. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.model.findings.rules import thread_findings
from flowtui.model.run.row import model_name
from flowtui.model.state.health import LIVE, LOADING, Health
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.locks import FREE, Lock
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.groups import By, Group
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.widgets.freshness_words import health_words

TITLES: Final[dict[By, str]] = {
    "thread": "Threads",
    "agent": "Agents",
    "model": "Models",
    "status": "Status",
}


class GroupEntry(NamedTuple):
    """A group, and what is known of it beside its runs: only of a thread, and of the health of all together."""

    group: Group
    by: By
    lock: Lock = FREE
    health: Health = Health(LIVE, "", None)
    suspect: bool = False
    read: bool = True
    """Whether any of its runs have been read; until then no number of them is known."""
    lock_is_old: bool = False

    @property
    def name(self) -> str:
        """What a line has room for: of a model, what follows the name of who made it."""
        return model_name(self.group.name) if self.by == "model" else self.group.name

    @property
    def aged(self) -> bool:
        """Whether its health is worth a word: trouble, or a turn that has not come."""
        return self.health.word not in (LIVE, LOADING)

    @property
    def role(self) -> str:
        """What the name looks like where the group is not chosen."""
        return "text" if self.health.good and self.group.totals.runs else "dim"


def entry_of(group: Group, by: By, snapshot: Snapshot, now: float) -> GroupEntry:
    """Return the entry of a group at `now`, by the local clock."""
    if group.key is None:
        return GroupEntry(group, by, health=snapshot.health(now), read=snapshot.read())
    state = snapshot.threads.get(group.key) if by == "thread" else None
    if state is not None:
        return _of_thread(group, state, snapshot.health_of(state, now), now)
    return GroupEntry(group, by, read=bool(group.totals.runs) or (by != "thread" and snapshot.read()))


def _of_thread(group: Group, state: ThreadState, health: Health, now: float) -> GroupEntry:
    lock = state.lock(active=group.totals.active > 0)
    return GroupEntry(
        group,
        "thread",
        lock,
        health,
        bool(thread_findings(state)),
        state.read,
        lock_is_old=lock.is_old(now, state.interval),
    )


def status_sign(entry: GroupEntry, glyphs: Glyphs) -> list[Span]:
    """Return what stands before or behind a name as a sign: the status, or that a thread is locked."""
    key = entry.group.key
    if entry.by == "status" and key in glyphs.status:
        return [Span(f"{glyphs.status[key]} ", key if entry.group.totals.runs else "dim")]
    return []


def lock_sign(entry: GroupEntry, glyphs: Glyphs) -> list[Span]:
    """Return the sign of a locked thread, behind its name; an open one where that was seen too long ago to be sure."""
    if not entry.lock.held:
        return []
    return [Span(f" {glyphs.old_lock}", "dim") if entry.lock_is_old else Span(f" {glyphs.lock}", "text")]


def warnings(entry: GroupEntry, now: float) -> list[Span]:
    """Return what is wrong with a group itself."""
    found = [Span(" lock?", "warn")] if entry.suspect else []
    if entry.aged and entry.group.key is not None:
        word = health_words(entry.health, now)
        found.append(word._replace(text=f" {word.text}"))
    return found


def counts(entry: GroupEntry, glyphs: Glyphs) -> list[Span]:
    """Return how many of its runs are active and how many failed, in columns; of a status, how many there are."""
    totals = entry.group.totals
    if entry.by == "status" and entry.group.key is not None:
        role = entry.group.key if totals.active or totals.failed else "text" if totals.runs else "dim"
        return [Span(f" {formatting.count(totals.runs if entry.read else None)}", role)]
    return [
        Span(f" {totals.active}{glyphs.active}" if totals.active else "   ", "running"),
        Span(f" {totals.failed}{glyphs.failed}" if totals.failed else "   ", "failed"),
    ]


def entry_line(entry: GroupEntry, now: float, cells: int, glyphs: Glyphs, *, chosen: bool) -> Line:
    """Return the line of a group in a list `cells` wide. What is old counts for less than how old it is."""
    left = [
        Span(f"{glyphs.pointer} " if chosen else "  ", "accent"),
        *status_sign(entry, glyphs),
        Span(entry.name, "strong" if chosen else entry.role),
    ]
    name = len(left) - 1
    left += lock_sign(entry, glyphs)
    right, numbers = warnings(entry, now), counts(entry, glyphs)
    if entry.aged and entry.group.key is not None:
        numbers = [span for span in numbers if span.text.strip()]
    while numbers and right and ink.width((*left, *right, *numbers)) >= cells:
        numbers.pop(0)
    right += numbers
    if right and right[0].text.strip():
        right[0] = right[0]._replace(text=right[0].text.removeprefix(" "))  # `spread` keeps a gap of its own
    own = ink.width(left[name : name + 1])
    room = cells - 1 - ink.width(right) - ink.width(left) + own
    left[name] = Span(ink.cut(entry.name, max(4, room)), left[name].role)
    return ink.spread(left, right, cells)


def picker_line(
    entry: GroupEntry, place: int, others: int, now: float, *, cells: int, glyphs: Glyphs
) -> Line:
    """Return the form of one line: the chosen group and its place (from 1; 0: all together) among `others`."""
    totals = entry.group.totals
    left = [Span(f"{entry.by} ", "dim"), *status_sign(entry, glyphs), Span(entry.name, "strong")]
    name = len(left) - 1
    left += lock_sign(entry, glyphs)
    if entry.aged:
        left += [Span("  "), health_words(entry.health, now)]
    counted = entry.by == "status" or others or entry.read  # which statuses there are, everybody knows
    number = f"{others}" if counted else formatting.UNKNOWN
    plural = "statuses" if entry.by == "status" else f"{entry.by}s"
    right = [
        Span(f"{totals.active}{glyphs.active} " if totals.active else "", "running"),
        Span(f"{totals.failed}{glyphs.failed} " if totals.failed else "", "failed"),
        Span(f" {place} of {others}" if place else f" {number} {plural}", "dim"),
    ]
    room = cells - ink.width(right) - ink.width(left) - 1
    if room < 0:  # a long name yields to its numbers
        left[name] = Span(ink.fit(entry.name, max(4, ink.width(left[name : name + 1]) + room)), "strong")
    return ink.spread(left, right, cells)
