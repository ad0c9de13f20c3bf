"""Before the server has answered, the number of runs is unknown: `—` or null."""

from __future__ import annotations

from datetime import UTC

import pytest

from flowtui.errors import AuthError, ServerError, TransportError
from flowtui.model.state.snapshot import Snapshot
from flowtui.watch.ledger import NOTHING_READ, SOME_READ, Ledger
from flowtui.watch.output.formats.format import LiveState
from flowtui.watch.output.formats.tty.live_block import block
from flowtui.watch.output.formats.tty.signs import UNICODE

LONG = {"timeout": 70.0, "heartbeat": 30.0}
NONE_YET = {**LONG, "wait_start": 500.0}


@pytest.fixture
def down(world):
    world.thread("thr_a")
    world.trouble["all"] = lambda: TransportError("connection refused")


def drawn(unread, columns=80, trouble=""):
    books = Ledger()
    books.unread = unread
    lines = block(LiveState(books, Snapshot(at=0.0), 12.0, trouble), columns, 24, UNICODE, zone=UTC)
    return ["".join(span.text for span in line) for line in lines]


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_live_lines_show_how_much_was_read_and_the_trouble(columns):
    _, head, trouble, *_ = drawn(NOTHING_READ, columns, "connection refused")
    wide = "watching   — runs, nothing read   12s"
    assert head == (f"00:00:00  ● {wide}" if columns >= 80 else "● — runs, nothing read  12s")
    assert trouble == "          ! connection refused"
    assert drawn(SOME_READ)[1] == "00:00:00  ● watching   — runs, not all read   12s"
    assert drawn("")[1] == "00:00:00  ● watching   no run yet   12s"


@pytest.mark.parametrize("output", ["plain", "tty"])
async def test_while_threads_are_read_it_is_said_how_many_were(output, world, watch):
    """A watch, or a gate, does not end before: with many threads and a small budget that takes minutes."""
    for number in range(4):
        world.add(f"thr_{number}", f"run_{number}", "completed")
    world.unanswered.add("thr_3")
    result = await watch(output=output, stage={"size": lambda: (120, 24)}, **LONG)
    assert "3 of 4 threads read" in result.out


@pytest.mark.parametrize("threads", [(), ("thr_a",)])
@pytest.mark.parametrize("output", ["plain", "github"])
async def test_lines_have_no_counts_of_unread_threads(output, threads, down, watch, tmp_path):
    page = tmp_path / "step.md"
    stage = {"environ": {"GITHUB_STEP_SUMMARY": str(page)}}
    result = await watch(*threads, output=output, stage=stage, **LONG)
    assert "still watching  — runs, nothing read   " in result.out
    assert "   — runs, nothing read   1m" in result.out.splitlines()[-1]
    assert result.out.splitlines()[-1].endswith("   --timeout 1m 10s reached, connection refused")
    for claim in ("no run", "matched", "appeared"):
        assert claim not in result.out
    if output == "github":
        assert "; — runs, nothing read<br>\n— tokens, " in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("runs", [frozenset(), frozenset({"run_1"})])
async def test_events_have_null_for_unread_threads(runs, down, watch):
    result = await watch("thr_a", runs=runs, **LONG)
    beat = result.named("heartbeat")[0]
    assert set(beat["counts"].values()) == set(result.summary["counts"].values()) == {None}
    assert beat["active"] is None
    assert beat["notes"] == ["connection refused"]
    reason = "--timeout 1m 10s reached, connection refused; — runs, nothing read"
    assert (result.code, result.summary["reason"]) == (4, reason)


async def test_zero_runs_are_unknown_while_a_thread_is_unread(world, watch):
    world.thread("thr_a")
    world.thread("thr_b")
    world.trouble["thr_b"] = lambda: TransportError("connection refused")
    result = await watch("thr_a", "thr_b", output="plain", **LONG)
    assert "still watching  — runs, not all read   " in result.out


@pytest.mark.parametrize("output", ["plain", "jsonl"])
@pytest.mark.parametrize("threads", [(), ("thr_a",)])
async def test_an_empty_thread_has_zero_runs_even_during_an_outage(output, threads, world, clock, watch):
    if threads:
        world.thread("thr_a")
    clock.at(10, lambda: world.trouble.update(all=lambda: TransportError("connection refused")))
    result = await watch(*threads, output=output, **NONE_YET)
    assert "nothing has matched yet" in result.out
    if output == "plain":
        assert "still watching  no run yet   " in result.out
    else:
        assert result.named("heartbeat")[0]["counts"]["total"] == 0


async def test_a_key_that_is_refused_does_not_make_unread_threads_empty_or_an_outage_recovered(
    world, clock, watch
):
    def refused():
        return AuthError("GET: 401: no key", status=401)

    world.thread("thr_a")
    world.add("thr_b", "run_1", "completed", created=-50)
    world.trouble["thr_b"] = lambda: ServerError("GET: 503: down", status=503)
    clock.at(20, lambda: world.trouble.update(all=refused, thr_b=refused))
    result = await watch("thr_a", "thr_b", expect=1, give_up_after=300.0)
    assert (result.code, result.summary["counts"]["total"]) == (3, None)
    assert result.summary["reason"] == "GET: 401: no key; — runs, not all read"
    assert [event["kind"] for event in result.named("poll.error")] == ["server", "refused"]
    assert result.named("poll.recovered") == []
