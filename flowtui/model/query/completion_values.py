"""Finds the values that a field has among runs, and counts how many runs a condition with each value would show.

The first MAX_CHEAP runs are counted; for fields that must be computed, the first MAX_COSTLY. If there are more runs, a
count is a minimum.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple

from flowtui.model.columns.columns import changed_config, findings
from flowtui.model.columns.context import Context
from flowtui.model.findings.kinds import FINDINGS
from flowtui.model.query.fields import CLASSES, FIELDS, HAS_TESTS, ID_FIELDS, READERS, Field
from flowtui.model.query.match import RowTexts, compared_span, compiled
from flowtui.model.query.tree import Compare, Has, Node, Pattern, written
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.id_parts import id_end
from flowtui.model.run.labels import label_field
from flowtui.model.run.row import FAILED, STATUS_CLASSES, UNKNOWN, Run
from flowtui.text import short_id

MAX_CHEAP: Final = 20_000
"""Greatest number of runs that are counted for a field that is cheap to read."""

MAX_COSTLY: Final = 2_000
"""Greatest number of runs that are counted for a field that must be computed: some milliseconds at each key."""

LONGEST_VALUE: Final = 80
"""Greatest length of an offered value in characters; longer texts are of no use in a list."""

MAX_LABELS: Final = 30
"""Greatest number of labels that are offered by name."""

_PAIRS: Final = 40_000  # greatest number of comparisons of values; beyond it, only equal values are counted

_KEYS: Final[Mapping[str, Callable[[Run], Any]]] = {
    "status": lambda run: (run.status_class, run.status),
    "agent": lambda run: run.agent_id,
    "model": lambda run: run.model,
    "thread": lambda run: run.thread_key,
    "run": lambda run: run.id,
    "unreadable": lambda run: run.unreadable,
}
"""Field → the function that returns the key of a run for this field.

