"""The history of a profile: opened, recorded, closed, opened again."""

from __future__ import annotations

import asyncio
import json
import stat
from dataclasses import replace
from random import Random

import pytest
from pydantic import SecretStr

from flowtui.config.settings import Settings
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.redacted import REDACTED
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.simulator.server import Simulator
from flowtui.source.http.client import Client
from flowtui.source.poll.poller import Poller
from flowtui.store import sqlite
from flowtui.store.history import open_history, open_in_memory, read_history
from flowtui.store.tables import V1

from .. import processes
from .random_threads import RandomThread, remembered
from .remembering import BEGIN, KEY, Remembering, run, state


def test_the_next_start_finds_what_was_recorded(tmp_path):
    first = Remembering(tmp_path / "history")
    assert "now remembers runs" in first.history.notice
    busy = state(run("run-2", "running", created=BEGIN + 5.0), run("run-1"), at=BEGIN + 6.0)
    first.record(busy, agents={"agent-1": "Billing"})
    done = state(run("run-2", created=BEGIN + 5.0), run("run-1"), at=BEGIN + 8.25, known=busy)
    first.now = BEGIN + 8.25
    first.record(done)
    first.history.recorder.explain({("thread-1", "run-1"): Reason("no # stock", "tool order")})
    second = first.again()
    assert second.history.notice == ""
    assert second.restored() == [remembered(done)]
    past = second.history.past
    assert past.newest(1) == [run("run-2", created=BEGIN + 5.0)]
    assert past.agents() == {"agent-1": "Billing"}
    assert past.begin == BEGIN
    assert past.reasons([("thread-1", "run-1"), ("thread-1", "run-2")]) == {
        ("thread-1", "run-1"): Reason("no # stock", "tool order")
    }
    (move,) = past.moves(BEGIN, BEGIN + 60, 10)
    assert (move.run.raw_id, move.change.before, move.change.after) == ("run-2", "running", "completed")
    assert read_history(second.settings, KEY).newest(5) == past.newest(5)
    second.history.close()


def test_files_are_private_from_the_first_byte_and_none_is_made_unless_recorded(tmp_path):
    folder = tmp_path / "history"
    settings = Settings(remember_path=str(folder))
    assert read_history(settings, KEY) is None
    open_history(replace(settings, remember=False), KEY, lambda: BEGIN).close()
    assert not folder.exists()
    first = Remembering(folder)
    first.record(state(run("run-1")))
    assert first.files == [".db", ".db-shm", ".db-wal"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    first.history.close()
    assert first.files == [".db"]
    assert [one.raw_id for one in read_history(settings, KEY).newest(5)] == ["run-1"]
    assert first.files == [".db"]
    first.file.chmod(0o644)
    Remembering(folder).history.close()
    assert stat.S_IMODE(first.file.stat().st_mode) == 0o600


def test_a_past_that_nobody_has_any_more_is_closed(tmp_path):
    first = Remembering(tmp_path)
    first.record(state(run("run-1")))
    first.history.close()
    past = read_history(first.settings, KEY)
    found = first.file.stat()
    assert sqlite._open_files[found.st_dev, found.st_ino] == 1
    del past
    assert not sqlite._open_files[found.st_dev, found.st_ino]


def test_another_key_profile_address_or_team_sees_no_row(tmp_path):
    first = Remembering(tmp_path)
    first.record(state(run("run-1")))
    first.history.close()
    for others in ({"team": "blue"}, {"profile": "staging"}, {"base_url": "https://other.example"}):
        other = Remembering(tmp_path, options=others)
        assert other.restored() == []
        other.history.close()
    other = Remembering(tmp_path, key=SecretStr("sk-of-somebody-else"))
    assert other.history.past is None
    assert not other.history.claim([])
    assert other.history.past is None  # as long as nothing is known of the key's threads
    other.history.claim(["thread-9"])
    assert other.restored() == []
    other.record(state(run("run-9", thread="thread-9"), key="thread-9"))
    other.history.close()
    again = Remembering(tmp_path)
    assert [one.key for one in again.restored()] == ["thread-1"]
    again.history.close()


def test_a_rotated_key_takes_the_file_over_once_the_api_lists_one_of_its_threads(tmp_path):
    first = Remembering(tmp_path)
    known = state(run("run-1"))
    first.record(known)
    first.history.close()
    rotated = Remembering(tmp_path, key=SecretStr("sk-the-next-key"))
    assert rotated.history.past is None
    rotated.record(state(run("run-2", "failed"), run("run-1")))  # waits until it is known where to
    rotated.history.recorder.explain({("thread-1", "run-2"): Reason("boom")})
    rotated.history.recorder.flush()
    assert len(list(tmp_path.glob("*.db"))) == 1
    assert rotated.history.claim(["thread-0", "thread-1"])
    rotated.history.recorder.flush()
    assert [each.raw_id for each in rotated.history.past.newest(5)] == ["run-2", "run-1"]
    assert list(rotated.history.past.reasons([("thread-1", "run-2")]).values()) == [Reason("boom")]
    assert not rotated.history.claim(["thread-1"])
    rotated.history.close()
    assert len(list(tmp_path.glob("*.db"))) == 1


def test_reasons_are_hidden_by_redact_when_writing_and_when_reading(tmp_path):
    reason = Reason("customer Meyer is unknown", "tool crm")
    runs = [("thread-1", "run-1"), ("thread-1", "run-2")]
    hiding = Remembering(tmp_path / "a", options={"redact": True})
    hiding.record(state(run("run-2", "failed"), run("run-1", "failed")))
    hiding.history.recorder.explain(dict.fromkeys(runs, reason))
    hiding.history.recorder.flush()
    found = hiding.history.past.reasons(runs)
    assert found[runs[0]] == found[runs[1]]
    assert found[runs[0]][:2] == (REDACTED, "tool crm")
    hiding.history.close()
    assert b"Meyer" not in hiding.file.read_bytes()
    plain = Remembering(tmp_path / "b")
    plain.record(state(run("run-1", "failed")))
    plain.history.recorder.explain({runs[0]: reason})
    plain.history.recorder.flush()
    assert plain.history.past.reasons(runs) == {runs[0]: reason}
    plain.history.close()
    read = read_history(replace(plain.settings, redact=True), KEY)
    assert read.reasons(runs) == {runs[0]: found[runs[0]]}


def _remember_random(seed, history, clock):
    """Record a random thread; return it as it must come back."""
    random = Random(seed)
    thread = RandomThread(random, f"thread-{seed}")
    last = None
    for at, last in thread.states(random.randint(1, 30)):
        clock[0] = at
        history.recorder.record(Update(Snapshot(at, {last.key: last}, listed=True)))
        if random.random() < 0.6:
            history.recorder.flush()
    history.recorder.flush()
    assert history.recorder.trouble == ""
    return remembered(last)


def _compare(past, wanted):
    """Compare what is remembered with what must be, in which threads that were never read are missing."""
    found = {each.key: each for part in past.threads() for each in part}
    for want in wanted:
        if want.read or want.thread is not None:
            assert found[want.key] == want
            assert list(found[want.key].runs) == list(want.runs)
            assert list(found[want.key].trails) == list(want.trails)


def test_random_histories_come_back_equal():
    clock = [BEGIN]
    history = open_in_memory(lambda: clock[0])
    _compare(history.past, [_remember_random(seed, history, clock) for seed in range(30)])
    history.close()


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 400, 80))
def test_random_histories_come_back_equal_from_a_file(tmp_path, first):
    clock = [BEGIN]
    settings = Settings(remember_path=str(tmp_path))
    wanted = []
    for start in range(first, first + 80, 20):
        history = open_history(settings, KEY, lambda: clock[0])
        _compare(history.past, wanted)
        wanted += [_remember_random(seed, history, clock) for seed in range(start, start + 20)]
        history.close()
    _compare(read_history(settings, KEY), wanted)


