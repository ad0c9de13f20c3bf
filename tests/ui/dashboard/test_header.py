"""The header: profile, freshness, counts and errors, at any width."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from flowtui.model.state.health import SEEN, Coverage, Health
from flowtui.model.state.known_runs import Failure, ThreadState
from flowtui.model.state.snapshot import Outage, Snapshot
from flowtui.model.stats.totals import totals
from flowtui.ui.base.host_label import HostLabel
from flowtui.ui.dashboard.header import header_line
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import UNICODE
from flowtui.ui.widgets.freshness_words import health_words

NOW = 1_800_000_000.0


@pytest.fixture
def header(a_run):
    """Return the header's text for threads and runs."""

    def text(*, cells=160, paused=False, runs=(), now=NOW, actions=False, stretched=None, **fields):
        snapshot = Snapshot(NOW, listed=True, requests=42, budget=300, next_poll=NOW + 2, **fields)
        line = header_line(
            HostLabel("prod", "flow.seekr.com", actions),
            snapshot,
            totals(runs),
            now=now,
            paused=paused,
            glyphs=UNICODE,
            zone=UTC,
            cells=cells,
            stretched=stretched,
        )
        assert ink.width(line) <= max(cells, 60)
        return "".join(span.text for span in line)

    return text


def _thread(observed, failure=None, key="thr_1", asked=None):
    return ThreadState(key, interval=2.0, observed=observed, failure=failure, asked=asked)


def test_the_header_shows_host_freshness_and_counts(header, a_run):
    runs = [a_run("run_1"), a_run("run_2", "failed"), a_run("run_3", "completed")]
    text = header(runs=runs, threads={"thr_1": _thread(NOW - 1)})
    for words in (
        "prod",
        "flow.seekr.com",
        "live",
        "1/1 threads",
        "1 active",
        "1 failed",
        "3 known runs",
        "08:00:00",
    ):
        assert words in text, words
    assert "42/300" in text


@pytest.mark.parametrize(
    ("behind", "word"), [(1, "live"), (6, "late 6s"), (45, "stale 45s"), (130, "lost 2m"), (4000, "lost 1h")]
)
def test_health_shows_the_age_of_the_last_answer(header, behind, word):
    assert word in header(threads={"thr_1": _thread(NOW - behind, asked=NOW - behind + 2)})


def test_a_thread_whose_next_poll_is_not_due_is_called_seen_not_late(header):
    assert "● seen 2m ago" in header(threads={"a": _thread(NOW - 130)}), "there is nothing fresher"
    text = header(threads={"a": _thread(NOW - 130), "b": _thread(NOW, key="b")})
    assert "● live" in text
    assert "1/2 live" in text
    assert health_words(Health(SEEN, "", NOW - 130), NOW) == ("seen 2m ago", "dim")


@pytest.mark.parametrize(
    ("offset", "words"),
    [
        (300.0, "clock 5m behind"),
        (-300.0, "clock 5m ahead"),
        (10.5, "clock 10s behind"),
        (10.0, None),
        (-9.0, None),
        (0.0, None),
    ],
)
def test_a_local_clock_more_than_10_seconds_off_is_mentioned(header, offset, words):
    text = header(threads={"a": _thread(NOW)}, clock_offset=offset)
    assert (words is None and "clock" not in text) or f"  {words}" in text
    assert words is None or words in header(threads={"a": _thread(NOW)}, clock_offset=offset, cells=100)


def test_if_the_server_time_is_unknown_the_header_says_that_ages_are_by_the_local_clock(header):
    assert "ages by this clock" in header(threads={"a": _thread(NOW)}, clock_known=False)
    assert "ages by" not in header(threads={"a": ThreadState("a", 2.0)}, clock_known=False), (
        "there are none yet"
    )


def test_the_worst_thread_decides_the_health(header):
    refused = Failure("refused", "401", NOW)
    text = header(threads={"a": _thread(NOW), "b": _thread(NOW, refused, "b")})
    assert "refused" in text
    assert "1/2 live" in text


