"""The summary, which is always the last event of a watch. Scripts rely on its fields. Pure.

Its fields:

`exit`, `verdict`: the exit code, with and without `--exit-zero`.
`reason`: the sentence: `decided`, `ended`, `outcome.text` and `notes`, joined by semicolons.
`decided`: what the exit code comes from, such as `2 failed: run_71, run_72`; null if it is what ended the watch.
`for`: the condition that was waited for: `all`, `any`, `idle`, the expression of --for, or `gate`.
`ended_by`: what ended the watch, a key of `flowtui.watch.judge.outcome.ENDED_BY`, such as `timeout`.
`ended`: the same for people, such as `--timeout 40s reached, 1 run not ended`.
`outcome`: the numbers of the sentence, null if unknown: `total`, `completed`, `failed`, `cancelled`, `running`,
`queued`, `unknown`; `failed` split into `failed_counted`, `failed_allowed` and `failed_not_counted`;
`cancelled_allowed`; `inferred`; `labels_unread`; `expected`, how many runs were to come; `failures`, how many count
by name in --fail-on; `allow_failures` and `allow_cancelled`, the limits as text; `unread`, such as `not all read`,
if threads were not read; `text`, all of this as a text.
`notes`: further facts as texts.
`counts`, `tokens`, `tokens_reported`, `inferred`: the sums of the watched runs.
`failed`: each run or thread that counts as a failure, allowed ones included. `failed_not_listed`: of very many, how many
more there were.
`gate`: the result of --gate, if there is one.
`reasons`: why runs failed, the most frequent first: `number`, by which lines name it, `id`, `text`, `source`, `count`,
`agents`, and `new`: whether no run of the gate's base failed for it, null if unknown. `reasons_unknown`: of how many
failed runs the reason is not known. `first_failed`: the run that failed first. `outages`: their `count` and `seconds`.
`next`: a command that says why the watch ended so; `advice`: what helps, in words; null if nothing does.
These are made in `closing.py`.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from flowtui import formatting
from flowtui.model.messages.why import Why, show_command
from flowtui.model.run.row import STATUS_CLASSES, RunKey
from flowtui.text import safe_text
from flowtui.watch import events, exits
from flowtui.watch.events import Event, run_fields
from flowtui.watch.judge.outcome import Verdict
from flowtui.watch.ledger import CountedFailure, Counts, Failures, Ledger


def counts_fields(counts: Counts) -> dict[str, int | None]:
    """Return how many runs there are in total and in each status class. If that is unknown, each number is None.

    If labels are wanted, also how many runs are in none of these numbers because their labels are not read yet.
    """
    classes = {word: counts.by_class.get(word, 0) for word in STATUS_CLASSES}
    labels = {} if counts.labels_unread is None else {"labels_unread": counts.labels_unread}
    fields: dict[str, int | None] = {"total": counts.total, **classes, **labels}
    if counts.known:
        return fields
    return dict.fromkeys(fields)


def summary(
    verdict: Verdict,
    ledger: Ledger,
    failures: Failures,
    reasons: Mapping[RunKey, Why],
    *,
    at: float,
    seconds: float,
    exit_zero: bool = False,
    gate: Mapping[str, Any] | None = None,
) -> Event:
    """Return the summary event.

    `reasons`: run -> why it failed, as far as known.
    `at`: the time of the event, in UTC epoch seconds of the local clock.
    `seconds`: how long the watch took.
    `exit_zero`: whether `--exit-zero` was given.
    `gate`: the JSON fields of the gate's result; None without a result.
    """
    counts = ledger.counts
    fields: dict[str, Any] = {
        "exit": exits.with_exit_zero(verdict.code) if exit_zero else verdict.code,
        "verdict": verdict.code,
        "reason": verdict.reason,
        "decided": verdict.decided or None,
        "for": verdict.condition,
        "ended_by": verdict.ended_by,
        "ended": verdict.ended,
        "outcome": verdict.tally.fields(),
        "notes": list(verdict.notes),
        "counts": counts_fields(counts),
        "tokens": counts.tokens,
        "tokens_reported": counts.reported,
        "inferred": counts.inferred if counts.known else None,
        "failed": [_failed(failure, reasons) for failure in failures.kept],
        **({"failed_not_listed": sum(failures.folded.values())} if failures.folded else {}),
        "duration_s": round(seconds, 3),
        **({} if gate is None else {"gate": gate}),
    }
    return Event(events.SUMMARY, at, fields, counts=counts)


def _failed(failure: CountedFailure, reasons: Mapping[RunKey, Why]) -> dict[str, Any]:
    run = failure.run
    if run is None:
        return {
            "thread_id": failure.thread,
            "run_id": None,
            "agent_id": None,
            "because": failure.word,
            "status": None,
            "reason": failure.text,
            "see": _see_thread(failure.thread),
        }
    why = reasons.get(run.key)
    return {
        "thread_id": run.thread_key,
        "run_id": run.raw_id,
        "agent_id": run.agent_id,
        "because": failure.word,
        "status": run.status,
        **({"inferred": True} if run.inferred else {}),
        "reason": why.reason if why is not None else failure.text or None,
        "see": show_command(run),
    }


def _see_thread(thread: str) -> str:
    """Return the shell command that shows a thread's runs, display-safe."""
    word = shlex.quote(safe_text(thread))
    return f"flowtui runs -- {word}" if thread.startswith("-") else f"flowtui runs {word}"


def with_runs(
    event: Event, ledger: Ledger, agents: Mapping[str, str], now: float, reasons: Mapping[RunKey, Why]
) -> dict[str, Any]:
    """Return the summary as one JSON object that also has every watched run. `now` is server time.

    Of very many runs the oldest are left out; `runs_not_listed` is how many.
    """
    runs = []
    for run in ledger.runs.values():
        why = reasons.get(run.key)
        runs.append(
            {
                **run_fields(run, agents, now),
                "started_at": formatting.iso_time(run.started),
                "ended_at": formatting.iso_time(run.ended),
                "findings": [finding.name for finding in ledger.findings.get(run.key, ())],
                "reason": None if why is None else why.reason,
                "unreadable": run.unreadable,
            }
        )
    left_out = ledger.total - len(ledger.runs)
    return {**event.record(), "runs": runs, **({"runs_not_listed": left_out} if left_out else {})}
