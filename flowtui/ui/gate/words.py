"""The words of the gate's screen: verdicts, intervals, where runs come from, the same question for a script. Pure."""

from __future__ import annotations

import math
import shlex
from typing import Final

from flowtui import formatting
from flowtui.model.answers.gate.page import GatePage, Measured
from flowtui.model.answers.gate.to_verdict import ToVerdict, more_runs, to_verdict
from flowtui.model.gate import FAIL, INCONCLUSIVE, PASS, Estimate, metric_text
from flowtui.model.gate.answer import Answer, Question
from flowtui.model.gate.past_base import HISTORY, base_words
from flowtui.model.gate.reach import reach, reach_text, without_margin
from flowtui.model.gate.tree import RATES, asks_base
from flowtui.model.gate.wording import NAMES, beyond_words, counts_as
from flowtui.model.history.coverage import time_words
from flowtui.text import safe_text
from flowtui.ui.widgets.choice_row import TIMES

EXITS: Final = {PASS: "exits 0", FAIL: "exits 1", INCONCLUSIVE: "goes on until it is decided"}
"""Verdict → what `flowtui watch` does with it."""

_LONG: Final = 172_800.0  # seconds from which a time to wait is not told more exactly
_HOURS: Final = 7_200.0  # seconds from which it is told in hours
_MOST: Final = 6  # comparisons of which is told how much their runs tell


def script_words(page: GatePage) -> str:
    """Return what `flowtui watch` does with the same question."""
    return "reads the runs that are missing" if page.answer.sides.missing else EXITS[page.verdict]


def window_word(seconds: float) -> str:
    """Return a time span as `--compare` takes it: `30m`, `2h`."""
    return f"{seconds / 3600:g}h" if seconds >= 3600 else f"{seconds / 60:g}m"


def watch_command(question: Question, gate: str = "") -> str:
    """Return the `flowtui watch` command for the same question, which reads all runs needed for it.

    `gate`: what to write instead of the gate's text; "" writes that.
    """
    words = [
        "flowtui", "watch", "--since", f"mark:{question.mark.name}", "--compare", window_word(question.compare),
        *(("--by", "agent") if question.by_agent else ()), "--gate", gate or question.gate.text,
    ]  # fmt: skip
    return shlex.join(words)


# -- the banner ------------------------------------------------------------------------------------------------


def sentence(page: GatePage) -> str:
    """Return why the verdict is what it is, in one sentence."""
    answer = page.answer
    if answer.sides.missing:
        return answer.sides.missing
    first = page.first
    if first is None:
        return "there are no runs to judge"
    whose = f"{first.agent}: " if first.agent else ""
    if answer.verdict == PASS:
        return "every limit is surely kept"
    if first.verdict == INCONCLUSIVE:
        return _undecided(answer, first)
    if first.verdict != answer.verdict:  # under a `not`
        return safe_text(answer.judgement.reason)
    value = metric_text(first.leaf.metric, first.used.value)
    beyond = beyond_words(first.leaf, first.row.limit, holds=first.verdict == PASS)
    return f"{whose}{NAMES[first.leaf.metric]} is {value}, surely {beyond}"


def _undecided(answer: Answer, first: Measured) -> str:
    """Return why nothing is decided. `first`: the comparison that is told."""
    if not answer.sides.new.runs:
        return f"no run was created since {answer.question.mark.name} yet"
    if _too_few(answer):
        return safe_text(answer.judgement.reason)
    if not first.row.judged:
        return safe_text(first.row.reason)
    return f"{f'{first.agent}: ' if first.agent else ''}{near_words(first)}"


def near_words(measured: Measured) -> str:
    """Return value and doubt of an undecided comparison: `p95 time is 25.8s, and may still be above 30s`."""
    leaf, used, limit = measured.leaf, measured.used, measured.row.limit
    value = metric_text(leaf.metric, used.value)
    if limit is None or used.value is None:
        return f"{NAMES[leaf.metric]} is {value}"
    holds = used.value <= limit if leaf.at_most else used.value >= limit
    return f"{NAMES[leaf.metric]} is {value}, and may still be {beyond_words(leaf, limit, holds=not holds)}"


