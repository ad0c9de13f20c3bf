"""The spans of a span of time, read backwards: bounds, the end, spans of the same time, and servers that ignore bounds."""

from __future__ import annotations

import math

import pytest

from flowtui.errors import UnreadableError
from flowtui.formatting import iso_time
from flowtui.model.run.element import parse_time
from flowtui.source.read.gap_spans import GapSpans

NOW = 1_800_000_000.0


def a_span(number, start, thread="t"):
    return {
        "span_id": f"s{number}",
        "thread_id": thread,
        "run_id": "r",
        "start_timestamp": iso_time(start),
        "end_timestamp": iso_time(start + 1),
    }


class Server:
    """Serves spans, newest first; `page`: how many at most. `knows`: the bounds and offsets that it obeys."""

    def __init__(self, spans, page=100, knows=("min", "max", "offset")):
        self.spans, self.page, self.knows = (
            sorted(spans, key=lambda s: s["start_timestamp"])[::-1],
            page,
            knows,
        )
        self.asked = 0

    def answer(self, question):
        self.asked += 1
        query = question.query()
        found = self.spans
        if "min" in self.knows:
            found = [
                s
                for s in found
                if parse_time(s["start_timestamp"]) >= parse_time(query["min_start_datetime"])
            ]
        if "max" in self.knows and "max_start_datetime" in query:
            found = [
                s
                for s in found
                if parse_time(s["start_timestamp"]) <= parse_time(query["max_start_datetime"])
            ]
        return found[query["offset"] if "offset" in self.knows else 0 :][: self.page]


def read(server, since, most=50):
    spans, named = GapSpans(), set()
    while spans.reached > since and not spans.broken and spans.pages < most:
        named |= spans.take(server.answer(spans.question(since)))
    return spans, named


@pytest.mark.parametrize("page", [2, 7, 100])
def test_all_spans_of_the_gap_are_read_whatever_the_server_sends_per_page(page):
    server = Server([a_span(n, NOW - n * 60, f"t{n}") for n in range(50)], page)
    spans, named = read(server, NOW - 1_800)
    assert named == {f"t{n}" for n in range(31)}
    assert spans.reached == NOW - 1_800
    assert not spans.broken


def test_many_spans_of_the_same_moment_do_not_stop_the_reading():
    server = Server([a_span(n, NOW - 5, f"t{n}") for n in range(25)] + [a_span(99, NOW - 60, "old")], page=10)
    spans, named = read(server, NOW - 100)
    assert named == {*(f"t{n}" for n in range(25)), "old"}
    assert spans.reached == NOW - 100


def test_a_gap_without_spans_is_read_with_one_request():
    spans, named = read(Server([]), NOW - 100)
    assert (spans.reached, spans.pages, named) == (NOW - 100, 1, set())


def test_the_begin_of_the_gap_may_move_further_back_later():
    server = Server([a_span(n, NOW - n * 60, f"t{n}") for n in range(50)], 10)
    spans = GapSpans()
    while spans.reached > NOW - 600:
        spans.take(server.answer(spans.question(NOW - 600)))
    named = set()
    while spans.reached > NOW - 1_200:
        named |= spans.take(server.answer(spans.question(NOW - 1_200)))
    assert {f"t{n}" for n in range(11, 21)} <= named


@pytest.mark.parametrize("knows", [("min", "offset"), ("min", "max"), ("min",)])
def test_a_server_that_ignores_bounds_or_offsets_is_noticed_within_a_few_pages(knows):
    server = Server([a_span(n, NOW - 5 - 10 * (n // 200), f"t{n}") for n in range(1_000)], 100, knows)
    spans, _ = read(server, NOW - 3_600)
    assert spans.broken
    assert server.asked <= 5


def test_a_server_that_does_not_sort_or_sends_no_times_is_noticed():
    unsorted, timeless = GapSpans(), GapSpans()
    unsorted.take([a_span(1, NOW - 60), a_span(2, NOW - 5)])
    timeless.take([{"span_id": "s", "thread_id": "t"}])
    assert unsorted.broken
    assert timeless.broken
    assert timeless.reached == math.inf


def test_elements_that_are_no_spans_are_an_error():
    with pytest.raises(UnreadableError):
        GapSpans().take([{"id": 1}])
