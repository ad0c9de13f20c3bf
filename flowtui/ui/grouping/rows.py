"""A group of runs as one line: in the list beside the table, or as the one-line picker of narrow terminals. Pure."""

from __future__ import annotations

from datetime import tzinfo
from typing import Final, NamedTuple

from rich.cells import cell_len

from flowtui import formatting
from flowtui.model.findings.rules import thread_findings
from flowtui.model.run.row import model_name
from flowtui.model.state.health import LIVE, LOADING, Health
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.locks import FREE, Lock
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.totals import Totals
from flowtui.model.view.groups import By, Group
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.widgets.freshness_words import health_words

_PICKER: Final = 40  # cells of a picker from which on it has the numbers of all runs
_LEAST_NAME: Final = 10  # cells
_ROOMY: Final = (
    40  # cells of a list from which on an age beside numbers has a word, the same in all its lines
)

TITLES: Final[dict[By, str]] = {
    "thread": "Threads",
    "agent": "Agents",
    "model": "Models",
    "status": "Status",
}


class GroupEntry(NamedTuple):
    """A group, and for a thread its lock, health and findings; for all runs together, their health."""

    group: Group
    by: By
    lock: Lock = FREE
    health: Health = Health(LIVE, "", None)
    suspect: bool = False
    read: bool = True
    """Whether its runs have been read; until then no number is known."""
    lock_is_old: bool = False
    old: bool = False
    """Whether its data is old, so that it is drawn in grey."""
    zone: tzinfo | None = None
    """The time zone of all times on the screen; None: the local one."""

    @property
    def name(self) -> str:
        """The short name; for a model, without the vendor before the last `/`."""
        return model_name(self.group.name) if self.by == "model" else self.group.name

    def cut_name(self, cells: int, *, short: bool = True) -> str:
        """Return the short name, or else the whole one, in at most `cells` cells; a thread's id keeps its end."""
        is_id = self.by == "thread" and self.group.key is not None
        return (ink.cut_id if is_id else ink.cut)(self.name if short else self.group.name, cells)

    @property
    def aged(self) -> bool:
        """Whether the line shows the health: after an error, or while the thread waits for its next poll."""
        return self.health.word not in (LIVE, LOADING)

    @property
    def role(self) -> str:
        """The role of the name while the group is not chosen."""
        return "text" if not self.old and self.health.good and self.group.totals.runs else "dim"


def shows_old(snapshot: Snapshot, now: float) -> bool:
    """Return whether all that is known is old, as the server does not answer; one thread alone may be old at any time."""
    troubled = snapshot.outage is not None or bool(snapshot.stopped)
    return troubled and not snapshot.health(now).good


def old_threads(snapshot: Snapshot, now: float) -> frozenset[str]:
    """Return the threads (raw ids) whose runs are drawn in grey, as their data is old."""
    return frozenset(snapshot.threads) if shows_old(snapshot, now) else snapshot.freshness(now).stale


def entry_of(group: Group, by: By, snapshot: Snapshot, now: float, zone: tzinfo | None = None) -> GroupEntry:
    """Return the entry of a group at `now`, in local epoch seconds. `zone`: of the times on the screen."""
    if group.key is None:
        old = shows_old(snapshot, now)
        return GroupEntry(group, by, health=snapshot.health(now), read=snapshot.read(), old=old, zone=zone)
    state = snapshot.threads.get(group.key) if by == "thread" else None
    if state is not None:
        found = _of_thread(group, state, snapshot.health_of(state, now), now)
        return found._replace(old=found.old or shows_old(snapshot, now), zone=zone)
    read = bool(group.totals.runs) or (by != "thread" and snapshot.read())
    return GroupEntry(group, by, read=read, old=shows_old(snapshot, now))


def _of_thread(group: Group, state: ThreadState, health: Health, now: float) -> GroupEntry:
    lock = state.lock(active=group.totals.active > 0)
    old, suspect = lock.is_old(now, state.interval), bool(thread_findings(state))
    return GroupEntry(
        group, "thread", lock, health, suspect, state.read, lock_is_old=old, old=not health.good
    )


def status_sign(entry: GroupEntry, glyphs: Glyphs) -> list[Span]:
    """Return the sign to put before the name of a status; nothing for other groups."""
    key = entry.group.key
    if entry.by == "status" and key in glyphs.status:
        return [Span(f"{glyphs.status[key]} ", key if entry.group.totals.runs else "dim")]
    return []


def lock_sign(entry: GroupEntry, glyphs: Glyphs) -> list[Span]:
    """Return the lock sign to put after a locked thread's name; a different, dim one if the lock was seen too long ago."""
    if not entry.lock.held:
        return []
    return [Span(f" {glyphs.old_lock}", "dim") if entry.lock_is_old else Span(f" {glyphs.lock}", "text")]


def warnings(entry: GroupEntry, now: float, *, short: bool = False) -> list[Span]:
    """Return the warnings of a group: `lock?` for a suspicious lock, and the state and age of the group's data.

    `short`: only the age or the time, without words.
    """
    found = [Span(" lock?", "warn")] if entry.suspect else []
    if entry.aged and entry.group.key is not None:
        word = health_words(entry.health, now, entry.zone, short=short)
        found.append(word._replace(text=f" {word.text}"))
    return found


