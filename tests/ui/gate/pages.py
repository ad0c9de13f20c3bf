"""Builds pages of the gate for tests of their lines."""

from __future__ import annotations

from datetime import UTC

from flowtui.model.answers.gate.page import PageMaker
from flowtui.ui.charts import signs
from flowtui.ui.charts.scale import Scales
from flowtui.ui.gate.style import Style
from flowtui.ui.paint import glyphs

from ...model.answers.gate.sides import AGENTS, a_run, an_answer, some_runs

THREE = "failure_rate <= 20% and p95(duration) <= base * 2 and tokens_per_run <= base * 1.5"


def style_of(cells=154, height=34, *, ascii=False, quiet=False):  # noqa: A002  as the setting is called
    chosen = (signs.ASCII, glyphs.ASCII) if ascii else (signs.UNICODE, glyphs.UNICODE)
    return Style(cells, height, *chosen, UTC, Scales(), 1_900.0 if quiet else None)


def a_page(base=100, new=100, failed=80, gate=THREE, **options):
    """Return a page: `failed` of the `new` runs failed; another agent has few runs."""
    runs = some_runs(new, failed, new=True) + some_runs(6, 1, new=True, agent="b")
    found = an_answer(some_runs(base, 3, new=False), runs, gate, **options)
    return PageMaker().page(found, AGENTS, each_agent=True)


def text_of(lines):
    return "\n".join("".join(span.text for span in line).rstrip() for line in lines)


def roles_of(lines):
    return {span.role for line in lines for span in line if span.text.strip()}


__all__ = ["AGENTS", "THREE", "a_page", "a_run", "an_answer", "roles_of", "some_runs", "style_of", "text_of"]
