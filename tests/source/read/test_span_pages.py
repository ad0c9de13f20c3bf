"""The spans of one run: one request for most runs, a few for long ones, and what is missing is said."""

from __future__ import annotations

import pytest

from flowtui.errors import ServerError
from flowtui.model.messages.evidence import SPAN_PAGE
from flowtui.model.spans.tree import MAX_SPANS
from flowtui.source.read.span_pages import PAGES, read_span_pages

KEY = ("thr_1", "run_1")


def trace(count):
    """Return spans as a server sends them, newest first: the oldest contains all others."""
    spans = [{"span_id": f"s{number}", "parent_span_id": "s0" if number else None} for number in range(count)]
    return spans[::-1]


class Server:
    """Sends pages of at most `limit` spans; the request number `fails` fails. `asked`: the requests."""

    def __init__(self, spans, *, limit=SPAN_PAGE, fails=None, offsets=True):
        self.spans, self.limit, self.fails, self.offsets = spans, limit, fails, offsets
        self.asked = []

    async def fetch_spans(self, key, offset=0, *, oldest_first=False):
        assert key == KEY
        self.asked.append((offset, oldest_first))
        if len(self.asked) == self.fails:
            raise ServerError("The server answered 503", status=503)
        ordered = self.spans[::-1] if oldest_first else self.spans
        return ordered[offset if self.offsets else 0 :][: self.limit]


async def read(server):
    found = await read_span_pages(server, KEY)
    return found, len(server.asked)


@pytest.mark.parametrize(
    ("count", "limit", "requests"),
    [(0, 100, 1), (1, 100, 1), (99, 100, 1), (100, 100, 2), (101, 100, 2), (399, 100, 4), (499, 100, 5),
     (30, 20, 2), (40, 20, 2), (45, 20, 3)],
)  # fmt: skip
async def test_all_spans_are_read_also_from_a_server_with_smaller_pages(count, limit, requests):
    spans = trace(count)
    found, made = await read(Server(spans, limit=limit))
    assert (found.values, found.whole, found.trouble, made) == (spans, True, "", requests)


async def test_of_a_very_long_run_the_last_and_the_first_spans_are_read():
    spans = trace(5_000)
    server = Server(spans)
    found, made = await read(server)
    assert made == PAGES
    assert server.asked[-1] == (0, True)
    assert found.values == [*spans[:400], *spans[-100:]]
    assert not found.whole


async def test_a_page_of_new_spans_moves_the_others_and_none_is_lost():
    server = Server(trace(150))
    fetch = server.fetch_spans

    async def moving(key, offset=0, *, oldest_first=False):
        page = await fetch(key, offset, oldest_first=oldest_first)
        server.spans = [{"span_id": f"new{len(server.asked)}", "parent_span_id": "s0"}, *server.spans]
        return page

    server.fetch_spans = moving
    found, _ = await read(server)
    assert {f"s{number}" for number in range(150)} <= {span["span_id"] for span in found.values}
    assert found.whole


async def test_a_later_page_that_fails_leaves_what_was_read():
    found, made = await read(Server(trace(350), fails=3))
    assert (len(found.values), found.whole, found.trouble, made) == (200, False, "The server answered 503", 3)


async def test_a_first_page_that_fails_is_an_error():
    with pytest.raises(ServerError):
        await read(Server(trace(5), fails=1))


async def test_a_server_that_does_not_know_offsets_is_not_asked_again_and_again():
    found, made = await read(Server(trace(350), offsets=False))
    assert (len(found.values), found.whole, made) == (100, False, 2)


async def test_an_answer_far_beyond_its_limit_is_cut_to_its_first_and_last_spans():
    spans = trace(100_000)
    found, made = await read(Server(spans, limit=100_000))
    assert found.values == [*spans[: MAX_SPANS - 100], *spans[-100:]]
    assert (found.whole, made) == (False, 1)


async def test_elements_that_are_no_objects_do_no_harm():
    found, made = await read(Server([None, 7, "x", []]))
    assert (found.values, made) == ([None, 7, "x", []], 2)