class CountWidths(NamedTuple):
    """The cells of the numbers of active and of failed runs, each with the gap before it: they are columns of a list."""

    active: int = 3
    failed: int = 3


def count_widths(everything: Totals, glyphs: Glyphs) -> CountWidths:
    """Return the widths for a list whose groups have `everything` together."""
    active, failed = _active(everything, glyphs), _failed(everything, glyphs)
    return CountWidths(max(3, len(active)), max(3, len(failed)))


def _active(totals: Totals, glyphs: Glyphs) -> str:
    return f" {totals.active}{glyphs.active}" if totals.active else ""


def _failed(totals: Totals, glyphs: Glyphs) -> str:
    return f" {totals.failed:,}{glyphs.failed}" if totals.failed else ""


def has_news(group: Group, snapshot: Snapshot | None) -> bool:
    """Return whether a thread has something to say: an active or failed run, a lock, or an error."""
    if group.key is None or group.totals.active or group.totals.failed or snapshot is None:
        return True
    state = snapshot.threads.get(group.key)
    return state is not None and (
        state.failure is not None or (state.thread is not None and state.thread.active_run is not None)
    )


def counts(entry: GroupEntry, glyphs: Glyphs, widths: CountWidths) -> list[Span]:
    """Return the numbers of active and failed runs; for a status, the number of runs."""
    totals = entry.group.totals
    if entry.by == "status" and entry.group.key is not None:
        role = entry.group.key if totals.active or totals.failed else "text" if totals.runs else "dim"
        return [Span(f" {formatting.count(totals.runs if entry.read else None)}", role)]
    return [
        Span(ink.fit(_active(totals, glyphs), widths.active, "right"), "running"),
        Span(ink.fit(_failed(totals, glyphs), widths.failed, "right"), "failed"),
    ]


def entry_line(
    entry: GroupEntry,
    now: float,
    cells: int,
    glyphs: Glyphs,
    *,
    chosen: bool,
    widths: CountWidths | None = None,
) -> Line:
    """Return the line of a group in a list `cells` wide. If there is no room, the numbers are left out first.

    `widths`: of the numbers; None: as wide as those of this group.
    """
    left = [
        Span(f"{glyphs.pointer} " if chosen else "  ", "accent"),
        *status_sign(entry, glyphs),
        Span(entry.name, "strong" if chosen else entry.role),
    ]
    name = len(left) - 1
    left += lock_sign(entry, glyphs)
    widths = widths or count_widths(entry.group.totals, glyphs)
    right, numbers = warnings(entry, now), counts(entry, glyphs, widths)
    if entry.old:
        left[1:], numbers = ink.grey(left[1:]), list(ink.grey(numbers))
    if right and not any(span.text.strip() for span in numbers):
        numbers = []
    if (numbers and cells < _ROOMY) or ink.width((*left, *right, *numbers)) >= cells:
        right = warnings(entry, now, short=True)
    while numbers and right and ink.width((*left, *right, *numbers)) >= cells:
        numbers.pop(0)
    right += numbers
    if right and right[0].text.strip():
        right[0] = right[0]._replace(text=right[0].text.removeprefix(" "))  # `spread` adds a gap itself
    own = ink.width(left[name : name + 1])
    room = cells - 1 - ink.width(right) - ink.width(left) + own
    left[name] = Span(entry.cut_name(max(4, room)), left[name].role)
    return ink.spread(left, right, cells)


def picker_line(
    entry: GroupEntry, place: int, others: int, now: float, *, cells: int, glyphs: Glyphs
) -> Line:
    """Return the picker: the chosen group, and its number `place` of `others` groups; 0 for all runs together.

    Without room, the place is left out first, then the numbers of runs.
    """
    counted = entry.by == "status" or others or entry.read  # the set of statuses is always known
    number = f"{others:,}" if counted else formatting.UNKNOWN
    name = f"all {number}" if entry.group.key is None else entry.name
    left = [Span(f"{entry.by} ", "dim"), *status_sign(entry, glyphs)]
    behind = lock_sign(entry, glyphs)
    if entry.aged and entry.group.key is not None:  # of all together, the header says it
        behind += [Span("  "), health_words(entry.health, now, entry.zone)]
    totals = entry.group.totals
    runs = [
        Span(f" {totals.active}{glyphs.active}" if totals.active else "", "running"),
        Span(f" {totals.failed:,}{glyphs.failed}" if totals.failed else "", "failed"),
    ]
    if entry.old:
        runs = list(ink.grey(runs))
    if entry.group.key is None and cells < _PICKER:
        runs = []  # the header has the same
    where = [Span(f" {place} of {others}", "dim")] if place else []
    for right in ([*runs, *where], runs, []):
        room = cells - ink.width((*left, *behind, *right)) - 1
        if room >= min(cell_len(name), _LEAST_NAME):
            break
    shown = entry.cut_name(room) if entry.group.key is not None else ink.cut(name, max(4, room))
    return ink.spread([*left, Span(shown, "strong"), *behind], right, cells)
