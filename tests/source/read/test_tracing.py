"""Evidence of one run, from two requests: one of them may fail."""

from __future__ import annotations

import pytest

from flowtui.errors import ServerError, TransportError
from flowtui.model.messages.why import reason_of
from flowtui.model.run.parsing import parse_run
from flowtui.source.read.tracing import fetch_evidence, span_query

SPANS = [{"span_name": "running tool crm", "is_exception": True, "message": "crm 502: x", "run_id": "run_1"}]
MESSAGES = [{"run_id": "run_1", "content": "sorry"}, {"run_id": "run_2", "content": "other"}]
NO_SPANS = TransportError("Connection refused", hint="Is it up?")
NO_MESSAGES = ServerError("The server answered 503", status=503)


class Tracing:
    """Returns the given spans and messages; raises them if they are exceptions."""

    def __init__(self, spans, messages):
        self._answers = {"spans": spans, "messages": messages}

    def _answer(self, name):
        if isinstance(self._answers[name], Exception):
            raise self._answers[name]
        return self._answers[name]

    async def fetch_spans(self, _key):
        return self._answer("spans")

    async def fetch_messages(self, _key):
        return self._answer("messages")


async def test_spans_and_messages_are_put_together():
    found = await fetch_evidence(Tracing(SPANS, MESSAGES), ("thr_1", "run_1"))
    assert reason_of(found).reason == "tool error: crm 502"
    assert found.last_message.lines == ("sorry",)
    assert found.missing == ()


async def test_if_spans_or_messages_cannot_be_read_missing_names_them():
    found = await fetch_evidence(Tracing(NO_SPANS, MESSAGES), ("thr_1", "run_1"))
    assert found.missing == ("spans: Connection refused. Is it up?",)
    assert found.last_message.lines == ("sorry",)
    found = await fetch_evidence(Tracing(SPANS, NO_MESSAGES), ("thr_1", "run_1"))
    assert found.missing == ("messages: The server answered 503",)
    assert len(found.exceptions) == 1


async def test_an_error_is_raised_if_both_parts_fail():
    with pytest.raises(TransportError, match="refused"):
        await fetch_evidence(Tracing(NO_SPANS, NO_MESSAGES), ("thr_1", "run_1"))


async def test_other_errors_than_those_of_flowtui_are_raised():
    with pytest.raises(ZeroDivisionError):
        await fetch_evidence(Tracing(ZeroDivisionError(), MESSAGES), ("thr_1", "run_1"))


@pytest.mark.parametrize(
    ("created", "since"),
    [
        ("2026-11-24T12:00:00Z", "2026-11-24T11:59:00.000Z"),
        (
            "9999-12-31T23:59:59.999999-12:00",
            "1970-01-02T00:00:00Z",
        ),  # in UTC this is the year 10000, which no date can have
        (1e300, "1970-01-02T00:00:00Z"),
        (None, "1970-01-02T00:00:00Z"),
    ],
)
def test_the_span_query_starts_shortly_before_the_run(created, since):
    run = parse_run({"id": "run_1", "status": "failed", "created_at": created}, "thr_1")
    assert span_query(run.key, run)["min_start_datetime"] == since
