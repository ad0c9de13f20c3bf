"""Titles and subtitles of the dashboard's frames."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from flowtui.model.state.health import Coverage, Withheld
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Outage, Snapshot
from flowtui.model.view.groups import Grouping
from flowtui.model.view.view import View
from flowtui.ui.dashboard.titles import (
    groups_title,
    runs_subtitle,
    threads_subtitle,
    totals_title,
    unknown_reasons_words,
    unread_labels_words,
)
from flowtui.ui.paint.glyphs import UNICODE

_NARROWER = 28 - 6  # cells for the text in the border of the frame

DEAF = Coverage(threads=3, read=3, fleet=True, why="403: not for this role", round_s=600.0)


@pytest.fixture
def ids():
    return "short"


def said(coverage=DEAF, **fields):
    return threads_subtitle(Snapshot(100.0, coverage=coverage, **fields))


def test_if_the_key_is_refused_only_that_is_said():
    assert said(stopped="401 Unauthorized") == "key refused"
    assert said(Coverage(), stopped="401 Unauthorized") == "key refused"
    assert said(replace(DEAF, read=0, unread=3), stopped="401 Unauthorized") == "key refused"


def test_during_an_outage_no_check_interval_is_shown():
    assert said(outage=Outage("unreachable", "Connection refused", 90.0)) == ""
    assert said(withheld=Withheld(90.0, "429 Too Many Requests")) == ""
    assert said(Coverage(fleet=True, why="Connection refused", round_s=600.0)) == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(29.2, "30s"), (60.0, "1m"), (119.0, "2m"), (600.0, "10m"), (3_599.0, "1h"), (4_000.0, "2h")],
)
@pytest.mark.parametrize("discovering", [False, True])
def test_the_longest_check_interval_is_shown(seconds, words, discovering):
    text = said(replace(DEAF, round_s=seconds, discovering=discovering))
    assert text == f"read again within {words}"
    assert len(text) <= _NARROWER


def test_a_thread_with_a_longer_interval_than_the_others_decides_the_shown_interval():
    threads = {key: ThreadState(key, interval) for key, interval in (("thr_1", 2.0), ("thr_2", 95.0))}
    assert said(replace(DEAF, round_s=40.0), threads=threads) == "read again within 2m"


def test_no_interval_is_shown_before_all_threads_are_read_or_if_threads_are_named():
    assert threads_subtitle(None) == said(Coverage()) == ""
    assert said(replace(DEAF, read=1, unread=2)) == "1 of 3 read"


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (60, 15)])
async def test_a_refused_key_is_shown_without_mentioning_spans(app, size):
    async with app(size=size, faults=["unauthorized"], wait=False) as seat:
        await seat.sees("The API refuses this key", "r tries again", "refused")
        await seat.until(lambda: size[0] < 140 or "key refused" in seat.text)
        assert "spans" not in seat.text
        assert "checked" not in seat.text


WORLD = Snapshot(
    100.0, {"thr_9a": ThreadState("thr_9a", 2.0), "t" * 40: ThreadState("t" * 40, 2.0)}, listed=True
)


@pytest.mark.parametrize(
    ("view", "cells", "title"),
    [
        (View(), 26, "Tokens"),
        (View(sort="tokens", descending=True), 26, "Tokens"),
        (View(only="problems"), 26, "Tokens · problems"),
        (View(only="active"), 26, "Tokens · active"),
        (View(text="status:failed"), 26, "Tokens · filtered"),
        (View(text="status:failed", only="active"), 26, "Tokens · filtered"),
        (View(Grouping("thread", "thr_9a")), 26, "Tokens · thr_9a"),
        (View(Grouping("status", "failed")), 30, "Tokens · status failed"),
        (View(Grouping("thread", "thr_9a"), text="x"), 40, "Tokens · thr_9a, filtered"),
        (View(Grouping("thread", "thr_9a"), text="x"), 26, "Tokens · filtered"),
        (View(Grouping("thread", "t" * 40)), 26, "Tokens · tttttttttt…"),
    ],
)
def test_the_title_of_the_totals_names_the_counted_rows(view, cells, title):
    assert totals_title(WORLD, view, cells=cells) == title


def test_with_a_filter_the_title_of_the_groups_says_that_they_count_all_runs():
    assert groups_title(View()) == groups_title(View(Grouping("thread", "thr_9a"))) == "Threads"
    assert groups_title(View(), WORLD) == "Threads 2 · known runs"
    assert groups_title(View(Grouping("agent"), text="x")) == "Agents · known runs"


def test_unknown_reasons_are_told_with_their_number():
    assert unknown_reasons_words(0) == ""
    assert unknown_reasons_words(1) == " · reasons of 1 run not known"
    assert unknown_reasons_words(1200) == " · reasons of 1,200 runs not known"
    said = partial(runs_subtitle, None, 1, (), glyphs=UNICODE, now=0.0, cells=80)
    assert said(unexplained=0) == ""
    assert said(unexplained=1) == "1 failed, reason unknown"
    assert said(unexplained=1200, selected=2) == "2 selected  ·  1,200 failed, reason unknown"


def test_unread_labels_are_told_with_their_number():
    assert unread_labels_words(0) == ""
    assert unread_labels_words(1) == " · labels of 1 run not read"
    assert unread_labels_words(1200) == " · labels of 1,200 runs not read"


def test_the_cause_of_an_outage_loses_what_is_less_important_before_it_is_cut():
    cause = "GET /v1/threads/thr_1/runs: 127.0.0.1:80 refuses connections. Check the base URL"
    outage = Outage("unreachable", cause, 90.0)
    said = partial(
        runs_subtitle, Snapshot(100.0, outage=outage), 5, (), glyphs=UNICODE, now=100.0, unexplained=3
    )
    assert said(cells=140) == f"{cause}  ·  3 failed, reason unknown"
    assert said(cells=90) == cause
    assert said(cells=70) == "127.0.0.1:80 refuses connections. Check the base URL"
    assert said(cells=50) == "127.0.0.1:80 refuses connections"
    assert said(cells=30) == "127.0.0.1:80 refuses co…"
