"""The text of `flowtui help gate`: the language of a gate, when it decides, and how it works with other options."""

from __future__ import annotations

from typing import Final

_HEAD: Final = """\
A deploy gate compares the runs since a moment with those before it, and decides as soon as the result is certain:

  flowtui mark release-42
  flowtui watch --since mark:release-42 --compare 2h --timeout 30m \\
      --gate 'failure_rate <= base + 2% and p95(duration) <= base * 1.2'

Exit codes: 0 met, 1 not met, 4 undecided at --timeout, 8 undecided with --once, 3 the API did not answer.

Metrics, of the new side; `base` in a limit is the same metric of the base side:
"""

_MEANINGS: Final = {
    "failure_rate": "share of the ended runs that failed",
    "cancel_rate": "share of the ended runs that were cancelled",
    "p50(duration)": "started to ended: the median",
    "p95(duration)": "started to ended: 95 % of the runs are faster",
    "p50(wait)": "created to started: the median",
    "p95(wait)": "created to started: 95 % of the runs are faster",
    "tokens_per_run": "mean total tokens of the ended runs that report tokens",
    "runs_per_min": "runs created per minute",
}

_GRAMMAR: Final = """
Language: METRIC <= LIMIT, also with <, >= and >; combined with and, or, not and parentheses. A LIMIT is a number or
an expression of numbers and base with + - * / and parentheses. Numbers: 2% (a share), 1.2, 20k, 500ms, 90s, 5m, 1h.
`base + 2%` is two percentage points more than before, `base * 1.2` a fifth more.

The two sides:
  base   runs created before --since, for as long as --compare says     new   runs created since then, until now
  --since takes a mark (`flowtui mark NAME`, `flowtui marks`), mark:agent:NAME (that agent's last deployment), 10m
  or a time. THREADs, --agent and --filter apply to both sides; do not filter by results (status, tokens), as these
  are what the gate compares. A run without a creation time is on neither side. flowtui reads all pages back to the
  start of the base; if the server does not return them, the gate stays undecided and names the thread.

When it decides:
  A comparison is decided once the opposite is improbable: in at most about 5 of 100 cases a good release is refused or
  a bad one passes, however many comparisons and agents there are and however often the gate is judged. It is judged
  only at certain numbers of runs (5, 8, 12, 18, 27, ...), so more frequent polling changes nothing. It never passes
  with fewer than --min-runs runs on a side (default 20), but it may fail with fewer. Runs count in the order of their
  creation, so that quick failures do not come first. The last judgement, at --timeout or with --once, may use the rest
  of the permitted error, so do not repeat --once for the same release. A gate that is not met ends the watch at once,
  one that is met after --settle (10s). An undecided gate says about how many runs it needs on each side.
  --by agent judges each agent on its own: one agent that fails is enough to fail. An agent with fewer than --min-runs
  runs prevents a pass. An agent without runs before --since can only fail by limits without base.

With the rest of watch:
  The gate decides when the watch ends, so it excludes --for, --new, --latest, --run and --expect. A failed run does
  not end the watch unless --fail-on is given; then either one leads to exit 1. Cancelled runs do not lead to exit 5:
  use cancel_rate. Without --wait-start it waits for the first run until --timeout, and without --timeout until it can
  decide. Failures with a reason that the base did not have are listed, with numbers and ids left out of their text.

Try it: flowtui simulate --speed 60 --deploy-at 60s:failures=40%
"""


def help_text() -> str:
    """Return the text of `flowtui help gate`."""
    from flowtui.model.gate.tree import METRICS  # noqa: PLC0415

    width = max(map(len, METRICS))
    metrics = "".join(f"  {name:<{width}}  {_MEANINGS[name]}\n" for name in METRICS)
    return f"{_HEAD}{metrics}{_GRAMMAR}"
