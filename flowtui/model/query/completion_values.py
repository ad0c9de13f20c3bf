"""The values that a field has among some runs, and how many runs a completed condition would show. Pure.

What costs little is counted over all runs; notes and findings over fewer, and the count is then a floor.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from flowtui.model.columns.columns import changed_config, findings
from flowtui.model.columns.context import Context
from flowtui.model.findings.kinds import FINDINGS
from flowtui.model.query.fields import (
    CLASSES,
    COUNT,
    DURATION,
    FIELDS,
    FLAG,
    MARKS,
    READERS,
    STATUS,
    TIME,
    Field,
)
from flowtui.model.query.match import Row, compiled
from flowtui.model.query.tree import Compare, Has, Node, Pattern, written
from flowtui.model.run.row import STATUS_CLASSES, UNKNOWN, Run

CHEAP: Final = 20_000
"""Runs over which counts are exact, where a value costs no more than a look at the run."""

DEAR: Final = 2_000
"""Runs over which counts are exact, where every run must be judged: some milliseconds, while somebody types."""

LONGEST_VALUE: Final = 80
"""Characters of a value that is offered: nobody chooses a page of text from a list."""

_PAIRS: Final = 40_000  # values tried on values: beyond it a count is of the whole value alone

_KEYS: Final[Mapping[str, Callable[[Run], Any]]] = {
    "status": lambda run: (run.status_class, run.status),
    "agent": lambda run: run.agent_id,
    "model": lambda run: run.model,
    "thread": lambda run: run.thread_key,
    "run": lambda run: run.id,
    "unreadable": lambda run: run.unreadable,
}
"""Fields whose texts follow from one part of a run: runs that are alike in it are looked at once."""

_UNASKED: Final = ("status", "run", "thread", "note", "cost")
"""Fields that every run has, or of which it takes too long to find out which run has them."""

_UNITS: Final[Mapping[str, str]] = {DURATION: "smhd", COUNT: "kM"}

EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    DURATION: ("10s", "1m", "10m", "1h", "6h", "1d"),
    COUNT: ("100", "1k", "10k", "100k", "1M"),
    TIME: ("now-10m", "now-1h", "now-6h", "now-1d"),
}
"""Values to compare a field of a kind with."""


class Tally(NamedTuple):
    """How many runs each value of a field would show; `floor`: there are more runs than were counted.

    A value that was not counted has None.
    """

    counts: Mapping[str, int | None]
    floor: bool = False


def tally(field: Field, op: str, typed: str, runs: Sequence[Run], context: Context) -> Tally:
    """Return the values to write after a field and an operator."""
    if field.kind == FLAG:
        return _flags(field, op, runs, context)
    if field.kind in EXAMPLES:
        return _measures(field, op, typed, runs, context)
    return _texts(field, op, runs, context)


def tally_marks(runs: Sequence[Run], context: Context) -> Tally:
    """Return what stands after `has:`: findings, marks and fields."""
    few = runs[:DEAR]
    known: Counter[str] = Counter()
    for run in few:
        names = {finding.name for finding in findings(run, context)}
        known.update(names)
        known["findings"] += bool(names)
        known["changed_config"] += changed_config(run, context)
        known["error"] += MARKS["error"].test(run, context)
    counts: dict[str, int | None] = {}
    for name in (*MARKS, *FIELDS):
        if name in ("findings", *MARKS):
            counts[name] = known[name]
        elif name in _UNASKED:
            counts[name] = None
        else:
            test = _bound(Has(name), context)
            counts[name] = sum(map(test, few))
    return Tally(counts, floor=len(runs) > DEAR)


def _bound(node: Node, context: Context) -> Callable[[Run], bool]:
    return compiled(node)(Row(context))


def _flags(field: Field, op: str, runs: Sequence[Run], context: Context) -> Tally:
    few = runs[:CHEAP]
    counts: dict[str, int | None] = {}
    for word in ("true", "false"):
        test = _bound(Compare(field.name, "!=" if op == "!=" else "=", word), context)
        counts[word] = sum(map(test, few))
    return Tally(counts, floor=len(runs) > CHEAP)


# -- texts -----------------------------------------------------------------------------------------------------


def _texts(field: Field, op: str, runs: Sequence[Run], context: Context) -> Tally:
    """Return the texts of a field. With `:` a value shows the runs that only hold it, too."""
    key = _KEYS.get(field.name)
    limit = CHEAP if key is not None else DEAR
    few = runs[:limit]
    if field.kind == STATUS and op == "!=":  # an unknown status is not known to be another one
        few = [run for run in few if run.status_class != UNKNOWN]
    seen = _by_key(field, few, key, context) if key is not None else _one_by_one(field, few, context)
    words = _offered(field, seen)
    if field.kind == STATUS:  # the classes are offered, whatever the server calls them
        words = Counter({word: count for word, count in words.items() if word not in CLASSES})
    known = sum(count for texts, count in seen.items() if texts)
    counts: dict[str, int | None] = dict(words)
    if field.kind == STATUS:
        counts.update(_statuses(few))
        known = len(few)
    _add_alike(counts, words, seen, parts=op == ":")
    if op == "!=":
        counts = {word: known - (count or 0) for word, count in counts.items()}
    return Tally(counts, floor=len(runs) > limit)


def _by_key(
    field: Field, runs: Sequence[Run], key: Callable[[Run], Any], context: Context
) -> Counter[tuple[str, ...]]:
    examples = {key(run): run for run in runs}
    times = Counter(map(key, runs))
    seen: Counter[tuple[str, ...]] = Counter()
    for each, run in examples.items():
        seen[field.texts(run, context)] += times[each]
    return seen


def _one_by_one(field: Field, runs: Iterable[Run], context: Context) -> Counter[tuple[str, ...]]:
    return Counter(field.texts(run, context) for run in runs)


def _offered(field: Field, seen: Counter[tuple[str, ...]]) -> Counter[str]:
    """Return the values to offer: of each run the first of its texts, as a name says more than an id; all findings."""
    words: Counter[str] = Counter()
    for texts, count in seen.items():
        for text in texts if field.name == "findings" else texts[:1]:
            if text.strip() and len(text) <= LONGEST_VALUE:
                words[text] += count
    if field.name == "findings":
        for name in FINDINGS:
            words.setdefault(name, 0)
    return words


def _statuses(runs: Sequence[Run]) -> dict[str, int | None]:
    """Return the words of statuses: they ask for a class, whatever the server calls it."""
    classes = Counter(run.status_class for run in runs)
    asked = (*STATUS_CLASSES, "active", "terminal")
    return {word: sum(classes[name] for name in CLASSES[word]) for word in asked}


def _add_alike(
    counts: dict[str, int | None],
    words: Mapping[str, int],
    seen: Counter[tuple[str, ...]],
    *,
    parts: bool,
) -> None:
    """Count the runs, too, that have a value as another of their texts or written otherwise; with `parts`, as a part."""
    if len(seen) * len(words) > _PAIRS:
        return
    folded = [(tuple(text.casefold() for text in texts), count) for texts, count in seen.items()]
    for word in words:
        same = word.casefold()
        counts[word] = sum(
            count for texts, count in folded if any(same in (text if parts else (text,)) for text in texts)
        )


# -- measures --------------------------------------------------------------------------------------------------


def _measures(field: Field, op: str, typed: str, runs: Sequence[Run], context: Context) -> Tally:
    examples = list(EXAMPLES[field.kind])
    if typed.isascii() and typed.isdigit() and field.kind in _UNITS:
        examples = [typed + unit for unit in _UNITS[field.kind]] + examples
    if field.kind == TIME:
        day = datetime.fromtimestamp(context.now, context.zone).date()
        examples.append(day.isoformat())
    value = field.value
    if value is None or op == ":":
        return Tally(dict.fromkeys(examples))
    few = runs[:CHEAP]
    known = sorted(found for run in few if (found := value(run, context)) is not None)
    counts: dict[str, int | None] = {}
    for text in dict.fromkeys(examples):
        wanted = READERS[field.kind](text)
        low, high = wanted.span(context.now, context.zone) if field.kind == TIME else (wanted, wanted)
        counts[text] = _fitting(known, op, low, high, whole=field.kind == DURATION)
    return Tally(counts, floor=len(runs) > CHEAP)


def _fitting(known: Sequence[float], op: str, low: float, high: float, *, whole: bool) -> int:
    """Return how many sorted values a comparison with the span from `low` to just before `high` is true of."""
    if whole and op in ("=", "!="):
        low, high = int(low), int(low) + 1
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
    """Return a value as it is written after a field and an operator: in quotes where it needs them."""
    node = Pattern(field.name, word) if op == ":" else Compare(field.name, op, word)
    return written(node)[len(field.name) + len(op) :]
