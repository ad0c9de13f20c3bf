"""What somebody wants to be told of, and when it is time to tell: a run that ends, runs that come to match a filter.

Pure: (watches, what changed, what is known) → (watches, notices). A watched run is told of once when it ends and once
for each finding; a filter once for each run, and of none that matched already. All text is display-safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, NamedTuple

from flowtui import formatting
from flowtui.model.columns.context import Context, status_word
from flowtui.model.events.finding_tracker import FindingTracker
from flowtui.model.run.row import CANCELLED, COMPLETED, FAILED, QUEUED, RUNNING, Run, RunKey
from flowtui.model.state.changes import APPEARED, DROPPED, Change
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.groups import EVERYTHING, group_name
from flowtui.model.view.view import View, matching_runs, shows
from flowtui.text import safe_text

ENDED: Final = "ended"
FINDING: Final = "finding"
MATCHED: Final = "matched"

SLACK: Final = 2.0
"""Seconds by which clocks may differ unnoticed."""

Severity = Literal["information", "warning", "error"]
"""How bad news are, in the words of the screen."""

_NAMED: Final = 3  # runs that a bundle names one by one
_MAX_RUNS: Final = 100  # runs in the record of one notice
_VERBS: Final = {
    QUEUED: "queued",
    RUNNING: "running",
    COMPLETED: "completed",
    FAILED: "failed",
    CANCELLED: "cancelled",
}


@dataclass(frozen=True, slots=True)
class Watch:
    """One wish to be told. `began` is when, in UTC epoch seconds of the local clock; `name` says of what.

    With a `key` it is one run, and `told` are the findings that are known. Else it is the filter of `view`, and `known`
    are the runs that match or have matched.
    """

    began: float
    name: str
    key: RunKey | None = None
    view: View | None = None
    known: frozenset[RunKey] = frozenset()
    told: frozenset[str] = frozenset()


class Notice(NamedTuple):
    """Something to tell. `about` is the watch's name, `said` one sentence for each of the `runs`.

    `why` are the reasons of those that failed, one for each run or none at all, "" where it is not known.
    """

    kind: str
    at: float
    about: str
    runs: tuple[Run, ...]
    said: tuple[str, ...]
    why: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity:
        """How bad the worst of it is: a failed run is an error, a finding a warning."""
        if self.kind != FINDING and any(run.status_class == FAILED for run in self.runs):
            return "error"
        return "warning" if self.kind == FINDING else "information"

    @property
    def unexplained(self) -> tuple[Run, ...]:
        """The failed runs that it names and whose reason it does not say."""
        if self.kind == FINDING:
            return ()
        why = self.why or ("",) * len(self.runs)
        named = zip(self.runs[:_NAMED], why, strict=False)
        return tuple(run for run, reason in named if run.status_class == FAILED and not reason)

    @property
    def title(self) -> str:
        """Why one is told."""
        return f"Watched filter: {self.about}" if self.kind == MATCHED else "Watched run"

    @property
    def text(self) -> str:
        """Return what is told, in one line; many runs are counted and the first ones named."""
        if len(self.runs) == 1:
            return self.said[0]
        count = f"{len(self.runs):,}"
        classes = {run.status_class for run in self.runs}
        verb = _VERBS.get(next(iter(classes))) if len(classes) == 1 and self.kind != FINDING else None
        why = self.why if verb and any(self.why[:_NAMED]) else ()
        names = [run.id if verb else said for run, said in zip(self.runs, self.said, strict=True)]
        if why:
            names = [f"{name}: {reason}" if reason else name for name, reason in zip(names, why, strict=True)]
        more = ["…"] if len(names) > _NAMED else []
        told = ("; " if why or not verb else ", ").join([*names[:_NAMED], *more])
        return f"{count} runs {verb}: {told}" if verb else f"{count} runs: {told}"

    def record(self) -> dict[str, Any]:
        """Return the notice as a JSON object, with the raw ids; of a great many runs it holds the first ones."""
        return {
            "v": 1,
            "event": "notice",
            "at": formatting.iso_time(self.at),
            "kind": self.kind,
            "filter": self.about if self.kind == MATCHED else None,
            "text": self.text,
            "run_count": len(self.runs),
            "runs": [
                {
                    "thread_id": run.thread_key,
                    "run_id": run.raw_id,
                    "agent_id": run.agent_id,
                    "model": run.model,
                    "status": run.status,
                    "status_class": run.status_class,
                }
                for run in self.runs[:_MAX_RUNS]
            ],
        }


class WatchResults(NamedTuple):
    """The watches that go on, and what there is to tell."""

    watches: tuple[Watch, ...]
    notices: list[Notice]


def watch_run(run: Run, at: float, finding_tracker: FindingTracker) -> Watch:
    """Return the wish to be told of a run; what is suspect about it already is no news."""
    return Watch(at, run.id, key=run.key, told=finding_tracker.names(run.key))


def watch_filter(view: View, at: float, snapshot: Snapshot, context: Context) -> Watch:
    """Return the wish to be told of runs that come to be shown by a view."""
    view = same_runs(view)
    known = frozenset(run.key for run in matching_runs(snapshot, view, context))
    return Watch(at, view_words(view, context), view=view, known=known)


def same_runs(view: View) -> View:
    """Return what of a view says which runs it shows: two that differ in their order alone are one."""
    group = view.group if view.group.member is not None else EVERYTHING
    return View(group, view.only, view.text.strip())


def view_words(view: View, context: Context) -> str:
    """Return in words which runs a view shows."""
    parts = []
    if view.text.strip():
        parts.append(safe_text(view.text.strip()))
    if view.only != "all":
        parts.append(f"{view.only} only")
    by, member = view.group
    if member is not None:
        parts.append(f"{by} {group_name(by, member, context)}")
    return " · ".join(parts) or "all runs"


def check_watches(
    watches: Iterable[Watch],
    changes: Sequence[Change],
    snapshot: Snapshot,
    context: Context,
    finding_tracker: FindingTracker,
) -> WatchResults:
    """Return what there is to tell after some changes, or after time alone: then `changes` is empty.

    `finding_tracker` must have taken the same changes in before.
    """
    going, notices = [], []
    moved = {change.after.key: change for change in changes}
    for watch in watches:
        if watch.key is not None:
            kept, told = _judge_run(watch, moved.get(watch.key), snapshot, context, finding_tracker)
        else:
            kept, told = _judge_filter(watch, moved, snapshot, context, finding_tracker)
        notices += told
        if kept is not None:
            going.append(kept)
    return WatchResults(tuple(going), notices)


def bundle(notices: Iterable[Notice]) -> list[Notice]:
    """Return the same notices with those that belong together in one: runs of one filter, watched runs that ended."""
    groups: dict[tuple[str, str], Notice] = {}
    for notice in notices:
        group = (notice.kind, notice.about if notice.kind == MATCHED else "")
        known = groups.get(group)
        if known is not None:
            notice = notice._replace(runs=known.runs + notice.runs, said=known.said + notice.said)  # noqa: PLW2901
        groups[group] = notice
    return list(groups.values())


def explained(notice: Notice, context: Context) -> Notice:
    """Return a notice with what is known by now of why its runs failed."""
    if notice.kind == FINDING or not any(run.status_class == FAILED for run in notice.runs):
        return notice
    said = tuple(
        f"{named(run, context)} {outcome(run, context)}" if run.status_class == FAILED else text
        for run, text in zip(notice.runs, notice.said, strict=True)
    )
    why = tuple(context.reasons.get(run.key, "") if run.status_class == FAILED else "" for run in notice.runs)
    return notice._replace(said=said, why=why)


def is_news(change: Change, began: float, offset: float) -> bool:
    """Whether something happened after `began` (local clock), rather than being seen for the first time only then.

    `offset` is the server's clock minus the local one. A run that comes to light on an older page is history.
    """
    if change.before is not None:
        return change.since is not None
    created, since = change.after.created, change.since
    if created is None:
        return since is not None
    # What an earlier look should have shown, had it read so far, came to light on an older page.
    floor = began if since is None else min(began, since)
    return created >= floor + offset - SLACK


def outcome(run: Run, context: Context) -> str:
    """Return how a run ended, and why as far as it is known: `failed after 00:37: crm 502`."""
    word = {CANCELLED: "was cancelled"}.get(run.status_class, status_word(run))
    taken = run.duration(context.now)
    after = f" after {formatting.duration(taken)}" if taken is not None else ""
    reason = context.reasons.get(run.key, "") if run.status_class == FAILED else ""
    return f"{word}{after}{': ' if reason else ''}{reason}"


def named(run: Run, context: Context) -> str:
    """Return the id of a run with the name of its agent, where that is known."""
    agent = context.agents.get(run.agent_id, "")
    return f"{run.id} ({agent})" if agent else run.id


# -- one watch -------------------------------------------------------------------------------------------------


def _judge_run(
    watch: Watch, change: Change | None, snapshot: Snapshot, context: Context, finding_tracker: FindingTracker
) -> tuple[Watch | None, list[Notice]]:
    run = snapshot.run(watch.key) if watch.key is not None else None
    if run is None or (change is not None and change.kind == DROPPED):
        return (None if change is not None else watch), []
    told = [
        Notice(FINDING, snapshot.at, watch.name, (run,), (f"{named(run, context)}: {finding.text}",))
        for finding in finding_tracker.known.get(run.key, ())
        if finding.name not in watch.told
    ]
    if run.terminal:
        said = f"{named(run, context)} {outcome(run, context)}"
        return None, [*told, Notice(ENDED, snapshot.at, watch.name, (run,), (said,))]
    if told:
        watch = replace(watch, told=watch.told | finding_tracker.names(run.key))
    return watch, told


def _judge_filter(
    watch: Watch,
    moved: Mapping[RunKey, Change],
    snapshot: Snapshot,
    context: Context,
    finding_tracker: FindingTracker,
) -> tuple[Watch, list[Notice]]:
    wanted = shows(watch.view or View(), context)
    met: list[Run] = []
    fresh: list[Run] = []
    # What neither changes nor is active only grows older: it would come to match nobody knows when.
    for key in dict.fromkeys((*moved, *finding_tracker.active, *finding_tracker.known)):
        run = snapshot.run(key) if key not in watch.known else None
        if run is None or not wanted(run):
            continue
        met.append(run)
        change = moved.get(key)
        if change is None or change.kind != APPEARED or is_news(change, watch.began, snapshot.clock_offset):
            fresh.append(run)
    if not met:
        return watch, []
    watch = replace(watch, known=watch.known | {run.key for run in met})
    if not fresh:
        return watch, []
    said = tuple(f"{named(run, context)} {_state(run, context)}" for run in fresh)
    return watch, [Notice(MATCHED, snapshot.at, watch.name, tuple(fresh), said)]


def _state(run: Run, context: Context) -> str:
    if run.terminal:
        return outcome(run, context)
    return f"is {status_word(run)}" if run.active else status_word(run)
