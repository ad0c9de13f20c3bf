"""Completes a filter that is being typed: fields, operators, and values with the number of runs they would show.

Only runs that match the other conditions are counted; if the filter contains `or` or parentheses, all runs are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import nsmallest
from typing import Final, NamedTuple

from flowtui.model.columns.columns import COLUMNS
from flowtui.model.columns.context import Context
from flowtui.model.findings.kinds import FINDINGS
from flowtui.model.query.completion_place import Place, place_at
from flowtui.model.query.completion_values import (
    ValueCounts,
    count_has_values,
    count_values,
    label_counts,
    value_text,
)
from flowtui.model.query.fields import ALIASES, FIELDS, Field, field_of
from flowtui.model.query.query import LONGEST, Query
from flowtui.model.query.tree import EVERYTHING, Node
from flowtui.model.run.row import Run

MOST: Final = 50
"""Greatest number of completions."""

_RECENT: Final = 5  # earlier filters offered in an empty box

_MEANINGS: Final = {
    "status": "failed, running, active, ...",
    "agent": "its agent, by name or id",
    "model": "its model",
    "has": "what is known, or looks wrong",
    "age": "how long ago it was created",
    "time": "how long it ran, or has been running",
    "wait": "how long it was queued",
    "tokens": "tokens in all",
    "note": "the note at its end",
    "reason": "why it failed, once that was read",
    "reason_id": "the id of why it failed",
    "thread": "its thread",
    "run": "its id",
    "group": "its group, once a span of it was read",
    "labels": "a label, as name=value",
    "findings": "what looks wrong",
    "config": "what it was configured with",
    "created": "when it was created",
    "started": "when it started",
    "ended": "when it ended",
    "expires": "when it expires",
    "prompt": "tokens of its prompt",
    "completion": "tokens of its answer",
    "unreadable": "what could not be read of it",
    "is_active": "whether the API says it is active",
    "completed_at": "when it completed",
    "failed_at": "when it failed",
    "cancelled_at": "when it was cancelled",
}
"""What each field means, shown beside its name; the most used fields first."""

_HAS_MEANINGS: Final = {
    "error": "failed, or could not be read",
    "inferred": "status inferred: none was sent",
    "changed_config": "configuration differs from the run before",
    **{name: kind.title for name, kind in FINDINGS.items()},
}

_KEYWORDS: Final = {"and": "both must hold", "or": "one of them is enough", "not": "must not hold"}

_OPERATORS: Final = {
    "<": "less than",
    ">": "more than",
    "<=": "at most",
    ">=": "at least",
    "=": "exactly",
    "!=": "not this",
}
_OF_TIMES: Final = {**_OPERATORS, "<": "before", ">": "after", "<=": "until", ">=": "since", "=": "then"}
_OF_TEXTS: Final = {":": "holds the text", "=": "is exactly", "!=": "is something else"}
_FIRST_OP: Final = {"text": ":", "status": ":", "flag": "="}
_STATUS_MEANINGS: Final = {"active": "queued or running", "terminal": "it has ended"}


class Completion(NamedTuple):
    """One completion."""

    label: str
    """What the menu shows."""
    text: str
    """What is inserted."""
    note: str = ""
    """What the menu shows beside the label."""
    shows: int | None = None
    """How many runs the filter would show with it; None if they were not counted."""
    whole: bool = False
    """Whether a space follows, because the completion ends a condition or is a keyword."""


class Completions(NamedTuple):
    """The completions at the cursor. An accepted one replaces a part of the filter."""

    start: int
    """The offset at which the replaced part begins."""
    end: int
    """The offset after the replaced part."""
    typed: str = ""
    """The text of the replaced part before the cursor."""
    items: tuple[Completion, ...] = ()
    floor: bool = False
    """Whether not all runs were counted, so that the real numbers may be higher."""


def accept(text: str, found: Completions, item: Completion) -> tuple[str, int]:
    """Return the filter with a completion inserted, and the new offset of the cursor."""
    head, tail = text[: found.start] + item.text, text[found.end :]
    if item.whole and not tail.startswith((" ", ")")):
        tail = f" {tail}"
    return head + tail, len(head) + (item.whole and tail.startswith(" "))


class Completer:
    """Completes filters of the same runs while the user types.

    Keeps the counts, because most keys only extend the same condition.
    """

    def __init__(self, runs: Iterable[Run], context: Context) -> None:
        self._all = tuple(runs)
        self._context = context
        self._rest: tuple[Node, tuple[Run, ...]] = (EVERYTHING, self._all)
        self._tallies: dict[tuple[Node, str, str, str], ValueCounts] = {}
        self._labels: list[Completion] | None = None

    def complete(self, text: str, cursor: int, history: Sequence[str] = ()) -> Completions:
        """Return the completions at an offset `cursor`; `history` are earlier filters, the newest first."""
        cursor = min(max(cursor, 0), len(text))
        if len(text) > LONGEST:
            return Completions(cursor, cursor)
        if not text.strip():
            recent = [Completion(each, each, "used before") for each in history[:_RECENT]]
            return Completions(0, len(text), "", (*recent, *self._words("", after=False)))
        place = place_at(text, cursor)
        if place is None:
            return Completions(cursor, cursor)
        found = self._of_value(place) if place.field else self._of_word(place)
        room = LONGEST - len(text) + found.end - found.start - 1
        return found._replace(items=tuple(item for item in found.items if len(item.text) <= room)[:MOST])

    # -- words -------------------------------------------------------------------------------------------------

    def _of_word(self, place: Place) -> Completions:
        typed = place.typed
        if place.goes_on:
            items = [item._replace(text=item.label) for item in (*_fields(), *self._label_fields())]
            return _made(place, _fitting(items, typed))
        words = _fitting(self._words(typed, after=place.after), typed)
        known = field_of(typed.lower())
        if (
            known is not None and known.name not in FIELDS
        ):  # any name could be a label: only those that runs have count
            known = known if any(item.label.casefold() == known.name for item in words) else None
        exact = _operators(typed, known) if known is not None else []
        items = [*exact, *(item for item in words if item.label.casefold() != typed.casefold() or not exact)]
        tallied: list[ValueCounts] = []
        if len(typed) > 1:  # a single letter would match too much
            items += self._conditions(place, tallied)
        return _made(place, items)._replace(floor=any(each.floor for each in tallied))

    def _words(self, typed: str, *, after: bool) -> list[Completion]:
        """Return keywords, fields and labels; `typed` and `after` as in `_plain_words`."""
        return [*_plain_words(typed, after=after), *self._label_fields()]

    def _label_fields(self) -> list[Completion]:
        """Return the labels of all runs as fields."""
        if self._labels is None:
            counted = label_counts(self._all, self._context)
            self._labels = [
                Completion(name, f"{name}:", f"a label of {count:,} runs") for name, count in counted.items()
            ]
        return self._labels

    def _conditions(self, place: Place, tallied: list[ValueCounts]) -> list[Completion]:
        """Return conditions whose value contains the typed word: `fail` offers `status:failed`."""
        found = []
        for name in ("status", "agent", "model"):
            field = FIELDS[name]
            counted = self._tally(place.rest, field, ":", "")
            tallied.append(counted)
            found += [
                item._replace(label=f"{name}:{item.label}", text=f"{name}:{item.text}")
                for item in _values(field, ":", counted, place.typed)
                if item.shows
            ]
        return found

    # -- values ------------------------------------------------------------------------------------------------

    def _of_value(self, place: Place) -> Completions:
        name = place.field.lower()
        if name == "has":
            if place.op != ":" or place.quoted:
                return Completions(place.start, place.end)
            counted = self._tally(place.rest, None, ":", "")
            return _made(place, _fitting(_has_names(counted), place.typed))._replace(floor=counted.floor)
        field = field_of(name)
        if field is None:
            return Completions(place.start, place.end)
        if place.op == ":" and field.kind in ("duration", "count", "time"):
            items = [
                item._replace(text=item.text[len(place.field) :]) for item in _operators(place.field, field)
            ]
            return Completions(place.op_start, place.end, place.typed, tuple(items))
        if place.op not in _OF_TEXTS and field.kind not in ("duration", "count", "time"):
            return Completions(place.start, place.end)
        counted = self._tally(place.rest, field, place.op, place.typed)
        values = _values(field, place.op, counted, place.typed)
        return _made(place, values)._replace(floor=counted.floor)

    def _tally(self, rest: Node, field: Field | None, op: str, typed: str) -> ValueCounts:
        """Return the counts of a field's values or, without a field, of the names after `has:`."""
        typed = typed if field is not None and field.kind in ("duration", "count") else ""
        key = (rest, field.name if field is not None else "has", op, typed)
        if key not in self._tallies:
            runs = self._passing(rest)
            self._tallies[key] = (
                count_values(field, op, typed, runs, self._context)
                if field is not None
                else count_has_values(runs, self._context)
            )
        return self._tallies[key]

    def _passing(self, rest: Node) -> tuple[Run, ...]:
        if rest != self._rest[0]:
            wanted = Query(rest).matcher(self._context)
            self._rest = (rest, tuple(filter(wanted, self._all)))
        return self._rest[1]


