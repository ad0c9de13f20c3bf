"""CPU time of turning a body into rows, against msgspec into full structs, and against `json` and full pydantic models.

    python -m benchmarks.way_in [--rounds 9]

Full means each field of the API's schema. 20 runs are the page of one observation; 1,000 and 10,000 come in pages of 100,
as flowtui requests them, and 1,000 also in one body.
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable, Sequence

from benchmarks.full_runs import MODELS, STRUCTS, pages
from benchmarks.pairs import Pair, pair, run_benchmark
from flowtui.model.run import parsing
from flowtui.model.run.fingerprint import fingerprints
from flowtui.model.run.light_runs import LIGHT_RUNS
from flowtui.source.read.page_cache import PageCache
from flowtui.source.read.thread_reader import HEAD_PAGE, LOAD_PAGE

_WORK = 2_000  # runs that a turn decodes at least, since a single page of 20 is too short for the clock
Work = Callable[[bytes], object]


def light(body: bytes) -> object:
    """Decode only the light fields."""
    return LIGHT_RUNS.validate_json(body)  # the first half of `parse_runs`


def rows(body: bytes) -> object:
    """Make rows, as at each changed page."""
    return parsing.parse_runs(body, "thr_1").rows


def first_rows(body: bytes) -> object:
    """Make rows and the fingerprint of each, as at the first page of a thread."""
    found = parsing.parse_runs(body, "thr_1").rows
    return found, fingerprints(body, {row.raw_id for row in found})


def structs(body: bytes) -> object:
    return STRUCTS.decode(body)


def models(body: bytes) -> object:
    return MODELS.validate_python(json.loads(body))


def _spent(work: Work, bodies: Sequence[bytes], times: int) -> float:
    """Return the microseconds of CPU to work through all bodies once. Keeps no result, so that collections are short."""
    before = time.process_time()
    for _ in range(times):
        for body in bodies:
            work(body)
    return 1e6 * (time.process_time() - before) / times


def _turns(
    ours: Work, theirs: Work, bodies: Sequence[bytes], rounds: int, *, times: int
) -> list[tuple[float, float]]:
    gc.collect()
    for work in (ours, theirs):
        work(bodies[0])
    return [(_spent(ours, bodies, times), _spent(theirs, bodies, times)) for _ in range(rounds)]


def _changed(runs: int, page: int, rounds: int) -> list[Pair]:
    """Compare the cost of changed pages. The limits apply to the page of one observation."""
    bodies = pages(runs, page)
    times = max(1, _WORK // runs)
    where = f"{runs:,} runs" if page >= runs else f"{runs:,} runs, {page} a page"
    look = runs == HEAD_PAGE
    sides: list[tuple[str, Work, str, Work, float | None]] = [
        ("light fields", light, "msgspec, full structs", structs, 1.3 if look else None),
        ("rows", rows, "msgspec, full structs", structs, 2.2 if look else None),
        ("rows", rows, "`json`, full pydantic models", models, None),
        ("rows and fingerprints", first_rows, "`json`, full pydantic models", models, None),
    ]
    return [
        pair(
            f"{what} of {where}", against, "µs CPU", _turns(ours, theirs, bodies, rounds, times=times), limit
        )
        for what, ours, against, theirs, limit in sides
    ]


def _unchanged(rounds: int) -> Pair:
    """Return what a page costs that equals the last one: `RunReader` compares it, and that is all."""
    body = pages(HEAD_PAGE, HEAD_PAGE)[0]
    copies = [bytes(bytearray(body)) for _ in range(100)]  # each answer is a new object, not in the CPU cache
    heads = PageCache()
    heads.keep("thr_1", body, parsing.parse_runs(body, "thr_1"))
    assert heads.rows_of("thr_1", copies[0]) is not None

    def same(again: bytes) -> object:
        return heads.rows_of("thr_1", again)

    turns = [
        (ours / len(copies), theirs / len(copies))
        for ours, theirs in _turns(same, light, copies, rounds, times=5)
    ]
    return pair(f"unchanged page of {HEAD_PAGE} runs", "decoding its light fields", "µs CPU", turns, 0.05)


def measure(rounds: int) -> list[Pair]:
    found = [_unchanged(rounds)]
    for runs, page in (
        (HEAD_PAGE, HEAD_PAGE),
        (1_000, LOAD_PAGE),
        (10_000, LOAD_PAGE),
        (1_000, 1_000),
    ):
        found += _changed(runs, page, rounds)
    return found


if __name__ == "__main__":
    run_benchmark(measure, __doc__, rounds=9)
