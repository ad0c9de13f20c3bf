"""Which group and labels a run must have, and whether it has them. Pure.

Group and labels of a run are read from its spans (`span_facts.py`), so as long as no span of it was read, nobody knows.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, NamedTuple

from flowtui.model.run.span_facts import Labels, SpanFacts, labels_of, matches_labels


class LabelTerms(NamedTuple):
    """The wanted group and labels, as the user wrote them. All must hold."""

    group: str | None = None
    """The wanted group; None: any."""
    labels: tuple[tuple[str, str], ...] = ()
    """(name, value) of each wanted label."""

    @property
    def given(self) -> bool:
        """Whether anything is wanted."""
        return self.group is not None or bool(self.labels)

    @property
    def text(self) -> str:
        """The terms in words, such as `group nightly, release=42`; not display-safe."""
        group = [] if self.group is None else [f"group {self.group}"]
        return ", ".join([*group, *(f"{name}={value}" for name, value in self.labels)])

    def match(self, facts: SpanFacts | None) -> bool | None:
        """Whether a run has the group and the labels; None if no span of it was read. `facts`: what its spans say."""
        if not self.given:
            return True
        if facts is None:
            return None
        group, labels = _as_read(self)
        return matches_labels(facts, group, labels)

    def query(self) -> dict[str, Any]:
        """Return the fields of the API's SpanQuery that ask only for spans of such runs (documented)."""
        fields: dict[str, Any] = {} if self.group is None else {"group": self.group}
        return {**fields, "metadata": dict(self.labels)} if self.labels else fields


ANY_LABELS: Final = LabelTerms()
"""Nothing is wanted."""


@lru_cache(maxsize=8)
def _as_read(terms: LabelTerms) -> tuple[str | None, Labels]:
    """Return group and labels as they are kept of a span: display-safe and shortened."""
    group = None if terms.group is None else labels_of({"group": terms.group})[0][1]
    return group, labels_of(dict(terms.labels))
