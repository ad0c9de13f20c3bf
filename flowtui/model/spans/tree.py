"""Puts the spans of a run into a tree, in the order in which they are drawn. Pure.

Spans come from a server, so anything may be wrong with them: parents that are missing or contain each other, ids that
repeat. Each span that can be drawn is in the tree exactly once; what is left out, and what is not as the API describes it,
is counted. The time grows with the number of spans (and sorting), not with their depth.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, NamedTuple

from flowtui.model.spans.trace_span import MODEL, TraceSpan, parse_span

MAX_SPANS: Final = 2_000
"""The most spans that are put into a tree."""


class TreeRow(NamedTuple):
    """A span with its place in the tree."""

    span: TraceSpan
    depth: int
    """How many spans contain it."""
    last: bool
    """Whether it is the last span in the one that contains it."""
    parent: int | None
    """The index of the row of the span that contains it; None if none does."""
    tokens: int | None
    """The tokens that it and the spans in it reported; None if none did."""
    partial: bool
    """Whether a model call among these did not report its tokens."""


class Oddities(NamedTuple):
    """How many spans were left out, and how many are not as the API describes them."""

    unread: int = 0
    """Left out: more than `MAX_SPANS`."""
    unreadable: int = 0
    """Left out: not JSON objects."""
    foreign: int = 0
    """Left out: spans of other runs."""
    points: int = 0
    """Left out: logs and events, as they have no duration. This is not an error."""
    repeated: int = 0
    """Left out: the same id came before, with other content."""
    nameless: int = 0
    """Without an id."""
    orphans: int = 0
    """In a span that was not read; drawn at the top."""
    circles: int = 0
    """In spans that contain each other; one of each circle is drawn at the top."""
    backwards: int = 0
    """They end before they start."""
    undated: int = 0
    """Without a start time; they have no bar."""


@dataclass(frozen=True, slots=True)
class SpanTree:
    """The spans of a run. `rows`: each directly above those that it contains, which are in order of their start."""

    rows: tuple[TreeRow, ...] = ()
    broke: int | None = None
    """The index of the innermost failed span; if there are several, of the most severe one that ended last. None: no failure."""
    odd: Oddities = field(default_factory=Oddities)

    @property
    def tokens(self) -> int | None:
        """The tokens of all model calls; None if none reported any."""
        counts = [row.tokens for row in self.rows if row.parent is None and row.tokens is not None]
        return sum(counts) if counts else None

    @property
    def partial(self) -> bool:
        """Whether a model call did not report all its tokens."""
        return any(row.partial for row in self.rows if row.parent is None)

    def path(self, index: int) -> list[int]:
        """Return the rows that contain row `index`, the outermost first, and `index` itself."""
        found: list[int] = []
        at: int | None = index
        while at is not None:
            found.append(at)
            at = self.rows[at].parent
        return found[::-1]


def span_tree(values: Iterable[Any], run_id: str | None = None) -> SpanTree:
    """Return the tree of raw spans in any order. `run_id`: spans that name another run are left out."""
    values = iter(values)
    unreadable = foreign = points = 0
    read: list[TraceSpan] = []
    for raw in islice(values, MAX_SPANS):
        if not isinstance(raw, Mapping):
            unreadable += 1
        elif run_id is not None and raw.get("run_id") not in (None, run_id):
            foreign += 1
        elif (span := parse_span(raw)).point:
            points += 1
        else:
            read.append(span)
    spans, repeated = _distinct(read)
    odd = Oddities(sum(1 for _ in values), unreadable, foreign, points, repeated)
    return _tree(spans, odd)


def _distinct(read: Sequence[TraceSpan]) -> tuple[list[TraceSpan], int]:
    """Return one span for each id, and how many others were left out. Equal ones, as pages overlap, do not count.

    Of a pending span and its final form the final one stays, else the one that ends last.
    """
    by_id: dict[str, TraceSpan] = {}
    nameless: list[TraceSpan] = []
    repeated = 0
    for span in read:
        known = by_id.setdefault(span.id, span) if span.id else span
        if not span.id:
            nameless.append(span)
        elif known != span:
            repeated += known.pending == span.pending
            by_id[span.id] = max(known, span, key=_finality)
    spans = [span for span in by_id.values() if not _announces(span, by_id.get(span.parent))]
    return [*spans, *nameless], repeated


def _announces(span: TraceSpan, parent: TraceSpan | None) -> bool:
    """Whether a pending span only announces `parent`: Logfire writes it with an id of its own, inside the real span."""
    return (
        span.pending
        and parent is not None
        and not parent.pending
        and (span.label, span.start) == (parent.label, parent.start)
    )


def _finality(span: TraceSpan) -> tuple[bool, float]:
    return not span.pending, _time(span.end)


def _tree(spans: Sequence[TraceSpan], odd: Oddities) -> SpanTree:
    places = {span.id: place for place, span in enumerate(spans) if span.id}
    parents = [places.get(span.parent) if span.parent else None for span in spans]
    orphans = sum(1 for span, parent in zip(spans, parents, strict=True) if span.parent and parent is None)
    circles = _open_circles(spans, parents)
    children: list[list[int]] = [[] for _ in spans]
    top: list[int] = []
    for place in sorted(range(len(spans)), key=lambda place: _start(spans[place])):
        parent = parents[place]
        (top if parent is None else children[parent]).append(place)
    rows = _with_tokens(_ordered(spans, top, children))
    odd = odd._replace(
        nameless=sum(not span.id for span in spans),
        orphans=orphans,
        circles=circles,
        backwards=sum(_backwards(span) for span in spans),
        undated=sum(span.start is None for span in spans),
    )
    return SpanTree(tuple(rows), _innermost_failure(rows), odd)


def _open_circles(spans: Sequence[TraceSpan], parents: list[int | None]) -> int:
    """Make the earliest span of each circle a top one, and return how many spans are in circles."""
    count = 0
    seen = [0] * len(parents)  # the walk that came here first; 0: none
    for walk, start in enumerate(range(len(parents)), 1):
        at: int | None = start
        while at is not None and not seen[at]:
            seen[at] = walk
            at = parents[at]
        if at is None or seen[at] != walk:
            continue
        circle = [at]
        while (following := parents[circle[-1]]) is not None and following != at:
            circle.append(following)
        count += len(circle)
        parents[min(circle, key=lambda place: _start(spans[place]))] = None
    return count


def _ordered(
    spans: Sequence[TraceSpan], top: Sequence[int], children: Sequence[Sequence[int]]
) -> list[TreeRow]:
    """Return the rows, each above what it contains; without recursion, as spans may be nested very deeply."""
    rows: list[TreeRow] = []
    waiting: list[tuple[int, int, bool, int | None]] = [
        (place, 0, number == 0, None) for number, place in enumerate(reversed(top))
    ]
    while waiting:
        place, depth, last, parent = waiting.pop()
        own = len(rows)
        rows.append(TreeRow(spans[place], depth, last, parent, None, partial=False))
        waiting += [
            (child, depth + 1, number == 0, own) for number, child in enumerate(reversed(children[place]))
        ]
    return rows


def _with_tokens(rows: list[TreeRow]) -> list[TreeRow]:
    """Return the rows with their tokens.

    A span may repeat the counts of the spans inside it, as agent spans of some tracers do. So it counts as the larger of its
    own counts and the sums of those inside.
    """
    sent = _sums(rows, [row.span.tokens_in for row in rows])
    made = _sums(rows, [row.span.tokens_out for row in rows])
    partial = [False] * len(rows)
    for place in range(len(rows) - 1, -1, -1):
        span, parent = rows[place].span, rows[place].parent
        if span.tokens_in is not None and span.tokens_out is not None:
            partial[place] = False
        elif span.kind == MODEL:
            partial[place] = True
        if parent is not None:
            partial[parent] |= partial[place]
    return [
        row._replace(
            tokens=None if sent[place] is made[place] is None else (sent[place] or 0) + (made[place] or 0),
            partial=partial[place],
        )
        for place, row in enumerate(rows)
    ]


def _sums(rows: Sequence[TreeRow], counts: list[int | None]) -> list[int | None]:
    """Return for each row the larger of its own count and the sum of those inside; None if none is known."""
    inside: list[int | None] = [None] * len(rows)
    for place in range(len(rows) - 1, -1, -1):
        found = max((count for count in (counts[place], inside[place]) if count is not None), default=None)
        inside[place] = found
        parent = rows[place].parent
        if parent is not None and found is not None:
            inside[parent] = (inside[parent] or 0) + found
    return inside


def _innermost_failure(rows: Sequence[TreeRow]) -> int | None:
    enclosing: set[int] = set()
    for place in range(len(rows) - 1, -1, -1):  # a failure far below counts for all rows around it
        parent = rows[place].parent
        if parent is not None and (place in enclosing or rows[place].span.severity):
            enclosing.add(parent)
    failed = [place for place, row in enumerate(rows) if row.span.severity and place not in enclosing]
    return max(
        failed,
        key=lambda place: (rows[place].span.severity, _ended(rows[place].span), rows[place].depth),
        default=None,
    )


def _ended(span: TraceSpan) -> float:
    return _time(span.start if span.end is None else span.end)


def _backwards(span: TraceSpan) -> bool:
    return span.start is not None and span.end is not None and span.end < span.start


def _start(span: TraceSpan) -> tuple[bool, float]:
    """Return a sort key: by start, those without one last."""
    return span.start is None, span.start or 0.0


def _time(at: float | None) -> float:
    return float("-inf") if at is None else at