def counts_words(page: GatePage) -> str:
    """Return the runs of both sides that the verdict rests on: `39 of 124 judged runs failed, 8 of 312 in the base`."""
    first = page.first
    if first is None or not first.used.n or _too_few(page.answer):
        return ""
    metric = first.leaf.metric
    judged = "judged runs" if first.row.judged else "runs"
    how = _OUTCOMES.get(metric, "")
    base = _counted(metric, first.row.base) if first.row.base.n else "none"
    known = " known" if page.answer.sides.missing else ""
    return f"{_counted(metric, first.used)} {judged}{how}, {base}{known} in the base"


_OUTCOMES: Final = {"failure_rate": " failed", "cancel_rate": " were cancelled"}


def _counted(metric: str, found: Estimate) -> str:
    """Return the runs that an estimate rests on: of a share `6 of 24`, else `24`."""
    if metric in RATES and found.value is not None:
        return f"{formatting.count(round(found.value * found.n))} of {formatting.count(found.n)}"
    return formatting.count(found.n)


def _too_few(answer: Answer) -> bool:
    """Whether the sentence is about agents with too few runs: then the runs of one of them would tell nothing of it."""
    return answer.verdict == INCONCLUSIVE and answer.judgement.reason.startswith("too few")


def decided_words(page: GatePage, clock: str) -> str:
    """Return since when the verdict is certain: `decided 02:11, after 24 runs`; or how many runs it takes: `about 40 more runs`.

    `clock`: the time of day; `—` if unknown.
    """
    found = page.decided
    if page.verdict == INCONCLUSIVE:
        more = more_runs(page.answer, page.metrics)
        return "" if more is None else f"about {formatting.plural(more, 'more run')}"
    if found is None:
        return ""
    when = f" {clock}," if found.at is not None else ""
    whose = " of all agents" if page.answer.question.by_agent else ""
    return f"decided{when} after {formatting.plural(found.runs, 'run')}{whose}"


# -- comparisons -----------------------------------------------------------------------------------------------


def interval_words(metric: str, found: Estimate) -> str:
    """Return the ends of an interval: `1.3% and 5.0%`, `up to 40.1%`, `from 20.0s`, `no interval yet`; "" without runs."""
    if not found.n:
        return ""
    low, high = metric_text(metric, found.low), metric_text(metric, found.high)
    if found.low is None:
        return "no interval yet" if found.high is None else f"up to {high}"
    return f"from {low}" if found.high is None else f"{low} and {high}"


def limit_text(measured: Measured) -> str:
    """Return the limit as the user typed it, `5%`; if it depends on the base, its value now, `7.0%`."""
    leaf = measured.leaf
    return metric_text(leaf.metric, measured.row.limit) if asks_base(leaf.limit) else leaf.limit_text


def limit_words(measured: Measured) -> str:
    """Return the limit with its sign: `<= 5%`; `—` if it is unknown."""
    return formatting.UNKNOWN if measured.row.limit is None else f"{measured.leaf.op} {limit_text(measured)}"


def wait_words(found: ToVerdict, window: float) -> list[str]:
    """Return what an undecided comparison waits for, in parts, the most important first. `window`: the base's length."""
    row = found.measured.row
    if not row.judged:
        reason = row.reason if row.agent is None else row.reason.removeprefix(f"{row.agent}: ")
        return [safe_text(reason.removeprefix(f"{NAMES[row.metric]} is "))]
    if found.base_short:
        longer = ": choose a longer one" if window < max(TIMES.values()) else ""
        base = formatting.plural(found.measured.row.base.n, "run")
        return [f"cannot be decided with the {base} of the base{longer}"]
    if found.more is None:
        return ["can be on either side of the limit, and may take very many more runs"]
    parts = [f"about {found.more:,} more"]
    if found.seconds is not None and found.per_minute is not None:
        parts.append(f"{_wait_text(found.seconds)} at {found.per_minute:.1f} a minute")
    return parts


