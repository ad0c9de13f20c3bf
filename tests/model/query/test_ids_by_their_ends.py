"""Filters find UUIDs by what a table shows of them, and offer that as values."""

from __future__ import annotations

import pytest

from flowtui.model.columns.columns import COLUMNS
from flowtui.model.columns.context import Context
from flowtui.model.query.completion_values import count_values
from flowtui.model.query.fields import FIELDS
from flowtui.model.query.query import parse

RUN, THREAD, AGENT = (f"01a22bb1-de22-7572-99d9-8225{end}" for end in ("26efd38d", "0e19ac09", "6c2c82f5"))
OTHER = "01a22bb1-de22-7572-99d9-822500000000"
CTX = Context(now=0.0)


@pytest.fixture(scope="module")
def runs(a_run):
    one, two = a_run(RUN, agent_id=AGENT), a_run(OTHER, agent_id=OTHER)
    return [one._replace(thread_key=THREAD), two._replace(thread_key=OTHER)]


@pytest.mark.parametrize(
    "text",
    [
        "run:…26efd38d",
        "run:26efd38d",
        "run:26EFD38D",
        f"run:{RUN}",
        f"run={RUN}",
        "thread:…0e19ac09",
        "agent:…6c2c82f5",
        "…26efd38d",
        "26efd38d",
        "…0e19ac09 6c2c82f5",
    ],
)
def test_a_filter_finds_by_the_end(text, runs):
    query = parse(text)
    meets = query.matcher(CTX)
    assert list(map(meets, runs)) == [True, False]
    assert not any(word.startswith("…") for word in query.words)  # what is highlighted


def test_the_ends_are_offered_as_values(runs):
    for name, whole in (("run", RUN), ("thread", THREAD), ("agent", AGENT)):
        found = count_values(FIELDS[name], ":", "", runs, CTX).counts
        assert found == {whole[-8:]: 1, "00000000": 1}
        assert set(count_values(FIELDS[name], "=", "", runs, CTX).counts) == {whole, OTHER}


def test_tables_have_short_ids_and_files_whole_ones(runs):
    for name, whole in (("run", RUN), ("thread", THREAD), ("agent", AGENT)):
        column = COLUMNS[name]
        assert column.shown(runs[0], CTX) == f"…{whole[-8:]}"
        assert column.text(runs[0], CTX) == column.value(runs[0], CTX) == whole
    named = Context(now=0.0, agents={AGENT: "triage"})
    assert COLUMNS["agent"].shown(runs[0], named) == "triage"
