"""The meter: a frame ends all delays, an event without a frame does not count, each line shows what it covers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.state.health import Coverage
from flowtui.ui.meter.meter import Measurements, Meter, RecentValues, Samples, resident_memory
from flowtui.ui.meter.rows import CELLS, meter_lines, polling_lines, short_duration, size
from flowtui.ui.paint import ink

NOTHING = {"resident": None, "requests": None, "written": None}


def words(lines):
    return [" ".join("".join(span.text for span in line).split()) for line in lines]


def said(found):
    return words(meter_lines(found))


def test_a_frame_ends_the_delay_of_every_waiting_key():
    meter = Meter()
    meter.keys.begin(1.0)
    meter.keys.begin(1.5)
    meter.bodies.begin(1.8)
    meter.painted(2.0)
    meter.painted(9.0)
    found = meter.read(9.0, **NOTHING)
    assert (found.key_p50, found.key_p95, found.keys) == (0.5, 1.0, 2)
    assert found.body_p50 == pytest.approx(0.2)
    assert found.bodies == 1


def test_an_event_that_paints_nothing_is_not_counted():
    meter = Meter()
    meter.keys.begin(1.0)
    assert meter.keys.waits(1.0)
    meter.keys.drop(1.0)
    meter.keys.drop(1.0)
    assert not meter.keys.waits(1.0)
    meter.painted(2.0)
    assert meter.read(2.0, **NOTHING).keys == 0


def test_the_lag_is_the_worst_of_the_last_minute():
    meter = Meter()
    meter.late(0.0, 0.4)
    meter.late(30.0, 0.01)
    meter.late(50.0, -0.001)
    assert meter.read(50.0, **NOTHING).lag == 0.4
    meter.late(61.0, 0.0)
    found = meter.read(61.0, **NOTHING)
    assert found.lag == 0.01
    assert found.lag_span == 31


def test_bytes_are_shown_in_total_and_per_second():
    meter = Meter()
    first = meter.read(100.0, resident=1, requests=(3, 9), written=5_000)
    assert (first.rate, first.written) == (None, 5_000)
    assert (first.resident, first.requests, first.requests_all) == (1, 3, 9)
    assert meter.read(104.0, resident=1, requests=(3, 9), written=7_000).rate == 500


def test_an_unknown_value_is_a_dash_and_never_zero():
    lines = said(Measurements())
    assert lines == [
        "key to paint p50 — p95 — none yet",
        "body to paint p50 — p95 — none yet",
        "loop lag max — none yet",
        "memory now — resident",
        "requests /min — all — connection",
        "to terminal /s — all — none yet",
    ]


def test_each_line_says_what_it_covers():
    found = Measurements(
        *(0.0021, 0.0314, 23),
        *(0.041, 1.204, 100),
        *(0.0004, 60.0),
        *(61_400_000, 42, 1_204),
        *(1_234.0, 10.0, 310_000),
    )
    assert said(found) == [
        "key to paint p50 2.1 ms p95 31 ms last 23",
        "body to paint p50 41 ms p95 1,204 ms last 100",
        "loop lag max 0.4 ms last 60s",
        "memory now 61.4 MB resident",
        "requests /min 42 all 1,204 connection",
        "to terminal /s 1.2 kB all 310 kB last 10s",
    ]


@pytest.mark.parametrize(
    "found",
    [
        Measurements(),
        Measurements(
            9.999, 86_400.0, 100, 99.0, 5e5, 100, 3_600.0, 60.0, 10**12, 10**6, 10**9, 1e9, 10.0, 10**15
        ),
    ],
)
def test_every_line_is_as_wide_as_the_panel(found):
    lines = meter_lines(found)
    assert {ink.width(line) for line in lines} == {CELLS}
    assert not any("…" in span.text for line in lines for span in line)


FLEET = Coverage(
    fleet=True, discovering=True, since=1_794_000_000.0, round_s=599.2, spans_s=5.0, list_s=300.0
)


@pytest.mark.parametrize(
    ("covered", "expected"),
    [
        (FLEET, ["at rest each 10m list 5m threads", "spans each 5s since 21:20", "spans tell what moves"]),
        (
            replace(FLEET, discovering=False, since=None, why="they missed runs that started"),
            [
                "at rest each 10m list 5m threads",
                "spans each 5s since —",
                "no help from spans: they missed runs that started",
            ],
        ),
        (
            replace(FLEET, discovering=False, since=None),
            [
                "at rest each 10m list 5m threads",
                "spans each 5s since —",
                "too early to tell whether spans help",
            ],
        ),
        (
            Coverage(threads=3),
            ["at rest each — list — threads", "spans each — since —", "every thread is polled by itself"],
        ),
        (None, ["at rest each — list — threads", "spans each — since —", "nothing is polled yet"]),
    ],
)
def test_the_panel_says_how_threads_are_polled_and_why_spans_do_not_help(covered, expected):
    lines = polling_lines(covered, UTC)
    assert words(lines) == expected
    assert {ink.width(line) for line in lines} == {CELLS}
    assert not any("…" in span.text for line in lines for span in line)


def test_a_long_reason_is_cut_and_never_wider_than_the_panel():
    *_, last = polling_lines(replace(FLEET, discovering=False, why="漢" * 60), UTC)
    assert ink.width(last) == CELLS


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.0 ms"),
        (0.00994, "9.9 ms"),
        (0.00996, "10 ms"),
        (9.9994, "9,999 ms"),
        (12.34, "12.3 s"),
        (3_600.0, "1h 00m"),
        (None, "—"),
        (float("nan"), "—"),
    ],
)
def test_times_are_shown_in_short_form(seconds, text):
    assert short_duration(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 B"), (310, "310 B"), (18_200, "18.2 kB"), (61_400_000, "61.4 MB"), (None, "—")],
)
def test_sizes_are_shown_in_short_form(number, text):
    assert size(number) == text


def test_memory_is_pages_as_the_system_counts_them(tmp_path):
    statm = tmp_path / "statm"
    assert resident_memory(statm) is None
    statm.write_text("500 2 1 1 0 1 0\n")
    pages = resident_memory(statm)
    assert pages is not None
    statm.write_text("500 4 1 1 0 1 0\n")
    assert resident_memory(statm) == 2 * pages
    for broken in ("", "500", "500 many"):
        statm.write_text(broken)
        assert resident_memory(statm) is None


NUMBERS = st.lists(st.floats(0, 1e6), min_size=1, max_size=150)


def ring(numbers, size=100):
    samples = Samples(size)
    for number in numbers:
        samples.add(number)
    return samples


@pytest.mark.parametrize(
    ("numbers", "half", "most"),
    [([7], 7, 7), ([2, 1], 1, 2), ([3, 1, 2], 2, 3), (range(1, 101), 50, 95), (range(1, 21), 10, 19)],
)
def test_a_quantile_is_one_of_the_measured_numbers(numbers, half, most):
    samples = ring(numbers)
    assert (samples.quantile(0.5), samples.quantile(0.95)) == (half, most)


def test_without_numbers_there_is_no_quantile():
    assert Samples().quantile(0.5) is None


def test_the_oldest_number_is_dropped():
    samples = ring([900, 900, 1, 2, 3], size=3)
    assert len(samples) == 3
    assert samples.quantile(1.0) == 3


@given(NUMBERS, st.floats(0.01, 1.0))
def test_a_quantile_is_the_least_number_with_that_share_of_numbers_up_to_it(numbers, share):
    last = numbers[-100:]
    found = ring(numbers).quantile(share)
    assert sum(number <= found for number in last) >= share * len(last) - 1e-9
    assert sum(number < found for number in last) < share * len(last)


def test_numbers_that_are_too_old_are_dropped():
    recent = RecentValues(60.0)
    assert recent.worst is None
    assert recent.span == 0
    for at, number in ((0, 9.0), (30, 1.0), (60, 2.0)):
        recent.add(at, number)
    assert recent.worst == 9
    assert recent.span == 60
    recent.add(61, 0.0)
    assert recent.worst == 2


def test_a_rate_needs_two_measurements():
    recent = RecentValues(10.0)
    assert recent.rate is None
    recent.add(5.0, 1_000)
    assert recent.rate is None
    recent.add(5.0, 1_000)
    assert recent.rate is None
    recent.add(7.0, 1_500)
    assert recent.rate == 250
    recent.add(17.0, 1_500)
    assert recent.rate == 0  # nothing was written in the last ten seconds
