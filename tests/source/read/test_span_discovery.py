"""Which spans are requested, which are news, and when spans are not trusted. No polling loop, no requests."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from flowtui.errors import UnreadableError
from flowtui.source.read.span_discovery import (
    DEEP,
    DEEP_EVERY,
    OVERLAP,
    PAGE,
    Discovery,
    SpanWitness,
    read_spans,
)

NOW = 1_800_000_000.0


def span(name, thread="t", start=NOW, end=None, **fields):
    iso = [datetime.fromtimestamp(at, UTC).isoformat() for at in (start, start if end is None else end)]
    kind = "pending_span" if end is None else "span"
    return {"span_id": name, "thread_id": thread, "kind": kind, "start_timestamp": iso[0]} | {
        "end_timestamp": iso[1],
        **fields,
    }


class Told:
    """A `Discovery` that plans at times chosen by the test and gets the spans that the test sets."""

    def __init__(self, cap=PAGE):
        self.discovery, self.cap, self.spans = Discovery(), cap, []

    def plan(self, at, limit=100):
        """Plan an observation at NOW + `at`; return its requests, and the threads with news."""
        questions = []
        plan = self.discovery.plan(NOW + at, at)
        try:
            question = next(plan)
            while True:
                questions.append(question)
                assert len(questions) < limit
                shown = [
                    raw
                    for raw in self.spans
                    if question.since <= datetime.fromisoformat(raw["start_timestamp"]).timestamp()
                    and datetime.fromisoformat(raw["start_timestamp"]).timestamp() <= (question.until or 9e9)
                ]
                shown.sort(key=lambda raw: raw["start_timestamp"], reverse=True)
                question = plan.send(shown[question.offset :][: self.cap])
        except StopIteration:
            pass
        news, self.discovery.news = list(self.discovery.news), {}
        return questions, news


@pytest.fixture
def told():
    told = Told()
    told.plan(-20.0)
    told.plan(-10.0)  # the first request, which covers a day
    return told


def test_the_first_request_is_one_page_of_a_day_with_recent_news():
    told = Told()
    told.spans = [span("old", "t_old", NOW - 5000), span("new", "t_new", NOW - 60)]
    questions, news = told.plan(0.0)
    assert [question.since for question in questions] == [NOW - 86_400]
    assert news == ["t_new"]
    assert told.discovery.named == {"t_old", "t_new"}


def test_a_request_begins_shortly_before_the_last_one(told):
    (question,), _ = told.plan(5.0)
    assert question.since == NOW + 5 - 15 - OVERLAP
    query = question.query()
    assert query["min_start_datetime"].endswith("Z")
    assert (query["order"], query["limit"], query["offset"]) == ("desc", PAGE, 0)


def test_a_span_is_news_when_it_is_new_and_again_when_it_has_ended(told):
    told.spans = [span("a", "t1", NOW)]
    assert told.plan(2.0)[1] == ["t1"]
    assert told.plan(7.0)[1] == []
    told.spans = [span("a", "t1", NOW, NOW + 9)]
    assert told.plan(12.0)[1] == ["t1"]
    assert told.plan(17.0)[1] == []


def test_a_long_span_is_found_in_the_long_window_after_its_end(told):
    told.spans = [span("a", "t1", NOW - 500, NOW - 1)]  # shown only after its end
    assert told.plan(5.0)[1] == []
    assert told.plan(DEEP_EVERY)[1] == ["t1"]


@pytest.mark.parametrize("skew", [300, -300])
def test_a_clock_that_is_off_by_minutes_is_learned(told, skew):
    told.spans = [span("a", "t1", NOW + 3 + skew)]
    found = [at for at in range(5, 120, 5) if told.plan(float(at))[1]]
    assert found
    assert found[0] <= DEEP_EVERY
    assert told.discovery.lag == pytest.approx(-skew + found[0] - 3)
    told.spans.append(span("b", "t2", NOW + 130 + skew))
    assert told.plan(131.0)[1] == ["t2"], "with the known lag it is found at once"


def test_spans_stamped_by_a_clock_that_is_ahead_hide_no_others(told):
    for number in range(150):
        told.spans.append(span(f"x{number}", "ahead", NOW + 300))
    told.spans += [span(f"n{number}", "t1", NOW + number / 10) for number in range(5)]
    told.plan(1.0)
    told.spans.append(span("new", "t2", NOW + 4))
    assert told.plan(6.0)[1] == ["t2"]


def test_more_than_a_page_is_paged_through_with_an_overlap(told):
    told.spans = [span(f"s{number}", f"t{number}", NOW + number / 100) for number in range(180)]
    questions, news = told.plan(5.0)
    assert [question.offset for question in questions] == [0, 90]
    assert len(news) == 180
    assert not told.discovery.flooded


def test_a_server_with_a_lower_page_limit_is_paged_through_too():
    told = Told(cap=30)
    told.plan(-20.0)
    told.plan(-10.0)
    told.spans = [span(f"s{number}", f"t{number}", NOW + number / 100) for number in range(60)]
    _, news = told.plan(5.0)
    assert len(news) == 60


def test_in_a_flood_only_the_newest_spans_are_read(told):
    def flood(at):
        told.spans = [span(f"f{at}.{number}", "t", NOW + at - number / 1000) for number in range(2000)]

    flood(5)
    assert len(told.plan(5.0)[0]) == 3
    assert told.discovery.flooded
    flood(10)
    assert len(told.plan(10.0)[0]) == 1
    assert told.discovery.flooded
    assert len(told.plan(15.0)[0]) == 1
    assert not told.discovery.flooded, "the newest page overlaps with spans that were read before"


def test_the_number_of_known_spans_is_bounded(told, monkeypatch):
    monkeypatch.setattr("flowtui.source.read.span_discovery._MAX_KNOWN", 50)
    for at in range(5, 50, 5):
        told.spans = [span(f"{at}.{number}", "t", NOW + at) for number in range(90)]
        told.plan(float(at))
    assert len(told.discovery._known) == 50


def test_after_a_pause_spans_since_the_last_request_are_requested(told):
    told.spans = [span("a", "t1", NOW + 100)]
    _, news = told.plan(2000.0)
    assert news == ["t1"]


def test_news_of_an_incomplete_answer_is_kept(told):
    plan = told.discovery.plan(NOW + 5, 5.0)
    next(plan)
    plan.send([span(f"s{number}", "t1") for number in range(PAGE)])
    plan.close()
    assert list(told.discovery.news) == ["t1"]


def test_elements_that_name_no_span_or_thread_are_skipped():
    good = span("a", "t1", NOW)
    nonsense = [
        None,
        7,
        "x",
        [],
        {},
        {"span_id": "b"},
        {"span_id": "", "thread_id": "t"},
        {"span_id": 7, "thread_id": 8},
    ]
    assert [one.id for one in read_spans([*nonsense, good])] == ["a"]
    assert read_spans([{**good, "start_timestamp": "yesterday"}])[0].start is None


def test_a_page_without_ids_is_unreadable(told):
    plan = told.discovery.plan(NOW, 0.0)
    next(plan)
    with pytest.raises(UnreadableError, match="none of 2 elements"):
        plan.send([{"id": 1}, {"id": 2}])


def test_spans_older_than_the_window_are_not_news(told):
    told.spans = [span("a", "t1", NOW - DEEP - 100)]
    assert told.plan(1000.0)[1] == []


# -- whether they can be trusted


def test_spans_are_trusted_once_they_named_a_known_thread():
    witness = SpanWitness()
    assert not witness.proven
    witness.told([], 1.0)
    assert not witness.proven
    witness.told(["t"], 1.0)
    assert witness.proven


def test_runs_without_spans_make_spans_untrusted():
    witness = SpanWitness()
    witness.told(["t"], 0.0)
    for number in range(2):
        witness.started(f"dark{number}", 100.0)
    witness.judge(100.0 + SpanWitness.AFTER)
    assert not witness.blind
    witness.judge(101.0 + SpanWitness.AFTER)
    assert witness.blind
    witness.told(["t"], 400.0)
    assert not witness.blind


@pytest.mark.parametrize("named", [60.0, 100.0, 200.0])
def test_a_span_shortly_before_or_after_a_start_counts(named):
    witness = SpanWitness()
    for at, what in sorted([(named, "told"), (100.0, "started")]):
        witness.told(["t"], at) if what == "told" else witness.started("t", at)
    witness.started("t2", 100.0)
    witness.judge(101.0 + SpanWitness.AFTER)
    assert not witness.blind
