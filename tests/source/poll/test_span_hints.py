"""Trust in spans, pauses after refusals, and threads that only spans know."""

from __future__ import annotations

import pytest

from flowtui.errors import ForbiddenError, RateLimitedError, TransportError, UnreadableError
from flowtui.source.poll.span_hints import TRY_AGAIN, SpanHints, UnlistedThreads

REFUSED = ForbiddenError("spans: 403 Forbidden", status=403)


def test_spans_that_were_never_asked_for_are_neither_trusted_nor_doubted():
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


def test_a_body_in_no_known_shape_counts_as_a_refusal_although_it_is_retried():
    assert SpanHints().failed(UnreadableError("spans: an HTML page"), 1.0, 0.0) == TRY_AGAIN


@pytest.mark.parametrize(
    ("error", "after", "doubt"),
    [
        (TransportError("no answer"), 29.0, ""),
        (TransportError("no answer"), 31.0, "no answer"),
        (RateLimitedError("too many", status=429), 1.0, "too many"),
    ],
)
def test_a_passing_failure_is_no_doubt_until_spans_are_silent_for_half_a_minute(error, after, doubt):
    hints = SpanHints()
    hints.answered(100.0)
    assert hints.failed(error, 1.0, 100.0 + after) is None
    assert (hints.refused, hints.doubt) == (False, doubt)


def test_a_thread_that_the_list_does_not_show_is_sought_once():
    unlisted = UnlistedThreads()
    assert unlisted.seek(["new", "foreign"])
    assert unlisted.listed(10.0, ["new", "other"]) == ["new"]
    assert not unlisted.seek(["foreign"]), "it belongs to another owner"


def test_a_search_in_vain_makes_the_next_one_wait():
    unlisted = UnlistedThreads()
    unlisted.seek(["new"])
    unlisted.listed(10.0, ["new"])
    assert unlisted.search_from == 10.0
    unlisted.seek(["foreign"])
    unlisted.listed(20.0, ["new"])
    assert unlisted.search_from == 35.0
