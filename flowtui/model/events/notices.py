"""Notices, and the watches of runs and filters: when a watched run ends, or a run comes to match a filter.

A watched run causes one notice when it ends and one for each finding. A watched filter causes a notice whenever it
matches runs that it never matched before. All text is display-safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final, Literal, NamedTuple

from flowtui import formatting
from flowtui.model.columns.context import Context, status_phrase, status_word
from flowtui.model.events.finding_tracker import FindingTracker
from flowtui.model.events.news import is_news
from flowtui.model.reasons.reason import Reason, reason_id
from flowtui.model.run.row import CANCELLED, FAILED, UNKNOWN, Run, RunKey
from flowtui.model.state.changes import APPEARED, DROPPED, LET_GO, Change
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.groups import EVERYTHING, group_name
from flowtui.model.view.view import View, matching_runs, shows
from flowtui.text import safe_text, short_id

ENDED: Final = "ended"
FINDING: Final = "finding"
MATCHED: Final = "matched"
REASON: Final = "reason"
AGENT: Final = "agent"
RULE: Final = "rule"
GATE: Final = "gate"
DIGEST: Final = "digest"

Severity = Literal["information", "warning", "error"]
"""The severity of a notice, in Textual's words."""

_TITLES: Final = {
    MATCHED: "Watched filter",
    REASON: "Watched reason",
    AGENT: "Watched agent",
    RULE: "Rule",
    GATE: "Deploy gate",
}
_NAMED: Final = 3  # runs that one notice names
_MAX_RUNS: Final = 100  # runs in the JSON of one notice


@dataclass(frozen=True, slots=True)
class Watch:
    """A watched run, or a watched filter."""

    began: float
    """When the watch began, in UTC epoch seconds of the local clock."""
    name: str
    """What is watched, in words."""
    key: RunKey | None = None
    """The watched run; None: a filter is watched."""
    view: View | None = None
    """The view whose filter is watched; None: a run is watched."""
    known: frozenset[RunKey] = frozenset()
    """The runs in memory that the watched filter has ever matched."""
    reported: frozenset[str] = frozenset()
    """The names of the findings of the watched run that cause no further notice."""


