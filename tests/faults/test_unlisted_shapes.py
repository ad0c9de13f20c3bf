"""Random JSON: valid bodies of each endpoint, changed at random places, and everything computed from them."""

from __future__ import annotations

import json
import tracemalloc
import urllib.request
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from flowtui.model.columns.context import Context
from flowtui.model.messages.opened import Opened
from flowtui.model.run.json_body import parse_elements
from flowtui.model.run.parsing import parse_agents, parse_run, parse_runs, parse_threads
from flowtui.simulator.server import Simulator
from flowtui.ui.paint.glyphs import UNICODE
from flowtui.ui.run.rendering import RenderContext
from flowtui.ui.run.tab_lines import detail_lines
from flowtui.ui.run.tabs import INSTRUCTIONS, OVERVIEW, RAW_JSON, TOOLS

from .bodies_server import serving
from .conftest import KEY, NOW
from .mutations import MutatedBody, Mutator
from .pipeline import Bodies, taken_in, walk_lists, walk_run
from .user_views import shell

EXAMPLES = 60
OVER_HTTP = 4


class Good(NamedTuple):
    """The valid answers about one thread and its failed run, as values."""

    thread: str
    threads: list[Any]
    runs: list[Any]
    run: Any
    messages: list[Any]
    spans: list[Any]
    agents: list[Any]

    @property
    def bodies(self) -> Bodies:
        dumped = [json.dumps(value).encode() for value in self[1:-1]]
        return Bodies(*dumped, json.dumps({"data": self.agents}).encode())


class Bad(NamedTuple):
    """The same answers, mutated."""

    threads: MutatedBody
    runs: MutatedBody
    messages: MutatedBody
    spans: MutatedBody
    agents: MutatedBody
    bodies: Bodies


@pytest.fixture(scope="module")
def good() -> Good:
    with Simulator(seed=7, threads=5, runs=60, clock=lambda: NOW) as world:

        def ask(path: str, question: Any = None) -> Any:
            data = None if question is None else json.dumps(question).encode()
            headers = {"Authorization": KEY, "Content-Type": "application/json"}
            with urllib.request.urlopen(urllib.request.Request(world.url + path, data, headers)) as answer:
                return json.load(answer)

        for thread in world.thread_ids():
            runs = ask(f"/v1/threads/{thread}/runs?limit=12")
            failed = next((run for run in runs if run["status"] == "failed"), None)
            if failed is not None and len(runs) == 12:
                break
        query = {"run_id": failed["id"], "min_start_datetime": "2020-01-01T00:00:00Z"}
        return Good(
            thread,
            ask("/v1/threads"),
            runs,
            failed,
            ask(f"/v1/threads/{thread}/messages?limit=20&include_parts=true"),
            ask("/v1/observability/spans", query),
            ask("/v2/flow/agents/")["data"],
        )


def spoilt(good: Good, seed: int) -> Bad:
    """Return the mutated bodies of a seed."""
    mutator = Mutator(seed)
    lists = [
        mutator.array(values) for values in (good.threads, good.runs, good.messages, good.spans, good.agents)
    ]
    threads, runs, messages, spans, agents = (mutator.instead(one.body) for one in lists)
    return Bad(*lists, Bodies(threads, runs, mutator.instead(mutator.one(good.run)), messages, spans, agents))


def check_kept(good: Good, bad: Bad) -> None:
    """Each unchanged element before the first break of its array is read."""
    rows = {row.raw_id for row in parse_runs(bad.runs.body, good.thread).rows}
    assert {good.runs[place]["id"] for place in bad.runs.good} <= rows
    threads = {thread.key for thread in parse_threads(bad.threads.body).rows}
    assert {good.threads[place]["id"] for place in bad.threads.good} <= threads
    assert {good.agents[place]["id"] for place in bad.agents.good} <= parse_agents(bad.agents.body).keys()
    for values, one in ((good.messages, bad.messages), (good.spans, bad.spans)):
        read = parse_elements(one.body).values
        assert [place for place in one.good if values[place] not in read] == []