def _wait_text(seconds: float) -> str:
    if seconds > _LONG:
        return "more than 2 days"
    whole = 3600.0 if seconds >= _HOURS else 60.0
    return time_words(math.ceil(seconds / whole) * whole)


def alike_words(page: GatePage) -> str:
    """Return how much runs tell that are alike.

    `runs of one thread are alike, so they count as fewer: about 56 new and 86 of the base for failed share`.
    """
    parts: list[str] = []
    for each in page.metrics[:_MOST]:
        if told := counts_as(each.row.new, each.row.base):
            whose = f" of {each.agent}" if each.agent else ""
            parts.append(f"{told} for {NAMES[each.leaf.metric]}{whose}")
    return f"runs of one thread are alike, so they count as fewer: {'; '.join(parts)}" if parts else ""


# -- what it rests on ------------------------------------------------------------------------------------------


def left_out_words(page: GatePage) -> str:
    """Return which runs the verdict does not rest on: `not judged yet: 11 of 105 ended runs, 5 not ended`; "" if there is none."""
    answer = page.answer
    sides, waiting = answer.sides, answer.judgement.waiting
    ended = sum(run.terminal for run in sides.new.runs)
    late = max(0, ended - _judged(answer))
    active = len(sides.new.runs) - ended
    parts = []
    if late:
        behind = f" ({waiting:,} of them after older ones that are active)" if waiting else ""
        parts.append(f"{late:,} of {formatting.plural(ended, 'ended run')}{behind}")
    if active:
        parts.append(f"{active:,} not ended")
    said = [f"not judged yet: {', '.join(parts)}"] if parts else []
    if base := sum(not run.terminal for run in sides.base.runs):
        said.append(f"{base:,} of the base not ended")
    if sides.undated:
        said.append(f"{formatting.plural(sides.undated, 'run')} without a date, on neither side")
    return "; ".join(said)


def _judged(answer: Answer) -> int:
    """Return on how many runs of the new side the judgement rests: of each agent, those of the metric that most have."""
    most: dict[str | None, int] = {}
    for row in answer.judgement.rows:
        most[row.agent] = max(most.get(row.agent, 0), row.judged)
    return sum(most.values())


def rest_words(page: GatePage) -> list[tuple[str, str]]:
    """Return (text, role) of what else the verdict depends on, each a sentence."""
    answer = page.answer
    sides = answer.sides
    said = [(told, "dim")] if (told := left_out_words(page)) else []
    watched = sides.past.watched if sides.base_from == HISTORY and sides.past.floors else None
    if sides.missing and not sides.past.why:
        told = ""
    else:
        told = base_words(len(sides.base.runs), sides.remembered, watched, sides.past.why)
    if told:
        said.append((told, "dim"))
    if told := alike_words(page):
        said.append((told, "dim"))
    if not sides.missing and answer.verdict == INCONCLUSIVE and (told := reach_words(page)):
        said.append((told, "warn"))
    return said


def reach_words(page: GatePage) -> str:
    """Return why an unchanged release can hardly pass, if the new side gets as many runs as the base; "" if it can.

    "" as well if the page says how many runs the same comparison takes by its own values: a second number would contradict it.
    """
    answer = page.answer
    question = answer.question
    if told := without_margin(question.gate):
        return safe_text(told)
    found = reach(question.gate, answer.judgement.rows, question.min_runs, 1.0)
    if found is None or any(
        (each.row.text, each.row.agent) == (found.text, found.agent)
        and (waiting := to_verdict(answer, each)) is not None
        and waiting.needed is not None
        for each in page.metrics
    ):
        return ""
    return safe_text(reach_text(found, f"the {window_word(question.compare)} base", ""))
