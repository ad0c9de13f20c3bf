"""Finds reasons of failures that the base does not have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from flowtui.model.gate.judgement import NewReason
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import RunKey


def new_reasons(
    base: Iterable[RunKey], new: Iterable[RunKey], reasons: Mapping[RunKey, Reason]
) -> tuple[tuple[NewReason, ...], int]:
    """Return the reasons that only `new` runs have, and the number of `base` runs without a known reason.

    `base` and `new` are the failed runs of the two sides. `reasons` is run key → reason.
    """
    before = [reasons.get(key) for key in base]
    known = {reason for reason in before if reason is not None}
    counts = Counter(reason for key in new if (reason := reasons.get(key)) is not None)
    found = [NewReason(reason, count) for reason, count in counts.items() if reason not in known]
    found.sort(key=lambda each: (-each.runs, each.text))
    return tuple(found), sum(reason is None for reason in before)
