"""Numbers and times as text, at the limits where the format changes."""

from __future__ import annotations

import math
from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui import formatting
from flowtui.errors import UsageError
from flowtui.model.run.element import parse_time

from .examples import examples

SETTINGS = examples(200)
NO_SPAN = [None, math.nan, math.inf, -math.inf]


@pytest.mark.parametrize("show", [formatting.age, formatting.duration, formatting.span])
@pytest.mark.parametrize("value", NO_SPAN)
def test_unknown_is_a_dash_never_zero(show, value):
    assert show(value) == "—"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0s"),
        (0, "0s"),
        (59.99, "59s"),
        (60, "1m"),
        (3599, "59m"),
        (3600, "1h"),
        (86399, "23h"),
        (86400, "1d"),
        (864000, "10d"),
    ],
)
def test_age(seconds, text):
    assert formatting.age(seconds) == text


@pytest.mark.parametrize(
    ("at", "now", "text"),
    [
        (100.9, 110.1, "10s"),
        (100.1, 109.9, "9s"),
        (110.0, 100.0, "0s"),
        (0.5, 3600.4, "1h"),
        (0.0, math.inf, "—"),
    ],
)
def test_an_age_beside_two_clocks_is_their_difference(at, now, text):
    assert formatting.shown_age(at, now) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-0.5, "—"),
        (0, "00:00"),
        (37.9, "00:37"),
        (832, "13:52"),
        (3599, "59:59"),
        (3600, "1:00:00"),
        (7509, "2:05:09"),
    ],
)
def test_duration(seconds, text):
    assert formatting.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "—"),
        (48, "48s"),
        (60, "1m 00s"),
        (588, "9m 48s"),
        (7500, "2h 05m"),
        (86399, "23h 59m"),
        (273600, "3d 4h"),
    ],
)
def test_span(seconds, text):
    assert formatting.span(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (None, "—"),
        (0, "0"),
        (18204, "18,204"),
        (-1000, "-1,000"),
        (10**15 - 1, "999,999,999,999,999"),
        (10**15, "1.0e+15"),
        (10**30 - 1, "1.0e+30"),
        (10**400, "1e+400"),
        (-(10**400), "-1e+400"),
    ],
)
def test_count(number, text):
    assert formatting.count(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_950, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (4_812_904, "4.8 MB"),
        (3 * 10**15, "3,000 TB"),
        (10**400, "1.0e+288 TB"),
    ],
)
def test_size(number, text):
    assert formatting.size(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (None, "—"),
        (math.nan, "—"),
        (10**400, "—"),
        (0, "0"),
        (310, "310"),
        (999, "999"),
        (1000, "1.0k"),
        (18204, "18.2k"),
        (99949, "99.9k"),
        (99960, "100k"),
        (999_499, "999k"),
        (999_500, "1.0M"),
        (1_400_000, "1.4M"),
        (10**12, "1e+12"),
    ],
)
def test_short_count(number, text):
    assert formatting.short_count(number) == text


@SETTINGS
@given(st.integers(0, 10**13) | st.integers(0, 10**99) | st.floats(0, 1e99))
def test_short_count_has_at_most_five_characters(number):
    assert len(formatting.short_count(number)) <= 5


@SETTINGS
@given(st.integers(-(10**4000), 10**4000))
def test_count_takes_any_whole_number(number):
    text = formatting.count(number)
    assert text
    assert len(text) <= 20


BERLIN_WINTER = timezone(timedelta(hours=1))


def test_clock_and_timestamp_in_a_zone():
    at = 1795518236.9  # 2026-11-24 11:03:56 UTC
    assert formatting.clock(at, UTC) == "11:03:56"
    assert formatting.clock(at, BERLIN_WINTER) == "12:03:56"
    assert formatting.timestamp(at, UTC) == "2026-11-24 11:03:56 UTC"
    assert formatting.timestamp(at, BERLIN_WINTER) == "2026-11-24 12:03:56 +0100"
    assert formatting.timestamp(-1, UTC) == "1969-12-31 23:59:59 UTC"


@pytest.mark.parametrize("at", [None, math.nan, math.inf, -math.inf, 1e18, -1e18, 253402300800.0])
@pytest.mark.parametrize("zone", [None, UTC, BERLIN_WINTER])
def test_times_outside_the_calendar_are_unknown(at, zone):
    assert formatting.clock(at, zone) == "—"
    assert formatting.timestamp(at, zone) == "—"


@pytest.mark.parametrize("at", [-62135596800.0, 253402300799.0])
@pytest.mark.parametrize("hours", [-23, 23])
def test_the_ends_of_the_calendar_do_not_crash(at, hours):
    assert formatting.timestamp(at, timezone(timedelta(hours=hours)))


def test_parse_zone():
    assert formatting.parse_zone("Local") is None
    assert formatting.parse_zone("UTC") is UTC


def test_as_of_names_the_day_unless_it_is_today():
    now = 1_795_519_436.25  # 2026-11-24 11:23:56 UTC
    assert formatting.as_of(now - 600, now, UTC) == "as of 11:13"
    assert formatting.as_of(now - 12 * 3600, now, UTC) == "as of 23 Nov 23:23"
    assert formatting.as_of(now - 12 * 3600, now, UTC, short=True) == "as of 23 Nov"
    assert formatting.as_of(now - 400 * 86_400, now, UTC) == "as of 2025-10-20"
    # in Berlin it is 00:13 of the same day
    assert formatting.as_of(now - 12 * 3600 + 3000, now, BERLIN_WINTER) == "as of 01:13"
    assert formatting.as_of(1e18, now, UTC) == "as of —"


@pytest.mark.parametrize("name", ["", ".", "../etc/passwd", "Mars/Olympus", "\0", "\ud800", "x" * 5000])
def test_parse_zone_refuses(name):
    with pytest.raises(UsageError):
        formatting.parse_zone(name)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (0.0, "1970-01-01T00:00:00.000Z"),
        (1_795_519_436.25, "2026-11-24T11:23:56.250Z"),
        (None, None),
        (1e12, None),
        (math.inf, None),
        (math.nan, None),
    ],
)
def test_a_time_for_machines_is_utc_with_milliseconds(at, text):
    assert formatting.iso_time(at) == text


@given(st.integers(0, 253_402_300_799_999))
def test_parse_time_reads_back_every_time_for_machines(milliseconds):
    read = parse_time(formatting.iso_time(milliseconds / 1_000))
    assert read == pytest.approx(milliseconds / 1_000, abs=0.002)


@pytest.mark.parametrize(("number", "text"), [(0, "0 runs"), (1, "1 run"), (1_204, "1,204 runs")])
def test_a_number_with_its_noun(number, text):
    assert formatting.plural(number, "run") == text
