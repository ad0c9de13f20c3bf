"""The text of `flowtui help gate`: the language of gates, when a gate is decided, and which options go with it."""

from __future__ import annotations

from typing import Final

_HEAD: Final = """\
A deploy gate compares the runs since a moment with those before it, and decides once the result is certain enough:

  flowtui mark release-42
  flowtui watch --since mark:release-42 --compare 2h --timeout 30m \\
      --gate 'failure_rate <= base + 2% and p95(duration) <= base * 1.2'

Exit codes: 0 met, 1 not met, 4 undecided at --timeout, 8 undecided with --once, 3 the API did not answer.

Metrics, measured on the new side; `base` in a limit is the same metric on the base side:
"""

_MEANINGS: Final = {
    "failure_rate": "share of the ended runs that failed",
    "cancel_rate": "share of the ended runs that were cancelled",
    "p50(duration)": "time from start to end: the median",
    "p95(duration)": "time from start to end: 95 % of the runs are faster",
    "p50(wait)": "time from creation to start: the median",
    "p95(wait)": "time from creation to start: 95 % of the runs are faster",
    "tokens_per_run": "mean total tokens per ended run that reports tokens",
    "runs_per_min": "runs created per minute",
}

_GRAMMAR: Final = """
Language: METRIC <= LIMIT, also with <, >= and >; combined with and, or, not and parentheses. A LIMIT is a number or
an expression of numbers and base with + - * / and parentheses. Numbers: 2% (a share), 1.2, 20k, 500ms, 90s, 5m, 1h.
`base + 2%` is two percentage points more than before, `base * 1.2` a fifth more.

The two sides:
  base   runs created in the period of length --compare before --since
  new    runs created since then, until now
  --since takes a mark (`flowtui mark NAME`, `flowtui marks`), mark:agent:NAME (that agent's last deployment), 10m
  or a time. THREADs, --agent and --filter apply to both sides; do not filter by results (status, tokens), as these
  are what the gate compares. A run without a creation time is on neither side. flowtui reads all pages back to the
  start of the base; if the server does not return them, the gate stays undecided and the output names the thread.

When it decides:
  A comparison passes (or fails) once it is improbable that the true value is on the other side of the limit. In at
  most about 5 of 100 cases a good release is refused or a bad one passes, however many comparisons and agents there
  are and however often the gate is judged. It is judged only at certain numbers of runs (5, 8, 12, 18, 27, ...), so
  more frequent polling changes nothing. It never passes with fewer than --min-runs runs on a side (default 20), but
  it may fail with fewer. Runs are counted in order of creation, not of completion; otherwise runs that fail quickly
  would bias the early result. The last judgement, at --timeout or with --once, accepts all of the 5 % risk that is
  left. Repeating --once would take that risk again, so use it once per release. If the gate is not met, the watch
  ends at once; if it is met, the watch ends after --settle (10s). An undecided gate says about how many runs it needs
  on each side.
  --by agent judges each agent on its own: one agent that fails is enough to fail. An agent with fewer than --min-runs
  runs prevents a pass. An agent without runs before --since is judged only by limits that do not use base: it can
  fail, but does not prevent a pass.

With the rest of watch:
  The gate decides when the watch ends, so it excludes --for, --new, --latest, --run and --expect. A failed run does
  not end the watch unless --fail-on is given; then a failed run or a gate that is not met leads to exit 1. Cancelled
  runs do not lead to exit 5: use cancel_rate. Without --wait-start, `watch` waits for the first run until --timeout;
  without --timeout, it waits until the gate is decided. Failures with a reason that the base did not have are listed;
  numbers and ids are removed from each reason, so that similar failures are grouped.

Try it: flowtui simulate --speed 60 --deploy-at 60s:failures=40%
"""


def help_text() -> str:
    """Return the text of `flowtui help gate`."""
    from flowtui.model.gate.tree import METRICS  # noqa: PLC0415

    width = max(map(len, METRICS))
    metrics = "".join(f"  {name:<{width}}  {_MEANINGS[name]}\n" for name in METRICS)
    return f"{_HEAD}{metrics}{_GRAMMAR}"