@pytest.mark.parametrize(("kind", "word"), [("unreachable", "down"), ("rate_limited", "rate-limited")])
def test_in_an_outage_the_header_says_how_old_the_data_is(header, kind, word):
    outage = Outage(kind, "GET /v1/threads: flow.seekr.com refuses connections", NOW - 300)
    threads = {"a": _thread(NOW - 301, asked=NOW - 300)}
    assert f"● server {word}  data 5m old next try in 2s" in header(threads=threads, outage=outage)
    assert f"{word}  data 5m old" in header(threads=threads, outage=outage, cells=90)
    narrow = header(threads=threads, outage=outage, cells=60)
    assert f"● {word}  5m old" in narrow, "how old it is stays longer than how many runs there are"
    assert narrow.rstrip().endswith("0 failed")
    assert "server" not in header(threads=threads)
    oldest = Coverage(threads=2, read=2, oldest=NOW - 720)
    assert "data 12m old" in header(threads=threads, outage=outage, coverage=oldest), (
        "a quiet thread's, not late"
    )


def test_before_the_first_reply_the_header_says_loading():
    line = header_line(
        HostLabel("default", "host"),
        None,
        totals(()),
        now=NOW,
        paused=False,
        glyphs=UNICODE,
        zone=UTC,
        cells=100,
    )
    assert "loading" in "".join(span.text for span in line)


def test_counts_are_unknown_until_a_run_was_read():
    def said(snapshot, known):
        place = HostLabel("default", "host")
        line = header_line(place, snapshot, known, now=NOW, paused=False, glyphs=UNICODE, zone=UTC, cells=120)
        return "".join(span.text for span in line)

    assert "— active  — failed in — runs" in said(None, None)
    refused = said(Snapshot(NOW, stopped="401"), None)
    assert "— active  — failed in — runs" in refused
    assert "— threads" in refused
    empty = said(Snapshot(NOW, listed=True), totals(()))
    assert "0 active  0 failed in 0 runs" in empty
    assert "0/0 threads" in empty


def test_the_counts_say_that_they_are_of_all_runs_where_that_costs_no_other_part(header, a_run):
    runs = [a_run("run_1"), a_run("run_2", "failed")]
    said = {cells: header(cells=cells, runs=runs, threads={"a": _thread(NOW)}) for cells in range(60, 200)}
    wide, parts = max(map(len, said.values())), {}
    for cells, text in said.items():
        assert ("1 failed of 2 known runs" in text) != ("1 failed in 2 runs" in text), text
        parts[cells] = len(text.replace(" known ", " ").split())
    assert "known" in said[wide]
    assert list(parts.values()) == sorted(parts.values())  # more room never shows less


def test_the_header_says_how_old_the_data_is_once(header):
    many = {key: _thread(NOW - 1, key=key) for key in "ab"}
    fresh = Coverage(threads=2, read=2, oldest=NOW - 1)
    assert "2/2 threads, data 1s old" in header(threads=many, coverage=fresh)
    stale = {**many, "b": _thread(NOW - 45, key="b", asked=NOW - 44)}
    text = header(threads=stale, coverage=replace(fresh, oldest=NOW - 45))
    assert "stale 45s" in text
    assert "old" not in text


def test_a_pause_is_shown(header):
    assert "paused" in header(paused=True)
    assert "paused" not in header()


@pytest.mark.parametrize("cells", [60, 70, 80, 100, 120, 158, 250])
def test_the_most_important_parts_stay_on_narrow_screens(header, a_run, cells):
    text = header(
        cells=cells, runs=[a_run("run_1"), a_run("run_2", "failed")], threads={"thr_1": _thread(NOW)}
    )
    for words in ("flowtui", "live", "1 active", "1 failed"):
        assert words in text


def test_the_header_says_actions_or_read_only(header):
    assert "read-only" in header()
    assert "actions" not in header()
    assert "actions" in header(actions=True)
    assert "read-only" not in header(actions=True)


def test_the_word_actions_has_a_warning_colour_and_read_only_has_not():
    roles = {}
    for actions in (False, True):
        place = HostLabel("prod", "flow.seekr.com", actions)
        line = header_line(
            place, None, totals(()), now=NOW, paused=False, glyphs=UNICODE, zone=UTC, cells=160
        )
        roles |= {span.text.strip(): span.role for span in line}
    assert roles["read-only"] == "dim"
    assert roles["actions"] == "warn"


