"""The span of time of `--since` and `--until`."""

from __future__ import annotations

from datetime import datetime

from flowtui.cli.handlers.time_span import parse_span
from flowtui.config.settings import Settings

NIGHT = datetime.fromisoformat("2026-11-24T01:30Z").timestamp()


def test_an_end_in_the_future_means_up_to_now():
    at_night = parse_span("18:00", "07:00", Settings(tz="utc"), NIGHT)
    in_the_morning = parse_span("18:00", "07:00", Settings(tz="utc"), NIGHT + 6 * 3600)
    assert at_night is not None
    assert in_the_morning is not None
    assert at_night.since == in_the_morning.since == datetime.fromisoformat("2026-11-23T18:00Z").timestamp()
    assert (at_night.until, in_the_morning.until) == (None, NIGHT + 5.5 * 3600)
