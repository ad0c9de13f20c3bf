"""The thread that writes: killed, crowded, and handed what no database can hold."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from pydantic import SecretStr

from flowtui.model.reasons.reason import Reason
from flowtui.model.run.raw_paths import Extras
from flowtui.model.run.span_facts import SpanFacts
from flowtui.model.state.known_runs import Failure, apply_failure, apply_span_facts
from flowtui.model.state.snapshot import Outage

from ... import processes
from ..random_threads import remembered
from ..remembering import BEGIN, Remembering, run, state

# Writes runs into the history of a folder, and prints each number once it is committed. What is written together is told
# apart by its number: a run, its change of status, and its part of the sums.
_WRITER = """
import os, sys
sys.path.insert(0, sys.argv[1])
from tests.store.remembering import *
def write(folder, who, first, last):
    start = Remembering(Path(folder))
    known = None
    for number in range(int(first), int(last)):
        start.now = BEGIN + number
        for status in ("running", "completed"):
            shown = [run(f"{who}-{each}", "completed" if each < number else status, thread=who, created=BEGIN + each)
                     for each in range(number, max(-1, number - 5), -1)]
            known = state(*shown, at=start.now, key=who, known=known)
            start.record(known)
        assert start.trouble == "", start.trouble
        os.write(1, b"%d\\n" % number)  # in one piece, also if it is killed meanwhile
    start.history.close()
"""
_ONCE = _WRITER + "write(*sys.argv[2:])"
# A process for each line that comes in: to be killed, without the time that Python takes to start.
_AGAIN = (
    _WRITER
    + """
for line in sys.stdin:
    child = os.fork()
    if not child:
        print(os.getpid(), flush=True)
        write(*line.split())
        os._exit(0)
    os.waitpid(child, 0)
    print("gone", flush=True)