@pytest.mark.slow
def test_sqlite_is_loaded_only_where_a_history_is_wanted():
    code = (
        "import sys; from flowtui.store.history import open_history; from flowtui.config.settings import Settings; "
        "open_history(Settings(remember=False), None, None).close(); print('sqlite3' in sys.modules)"
    )
    assert processes.run([processes.sys.executable, "-c", code], capture_output=True).stdout.strip() in (
        b"False",
        "False",
    )


_PUBLIC = ("id", "object", "status", "model", "role", "type")


def _private(value, found, key=""):
    """Collect the longer texts of what the API sent, but for ids, statuses, models and times."""
    if isinstance(value, dict):
        for name, item in value.items():
            _private(item, found, name)
    elif isinstance(value, list):
        for item in value:
            _private(item, found, key)
    elif isinstance(value, str) and len(value) >= 6 and not key.endswith((*_PUBLIC, "_id", "_at")):
        found.add(value)


async def _everything_sent(client, rows):
    found = set()
    for row in rows:
        _private(json.loads((await client.run(row.thread_key, row.raw_id)).body), found)
    for key in {row.thread_key for row in rows}:
        _private(json.loads((await client.messages(key)).body), found)
        query = {
            "thread_id": key,
            "min_start_time": "2020-01-01T00:00:00Z",
            "max_start_time": "2030-01-01T00:00:00Z",
        }
        _private(json.loads((await client.spans(query)).body), found)
    return found


@pytest.mark.slow
async def test_of_all_that_the_api_sends_only_rows_are_in_the_file(tmp_path):
    now = 1_800_000_000.0
    with Simulator(clock=lambda: now, key=KEY.get_secret_value(), threads=4, runs=40) as simulator:
        settings = Settings(base_url=simulator.url, remember_path=str(tmp_path), request_timeout=30.0)
        history = open_history(settings, KEY, lambda: now)
        async with Client(settings, KEY) as client:
            poller = Poller(client, interval=0.05, quiet_interval=0.1, budget=100_000)
            loop = asyncio.create_task(poller.run())
            async for update in poller.updates():
                history.recorder.record(update)
                if update.snapshot.coverage.threads >= 4 and update.snapshot.coverage.complete:
                    break
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)
            rows = list(update.snapshot.runs())
            private = await _everything_sent(client, rows)
        history.close()
    (path,) = tmp_path.glob("*.db")
    content = path.read_bytes()
    assert len(rows) >= 20
    assert all(row.raw_id.encode() in content for row in rows)
    assert len(private) > 40
    names = {*update.snapshot.agents.values(), *update.snapshot.agents}
    tables = "\n".join(V1)  # which have words such as `status`
    leaked = {
        text for text in private - names if text not in tables and text.encode("utf-8", "replace") in content
    }
    assert leaked == set()
    assert KEY.get_secret_value().encode() not in content
