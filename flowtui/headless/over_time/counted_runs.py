"""The runs that count in a span of time for `flowtui stats` and `failures`: from the history, where it knows all, else from the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Final, NamedTuple

from flowtui.errors import HistoryError, UsageError
from flowtui.formatting import plural, timestamp
from flowtui.headless.one_shot import TimeSpan, print_note, read_agents, report_failures
from flowtui.headless.pages import Listing
from flowtui.headless.remembered import Remembered, look_back, whole_quarters
from flowtui.headless.retry import Requester
from flowtui.headless.run_lists import RunLists, back_to, ended_before, read_run_lists
from flowtui.model.history.past import Past, QuarterSum
from flowtui.model.history.statistics import Period
from flowtui.model.run.parsing import parse_run
from flowtui.model.run.row import Run
from flowtui.source.http.client import Client
from flowtui.suggestion import did_you_mean
from flowtui.text import safe_text

HISTORY: Final = "history"
API: Final = "api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The runs that count.

    `gone`: sums of those whose rows are gone.
    `names`: agent id → name.
    `known`: how the time was watched, if the runs come from the history; None: from the API.
    `lists`: what was read from the API, with its errors.
    `whole`: whether all runs of the span are known.
    """

    runs: Sequence[Run]
    span: TimeSpan
    names: Mapping[str, str]
    gone: Sequence[QuarterSum] = ()
    known: Remembered | None = None
    lists: RunLists | None = None
    whole: bool = True


class Found(NamedTuple):
    """What `counted_runs` returns."""

    counted: Counted | None
    """The runs; None if neither the history nor the API knows any, so that zeros would be wrong."""
    failed: int
    """The exit code: not 0 if an answer of the API is missing."""
    why: str
    """Why the history was not used, for the user; "" if it was, or if there is none."""


async def counted_runs(
    source: Client, requester: Requester, span: TimeSpan, past: Past | None, zone: tzinfo | None
) -> Found:
    """Return the runs that count in a span of time; what the API does not answer is said on stderr."""
    found, why = (None, "") if past is None else _recall(past, requester.clock.now(), span, zone)
    partly = None
    if found is None or not found.whole:
        partly, found = found, await _ask(source, requester, span)
    failed = 0
    if found.lists is not None:
        failed = report_failures([*found.lists.threads, *found.lists.runs])
        found = replace(found, whole=not failed)
    if failed and not found.runs:
        if partly is None or _knows_nothing(partly):
            return Found(None, failed, why)
        print_note("the API does not answer; this is what the history knows")
        found = partly
    return Found(found, failed, why)


def _knows_nothing(found: Counted) -> bool:
    """Whether the history knows no run of this time because it did not see any part of it."""
    unseen = found.known is None or found.known.coverage.known_until is None
    return unseen and not (found.runs or found.gone)


def _recall(past: Past, now: float, wanted: TimeSpan, zone: tzinfo | None) -> tuple[Counted | None, str]:
    """Return what the history knows of the runs that count, and why that is not all; "" if it is."""
    try:
        known = look_back(past, wanted, now)
        span = whole_quarters(wanted, known.gone)
        if span != wanted:
            known = look_back(past, span, now)
        runs = known.counted(span)
    except HistoryError as error:
        return None, f"the history cannot be read: {error}"
    why = known.gap(zone)
    if not (why or known.current or all(run.terminal for run in runs)):
        why = "of some runs the history does not know whether they have ended"
    return Counted(runs=runs, span=span, names=known.agents, gone=known.gone, known=known, whole=not why), why


async def _ask(source: Client, requester: Requester, span: TimeSpan) -> Counted:
    """Read the runs that count from the API."""
    period = Period(span.since, span.end, active=span.until is None)
    runs: list[Run] = []
    undated = 0

    def keep(listing: Listing) -> None:
        """Keep the rows that count; raw rows need much memory."""
        nonlocal undated
        rows = [parse_run(value, listing.name) for value in listing.rows.values()]
        runs.extend(run for run in rows if period.counts(run))
        undated += sum(run.created is None and run.ended is None and not run.active for run in rows)
        listing.rows.clear()

    with requester.progress.reading("the names of agents", "agent"):
        agents = await read_agents(source.agents, requester.clock)
    back = back_to(span.since, ended_before(span.since), requester.now)
    lists = await read_run_lists(source, requester, back, (), done=keep)
    if undated:
        print_note(f"{plural(undated, 'run')} with no readable time left out")
    return Counted(runs=runs, span=span, names=agents.names, lists=lists)


def of_agent(found: Counted, agent: str | None) -> Counted:
    """Return only the runs of an agent, given by its id or name; None: all runs.

    Raises:
        UsageError: the agents are known, and none is called so.
    """
    if agent is None:
        return found
    wanted = safe_text(agent)
    ids = {key for key, name in found.names.items() if wanted == name or wanted.casefold() == name.casefold()}
    ids.add(wanted)
    runs = [run for run in found.runs if run.agent_id in ids]
    gone = [one for one in found.gone if one.agent_id in ids]
    if found.names and len(ids) == 1 and wanted not in found.names and not (runs or gone):
        hint = did_you_mean(wanted, [*found.names.values()], otherwise="See `flowtui stats --by agent`")
        raise UsageError(f"--agent: there is no agent {wanted[:40]!r}", hint=hint)
    return replace(found, runs=runs, gone=gone)


def say_source(found: Counted, zone: tzinfo | None, why: str) -> None:
    """Say on stderr what counts, and where it comes from."""
    count = len(found.runs) + sum(one.runs for one in found.gone)
    ended = f"that ended since {timestamp(found.span.since, zone)}"
    until = (
        " or are active now"
        if found.span.until is None
        else f" and before {timestamp(found.span.until, zone)}"
    )
    what = f"{plural(count, 'run')} {ended}{until}"
    if found.known is not None:
        print_note(f"from the history: {what}; {found.known.words(zone)}")
        if found.gone:
            some = plural(sum(one.runs for one in found.gone), "run")
            print_note(
                f"only sums are kept of {some}: their durations, models and threads are not known any more"
            )
    else:
        less = "" if found.whole else "not of all threads: "
        print_note(f"from the API: {less}{what}" + (f" ({why})" if why else ""))
