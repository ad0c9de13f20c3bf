"""`flowtui run` with a part of an id, or without the id of its thread."""

from __future__ import annotations

import json

import pytest

RUNS = "/v1/threads/{}/runs"
AGENTS = "/v2/flow/agents/"


@pytest.fixture(scope="module")
def ids():
    return "uuid"


@pytest.fixture
def thread(simulator):
    return max(simulator.thread_ids(), key=lambda thread: len(simulator.run_ids(thread)))


@pytest.fixture
def ended(simulator, thread):
    """The id of a run that has spans."""
    return simulator.run_ids(thread)[5]


@pytest.fixture
def asked(simulator):
    """Return a function that returns the (method, path) of the requests since the last call."""
    seen = [len(simulator.requests)]

    def since():
        new = list(simulator.requests)[seen[0] :]
        seen[0] += len(new)
        return [(method, path) for method, path, _ in new]

    return since


def found(flowtui):
    return json.loads(flowtui.out)["id"]


def test_spans_name_the_thread_of_a_whole_id(flowtui, ended, thread, asked):
    assert flowtui("run", ended) == 0
    assert found(flowtui) == ended
    assert asked() == [
        ("POST", "/v1/observability/spans"),
        ("GET", f"{RUNS.format(thread)}/{ended}"),
        ("GET", AGENTS),
    ]
    assert flowtui("run", ended, "-t", thread) == 0
    assert asked() == [("GET", f"{RUNS.format(thread)}/{ended}"), ("GET", AGENTS)]


@pytest.mark.parametrize("faults", [[], ["not-found@spans"], ["bad-gateway@spans"]])
def test_a_run_that_spans_do_not_know_is_searched_for(flowtui, simulator, thread, faults):
    queued = simulator.run_ids(thread)[0]
    for fault in faults:
        simulator.add_fault(fault)
    assert flowtui("run", queued) == 0
    assert (found(flowtui), flowtui.err) == (queued, "")


@pytest.mark.parametrize(
    "part",
    [
        lambda run, _: (f"…{run[-8:]}",),
        lambda run, _: (run[-8:].upper(),),
        lambda run, _: (run[9:18],),
        lambda run, _: (f"{run[:20]}…",),
        lambda run, thread: (run[-4:], "-t", thread),
        lambda run, thread: (run[-4:], "-t", thread[-8:]),
        lambda run, thread: (run[-4:], "-t", f"…{thread[-8:]}"),
        lambda run, thread: (run, "-t", thread[-8:]),
    ],
)
def test_an_unambiguous_part_of_an_id_is_enough(flowtui, ended, thread, part):
    assert flowtui("run", *part(ended, thread)) == 0
    assert (found(flowtui), flowtui.err) == (ended, "")


def test_the_short_ids_that_a_table_shows_are_accepted(flowtui, thread):
    assert flowtui("runs", thread, "-o", "table", "--columns", "run,thread") == 0
    _, row, *_ = (line.split() for line in flowtui.out.splitlines())
    assert [len(name) for name in row] == [9, 9]
    assert flowtui("run", row[0], "-t", row[1]) == 0
    assert found(flowtui).endswith(row[0].removeprefix("…"))


def test_an_ambiguous_part_is_a_usage_error_that_lists_the_candidates(flowtui, simulator, thread):
    runs = simulator.run_ids(thread)
    assert flowtui("run", runs[0][:2]) == 2
    assert flowtui.out == ""
    number = sum(len(simulator.run_ids(each)) for each in simulator.thread_ids())
    assert f"{number} runs have '{runs[0][:2]}' in their ids" in flowtui.err
    assert flowtui.err.count(" -t ") == 10
    assert f" and {number - 10} more" in flowtui.err
    assert flowtui("run", runs[0], "-t", thread[:2]) == 2
    assert all(each in flowtui.err for each in simulator.thread_ids())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("zzzz",), "No run with 'zzzz' in its id was found in the newest 100 runs of 5 threads"),
        (("zzzz", "-t", "…zzzz"), "None of the newest 5 threads has '…zzzz' in its id"),
        (("zzzz", "-t", "zzzz"), "404"),
        (
            ("…zzzz", "-t", "THREAD"),
            "No run with '…zzzz' in its id was found in the newest 100 runs of the thread",
        ),
    ],
)
def test_what_was_searched_is_said_if_nothing_is_found(flowtui, thread, words, said):
    assert flowtui("run", *(thread if word == "THREAD" else word for word in words)) == 3
    assert flowtui.out == ""
    assert said in flowtui.err


def test_a_search_is_bounded_and_what_was_left_out_is_said(flowtui, simulator, ended, thread, asked):
    small = ("--budget", "6/min")  # half of a minute's requests may be spent on the search
    newest = simulator.thread_ids()[0]
    run = simulator.run_ids(newest)[0]
    assert flowtui("run", f"…{run[-8:]}", *small) == 0
    assert "found in the newest 100 runs of the 3 newest threads; another run may have" in flowtui.err
    lists = [path for method, path in asked() if path.endswith("/runs")]
    assert lists == [RUNS.format(each) for each in simulator.thread_ids()[:3]]
    assert flowtui("run", "zzzz", *small) == 3
    assert "was found in the newest 100 runs of the 3 newest threads" in flowtui.err


def test_a_thread_that_cannot_be_read_is_told_and_no_reason_to_fail(flowtui, simulator, ended):
    simulator.add_fault(f"not-found:{simulator.thread_ids()[-1]}")
    assert flowtui("run", f"…{ended[-8:]}") == 0
    assert found(flowtui) == ended
    assert "another run may have" in flowtui.err


@pytest.mark.parametrize(("part", "where"), [("zzzz", "spans"), ("…zzzz", "threads")])
def test_a_refused_key_ends_the_search_at_once(flowtui, simulator, asked, part, where):
    simulator.add_fault(f"forbidden@{where}")
    assert flowtui("run", part) == 3
    assert "403" in flowtui.err
    assert len(asked()) == 1
