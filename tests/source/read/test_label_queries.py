"""Which spans are requested to learn the labels of runs."""

from __future__ import annotations

import json

import pytest

from flowtui.formatting import iso_time
from flowtui.model.run.label_terms import LabelTerms
from flowtui.model.run.parsing import parse_runs
from flowtui.source.read.label_queries import EARLIER, LONG_PAGE, PAGE, LabelQueries

T = 1_794_000_000.0
TERMS = LabelTerms("nightly", (("release", "42"),))


def runs(*ids, thread="thr_a", agent="agent_1", at=T, every=10.0, **fields):
    raws = [
        {"id": run, "status": "running", "created_at": at + n * every, "agent_id": agent, **fields}
        for n, run in enumerate(ids)
    ]
    return list(parse_runs(json.dumps(raws).encode(), thread).rows)


class Server:
    """Answers queries with `spans`, (run id, start), and notes the queries and which runs were read."""

    def __init__(self, *spans, matching=()):
        self.spans = spans
        self.matching = set(matching)
        self.asked = []
        self.known = set()
        self.queries = LabelQueries()

    def read(self, rows, tick=0.0, terms=TERMS):
        """Make one reading; return the queries that it took."""
        before = len(self.asked)
        plan = self.queries.plan(terms, rows, lambda key: key[1] in self.known, tick)
        answer = None
        while True:
            try:
                query = next(plan) if answer is None else plan.send(answer)
            except StopIteration:
                return self.asked[before:]
            self.asked.append(query)
            answer = self.answer(query)

    def answer(self, query):
        found = [
            {"span_id": f"{run}/{start}", "run_id": run, "start_timestamp": iso_time(start)}
            for run, start in self.spans
            if query.get("run_id") in (None, run) and ("group" not in query or run in self.matching)
        ]
        found = [span for span in found if span["start_timestamp"] >= query["min_start_datetime"]]
        found.sort(key=lambda span: span["start_timestamp"], reverse=query["order"] == "desc")
        found = found[query.get("offset", 0) :][: query["limit"]]
        self.known |= {span["run_id"] for span in found}
        return found


def test_matching_runs_take_one_query_narrowed_by_everything_that_they_share():
    server = Server(("a", T), ("b", T + 10), matching="ab")
    (query,) = server.read(runs("a", "b"))
    assert query == {
        "group": "nightly",
        "metadata": {"release": "42"},
        "thread_id": "thr_a",
        "agent_id": "agent_1",
        "min_start_datetime": iso_time(T - EARLIER),
        "order": "desc",
        "limit": PAGE,
        "offset": 0,
    }
    assert server.known == {"a", "b"}


def test_what_runs_do_not_share_is_not_in_the_query():
    rows = [*runs("a", agent="agent 1"), *runs("b", thread="thr_b", agent="agent 1")]
    (query,) = Server().read(rows)
    assert {"thread_id", "agent_id"}.isdisjoint(query), "the row may have an id of an agent in another form"


def test_runs_that_do_not_match_are_asked_for_one_by_one_in_the_next_reading():
    server = Server(("a", T), ("b", T), matching="a")
    rows = runs("a", "b")
    assert len(server.read(rows)) == 1
    (query,) = server.read([row for row in rows if row.raw_id == "b"], tick=3.0)
    assert (query["run_id"], "metadata" in query, query["order"]) == ("b", False, "asc")
    assert server.known == {"a", "b"}


def test_many_runs_that_do_not_match_take_one_query_for_all_spans_of_their_time():
    ids = [f"r{n}" for n in range(40)]
    server = Server(*((run, T + 10 * n + step) for n, run in enumerate(ids) for step in range(4)))
    rows = runs(*ids)
    assert [query["limit"] for query in server.read(rows)] == [400]
    (query,) = server.read(rows, tick=3.0)
    assert "run_id" not in query
    assert server.known == set(ids)


def test_a_run_without_spans_is_asked_for_after_growing_pauses_and_counts_as_sought():
    server = Server()
    rows = runs("lost")
    asked = []
    for tick in range(0, 130, 3):
        asked += [tick for query in server.read(rows, tick=float(tick)) if "run_id" in query]
        assert server.queries.vain(rows[0].key) == (tick >= 3)
    assert asked == [3, 6, 12, 24, 48, 78, 108]


def test_no_run_is_starved_by_runs_without_spans_or_by_a_flood_of_others():
    ids = [f"r{n}" for n in range(30)]
    flood = [(f"other{n}", T + n / 1000) for n in range(5000)]
    server = Server(*flood, *((run, T + 10 * n + 5) for n, run in enumerate(ids) if n % 2))
    rows = runs(*ids)
    for tick in range(0, 200, 3):
        left = [row for row in rows if row.raw_id not in server.known]
        assert len(server.read(left, tick=float(tick))) <= 6
    assert server.known >= {run for n, run in enumerate(ids) if n % 2}
    assert all(server.queries.vain(row.key) for n, row in enumerate(rows) if not n % 2)


def test_a_refused_query_is_made_smaller_and_then_without_labels():
    queries = LabelQueries()
    assert queries.refused({"limit": LONG_PAGE, "group": "g"})
    assert queries.refused({"limit": PAGE, "group": "g"})
    assert not queries.refused({"limit": PAGE})
    server = Server(("a", T))
    server.queries = queries
    (query,) = server.read(runs("a"))
    assert query["run_id"] == "a"


@pytest.mark.parametrize("created", [None, -5, 1e300])
def test_a_run_with_an_odd_time_is_searched_for_from_long_ago(created):
    (query,) = Server().read(runs("a", created_at=created))
    assert query["min_start_datetime"].startswith("1970-")


def test_a_hasty_user_does_not_wait_for_the_pause():
    server = Server()
    rows = runs("lost")
    for tick in (0.0, 3.0, 6.0):
        server.read(rows, tick)
    assert not [query for query in server.read(rows, 7.0) if "run_id" in query]
    server.queries.hasten(8.0)
    assert [query for query in server.read(rows, 8.0) if "run_id" in query]
    server.queries.keep([])
    assert not server.queries.vain(rows[0].key)
