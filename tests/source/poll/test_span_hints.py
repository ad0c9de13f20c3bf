"""When spans are trusted, pauses after refusals, and threads that spans name and the list does not show."""

from __future__ import annotations

import pytest

from flowtui.errors import ForbiddenError, RateLimitedError, TransportError, UnreadableError
from flowtui.source.poll.span_hints import TRY_AGAIN, SpanHints, UnlistedThreads

REFUSED = ForbiddenError("spans: 403 Forbidden", status=403)


def test_before_the_first_request_spans_are_neither_trusted_nor_doubted():
    hints = SpanHints()
    assert (hints.trusted, hints.doubt, hints.refused) == (False, "", False)


def test_each_refusal_doubles_the_pause_up_to_an_hour():
    hints = SpanHints()
    pauses = [hints.failed(REFUSED, None, 0.0) for _ in range(6)]
    assert pauses == [TRY_AGAIN, 600.0, 1200.0, 2400.0, 3600.0, 3600.0]
    assert hints.refused
    assert hints.doubt == "spans: 403 Forbidden"


def test_an_answer_ends_the_refusals():
    hints = SpanHints()
    hints.failed(REFUSED, None, 0.0)
    hints.answered(1.0)
    assert (hints.refused, hints.doubt) == (False, "")
    assert hints.failed(REFUSED, None, 2.0) == TRY_AGAIN


def test_after_an_unreadable_body_spans_pause_as_after_a_refusal():
    assert SpanHints().failed(UnreadableError("spans: an HTML page"), 1.0, 0.0) == TRY_AGAIN


@pytest.mark.parametrize(
    ("error", "after", "doubt"),
    [
        (TransportError("no answer"), 29.0, ""),
        (TransportError("no answer"), 31.0, "no answer"),
        (RateLimitedError("too many", status=429), 1.0, "too many"),
    ],
)
def test_spans_are_doubted_after_a_rate_limit_or_half_a_minute_without_an_answer(error, after, doubt):
    hints = SpanHints()
    hints.answered(100.0)
    assert hints.failed(error, 1.0, 100.0 + after) is None
    assert (hints.refused, hints.doubt) == (False, doubt)


def test_the_list_is_searched_only_once_for_an_unlisted_thread():
    unlisted = UnlistedThreads()
    assert unlisted.seek(["new", "foreign"])
    assert unlisted.listed(10.0, ["new", "other"]) == ["new"]
    assert not unlisted.seek(["foreign"]), "it belongs to another owner"


def test_after_a_search_that_found_no_thread_the_next_one_waits():
    unlisted = UnlistedThreads()
    unlisted.seek(["new"])
    unlisted.listed(10.0, ["new"])
    assert unlisted.search_from == 10.0
    unlisted.seek(["foreign"])
    unlisted.listed(20.0, ["new"])
    assert unlisted.search_from == 35.0