The texts of the field depend only on the key, so they are computed once for each key.
"""

_UNASKED: Final = ("status", "run", "thread", "note", "cost")
"""Fields that `has:` does not count: every run has them, or counting takes too long."""

_UNITS: Final[Mapping[str, str]] = {"duration": "smhd", "count": "kM"}

EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "duration": ("10s", "1m", "10m", "1h", "6h", "1d"),
    "count": ("100", "1k", "10k", "100k", "1M"),
    "time": ("now-10m", "now-1h", "now-6h", "now-1d"),
}
"""Example values by kind of field."""


class ValueCounts(NamedTuple):
    """How many runs a condition with each value would show."""

    counts: Mapping[str, int | None]
    """Value → number of runs; None if they were not counted."""
    floor: bool = False
    """Whether not all runs were counted, so that the real numbers may be higher."""


def count_values(field: Field, op: str, typed: str, runs: Sequence[Run], context: Context) -> ValueCounts:
    """Return the values that fit after a field and an operator, with their counts.

    `typed` is what the user has typed of the value; for a field with units, a typed number is offered with each unit.
    """
    if field.from_spans and context.redact:
        return ValueCounts({})
    if field.kind == "flag":
        return _flags(field, op, runs, context)
    if field.kind in EXAMPLES:
        return _measures(field, op, typed, runs, context)
    return _texts(field, op, runs, context)


def label_counts(runs: Sequence[Run], context: Context) -> Mapping[str, int]:
    """Return the field of each label that the runs have, such as `label.env`, with the number of runs, the most first."""
    seen: Counter[str] = Counter()
    for run in runs[:MAX_CHEAP]:
        facts = context.private_facts(run)
        if facts is not None:
            seen.update(name for name, _ in facts.labels)
    return {label_field(name): count for name, count in seen.most_common(MAX_LABELS)}


def count_has_values(runs: Sequence[Run], context: Context) -> ValueCounts:
    """Return the names that fit after `has:`, with their counts."""
    few = runs[:MAX_COSTLY]
    known: Counter[str] = Counter()
    for run in few:
        names = {finding.name for finding in findings(run, context)}
        known.update(names)
        known["findings"] += bool(names)
        known["changed_config"] += changed_config(run, context)
        known["error"] += HAS_TESTS["error"].test(run, context)
    counts: dict[str, int | None] = {}
    for name in (*HAS_TESTS, *FIELDS):
        if name in ("findings", *HAS_TESTS):
            counts[name] = known[name]
        elif name in _UNASKED:
            counts[name] = None
        else:
            test = _bound(Has(name), context)
            counts[name] = sum(map(test, few))
    counts.update(label_counts(few, context))
    return ValueCounts(counts, floor=len(runs) > MAX_COSTLY)


def _bound(node: Node, context: Context) -> Callable[[Run], bool]:
    return compiled(node)(RowTexts(context))


def _flags(field: Field, op: str, runs: Sequence[Run], context: Context) -> ValueCounts:
    few = runs[:MAX_CHEAP]
    counts: dict[str, int | None] = {}
    for word in ("true", "false"):
        test = _bound(Compare(field.name, "!=" if op == "!=" else "=", word), context)
        counts[word] = sum(map(test, few))
    return ValueCounts(counts, floor=len(runs) > MAX_CHEAP)


# -- texts -----------------------------------------------------------------------------------------------------


def _texts(field: Field, op: str, runs: Sequence[Run], context: Context) -> ValueCounts:
    """Return the texts of a field with their counts.

    After `:`, a run counts if one of its texts contains the value.
    """
    key = partial(_reason, context) if field.from_evidence else _KEYS.get(field.name)
    limit = MAX_CHEAP if key is not None else MAX_COSTLY
    few = runs[:limit]
    if field.kind == "status" and op == "!=":  # != never matches an unknown status
        few = [run for run in few if run.status_class != UNKNOWN]
    if key is None:
        seen = Counter(field.texts(run, context) for run in few)
    else:
        seen = _by_key(field, few, key, context)
    words = _offered(field, seen, parts=op == ":")
    if field.kind == "status":  # classes are offered instead of the server's own words for them
        words = Counter({word: count for word, count in words.items() if word not in CLASSES})
    known = sum(count for texts, count in seen.items() if texts)
    counts: dict[str, int | None] = dict(words)
    if field.kind == "status":
        counts.update(_statuses(few))
        known = len(few)
    _add_similar(counts, words, seen, parts=op == ":")
    if op == "!=":
        counts = {word: known - (count or 0) for word, count in counts.items()}
    return ValueCounts(counts, floor=len(runs) > limit)


def _reason(context: Context, run: Run) -> Reason | None:
    return context.reasons.get(run.key) if run.status_class == FAILED else None


def _by_key(
    field: Field, runs: Sequence[Run], key: Callable[[Run], Any], context: Context
) -> Counter[tuple[str, ...]]:
    examples = {key(run): run for run in runs}
    times = Counter(map(key, runs))
    seen: Counter[tuple[str, ...]] = Counter()
    for each, run in examples.items():
        seen[field.texts(run, context)] += times[each]
    return seen


def _offered(field: Field, seen: Counter[tuple[str, ...]], *, parts: bool) -> Counter[str]:
    """Return the values to offer, with their counts.

    A run offers only its first text, as a name is clearer than an id, unless its texts are separate values. For the field
    `findings`, the findings that no run has are offered, too. With
    `parts`, of a UUID only the end is offered, as tables show it, and of a long reason only the start.
    """
    words: Counter[str] = Counter()
    for texts, count in seen.items():
        for text in texts if field.many else texts[:1]:
            offered = _part(field, text) if parts else text
            if offered.strip() and len(offered) <= LONGEST_VALUE:
                words[offered] += count
    if field.name == "findings":
        for name in FINDINGS:
            words.setdefault(name, 0)
    return words


def _part(field: Field, text: str) -> str:
    if field.from_evidence and len(text) > LONGEST_VALUE:
        return text[:LONGEST_VALUE].rpartition(" ")[0]
    return id_end(short_id(text)) if field.name in ID_FIELDS else text


def _statuses(runs: Sequence[Run]) -> dict[str, int | None]:
    """Return how many runs each status class, `active` and `terminal` would show."""
    classes = Counter(run.status_class for run in runs)
    asked = (*STATUS_CLASSES, "active", "terminal")
    return {word: sum(classes[name] for name in CLASSES[word]) for word in asked}


def _add_similar(
    counts: dict[str, int | None], words: Mapping[str, int], seen: Counter[tuple[str, ...]], *, parts: bool
) -> None:
    """Count again without regard to case: for each value, the runs of which any text equals the value.

    With `parts`, the runs of which any text contains the value are counted instead.
    """
    if len(seen) * len(words) > _PAIRS:
        return
    folded = [(tuple(text.casefold() for text in texts), count) for texts, count in seen.items()]
    for word in words:
        same = word.casefold()
        counts[word] = sum(
            count for texts, count in folded if any(same in (text if parts else (text,)) for text in texts)
        )


# -- measures --------------------------------------------------------------------------------------------------


def _measures(field: Field, op: str, typed: str, runs: Sequence[Run], context: Context) -> ValueCounts:
    examples = list(EXAMPLES[field.kind])
    if typed.isascii() and typed.isdigit() and field.kind in _UNITS:
        examples = [typed + unit for unit in _UNITS[field.kind]] + examples
    if field.kind == "time":
        day = datetime.fromtimestamp(context.now, context.zone).date()
        examples.append(day.isoformat())
    value = field.value
    if value is None or op == ":":
        return ValueCounts(dict.fromkeys(examples))
    few = runs[:MAX_CHEAP]
    known = sorted(found for run in few if (found := value(run, context)) is not None)
    counts: dict[str, int | None] = {}
    for text in dict.fromkeys(examples):
        low, high = compared_span(field, op, READERS[field.kind](text), context)
        counts[text] = _count_fitting(known, op, low, high)
    return ValueCounts(counts, floor=len(runs) > MAX_CHEAP)


def _count_fitting(known: Sequence[float], op: str, low: float, high: float) -> int:
    """Return for how many of the sorted values `known` a comparison is true.

    The comparison `op` is with the span from `low` to `high` (exclusive).
    """
    below = bisect_left(known, low)
    through = max(bisect_left(known, high), bisect_right(known, low) if high <= low else 0)
    return {
        "<": below,
        "<=": through,
        ">": len(known) - through,
        ">=": len(known) - below,
        "=": through - below,
        "!=": len(known) - through + below,
    }[op]


def value_text(field: Field, op: str, word: str) -> str:
    """Return a value as it is written after a field and an operator, in quotes if needed."""
    node = Pattern(field.name, word) if op == ":" else Compare(field.name, op, word)
    return written(node)[len(field.name) + len(op) :]
