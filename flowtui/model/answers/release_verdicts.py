"""The verdict of the deploy gate on each release of a time range, as far as the range has the runs for it. Pure.

Import this module only where briefs are computed: it imports the judge, which is slow to import.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from flowtui.model.gate import INCONCLUSIVE, Gate, Side, judge, parse_gate
from flowtui.model.gate.parser import USUAL_GATE
from flowtui.model.history.coverage import TimeCoverage
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


class KnownRuns(NamedTuple):
    """The runs that ended from `since` until before `until`, and those that are active if `until` is the present.

    `coverage`: how the range was watched; None if that is unknown: then `whole` says whether all runs are known. `late`: for
    how many seconds before `until` runs may be missing, as they ended after it. `names`: agent id → name.
    """

    runs: Sequence[Run]
    since: float
    until: float
    coverage: TimeCoverage | None
    whole: bool
    late: float
    names: Mapping[str, str]

    def all_created(self, since: float, until: float) -> bool:
        """Whether all runs are known that were created in this time: each of these ended in the range."""
        if since < self.since:
            return False
        if self.coverage is None:
            return self.whole
        parts = [part for part in self.coverage.parts if part.since < until and part.until > since]
        return bool(parts) and all(part.how in (LIVE, READ) for part in parts)


class Span(NamedTuple):
    """From a release to the next one, or infinitely long."""

    since: float
    until: float


class KeptVerdicts:
    """The last verdict on each release and what it rests on, so that it is judged again only when that has changed."""

    def __init__(self) -> None:
        self._known: dict[Span, tuple[tuple[object, ...], Verdict]] = {}

    def get(self, release: Span, ground: tuple[object, ...], judged: Callable[[], Verdict]) -> Verdict:
        """Return the verdict on a release that rests on `ground`."""
        kept = self._known.get(release)
        if kept is None or kept[0] != ground:
            kept = self._known[release] = ground, judged()
        return kept[1]


def verdicts(
    known: KnownRuns, releases: Sequence[Span], kept: KeptVerdicts | None = None
) -> list[Verdict | None]:
    """Return the verdict on each release by the usual gate; None where runs are missing, and on older ones than `JUDGED`."""
    first, kept = len(releases) - JUDGED, kept or KeptVerdicts()
    return [None if place < first else _verdict(known, one, kept) for place, one in enumerate(releases)]


def _verdict(known: KnownRuns, release: Span, kept: KeptVerdicts) -> Verdict | None:
    at, end = release.since, min(release.until, known.until - known.late)
    compare = next((each for each in _WINDOWS if known.all_created(at - each, end)), None)
    if compare is None or end <= at:
        return None
    since = at - compare
    base = tuple(run for run in known.runs if run.created is not None and since <= run.created < at)
    new = tuple(run for run in known.runs if run.created is not None and at <= run.created < end)
    closed = release.until <= known.until
    outcomes = [Counter(run.status_class for run in side) for side in (base, new)]

    def judged() -> Verdict:
        sides = Side(base, since, at), Side(new, at, end)
        found = judge(_gate(), *sides, min_runs=MIN_RUNS, agents=known.names, final=closed)
        return Verdict(found.verdict, found.reason, compare, len(base), len(new))

    return kept.get(release, (compare, len(base), outcomes, closed), judged)


@lru_cache(maxsize=1)
def _gate() -> Gate:
    return parse_gate(USUAL_GATE)