"""
)


def _command(code, *words):
    return [sys.executable, "-c", code, str(Path(__file__).parents[3]), *map(str, words)]


def _check_whole(folder, who, committed, *, deeply):
    """Check that all that was committed is there, and nothing is torn; return how many runs there are."""
    start = Remembering(folder)
    assert "could not be read" not in start.history.notice
    (found,) = [each for each in start.restored() if each.key == who]
    numbers = sorted(int(each.rpartition("-")[2]) for each in found.runs)
    assert numbers == list(range(len(numbers)))
    assert len(numbers) > committed
    for number in range(committed + 1):
        assert found.runs[f"{who}-{number}"].status == "completed"
    ended = [one for one in found.runs.values() if one.ended is not None]
    assert sum(one.runs for one in start.history.past.sums(0.0, 1e12)) == len(ended)
    start.history.close()
    if deeply:
        with closing(sqlite3.connect(start.file)) as plain:
            assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert plain.execute("PRAGMA foreign_key_check").fetchall() == []
    return len(numbers)


@pytest.mark.slow
def test_a_kill_while_writing_loses_nothing_that_was_committed(tmp_path):
    random = Random(7)
    first = 0
    with processes.Process(
        _command(_AGAIN), stdin=processes.PIPE, stdout=processes.PIPE, text=True, bufsize=1
    ) as parent:
        for kill in range(200):
            print(tmp_path, "thread-1", first, first + 1_000, file=parent.stdin)
            child = int(parent.stdout.readline())
            last = -1
            for _ in range(random.randint(1, 3)):
                last = int(parent.stdout.readline())
            os.kill(child, signal.SIGKILL)
            while (line := parent.stdout.readline().strip()) != "gone":
                last = int(line)
            first = _check_whole(tmp_path, "thread-1", last, deeply=kill % 20 == 19)
        parent.stdin.close()


@pytest.mark.slow
@pytest.mark.parametrize("count", [2, 10])
def test_processes_that_write_at_once(tmp_path, count):
    children = [
        processes.Process(
            _command(_ONCE, tmp_path, f"thread-{number}", 0, 5), stdout=processes.PIPE, stderr=processes.PIPE
        )
        for number in range(count)
    ]
    told = [child.communicate(timeout=processes.PATIENCE) for child in children]
    assert [child.returncode for child in children] == [0] * count, told
    start = Remembering(tmp_path)
    found = {each.key: each for each in start.restored()}
    assert {key: len(each.runs) for key, each in found.items()} == {f"thread-{n}": 5 for n in range(count)}
    assert sum(one.runs for one in start.history.past.sums(0.0, 1e12)) == 5 * count
    start.history.close()


def test_rows_that_no_database_can_hold_are_left_out_and_counted(tmp_path):
    start = Remembering(tmp_path)
    long = "x" * 10_000
    good = [run("run-1"), run(long), run("run-ü\U0001f600"), run("run-2", total_tokens=(1 << 63) - 1)]
    bad = [
        run("lone-\ud800"),
        run("nul-\0"),
        run("huge", prompt_tokens=10**30),
        run("run-3", unreadable="\udfff"),
    ]
    whole = state(*good, *bad)
    start.record(
        whole, state(run("run-1", thread="t-\0"), key="t-\0"), agents={"agent-\ud800": "x", "agent-1": "y"}
    )
    assert start.trouble == ""
    (found,) = start.restored()
    assert list(found.runs.values()) == good
    assert start.history.recorder.left_out == 5
    assert start.history.past.agents() == {"agent-1": "y"}
    start.history.recorder.explain(
        {("thread-1", "run-1"): Reason("\ud800"), ("thread-1", long): Reason("a b")}
    )
    start.history.recorder.flush()
    assert list(start.history.past.reasons([("thread-1", "run-1"), ("thread-1", long)]).values()) == [
        Reason("a b")
    ]
    start.history.close()


def test_text_of_a_history_that_others_wrote_is_made_safe(tmp_path):
    start = Remembering(tmp_path)
    failed = state(run("run-1", "failed"))
    start.record(failed, agents={"agent-1": "Billing"})
    start.history.recorder.explain({("thread-1", "run-1"): Reason("boom")})
    start.history.close()
    evil = "\x1b]52;c;x\x07\u202e" + "x" * 5_000
    with sqlite3.connect(start.file) as hostile:
        for statement in (
            "UPDATE word SET text=?||text",
            "UPDATE agent SET name=?",
            "UPDATE reason SET text=?, source='\x1b[2J'",
            "UPDATE run SET raw_id=raw_id||?, unreadable='\x1b'",
            "UPDATE watched SET why=?, how='unanswered'",
        ):
            hostile.execute(statement, (evil,) if "?" in statement else ())
    hostile.close()
    again = Remembering(tmp_path)
    past = again.history.past
    (thread,) = again.restored()
    (one,) = thread.runs.values()
    reasons = past.reasons([one.key])
    drawn = [
        *past.agents(),
        *past.agents().values(),
        one.id,
        one.status,
        one.agent_id,
        one.model,
        one.unreadable,
    ]
    drawn += [reasons[one.key].text, reasons[one.key].source, *(span.why for span in past.watched(0.0, 1e12))]
    for text in drawn:
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert len(text) <= 2_000
    again.history.close()


def test_nothing_private_is_in_the_file(tmp_path):
    """Not a byte of what must never be kept; `secret-` begins each such text."""
    start = Remembering(tmp_path, key=SecretStr("secret-key"), options={"redact": True})
    known = state(run("run-2", "running"), run("run-1", "failed"))
    facts = SpanFacts("secret-group", (("env", "secret-label"),))
    known = apply_span_facts(known, {"run-1": facts})
    known = replace(known, extras={"run-1": Extras(("meta_data.x",), ("secret-metadata",))})
    known = apply_failure(known, Failure("server", "secret-failure", BEGIN, retry_at=BEGIN + 1))
    start.record(known)
    start.history.recorder.explain({("thread-1", "run-1"): Reason("secret-reason", "tool crm")})
    start.history.recorder.flush()
    live = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    start.history.close()
    closed = start.file.read_bytes()
    for content in (live, closed):
        assert b"run-1" in content
        assert b"secret-" not in content


def test_the_newest_snapshot_counts_if_many_come_at_once(tmp_path):
    start = Remembering(tmp_path)
    known = None
    for number in range(50):
        known = state(run("run-1", "running", total_tokens=number), at=BEGIN + number, known=known)
        start.now = BEGIN + number
        start.hand_on(known)
    start.history.recorder.flush()
    assert start.restored() == [remembered(known)]
    start.history.close()


def test_runs_that_have_left_memory_stay_in_the_history_in_their_order(tmp_path):
    start = Remembering(tmp_path)
    rows = [run(f"run-{number}", created=BEGIN + number) for number in range(9, -1, -1)]
    whole = state(*rows, at=BEGIN + 20)
    start.record(whole)
    part = replace(whole, runs={one.raw_id: one for one in rows[:4]}, trails={}, whole=False)
    start.now = BEGIN + 30
    start.record(part)
    more = state(run("run-10", created=BEGIN + 25), *rows[:4], at=BEGIN + 31, known=part)
    start.now = BEGIN + 31
    start.record(more)
    (found,) = start.restored()
    assert list(found.runs) == [f"run-{number}" for number in range(10, -1, -1)]
    (cut,) = next(iter(start.history.past.threads(most=3)))
    assert list(cut.runs) == ["run-10", "run-9", "run-8"]
    assert not cut.whole
    start.history.close()


def test_at_most_so_many_runs_are_read_of_each_of_several_threads(tmp_path):
    start, lengths = Remembering(tmp_path), {"short": 2, "same": 3, "long": 40}

    def rows(key):
        return [run(f"{key}-{n}", thread=key, created=BEGIN + n) for n in range(lengths[key], 0, -1)]

    start.record(*(state(*rows(key), key=key) for key in lengths))
    for step in (1, 2, 3):
        found = {each.key: each for states in start.history.past.threads(step, 3) for each in states}
        assert {key: list(each.runs.values()) for key, each in found.items()} == {
            key: rows(key)[:3] for key in lengths
        }
        assert {key: each.whole for key, each in found.items()} == {
            "short": True,
            "same": True,
            "long": False,
        }
    start.history.close()


def test_outages_and_pauses_are_told_apart(tmp_path):
    start = Remembering(tmp_path)
    down = Outage("unreachable", "connection refused \x1b[2J", BEGIN + 12)
    known = state(run("run-1"))
    for seconds, outage in (
        (0, None),
        (10, None),
        (20, down),
        (60, down),
        (70, None),
        (80, None),
        (500, None),
        (510, None),
    ):
        start.now = BEGIN + seconds
        start.hand_on(known, outage=outage)
        if seconds in (10, 60):
            start.history.recorder.flush()
    start.history.recorder.flush()
    spans = start.history.past.watched(0.0, 1e12)
    assert [(span.since - BEGIN, span.until - BEGIN, span.how) for span in spans] == [
        (0.0, 12.0, "live"),
        (12.0, 70.0, "unanswered"),
        (70.0, 80.0, "live"),
        (500.0, 510.0, "live"),
    ]
    assert spans[1].why == "connection refused ␛[2J"
    assert spans[0].threads == 1
    start.history.close()
