"""Names and texts of labels: `group` and the labels that spans give a run. Pure.

`label.NAME` names one label as a column and as a field of a filter. A name with spaces, commas or operators is written
as `label["NAME"]`. Case counts only if a run has two labels that differ in nothing else.

A run whose labels were not read has unknown labels, shown as `—`. `(none)` means that they were read and there is none.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Final

from flowtui.formatting import UNKNOWN
from flowtui.model.run.span_facts import Labels, SpanFacts

NONE: Final = "(none)"
"""The text for a group or label that a run is known not to have."""

LABEL: Final = "label"
"""What the name of a label's column or field begins with."""

EXAMPLE: Final = "label.env"

PATTERN: Final = rf"{LABEL}(?:\.[^\s,:=<>!()\[\]\"]+|\[\"(?:[^\"\\]|\\.)*\"\])"
"""A regular expression for the name of a label's column or field, without regard to case of `label`."""

_NAME: Final = re.compile(PATTERN, re.IGNORECASE | re.DOTALL)
_PLAIN: Final = re.compile(r'[^\s"=]+')


@lru_cache(maxsize=512)
def label_of(name: str) -> str | None:
    """Return the label that the name of a column or field means; None if the name is not that of a label."""
    if _NAME.fullmatch(name) is None:
        return None
    rest = name[len(LABEL) :]
    if rest.startswith("."):
        return rest[1:]
    try:
        return str(json.loads(rest[1:-1])) or None
    except ValueError:
        return None


def label_field(label: str) -> str:
    """Return the name of the column and field of a label."""
    plain = f"{LABEL}.{label}"
    return plain if _NAME.fullmatch(plain) else f"{LABEL}[{json.dumps(label, ensure_ascii=False)}]"


def value_of(facts: SpanFacts, label: str) -> str | None:
    """Return a run's value of a label; None if it has no such label. A label in another case counts if none fits exactly."""
    exact = facts.label(label)
    if exact is not None or not facts.labels:
        return exact
    wanted = label.casefold()
    return next((value for name, value in facts.labels if name.casefold() == wanted), None)


def group_text(facts: SpanFacts | None) -> str:
    """Return a run's group for the user. `facts` None: not read."""
    return UNKNOWN if facts is None else facts.group or NONE


def labels_text(facts: SpanFacts | None, gap: str = " ") -> str:
    """Return all labels of a run as `name=value` pairs; a value with spaces is in quotes. `facts` None: not read."""
    return UNKNOWN if facts is None else gap.join(map(_pair, facts.labels)) or NONE


def label_text(facts: SpanFacts | None, label: str) -> str:
    """Return the value of one label for the user; an empty value is shown as `""`. `facts` None: not read."""
    if facts is None:
        return UNKNOWN
    value = value_of(facts, label)
    return NONE if value is None else value or '""'


def label_pairs(labels: Labels) -> tuple[str, ...]:
    """Return the labels as texts `name=value`, to be searched."""
    return tuple(f"{name}={value}" for name, value in labels)


def _pair(pair: tuple[str, str]) -> str:
    name, value = pair
    return f"{name}={value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)}"
