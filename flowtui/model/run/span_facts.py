"""What the trace spans of a run say beside the run itself: its labels, and the tokens it has used so far. Pure.

`group` and `metadata` are given when a run is created, and come back on its spans (documented), not on the run. The usage
of a run is null until it has ended (documented as "aggregated for a complete run execution"); the spans of its model calls
have the counts before. Spans may be missing or still to come, so the counts are lower bounds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from sys import intern
from typing import Any, Final, NamedTuple

from flowtui.model.run.row import Run, RunKey
from flowtui.text import safe_text, shorten

MAX_LABELS: Final = 32
"""Greatest number of labels that are kept of a run; more are left out."""

_MAX_NAME: Final = 64
_MAX_VALUE: Final = 200
_MAX_DIGITS: Final = 15  # of a token count
_MAX_DEPTH: Final = 50  # levels of spans whose counts are added up; deeper ones count as their own

Labels = tuple[tuple[str, str], ...]
"""(name, value) of each label, display-safe, sorted by name."""


class SpanFacts(NamedTuple):
    """What the spans of one run say, as far as they were read. All text is display-safe."""

    group: str = ""
    """The API's label `group` of the run; "" if it has none."""
    labels: Labels = ()
    """The labels of the run (`metadata` at its creation, `seekr_metadata` on spans)."""
    prompt_tokens: int | None = None
    """At least so many input tokens were used; None if no span read so far has a count."""
    completion_tokens: int | None = None
    """At least so many output tokens were used; None if no span read so far has a count."""

    @property
    def total_tokens(self) -> int | None:
        """At least so many tokens were used; None if no span read so far has a count."""
        if self.prompt_tokens is None and self.completion_tokens is None:
            return None
        return (self.prompt_tokens or 0) + (self.completion_tokens or 0)

    def label(self, name: str) -> str | None:
        """Return the value of a label; None if the run has no such label."""
        return next((value for known, value in self.labels if known == name), None)


class ShownTokens(NamedTuple):
    """The tokens of a run for the user; None: unknown."""

    prompt: int | None
    completion: int | None
    total: int | None
    at_least: bool = False
    """Whether the counts are lower bounds from spans, because the run reports no usage yet."""


class SpanTokens(NamedTuple):
    """The token counts of one span. None: the span has no such count."""

    parent: str
    """The id of the span around it; "" if unknown."""
    prompt: int | None
    completion: int | None


class RunSpan(NamedTuple):
    """What one span says about its run."""

    key: RunKey
    id: str
    group: str
    labels: Labels
    tokens: SpanTokens


def read_run_span(raw: Any) -> RunSpan | None:
    """Return what an element says about its run; None if it does not name a span, a thread and a run."""
    if not isinstance(raw, dict):
        return None
    span_id, thread, run_id = raw.get("span_id"), raw.get("thread_id"), raw.get("run_id")
    if not all(isinstance(each, str) and each for each in (span_id, thread, run_id)):
        return None
    parent = raw.get("parent_span_id")
    tokens = SpanTokens(
        parent if isinstance(parent, str) else "",
        _count(raw.get("gen_ai_usage_input_tokens")),
        # documented without an s; with it in OpenTelemetry
        _count(raw.get("gen_ai_usage_output_token", raw.get("gen_ai_usage_output_tokens"))),
    )
    group = raw.get("group")
    return RunSpan(
        (str(thread), str(run_id)),
        str(span_id),
        intern(_value(group)) if group is not None else "",
        labels_of(raw.get("seekr_metadata")),
        tokens,
    )


