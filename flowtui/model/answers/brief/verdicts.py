"""The verdict of the deploy gate on each release of the range, as far as the range has the runs for it. Pure.

Import this module only where briefs are computed: it imports the judge, which is slow to import.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from flowtui.model.answers.brief.inputs import BriefInput
from flowtui.model.answers.brief.releases import Release
from flowtui.model.gate import INCONCLUSIVE, Gate, Side, judge, parse_gate
from flowtui.model.gate.usual import USUAL_GATE
from flowtui.model.history.past import LIVE, READ
from flowtui.model.run.row import Run
from flowtui.model.state.marks import MIN_RUNS

JUDGED: Final = 3
"""The newest releases that are judged: each takes some milliseconds."""

_WINDOWS: Final = (
    7_200.0,
    3_600.0,
    1_800.0,
)  # seconds before a release to compare with; the longest that is known


class Verdict(NamedTuple):
    """The verdict on a release: since it, or until the next one, against a time before it."""

    word: str
    """PASS, FAIL or INCONCLUSIVE."""
    reason: str
    """Why, in a sentence."""
    compare: float
    """The length of the time before, in seconds."""
    base: int
    """How many runs were created in the time before."""
    new: int
    """How many runs were created since."""

    @property
    def shown(self) -> str:
        """The word for users: PASS, FAIL or UNDECIDED."""
        return "UNDECIDED" if self.word == INCONCLUSIVE else self.word


class KeptVerdicts:
    """The last verdict on each release and what it rests on, so that it is judged again only when that has changed."""

    def __init__(self) -> None:
        self._known: dict[Release, tuple[tuple[object, ...], Verdict]] = {}

    def get(self, release: Release, ground: tuple[object, ...], judged: Callable[[], Verdict]) -> Verdict:
        """Return the verdict on a release that rests on `ground`."""
        kept = self._known.get(release)
        if kept is None or kept[0] != ground:
            kept = self._known[release] = ground, judged()
        return kept[1]


def verdicts(
    data: BriefInput, releases: Sequence[Release], kept: KeptVerdicts | None = None
) -> list[Verdict | None]:
    """Return the verdict on each release by the usual gate; None where runs are missing, and on older ones than `JUDGED`."""
    first, kept = len(releases) - JUDGED, kept or KeptVerdicts()
    runs = [*data.runs, *data.active] if releases else []
    return [None if place < first else _verdict(data, runs, one, kept) for place, one in enumerate(releases)]


def _verdict(data: BriefInput, runs: Sequence[Run], release: Release, kept: KeptVerdicts) -> Verdict | None:
    end = min(release.until, data.until - _late(data))
    compare = next((each for each in _WINDOWS if _known(data, release.at - each, end)), None)
    if compare is None or end <= release.at:
        return None
    since = release.at - compare
    base = tuple(run for run in runs if run.created is not None and since <= run.created < release.at)
    new = tuple(run for run in runs if run.created is not None and release.at <= run.created < end)
    closed = release.until <= data.until
    outcomes = Counter(run.status_class for run in new)

    def judged() -> Verdict:
        sides = Side(base, since, release.at), Side(new, release.at, end)
        found = judge(_gate(), *sides, min_runs=MIN_RUNS, agents=data.names, final=closed)
        return Verdict(found.verdict, found.reason, compare, len(base), len(new))

    return kept.get(release, (compare, len(base), outcomes, closed), judged)


def _known(data: BriefInput, since: float, until: float) -> bool:
    """Whether all runs are known that were created from `since` until before `until`: each of these ended in the range."""
    if since < data.since:
        return False
    if data.coverage is None:
        return data.whole
    parts = [part for part in data.coverage.parts if part.since < until and part.until > since]
    return bool(parts) and all(part.how in (LIVE, READ) for part in parts)


def _late(data: BriefInput) -> float:
    """Return for how many seconds before the end of the range runs may be missing, as they ended after it."""
    if data.until >= data.now:
        return 0.0
    return max((at - run.created for at, run in data.ended if run.created is not None), default=0.0)


@lru_cache(maxsize=1)
def _gate() -> Gate:
    return parse_gate(USUAL_GATE)