@pytest.mark.parametrize(
    "tens", [0, *(pytest.param(tens, marks=pytest.mark.slow) for tens in range(1, EXAMPLES // 10))]
)
def test_random_bodies_cause_no_error_and_hide_no_valid_element(tens, good):
    for seed in range(tens * 10, tens * 10 + 10):
        bad = spoilt(good, seed)
        check_kept(good, bad)
        snapshot = taken_in(bad.bodies, good.bodies, good.thread, NOW)
        known = snapshot.threads[good.thread].runs
        assert {run["id"] for run in good.runs} <= known.keys(), f"seed {seed} lost runs that were known"
        walk_lists(snapshot, bad.bodies, NOW)
        walk_run(snapshot, bad.bodies, good.bodies, good.thread, NOW)


def test_commands_end_with_a_documented_code_and_one_line_for_random_bodies(good, tmp_path):
    watch = ("--once", "--heartbeat", "1000h", "--give-up-after", "2s")
    words = (
        ("runs", good.thread, "-o", "jsonl"),
        ("runs", "-o", "table"),
        ("threads", "-o", "json"),
        ("run", good.run["id"], "-t", good.thread, "-o", "markdown"),
        ("watch", good.thread, "-o", "jsonl", *watch),
    )
    with serving(good.bodies) as server, shell(server.url, tmp_path) as run:
        for seed in range(OVER_HTTP):
            bad = spoilt(good, seed)
            server.bodies = bad.bodies._replace(runs=bad.runs.body)
            answers = [(each, run(*each)) for each in words]
            for each, said in answers:
                assert said.code in {0, 1, 2, 3, 5, 6, 8}, (seed, each, said.err)
                assert "crashed" not in said.err, (seed, each, said.err)
            listed = answers[0][1]
            assert {good.runs[place]["id"] for place in bad.runs.good} <= {
                line.get("id") for line in listed.lines if isinstance(line.get("id"), str)
            }
            assert (listed.code == 0) == (listed.err == "")


# -- bodies of the largest allowed size ------------------------------------------------------------------------------------

MOST = 3 * 2**20


def _bombs() -> Iterator[tuple[str, bytes]]:
    yield "numbers", b"[" + b"0," * (MOST // 2) + b"0]"
    yield "numbers without an end", b"[" + b"0," * (MOST // 2)
    yield "empty arrays", b"[" + b"[]," * (MOST // 3) + b"[]]"
    yield "empty objects", b"[" + b"{}," * (MOST // 3) + b"{}]"
    yield "empty objects in data", b'{"data":[' + b"{}," * (MOST // 3) + b"{}]}"
    yield "empty texts", b"[" + b'"",' * (MOST // 3) + b'""]'
    yield "brackets", b"[" * MOST
    yield "deep objects", b'{"a":' * (MOST // 5)
    yield "deep elements", b"[" + (b"[" * 50 + b"]" * 50 + b",") * (MOST // 101) + b"0]"
    yield "commas", b"[" + b"," * MOST + b"]"
    yield "one run with a million fields", b'[{"id":"x"' + b',"a":0' * (MOST // 6) + b"}]"
    yield "runs", b"[" + b'{"id":"a","created_at":5},' * (MOST // 26) + b'{"id":"b"}]'


@pytest.mark.slow
@pytest.mark.parametrize(("name", "body"), [pytest.param(*bomb, id=bomb[0]) for bomb in _bombs()])
def test_many_small_values_in_a_body_do_not_fill_the_memory(name, body):
    """A body within the size limit may have millions of values, each of which takes much more memory than its bytes."""
    tracemalloc.start()
    parsed = parse_runs(body, "thr")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert parsed.error == "more values than are read at once", name
    assert len(parsed.rows) <= 50_000
    assert peak < 64 * 2**20


def test_a_field_of_megabytes_is_cut_and_the_rest_is_counted():
    text, many = "é x\n" * 250_000, [{"n": number} for number in range(20_000)]
    raw = {
        "id": "run_1",
        "model": text,
        "status": "failed",
        "instructions": text,
        "tools": many,
        "meta_data": many,
    }
    run = parse_run(raw, "thr")
    assert len(run.model) == 1_000
    render = RenderContext(Context(now=NOW), UNICODE, 100)
    told = (
        (OVERVIEW, "more characters"),
        (INSTRUCTIONS, "… 800,000 more characters"),
        (TOOLS, "… 19,500 more tools"),
        (RAW_JSON, "more is left out"),
    )
    for tab, words in told:
        lines = detail_lines(tab, Opened(run, raw), render)
        assert len(lines) < 60_000
        said = "".join(span.text for line in lines for span in line.spans)  # the text may wrap
        assert words in " ".join(said.split()), words