class Notice(NamedTuple):
    """A message for the user about one or several runs."""

    kind: str
    """One of the constants above, such as ENDED."""
    at: float
    """When it happened, in UTC epoch seconds of the local clock."""
    about: str
    """The name of the watch."""
    runs: tuple[Run, ...]
    sentences: tuple[str, ...]
    """One sentence for each of the `runs`."""
    why: tuple[str, ...] = ()
    """Why each of the `runs` failed: "" if it did not fail or the reason is unknown.

    Empty if no reasons have been looked up.
    """
    reason: Reason | None = None
    """With what all of the `runs` failed, once that is known; None if they differ. For REASON: the watched reason."""
    said: str = ""
    """The text, if it is not made of the `sentences`: for RULE, GATE and DIGEST, which may be about no run."""
    level: Severity | None = None
    """The severity, if the `runs` do not tell it."""

    @property
    def severity(self) -> Severity:
        """`level`, or a warning for a finding. Any other notice is an error if one of its runs failed, else information."""
        if self.level is not None:
            return self.level
        if self.kind != FINDING and any(run.status_class == FAILED for run in self.runs):
            return "error"
        return "warning" if self.kind == FINDING else "information"

    @property
    def unexplained(self) -> tuple[Run, ...]:
        """The failed runs that the text names without a reason."""
        if self.kind not in (ENDED, MATCHED, AGENT):
            return ()
        why = self.why or ("",) * len(self.runs)
        named = zip(self.runs[:_NAMED], why, strict=False)
        return tuple(run for run, reason in named if run.status_class == FAILED and not reason)

    @property
    def title(self) -> str:
        """What was watched, in words; "" for a digest."""
        if self.kind == DIGEST:
            return ""
        return f"{_TITLES[self.kind]}: {self.about}" if self.kind in _TITLES else "Watched run"

    @property
    def text(self) -> str:
        """The message in one line; several runs are counted and the first ones named."""
        if self.said:
            return self.said
        if len(self.runs) == 1:
            return self.sentences[0]
        count = f"{len(self.runs):,}"
        if self.kind == REASON and self.reason is not None:
            ids = [
                *(short_id(run.id) for run in self.runs[:_NAMED]),
                *(["…"] if len(self.runs) > _NAMED else []),
            ]
            return f"{count} runs failed again, {self.reason.text}: {', '.join(ids)}"
        classes = {run.status_class for run in self.runs}
        one_class = len(classes) == 1 and self.kind != FINDING
        verb = next(iter(classes - {UNKNOWN}), None) if one_class else None
        why = self.why if verb and any(self.why[:_NAMED]) else ()
        names = [
            short_id(run.id) if verb else said for run, said in zip(self.runs, self.sentences, strict=True)
        ]
        if why:
            names = [f"{name}: {reason}" if reason else name for name, reason in zip(names, why, strict=True)]
        more = ["…"] if len(names) > _NAMED else []
        listed = ("; " if why or not verb else ", ").join([*names[:_NAMED], *more])
        return f"{count} runs {verb}: {listed}" if verb else f"{count} runs: {listed}"

    def record(self) -> dict[str, Any]:
        """Return the notice as a JSON object with the raw ids of its first 100 runs."""
        return {
            "v": 1,
            "event": "notice",
            "at": formatting.iso_time(self.at),
            "kind": self.kind,
            "filter": self.about if self.kind == MATCHED else None,
            "title": self.title,
            "text": self.text,
            "rule": self.about if self.kind == RULE else None,
            "reason": None if self.reason is None else self.reason.text,
            "reason_id": None if self.reason is None else reason_id(self.reason),
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
    """The watches that continue, and the notices to show."""

    watches: tuple[Watch, ...]
    notices: list[Notice]


def watch_run(run: Run, at: float, finding_tracker: FindingTracker) -> Watch:
    """Return a watch of a run. Its present findings cause no notice."""
    return Watch(at, run.id, key=run.key, reported=finding_tracker.names(run.key))


def watch_filter(view: View, at: float, snapshot: Snapshot, context: Context) -> Watch:
    """Return a watch of a view's filter. Runs that match now cause no notice."""
    view = same_runs(view)
    known = frozenset(run.key for run in matching_runs(snapshot, view, context))
    return Watch(at, view_words(view, context), view=view, known=known)


def same_runs(view: View) -> View:
    """Return the view reduced to what decides which runs it shows: the chosen group, the restriction and the filter."""
    group = view.group if view.group.member is not None else EVERYTHING
    return View(group, view.only, view.text.strip())


def view_words(view: View, context: Context) -> str:
    """Describe in words which runs a view shows."""
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
    """Return the watches that continue, and the notices to show.

    `changes` are those since the last call; they are empty if only time has passed. The caller must have passed them to
    `finding_tracker` before.
    """
    going, notices = [], []
    moved = {change.after.key: change for change in changes if change.kind != LET_GO}
    left = {change.after.key for change in changes if change.kind == LET_GO}
    for watch in watches:
        if watch.key is not None:
            kept, new = _check_run(watch, moved.get(watch.key), snapshot, context, finding_tracker)
        else:
            kept, new = _check_filter(watch, moved, snapshot, context, finding_tracker)
            if not kept.known.isdisjoint(left):
                kept = replace(kept, known=kept.known - left)
        notices += new
        if kept is not None:
            going.append(kept)
    return WatchResults(tuple(going), notices)


def settle_watches(
    watches: Iterable[Watch],
    changes: Sequence[Change],
    snapshot: Snapshot,
    context: Context,
    finding_tracker: FindingTracker,
) -> tuple[Watch, ...]:
    """Return the watches as if all that they match now, apart from the runs that changed, had been so before.

    For what only became known now, such as usual times that were read from the history: no notice comes of it.
    """
    moved, settled = {change.after.key for change in changes}, []
    for watch in watches:
        if watch.key is None:
            wanted, known = shows(watch.view or View(), context), set(watch.known)
            for key in dict.fromkeys((*finding_tracker.active, *finding_tracker.known)):
                run = snapshot.run(key) if key not in moved else None
                if run is not None and wanted(run):
                    known.add(key)
            settled.append(replace(watch, known=frozenset(known)))
        elif watch.key not in moved:
            settled.append(replace(watch, reported=watch.reported | finding_tracker.names(watch.key)))
        else:
            settled.append(watch)
    return tuple(settled)


def bundle(notices: Iterable[Notice]) -> list[Notice]:
    """Merge notices: one for each filter, reason and agent, one for all ended runs, one for all findings of watched runs.

    Of a rule those that begin to be broken are one notice, and those that are over another.
    """
    groups: dict[tuple[str, str, Severity | None], list[Notice]] = {}
    for notice in notices:
        group = (notice.kind, notice.about if notice.kind in _TITLES else "", notice.level)
        groups.setdefault(group, []).append(notice)
    return [_merged(each) for each in groups.values()]


def _merged(notices: Sequence[Notice]) -> Notice:
    said = [notice.said for notice in notices if notice.said]
    more = [f"and {len(said) - _NAMED:,} more"] if len(said) > _NAMED else []
    return notices[-1]._replace(
        runs=tuple(chain.from_iterable(notice.runs for notice in notices)),
        sentences=tuple(chain.from_iterable(notice.sentences for notice in notices)),
        said="; ".join([*said[:_NAMED], *more]),
    )


def explained(notice: Notice, context: Context) -> Notice:
    """Return a notice with all reasons that are known now for its failed runs."""
    if notice.kind in (FINDING, RULE) or not any(run.status_class == FAILED for run in notice.runs):
        return notice
    again = " again" if notice.kind == REASON else ""
    sentences = tuple(
        f"{named(run, context)} {outcome(run, context, again)}" if run.status_class == FAILED else text
        for run, text in zip(notice.runs, notice.sentences, strict=True)
    )
    why = tuple(context.reason_text(run.key) if run.status_class == FAILED else "" for run in notice.runs)
    reasons = {context.reasons.get(run.key) for run in notice.runs}
    same = next(iter(reasons)) if len(reasons) == 1 else None
    return notice._replace(sentences=sentences, why=why, reason=notice.reason or same)


def outcome(run: Run, context: Context, again: str = "") -> str:
    """Return how a run ended, and the reason if known: `failed after 00:37: crm 502`. `again` follows the status."""
    word = f"{'was ' if run.status_class == CANCELLED else ''}{status_phrase(run)}{again}"
    taken = run.duration(context.now)
    after = f" after {formatting.duration(taken)}" if taken is not None else ""
    reason = context.reason_text(run.key) if run.status_class == FAILED else ""
    return f"{word}{after}{': ' if reason else ''}{reason}"


def named(run: Run, context: Context) -> str:
    """Return the id of a run, with the name of its agent if known."""
    agent = context.agents.get(run.agent_id, "")
    name = short_id(run.id)
    return f"{name} ({agent})" if agent else name


# -- one watch -------------------------------------------------------------------------------------------------


def _check_run(
    watch: Watch, change: Change | None, snapshot: Snapshot, context: Context, finding_tracker: FindingTracker
) -> tuple[Watch | None, list[Notice]]:
    run = snapshot.run(watch.key) if watch.key is not None else None
    if run is None or (change is not None and change.kind == DROPPED):
        return (None if change is not None else watch), []
    new = [
        Notice(FINDING, snapshot.at, watch.name, (run,), (f"{named(run, context)}: {finding.text}",))
        for finding in finding_tracker.known.get(run.key, ())
        if finding.name not in watch.reported
    ]
    if run.terminal:
        sentence = f"{named(run, context)} {outcome(run, context)}"
        return None, [*new, Notice(ENDED, snapshot.at, watch.name, (run,), (sentence,))]
    if new:
        watch = replace(watch, reported=watch.reported | finding_tracker.names(run.key))
    return watch, new


def _check_filter(
    watch: Watch,
    moved: Mapping[RunKey, Change],
    snapshot: Snapshot,
    context: Context,
    finding_tracker: FindingTracker,
) -> tuple[Watch, list[Notice]]:
    wanted = shows(watch.view or View(), context)
    met: list[Run] = []
    fresh: list[Run] = []
    # All other runs only grow older. If one of them comes to match for that reason, there is no notice.
    for key in dict.fromkeys((*moved, *finding_tracker.active, *finding_tracker.known)):
        run = snapshot.run(key) if key not in watch.known else None
        if run is None or not wanted(run):
            continue
        met.append(run)
        if _newly_matches(run, moved.get(key), watch, snapshot):
            fresh.append(run)
    if not met:
        return watch, []
    watch = replace(watch, known=watch.known | {run.key for run in met})
    if not fresh:
        return watch, []
    sentences = tuple(f"{named(run, context)} {_state(run, context)}" for run in fresh)
    return watch, [Notice(MATCHED, snapshot.at, watch.name, tuple(fresh), sentences)]


def _newly_matches(run: Run, change: Change | None, watch: Watch, snapshot: Snapshot) -> bool:
    """Whether a run that matches a filter came to match it while flowtui ran, instead of being found so."""
    if change is None:
        return snapshot.threads[run.thread_key].restored is None
    old = change.kind == APPEARED or change.catch_up
    return not old or is_news(change, watch.began, snapshot.clock_offset)


def _state(run: Run, context: Context) -> str:
    if run.terminal:
        return outcome(run, context)
    return f"is {status_word(run)}" if run.active else status_word(run)