def _made(place: Place, items: Sequence[Completion]) -> Completions:
    return Completions(place.start, place.end, place.typed, tuple(items))


def _fitting(items: Iterable[Completion], typed: str) -> list[Completion]:
    """Return the items whose label begins with the typed text, then those that contain it."""
    wanted = typed.casefold()
    holding = [item for item in items if wanted in item.label.casefold()]
    return sorted(holding, key=lambda item: not item.label.casefold().startswith(wanted))


def _values(field: Field, op: str, counted: ValueCounts, typed: str) -> list[Completion]:
    """Return the values that contain the typed text: texts ordered by `_rank`, numbers and times as in `counted`."""
    wanted = typed.casefold()
    words = [word for word in counted.counts if wanted in word.casefold()]
    if field.kind in ("text", "status", "flag"):
        words = nsmallest(MOST, words, key=lambda word: _rank(word, counted.counts[word], wanted))
    notes = _STATUS_MEANINGS if field.kind == "status" else _HAS_MEANINGS if field.name == "findings" else {}
    return [
        Completion(word, value_text(field, op, word), notes.get(word, ""), counted.counts[word], whole=True)
        for word in words
    ]


def _rank(word: str, shows: int | None, wanted: str) -> tuple[bool, bool, bool, int, str]:
    """Return the sort key of a value.

    First come values that begin with the typed text, then those that show runs, then single statuses before groups such
    as `active`, then the most frequent.
    """
    folded = word.casefold()
    return (not folded.startswith(wanted), not shows, word in _STATUS_MEANINGS, -(shows or 0), folded)