def test_on_narrow_screens_read_only_is_left_out_before_all_else_and_actions_later(header):
    widths = range(60, 161)
    threads = {"thr_1": _thread(NOW)}
    read_only = min(cells for cells in widths if "read-only" in header(cells=cells, threads=threads))
    acting = min(cells for cells in widths if "actions" in header(cells=cells, threads=threads, actions=True))
    budget = min(cells for cells in widths if "req/min" in header(cells=cells, threads=threads))
    assert acting < budget < read_only
    assert all("read-only" in header(cells=cells, threads=threads) for cells in widths if cells >= read_only)


def test_the_word_of_the_counts_does_not_change_to_make_room_for_read_only(header, a_run):
    known = {"runs": [a_run("run_1")], "threads": {"a": _thread(NOW)}}
    told = [header(cells=cells, **known) for cells in range(60, 200)]
    shown = [text for text in told if "req/min" in text]
    assert any("read-only" in text for text in shown)
    assert len({"of 1 known runs" in text for text in shown if "read-only" in text}) == 1
    longest = max(place for place, text in enumerate(told) if "known" not in text)
    assert not any("read-only" in text for text in told[: longest + 1])


def test_during_an_outage_nothing_is_called_live(header):
    outage = Outage("unreachable", "GET /v1/threads: flow.seekr.com refuses connections", NOW - 2)
    text = header(threads={"thr_1": _thread(NOW - 3, asked=NOW - 2)}, outage=outage)
    assert "● server down 2s" in text
    assert " live" not in text
    resting = {
        "a": _thread(NOW - 60, asked=NOW - 50),
        "b": replace(_thread(NOW - 3, key="b"), interval=120.0),
    }
    text = header(threads=resting, outage=outage, stretched=4.0)
    assert "data 1m old next try in 2s" in text
    assert "live" not in text, "not a thread either that would be read much later"
    assert "every" not in text
    oldest = Coverage(threads=2, read=2, oldest=NOW - 60)
    young = {
        key: replace(state, asked=None, observed=NOW - 60, interval=120.0) for key, state in resting.items()
    }
    assert "● server down 2s next try in 2s  data 1m old" in header(
        threads=young, outage=outage, coverage=oldest
    )


def test_once_the_key_is_refused_the_header_says_how_old_the_data_is(header):
    refused = Failure("refused", "401", NOW)
    threads = {key: _thread(NOW - 200, refused, key) for key in ("a", "b")}
    known = {"threads": threads, "coverage": Coverage(threads=2, read=2, failed=2, oldest=NOW - 200)}
    text = header(**known, stopped="401", stretched=4.0)
    assert "● refused  data 3m old  42/300 req/min" in text
    assert "● refused  3m old" in header(**known, stopped="401", cells=60)


def test_a_thread_that_is_gone_from_the_list_is_not_missed_among_the_live_ones(header):
    gone = ThreadState("b", 2.0, observed=NOW - 3600.0, restored=NOW - 3600.0, gone=True)
    text = header(threads={"a": _thread(NOW), "b": gone}, coverage=Coverage(threads=1, read=1, gone=1))
    assert "● live" in text
    assert "1/1 threads" in text


def test_restored_threads_are_as_of_when_an_earlier_start_read_them(header):
    then = NOW - 3600.0
    old = {f"thr_{n}": ThreadState(f"thr_{n}", 2.0, observed=then, restored=then) for n in range(3)}
    text = header(threads=old, coverage=Coverage(threads=3))
    assert "● as of 07:00 3 of 3 threads" in text
    assert "live" not in text
    read = {**old, "thr_0": _thread(NOW - 1, key="thr_0")}
    assert "● as of 07:00 2 of 3 threads" in header(threads=read, coverage=Coverage(threads=3))
    assert "● as of 14 Jan 23:59" in header(threads={"thr_1": replace(old["thr_1"], observed=NOW - 28_860)})
    late = {**old, "thr_9": _thread(NOW - 20, key="thr_9", asked=NOW - 5)}
    assert "late 20s" in header(threads=late, coverage=Coverage(threads=4))
    assert "3 of 4 threads as of 07:00" in header(threads=late, coverage=Coverage(threads=4))
    assert "as of 07:00" in header(threads=old, coverage=Coverage(threads=3), cells=60)
