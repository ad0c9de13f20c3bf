"""Columns of single labels, such as `label.env`. Their values come from spans (see `model/run/span_facts.py`)."""

from __future__ import annotations

from functools import partial
from typing import Final

from flowtui.errors import UsageError
from flowtui.model.columns.columns import COLUMNS, Column
from flowtui.model.columns.context import Context
from flowtui.model.columns.volatility import TRACKED
from flowtui.model.run.labels import label_field, label_of, label_text, value_of
from flowtui.model.run.row import Run
from flowtui.text import safe_text, shorten_start

MAX_NAME: Final = 64
"""The most characters that the name of a label may have; the names of labels read from spans are cut to as many."""

_PRIORITY: Final = 6
_WIDTH: Final = 24


def label_name(text: str) -> str | None:
    """Return the name of the column if the user's text means a label; None if not.

    Raises:
        UsageError: the name of the label is too long.
    """
    label = label_of(text)
    if label is None:
        return None
    if len(label) > MAX_NAME:
        raise UsageError(
            f"The label {safe_text(label)[:40]!r}... is too long", hint=f"At most {MAX_NAME} characters"
        )
    return label_field(label)


def label_column(name: str, label: str) -> Column:
    """Return the column `name` for a label."""
    return Column(
        name,
        partial(_value, label),
        partial(_text, label),
        # Beside a column of the same name, the label keeps its prefix.
        heading=shorten_start(safe_text(name if label.lower() in COLUMNS else label).upper(), _WIDTH),
        width=_WIDTH,
        priority=_PRIORITY,
        rank=_rank,
        volatility=TRACKED,
    )


def _value(label: str, run: Run, context: Context) -> str | None:
    facts = context.span_facts(run)
    return value_of(facts, label) if facts is not None else None


def _text(label: str, run: Run, context: Context) -> str:
    return label_text(context.span_facts(run), label)


def _rank(value: str) -> tuple[int, int, str]:
    """Return a sort key: whole numbers by size, before texts, which are compared without regard to case."""
    number = value.isascii() and value.isdigit()
    return (0, int(value), value) if number else (1, 0, value.casefold())
