"""Texts of a gate for the user: values of metrics, and the reason for each verdict in one sentence."""

from __future__ import annotations

import math
from typing import Final

from flowtui.formatting import UNKNOWN, count, plural, span
from flowtui.model.gate.judgement import Estimate
from flowtui.model.gate.logic import PASS
from flowtui.model.gate.tree import METRICS, RUNS_PER_MIN, Base, Compare, asks_base

NAMES: Final = {
    "failure_rate": "failed share",
    "cancel_rate": "cancelled share",
    "p50(duration)": "p50 time",
    "p95(duration)": "p95 time",
    "p50(wait)": "p50 wait",
    "p95(wait)": "p95 wait",
    "tokens_per_run": "tokens a run",
    RUNS_PER_MIN: "runs a minute",
}
"""Metric → its name for people; the gate's language has the other one."""

_BEYOND: Final = {
    ("<=", False): "above",
    ("<", False): "at least",
    (">=", False): "below",
    (">", False): "at most",
    ("<=", True): "at most",
    ("<", True): "below",
    (">=", True): "at least",
    (">", True): "above",
}
"""Sign of a comparison, and whether it holds → where the value is, seen from the limit."""

_SILENT: Final = {
    "p50(duration)": "no run with a known duration has ended",
    "p95(duration)": "no run with a known duration has ended",
    "p50(wait)": "no run with a known wait has ended",
    "p95(wait)": "no run with a known wait has ended",
    "tokens_per_run": "no ended run reported tokens",
    RUNS_PER_MIN: "the window is empty",
}


def metric_text(metric: str, value: float | None) -> str:
    """Return the text of a metric's value: `5.2%`, `37.4s`, `2h 05m`, `18,204`, `3.10/min`; `—` if unknown."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    unit = METRICS[metric]
    if unit == "share":
        return f"{value * 100:.1f}%"
    if unit == "seconds":
        return f"{value:.1f}s" if abs(value) < 60 else span(value)
    if unit == "per minute":
        return f"{value:.2f}/min"
    return count(round(value))


def two_digits(runs: float) -> int:
    """Return an estimated number of runs rounded up to two digits, as no estimate is more exact than that."""
    step = int(10 ** max(0, len(str(math.ceil(runs))) - 2))
    return math.ceil(runs / step) * step


def evidence(found: Estimate) -> str:
    """Return how much a sample tells if runs of one thread are alike: `124 runs on 9 threads count as about 40`.

    "" if the runs are worth their number: one run a thread, or runs that are not alike.
    """
    worth = _worth(found)
    if worth is None:
        return ""
    threads = plural(found.threads or 0, "thread")
    return f"{plural(found.n, 'run')} on {threads} count as about {worth:,}"


def counts_as(new: Estimate, base: Estimate) -> str:
    """Return how many runs both sides are worth, as runs of one thread are alike: `about 44 new and 86 of the base`.

    "" if they are worth their number.
    """
    one, two = _worth(new), _worth(base)
    if one is None and two is None:
        return ""
    return f"about {count(new.n if one is None else one)} new and {count(base.n if two is None else two)} of the base"


def _worth(found: Estimate) -> int | None:
    """Return how many independent runs a sample is worth; None if that is the number of its runs, or unknown."""
    if found.worth is None or found.threads is None or not found.n:
        return None
    worth = max(1, round(found.worth))
    return worth if worth < found.n else None


def sample_size(found: Estimate) -> str:
    """Return the number of runs of a sample for a table: `n=124`, or `n=124, worth 40` as in `evidence`."""
    worth = _worth(found)
    return f"n={count(found.n)}{'' if worth is None else f', worth {count(worth)}'}"


def beyond_words(leaf: Compare, limit: float | None, *, holds: bool) -> str:
    """Return on which side of the limit a value surely is: `above 5%`, `at most 7.0% (base + 2%)`."""
    where = _BEYOND[leaf.op, holds]
    if asks_base(leaf.limit):
        return f"{where} {metric_text(leaf.metric, limit)} ({leaf.limit_text})"
    return f"{where} {leaf.limit_text}"


def decided_reason(leaf: Compare, verdict: str, judged: int, value: float, limit: float | None) -> str:
    """Return why a comparison passed or failed. `value`: that of the `judged` runs of the new side."""
    seen = f"{NAMES[leaf.metric]} of {plural(judged, 'judged run')} is {metric_text(leaf.metric, value)}"
    return f"{seen}, surely {beyond_words(leaf, limit, holds=verdict == PASS)}"


def unknown_reason(leaf: Compare, waiting: int, *, new: bool) -> str:
    """Return why a metric is unknown on one side: the new side if `new`, else the base.

    `waiting` is how many ended runs of the new side do not count yet.
    """
    name = NAMES[leaf.metric]
    if new and waiting:
        return f"{name} is unknown: {plural(waiting, 'run')} ended, but those before them are still active"
    silent = _SILENT.get(leaf.metric, "no run has ended")
    return f"{name} is unknown: {silent} {'since' if new else 'in the base window'}"


def too_few_reason(leaf: Compare, new: int, base: int | None, first: int) -> str:
    """Return why nothing was judged yet: a side has too few runs for the first look, or some of them have not ended.

    `new` and `base` are how many runs of each side have a value; `base` is None if no run of the base has one. The
    first look takes `first` runs a side.
    """
    side, runs = ("", new) if base is None or new <= base else (" of the base", base)
    told = counted(leaf.metric, runs)
    if runs >= first:  # enough by now, but too few at the last look
        return f"{NAMES[leaf.metric]} is not judged yet: {told}{side}, and it will be judged soon"
    return f"{NAMES[leaf.metric]} is not judged yet: {told}{side}, and it takes {first}"


def counted(metric: str, runs: int) -> str:
    """Return the runs of a metric in words: `3 ended runs`.

    For times and runs per minute `3 runs`: runs that are active for long count for a time, all runs for the latter.
    """
    return plural(runs, "run" if METRICS[metric] in ("seconds", "per minute") else "ended run")


def undecided_reason(
    leaf: Compare, judged: int, runs: int, min_runs: int, needed: int | None, *, good: bool
) -> str:
    """Return why a comparison is undecided.

    `runs` is how many runs have a value, `judged` how many of them were part of the last interim look. A pass takes
    `min_runs` judged runs. `needed` is that of `ComparisonResult`. `good`: the comparison is more likely to hold than
    not.
    """
    name = NAMES[leaf.metric]
    if good and judged < min_runs:
        so_far = f"{judged:,} of {counted(leaf.metric, runs)} are judged so far"
        return f"{name} looks kept, but a pass takes {min_runs:,} judged runs; {so_far}"
    about = (
        f"about {two_digits(needed):,} runs a side would tell"
        if needed is not None
        else "more runs would hardly help"
    )
    if isinstance(leaf.limit, Base):
        return f"{leaf.text} has no margin, so only a clear change can be told: {about}"
    sure = "is not certain yet" if needed is not None else "can be on either side of its limit"
    return f"{name} {sure}: {about}"