def labels_of(raw: Any) -> Labels:
    """Return the labels in a span's `seekr_metadata`; an object, or its JSON text. Anything else has none."""
    if isinstance(raw, str) and raw.startswith("{") and len(raw) <= MAX_LABELS * (_MAX_NAME + _MAX_VALUE):
        try:
            raw = json.loads(raw)
        except (ValueError, RecursionError):
            return ()
    if not isinstance(raw, dict):
        return ()
    found: dict[str, str] = {}
    for name, value in raw.items():
        if value is not None and len(found) < MAX_LABELS:
            found[intern(shorten(safe_text(str(name)[: _MAX_NAME * 2]), _MAX_NAME))] = intern(_value(value))
    return tuple(sorted(found.items()))


def add_up(spans: Mapping[str, SpanTokens]) -> tuple[int | None, int | None]:
    """Return the (prompt, completion) tokens of a run's spans by id; None without any count.

    A span may repeat the counts of the spans inside it, as agent spans of some tracers do. So a span counts as the larger
    of its own count and the sum of the spans inside it.
    """
    return (
        _rolled_up({key: (one.parent, one.prompt) for key, one in spans.items()}),
        _rolled_up({key: (one.parent, one.completion) for key, one in spans.items()}),
    )


def shown_tokens(run: Run, facts: SpanFacts | None) -> ShownTokens:
    """Return the usage that a run reports; if it reports none, the counts of its spans."""
    reported = ShownTokens(run.prompt_tokens, run.completion_tokens, run.total_tokens)
    if facts is None or facts.total_tokens is None or reported != ShownTokens(None, None, None):
        return reported
    return ShownTokens(facts.prompt_tokens, facts.completion_tokens, facts.total_tokens, at_least=True)


def combine(known: SpanFacts | None, found: SpanFacts) -> SpanFacts:
    """Return the facts of a run after more of its spans were read; counts are lower bounds, so they never fall."""
    if known is None:
        return found
    return SpanFacts(
        found.group or known.group,
        found.labels or known.labels,
        _larger(known.prompt_tokens, found.prompt_tokens),
        _larger(known.completion_tokens, found.completion_tokens),
    )


def _larger(one: int | None, other: int | None) -> int | None:
    return max((count for count in (one, other) if count is not None), default=None)


def matches_labels(facts: SpanFacts, group: str | None, labels: Iterable[tuple[str, str]]) -> bool:
    """Whether a run has this group (None: any) and all of these labels."""
    return (group is None or facts.group == group) and all(
        facts.label(name) == value for name, value in labels
    )


def _rolled_up(counts: Mapping[str, tuple[str, int | None]]) -> int | None:
    if all(count is None for _, count in counts.values()):
        return None
    inside: dict[str, int] = {}
    # The deepest spans first, so that what is inside a span is complete when the span is reached.
    depths = {key: _depth(key, counts) for key in counts}
    total = 0
    for key in sorted(counts, key=depths.__getitem__, reverse=True):
        parent, count = counts[key]
        used = max(count or 0, inside.get(key, 0))
        if parent in counts and depths[parent] < depths[key]:
            inside[parent] = inside.get(parent, 0) + used
        else:  # the outermost span; or one in a circle, or too deep, which counts alone
            total += used
    return total


def _depth(key: str, counts: Mapping[str, tuple[str, int | None]]) -> int:
    depth = 0
    parent = counts[key][0]
    while parent in counts and depth < _MAX_DEPTH:
        depth += 1
        parent = counts[parent][0]
    return depth


def _count(raw: Any) -> int | None:
    """Return a token count, which the API writes as text; None if it is none."""
    if isinstance(raw, str) and len(raw) <= _MAX_DIGITS and raw.isascii() and raw.isdigit():
        return int(raw)
    if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw < 10**_MAX_DIGITS:
        return raw
    return None


def _value(raw: Any) -> str:
    """Return a label's value as text. The API promises a text; numbers and booleans are written as in JSON."""
    if isinstance(raw, dict | list):
        return "{…}" if isinstance(raw, dict) else "[…]"
    text = raw if isinstance(raw, str) else json.dumps(raw)
    return shorten(safe_text(text[: _MAX_VALUE * 2]), _MAX_VALUE)
