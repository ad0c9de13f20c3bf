"""Compiles the tree of a filter into a function, which is bound to each context and then called for every run.

Comparisons and patterns are false for a value that is unknown. A word is looked for in the note only if no other text
contains it, as notes are expensive to compute.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from flowtui.formatting import UNKNOWN as DASH
from flowtui.model.columns.columns import note
from flowtui.model.columns.context import Context, status_word
from flowtui.model.language.tree import And, Not, Or
from flowtui.model.query.fields import CLASSES, FIELDS, HAS_TESTS, ID_FIELDS, READERS, Field, Texts
from flowtui.model.query.regex import read_regex
from flowtui.model.query.tree import Compare, Has, Node, Pattern, Regex, Word
from flowtui.model.run.id_parts import id_end
from flowtui.model.run.row import UNKNOWN, Run
from flowtui.text import safe_text

Test: TypeAlias = Callable[[Run], bool]
Bind: TypeAlias = "Callable[[RowTexts], Test]"


class RowTexts:
    """The searchable texts of the current run, computed once for all words of a filter and only as far as needed."""

    __slots__ = ("_hay", "_note", "_run", "context")

    def __init__(self, context: Context) -> None:
        self.context = context
        self._run: Run | None = None
        self._hay = ""
        self._note: str | None = None

    def holds(self, run: Run, word: str) -> bool:
        """Whether a casefolded word is in one of the texts of the run's row."""
        if run is not self._run:
            self._run, self._hay, self._note = run, "\n".join(self.cheap(run)).casefold(), None
        if word in self._hay:
            return True
        if self._note is None:
            self._note = note(run, self.context).casefold()
        return word in self._note

    def cheap(self, run: Run) -> tuple[str, ...]:
        """Return every text of the row except the note, which is expensive."""
        context = self.context
        state = context.threads.get(run.thread_key)
        return (
            status_word(run),
            run.status,
            run.id,
            state.id if state is not None else safe_text(run.thread_key),
            context.agents.get(run.agent_id) or run.agent_id or DASH,
            run.model or DASH,
        )


def compiled(node: Node) -> Bind:  # noqa: PLR0911  one return for each kind of node
    """Return the function that makes the test for runs.

    The function takes a `RowTexts`, which contains the context.

    Raises:
        ValueError: a value in the tree is wrong; the parser never makes such a tree.
    """
    match node:
        case Word(text):
            return _word(id_end(text.casefold()))
        case Regex(pattern, field):
            return _regex(read_regex(pattern), FIELDS[field].texts if field else None)
        case Pattern(field, text, glob):
            text = id_end(text) if field in ID_FIELDS else text
            return _pattern(FIELDS[field], text.casefold(), glob=glob)
        case Compare(field, op, text):
            return _compare(FIELDS[field], op, text)
        case Has(name):
            return _has(name)
        case Not(inner):
            return _not(compiled(inner))
        case And(nodes):
            return _all([compiled(part) for part in nodes])
        case Or(nodes):
            return _any([compiled(part) for part in nodes])


def _all(parts: Sequence[Bind]) -> Bind:
    def bind(row: RowTexts) -> Test:
        tests = [part(row) for part in parts]

        def test(run: Run) -> bool:
            for one in tests:  # noqa: SIM110  a generator costs more than the tests
                if not one(run):
                    return False
            return True

        return test

    return bind


def _any(parts: Sequence[Bind]) -> Bind:
    def bind(row: RowTexts) -> Test:
        tests = [part(row) for part in parts]

        def test(run: Run) -> bool:
            for one in tests:  # noqa: SIM110  a generator costs more than the tests
                if one(run):
                    return True
            return False

        return test

    return bind


def _not(part: Bind) -> Bind:
    def bind(row: RowTexts) -> Test:
        inner = part(row)
        return lambda run: not inner(run)

    return bind


def _word(word: str) -> Bind:
    return lambda row: lambda run: row.holds(run, word)


def _regex(search: Callable[[str], bool], texts: Texts | None) -> Bind:
    def bind(row: RowTexts) -> Test:
        context = row.context
        if texts is not None:
            return lambda run: any(map(search, texts(run, context)))
        return lambda run: any(map(search, row.cheap(run))) or search(note(run, context))

    return bind


