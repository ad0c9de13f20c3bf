"""One notice in place of all that were held back in the quiet hours. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Final

from flowtui.formatting import plural
from flowtui.model.columns.context import Context
from flowtui.model.events.notices import (
    AGENT,
    DIGEST,
    ENDED,
    FINDING,
    GATE,
    MATCHED,
    REASON,
    RULE,
    Notice,
    Severity,
)
from flowtui.model.run.row import FAILED

MOST_HELD: Final = 1_000
"""Most notices that are held: the first. Later ones are only counted; the event log has them."""

_REASONS: Final = 3  # reasons that a digest names
_WORST: Final[tuple[Severity, ...]] = ("error", "warning")
_WORDS: Final = {
    ENDED: "{} ended",
    FINDING: "{} looked wrong",
    MATCHED: "{} came to match a filter",
    REASON: "{} failed for a watched reason",
    AGENT: "{} of a watched agent failed",
}


def digest(held: Sequence[Notice], more: int, quiet: str, at: float, context: Context) -> Notice:
    """Return the digest of the notices that were held, oldest first.

    `more`: how many further ones were only counted. `quiet`: the quiet hours, in words. `at`: now (local clock). The reasons
    are those that `context` knows now.
    """
    parts = [*_counts(held), *([f"{more:,} more"] if more else [])]
    reasons = list(islice(_reasons(held, context), _REASONS + 1))
    named = "; ".join([*reasons[:_REASONS], *(["…"] if len(reasons) > _REASONS else [])])
    number = plural(len(held) + more, "notice")
    said = f"{number} in the quiet hours {quiet}: {', '.join(parts)}{f'. First reasons: {named}' if named else ''}"
    runs = dict(chain.from_iterable(zip((r.key for r in n.runs), n.runs, strict=True) for n in held))
    first = sorted(runs.values(), key=lambda run: run.status_class != FAILED)
    severities = {notice.severity for notice in held}
    worst: Severity = next((level for level in _WORST if level in severities), "information")
    return Notice(DIGEST, at, quiet, tuple(first), (), said=said, level=worst)


def _counts(held: Sequence[Notice]) -> list[str]:
    """Return what happened, counted by kind: the runs of watches, the notices of rules."""
    runs: Counter[str] = Counter()
    for notice in held:
        runs[notice.kind] += len(notice.runs)
    parts = [words.format(plural(runs[kind], "run")) for kind, words in _WORDS.items() if runs[kind]]
    rules = [notice for notice in held if notice.kind == RULE]
    begun = sum(notice.level != "information" for notice in rules)
    if begun:
        parts.append(f"{plural(begun, 'rule')} began to be broken")
    if len(rules) > begun:
        parts.append(f"{plural(len(rules) - begun, 'rule')} over again")
    if verdicts := sum(notice.kind == GATE for notice in held):
        parts.append(plural(verdicts, "verdict") + " of gates")
    return parts


def _reasons(held: Sequence[Notice], context: Context) -> Iterable[str]:
    """Yield the reasons of failed runs, each once, in the order in which they came."""
    seen = set()
    for run in chain.from_iterable(notice.runs for notice in held):
        text = context.reason_text(run.key)
        if text and text not in seen:
            seen.add(text)
            yield text