def _has_names(counted: ValueCounts) -> list[Completion]:
    """Return the names that can follow `has:`: findings, `error` and `changed_config` first, then fields."""
    items = [
        Completion(name, name, _HAS_MEANINGS.get(name) or _meaning(name), shows, whole=True)
        for name, shows in counted.counts.items()
    ]
    return sorted(items, key=lambda item: (item.label not in _HAS_MEANINGS, -(item.shows or 0)))


def _fields() -> list[Completion]:
    names = [*_MEANINGS, *(name for name in FIELDS if name not in _MEANINGS)]
    return [Completion(name, _begun(name), _meaning(name)) for name in names]


def _begun(name: str) -> str:
    """Return the name of a field with its most usual operator, if it has one."""
    return name + (":" if name == "has" else _FIRST_OP.get(FIELDS[name].kind, ""))


def _meaning(name: str) -> str:
    if name in _MEANINGS:
        return _MEANINGS[name]
    return f"the column {COLUMNS[name].title}" if name in COLUMNS else ""


def _plain_words(typed: str, *, after: bool) -> list[Completion]:
    """Return keywords and fields and, once a letter is typed, the API's names of fields.

    `after`: a condition comes before, so `and` and `or` are offered, too.
    """
    keywords = [
        Completion(word, word, note, whole=True) for word, note in _KEYWORDS.items() if after or word == "not"
    ]
    if not typed:
        return [*keywords, *_fields()] if after else [*_fields(), *keywords]
    others = [
        Completion(name, name + _begun(target)[len(target) :], f"the same as {target}")
        for name, target in ALIASES.items()
    ]
    return [*_fields(), *keywords, *others]


def _operators(written: str, field: Field) -> list[Completion]:
    if field.kind == "flag":
        return [
            Completion(f"{written}={word}", f"{written}={word}", whole=True) for word in ("true", "false")
        ]
    table = (
        _OF_TEXTS if field.kind in ("text", "status") else _OF_TIMES if field.kind == "time" else _OPERATORS
    )
    return [Completion(f"{written}{op}", f"{written}{op}", note) for op, note in table.items()]