def _pattern(field: Field, text: str, *, glob: bool) -> Bind:
    classes = CLASSES.get(text) if field.kind == "status" and not glob else None
    if classes is not None:
        return lambda _: lambda run: run.status_class in classes
    return _texts(field, _globbed(text) if glob else lambda said: text in said)


def _texts(field: Field, fits: Callable[[str], bool]) -> Bind:
    """Return the test that is true for a run if `fits` accepts one of the field's casefolded texts."""
    texts = field.texts

    def bind(row: RowTexts) -> Test:
        context = row.context

        def test(run: Run) -> bool:
            for said in texts(run, context):  # noqa: SIM110  a generator costs more than the test
                if fits(said.casefold()):
                    return True
            return False

        return test

    return bind


def _globbed(text: str) -> Callable[[str], bool]:
    """Return a function that tells whether a text fits a glob. Atomic groups keep the regex engine from backtracking."""
    first, *rest = (re.escape(part).replace(r"\?", ".") for part in re.sub(r"\*+", "*", text).split("*"))
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1])
    pattern = re.compile(first + middle + (f".*{rest[-1]}" if rest else ""), re.DOTALL)
    return lambda said: pattern.fullmatch(said) is not None


_TESTS: Final[dict[str, Callable[[float, float, float], bool]]] = {
    "=": lambda value, low, high: low <= value and (value < high or value <= low),
    "!=": lambda value, low, high: not (low <= value and (value < high or value <= low)),
    "<": lambda value, low, _: value < low,
    "<=": lambda value, low, high: value < high or value <= low,
    ">": lambda value, low, high: not (value < high or value <= low),
    ">=": lambda value, low, _: value >= low,
}
"""Operator → the function that compares a value with the span from `low` to `high` (exclusive).

If both ends are equal, the value is compared with this single point.
"""


def compared_span(field: Field, op: str, wanted: Any, context: Context) -> tuple[float, float]:
    """Return the span from the lowest to the highest value (exclusive) that a filter's value stands for.

    A date, for instance, stands for a whole day. If lowest and highest are equal, the filter's value stands for a
    single point. `wanted` is what a function of `READERS` returned.
    """
    if field.kind == "time":
        first, last = wanted.span(context.now, context.zone)
        return first, last
    if field.kind == "duration" and op in ("=", "!="):
        return int(wanted), int(wanted) + 1  # to the second, as durations are shown
    return wanted, wanted


def _compare(field: Field, op: str, text: str) -> Bind:
    if field.kind == "flag":
        return _flag(field, wanted=READERS["flag"](text) == (op == "="))
    if field.value is None:
        return _equal(field, op, text.casefold())
    wanted = READERS[field.kind](text)
    value, fits = field.value, _TESTS[op]

    def bind(row: RowTexts) -> Test:
        context = row.context
        low, high = compared_span(field, op, wanted, context)

        def test(run: Run) -> bool:
            known = value(run, context)
            return known is not None and fits(known, low, high)

        return test

    return bind


def _flag(field: Field, *, wanted: bool) -> Bind:
    value = field.value
    if value is None:
        raise ValueError(f"{field.name} has no value")
    return lambda row: lambda run: value(run, row.context) == wanted


def _equal(field: Field, op: str, text: str) -> Bind:
    """Return the test for = and != on texts. `!=` is false if the value or the status class is unknown."""
    classes = CLASSES.get(text) if field.kind == "status" else None
    if classes is not None:
        same: Bind = lambda _: lambda run: run.status_class in classes  # noqa: E731
    else:
        same = _texts(field, lambda said: said == text)
    if op == "=":
        return same
    if field.kind == "status":
        known: Bind = lambda _: lambda run: run.status_class != UNKNOWN  # noqa: E731
    else:
        known = _has(field.name)
    return _all([known, _not(same)])


def _has(name: str) -> Bind:
    mark = HAS_TESTS.get(name)
    if mark is not None:
        return lambda row: lambda run: mark.test(run, row.context)
    field = FIELDS[name]
    value, texts = field.value, field.texts
    if value is None:
        return lambda row: lambda run: bool(texts(run, row.context))
    if field.kind == "flag":
        return _flag(field, wanted=True)
    return lambda row: lambda run: value(run, row.context) is not None
