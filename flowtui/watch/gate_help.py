"""The text of `flowtui help gate`: the language of a gate, when it decides, and how it joins the rest of `watch`."""

from __future__ import annotations

from typing import Final

_HEAD: Final = """\
A deploy gate compares the runs since a moment with those before it, and decides once that is sure:

  flowtui mark release-42
  flowtui watch --since mark:release-42 --compare 2h --timeout 30m \\
      --gate 'failure_rate <= base + 2% and p95(duration) <= base * 1.2'

exit 0: it is met; 1: it is not; 4: undecided at --timeout; 8: undecided with --once; 3: nobody answered.

Metrics (the number is that of the new side; base is the same metric before):
"""

_MEANINGS: Final = {
    "failure_rate": "share of the ended runs that failed",
    "cancel_rate": "share of the ended runs that were cancelled",
    "p50(duration)": "median of started to ended",
    "p95(duration)": "what 95 % of the runs stay below, started to ended",
    "p50(wait)": "median of created to started",
    "p95(wait)": "what 95 % of the runs stay below, created to started",
    "tokens_per_run": "mean of the total tokens of the ended runs that report them",
    "runs_per_min": "runs created in a minute",
}

_GRAMMAR: Final = """
Language: METRIC <= LIMIT, also <, >= and >; joined by and, or, not and parentheses. A LIMIT is made of numbers and
base with + - * / and parentheses. Numbers: 2% (a share), 1.2, 20k, 500ms, 90s, 5m, 1h. `failure_rate <= 5%` needs no
base; `base + 2%` is two percentage points more, `base * 1.2` a fifth more.

The two sides:
  base   created in the --compare before --since     new   created since then, up to now
  --since takes a mark (`flowtui mark NAME`, `flowtui marks`), mark:agent:NAME (that agent's last deployment), 10m
  or a time. THREADs, --agent and --filter narrow both sides alike; a filter on what became of a run (status, tokens)
  takes away what is compared. A run without a date is on neither side. All pages of the past are read for it: where
  the server does not give them back to the begin of the base, the gate stays undecided and says which thread lacks it.

When it decides:
  A comparison is met, or not, once the opposite is improbable: a good release is refused, or a bad one let pass, in
  about 5 of 100 cases at most, however many comparisons, agents and looks it takes. So it looks at certain numbers of
  runs only (5, 8, 12, 18, 27, ...), and asking more often changes nothing. It never passes on fewer than --min-runs
  runs (default 20); it may fail on fewer. Runs count in the order they were created, so that quick failures do not
  come first. The last look, at --timeout or with --once, may use all the certainty that is left: call --once once.
  Not met ends the watch at once; met ends it when that has held for --settle (10s). Undecided, it says about how many
  runs a side would tell.
  --by agent judges each agent on its own: one that is not met is enough, one with fewer than --min-runs runs blocks
  a pass, one without a past can only fail by limits of its own.

With the rest of watch:
  The gate is the end condition: not with --for, --new, --latest, --run or --expect. A run that fails fails no watch by
  itself, unless --fail-on is given; then both hold, and exit 1 wins. Cancelled runs end in no 5: the gate says what
  they mean. --wait-start is as long as --timeout unless it is given. Without --timeout it waits until it can decide.
  Failures whose reason was not seen before are listed by their text, numbers and ids left out.

Try it: flowtui simulate --speed 60 --deploy-at 60s:failures=40%
"""


def help_text() -> str:
    """Return the text of `flowtui help gate`."""
    from flowtui.model.gate.tree import METRICS  # noqa: PLC0415

    width = max(map(len, METRICS))
    metrics = "".join(f"  {name:<{width}}  {_MEANINGS[name]}\n" for name in METRICS)
    return f"{_HEAD}{metrics}{_GRAMMAR}"
