"""Complete watches over the real poller in fake time: what ends them, when, and their output."""

import asyncio
import re

import pytest

from flowtui.errors import AuthError, NotFoundError, RateLimitedError, ServerError, UnreadableError
from flowtui.model.query.query import parse
from flowtui.watch.options import Allowance
from flowtui.watch.signals import Signals

from ..clocks import BEGIN
from .conftest import iso


def error(kind, status=500):
    if kind is UnreadableError:
        return lambda: kind("GET: the server sent HTML")
    return lambda: kind(f"GET: {status}: trouble", status=status)


async def test_a_watch_ends_when_every_run_has_ended(world, clock, watch):
    world.add("thr_a", "run_1", "completed", created=-500)
    world.add("thr_a", "run_2", "running")
    clock.at(20, lambda: world.move("run_2", "completed", tokens=100))
    result = await watch("thr_a")
    assert result.code == 0
    assert 20 <= clock.elapsed <= 24
    assert result.summary["counts"]["completed"] == 2
    assert result.summary["tokens"] == 100
    (moved,) = result.named("run.status")
    assert (moved["from"], moved["to"], moved["not_observed"]) == ("running", "completed", [])
    assert all(moved["observed_between"])


async def test_a_status_that_polling_missed_is_reported(world, clock, watch):
    world.add("thr_a", "run_1")
    clock.at(10, lambda: world.move("run_1", "running"))
    clock.at(10.5, lambda: world.move("run_1", "completed"))
    result = await watch("thr_a")
    (moved,) = result.named("run.status")
    assert (moved["from"], moved["to"], moved["not_observed"]) == ("queued", "completed", ["running"])
    world.add("thr_a", "run_2")
    clock.at(clock.elapsed + 10, lambda: world.move("run_2", "completed"))
    plain = await watch("thr_a", output="plain")
    assert "queued -> completed (running was not observed)" in plain.out


async def test_runs_of_an_agent_on_threads_that_do_not_exist_yet_are_found_within_one_interval(
    world, clock, watch
):
    world.add("thr_old", "run_old", "failed", created=-500)
    world.add("thr_other", "run_other", "running", agent="agent_b")

    def deploy():
        world.add("thr_new", "run_1")
        world.add("thr_new", "run_other_agent", agent="agent_b")

    clock.at(31, deploy)
    clock.at(40, lambda: world.move("run_1", "running"))
    clock.at(45, lambda: world.add("thr_newer", "run_2", "running"))
    clock.at(50, lambda: world.move("run_1", "completed"))
    clock.at(70, lambda: world.move("run_2", "completed"))
    result = await watch(agent="checkout", new=True)
    assert result.code == 0
    found = {event["run_id"]: event for event in result.named("run.appeared")}
    assert found.keys() == {"run_1", "run_2"}
    assert result.summary["counts"]["completed"] == 2
    first = min(at for at, what in world.requests if what == "runs thr_new")
    assert first - 31 <= 3.0
    assert min(at for at, what in world.requests if what == "runs thr_newer") - 45 <= 3.0
    assert 80 <= clock.elapsed <= 90, "it settles for ten seconds, and looks again"


async def test_new_ignores_existing_runs_and_watches_new_ones_on_existing_threads(world, clock, watch):
    world.add("thr_a", "run_1", "failed", created=-500)
    clock.at(20, lambda: world.add("thr_a", "run_2", "running"))
    clock.at(30, lambda: world.move("run_2", "completed"))
    result = await watch("thr_a", new=True)
    assert (result.code, result.summary["counts"]["total"]) == (0, 1)


async def test_no_matching_run_is_not_reported_during_an_outage(world, clock, watch):
    world.thread("thr_a")
    assert (await watch("thr_a")).code == 6
    assert 60 <= clock.elapsed <= 61
    begin = clock.elapsed
    world.trouble["all"] = error(ServerError)
    clock.at(begin + 90, world.trouble.clear)
    clock.at(begin + 90, lambda: world.add("thr_a", "run_1", "completed"))
    result = await watch("thr_a")
    assert result.code == 0, "during an outage it is not known whether runs appeared"
    assert [event["event"] for event in result.events if event["event"].startswith("poll")] == [
        "poll.error",
        "poll.recovered",
    ]


@pytest.mark.parametrize("kind", [ServerError, RateLimitedError, UnreadableError])
async def test_an_outage_ends_the_watch_after_give_up_after(kind, world, clock, watch):
    world.add("thr_a", "run_1", "running")
    clock.at(10, lambda: world.trouble.update(all=error(kind)))
    clock.at(100, world.trouble.clear)
    clock.at(101, lambda: world.move("run_1", "completed"))
    assert (await watch("thr_a")).code == 0
    world.trouble["all"] = error(kind)
    begin = clock.elapsed
    result = await watch("thr_a")
    assert result.code == 3
    assert (
        120 - 1e-6 <= clock.elapsed - begin <= 121
    )  # a float of epoch seconds is exact to a quarter of a µs only
    assert result.named("poll.error")[0]["kind"] in ("server", "rate_limited", "unreadable")
    assert result.named("poll.error")[0]["retry_in_s"] > 0


async def test_an_outage_shorter_than_give_up_after_is_survived(world, clock, watch):
    world.add("thr_a", "run_1", "running")
    world.move("run_1", "running")
    clock.at(10, lambda: world.trouble.update(all=error(ServerError)))
    clock.at(115, world.trouble.clear)
    clock.at(115, lambda: world.move("run_1", "completed"))
    assert (await watch("thr_a")).code == 0


async def test_final_errors_end_a_watch_at_once(world, clock, watch):
    world.add("thr_a", "run_1", "running")
    world.trouble["all"] = error(AuthError, 401)
    result = await watch("thr_a")
    assert (result.code, clock.elapsed < 1) == (3, True)
    assert "401" in result.summary["reason"]
    world.trouble.clear()
    result = await watch("thr_nobody")
    assert (result.code, clock.elapsed < 2) == (3, True)


async def test_one_lost_thread_of_two_does_not_end_the_watch_but_its_verdict(world, clock, watch):
    world.add("thr_a", "run_1", "running")
    world.thread("thr_b")
    world.trouble["thr_b"] = error(NotFoundError, 404)
    clock.at(20, lambda: world.move("run_1", "completed"))
    result = await watch("thr_a", "thr_b")
    assert (result.code, clock.elapsed >= 20) == (3, True)
    assert "thr_b" in result.summary["reason"]
    clock.at(clock.elapsed, lambda: world.move("run_1", "failed"))
    assert (await watch("thr_a", "thr_b")).code in (1, 3)


async def test_a_failure_is_printed_with_reason_and_command(world, clock, watch):
    world.add("thr_a", "run_1", "running")
    world.traced["run_1"] = [
        {
            "run_id": "run_1",
            "is_exception": True,
            "span_name": "running tool mcp",
            "message": "crm 502: bad gateway",
            "start_timestamp": iso_like(5),
        }
    ]
    clock.at(20, lambda: world.move("run_1", "failed", tokens=18204))
    result = await watch("thr_a")
    assert result.code == 1
    (moved,) = result.named("run.status")
    assert (moved["reason"], moved["see"]) == ("tool error: crm 502", "flowtui run run_1 -t thr_a")
    (failed,) = result.summary["failed"]
    assert (failed["reason"], failed["because"]) == ("tool error: crm 502", "failed")
    assert sum(what.startswith("spans") for _, what in world.requests) == 1


def iso_like(seconds):
    return f"2026-11-06T21:20:{seconds:02}Z"


async def test_a_reason_that_cannot_be_fetched_is_not_waited_for_long(world, clock, watch):
    world.add("thr_a", "run_1", "running")
    never = asyncio.Event()
    calm = world.spans

    async def hang(query):
        await never.wait()
        return await calm(query)

    world.spans = hang
    clock.at(20, lambda: world.move("run_1", "failed"))
    result = await watch("thr_a")
    assert (result.code, result.named("run.status")[0]["reason"]) == (1, None)
    assert clock.elapsed <= 28


@pytest.mark.parametrize(
    ("options", "code", "end"),
    [
        ({}, 1, 40),
        ({"fail_fast": True}, 1, 20),
        ({"allow": Allowance(1)}, 0, 40),
        ({"allow": Allowance(50, percent=True)}, 0, 40),
        ({"allow": Allowance(10, percent=True)}, 1, 40),
        ({"allow": Allowance(1), "fail_fast": True}, 0, 40),
        ({"fail_on": frozenset()}, 0, 40),
        ({"exit_zero": True}, 0, 40),
        ({"timeout": 30.0}, 1, 30),
        ({"until": "any"}, 1, 20),
        ({"max_tokens": 10}, 1, 20),
    ],
)
async def test_exit_code_and_end_of_a_watch_with_a_failure(options, code, end, world, watch):
    clock = world.clock
    world.add("thr_a", "run_1", "running")
    world.add("thr_a", "run_2", "running")
    clock.at(20, lambda: world.move("run_1", "failed", tokens=50))
    clock.at(40, lambda: world.move("run_2", "completed"))
    result = await watch("thr_a", **options)
    assert result.code == code
    assert end <= clock.elapsed <= end + 7
    assert result.summary["exit"] == code


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"timeout": 30.0}, 4),
        ({"stall": 30.0}, 7),
        ({"stall": 30.0, "fail_on": frozenset({"stalled"})}, 1),
        ({"stall": 30.0, "exit_zero": True}, 0),
        ({"max_tokens": 99}, 7),
        ({"max_tokens": 100, "timeout": 5.0}, 4),
        ({"once": True}, 8),
        ({"until": "any", "timeout": 5.0}, 4),
        ({"until": "match", "query": parse("status:running")}, 0),
        ({"until": "match", "query": parse("age>1m"), "timeout": 90.0}, 0),
        ({"runs": frozenset({"run_nope"}), "wait_start": 5.0}, 6),
        ({"runs": frozenset({"run_nope"}), "wait_start": 5.0, "fail_on": frozenset({"missing"})}, 1),
        ({"expect": 2, "wait_start": 5.0}, 6),
        ({"once": True, "agent": "nobody"}, 6),
    ],
)
async def test_exit_code_of_a_watch_whose_run_does_not_end(options, code, world, watch):
    world.add("thr_a", "run_1", "running")
    world.move("run_1", "running", tokens=100)
    result = await watch("thr_a", **options)
    assert (result.code, result.summary["exit"]) == (code, code)


async def test_only_cancelled_runs_are_exit_5(world, watch):
    world.add("thr_a", "run_1", "canceled", created=-100)
    world.add("thr_a", "run_2", "cancelled", created=-90)
    world.add("thr_a", "run_3", "completed", created=-80)
    assert (await watch("thr_a")).code == 5
    assert (await watch("thr_a", exit_zero=True)).code == 0
    assert (await watch("thr_a", fail_on=frozenset({"cancelled"}))).code == 1


async def test_an_inferred_status_is_marked_in_every_output(world, clock, watch, tmp_path):
    """The last answer about run_1 has no status but `failed_at`, and that about run_2 a word that is not known."""
    world.add("thr_a", "run_1", "running")
    world.add("thr_a", "run_2", "done", is_active=False, completed_at=iso(BEGIN), created=-60)
    clock.at(10, lambda: world.move("run_1", None, failed_at=iso(BEGIN + 9), is_active=False))
    result = await watch("thr_a", output="jsonl")
    appeared = {event["run_id"]: event.get("inferred") for event in result.named("run.appeared")}
    assert appeared == {"run_1": None, "run_2": True}
    assert [(event["to"], event["inferred"]) for event in result.named("run.status")] == [("failed", True)]
    assert (result.code, result.summary["inferred"], result.summary["failed"][0]["inferred"]) == (1, 2, True)

    page = tmp_path / "step.md"
    stage = {"environ": {"GITHUB_STEP_SUMMARY": str(page)}, "size": lambda: (100, 24)}
    world.add("thr_a", "run_3", "running")
    clock.at(clock.now() - BEGIN + 10, lambda: world.move("run_3", "", failed_at=iso(BEGIN), is_active=False))
    out = (await watch("thr_a", output="plain")).out
    assert "thr_a  run_3  running -> FAILED (inferred)" in out
    page = tmp_path / "step.md"
    stage = {"environ": {"GITHUB_STEP_SUMMARY": str(page)}, "size": lambda: (100, 24)}
    out += (await watch("thr_a", output="github", stage=stage, once=True)).out
    assert "the run is failed; the server sent no known status, so it was inferred" in out
    assert r"| failed \(inferred\) | run\_1 |" in page.read_text()
    assert "1 completed, 2 failed; 3 statuses inferred" in page.read_text()
    assert out.count("1 completed, 2 failed; 3 statuses inferred   ") == 2
    assert "1 completed, 2 failed; 3 statuses inferred" in (await watch("thr_a", output="tty", once=True)).out


async def test_a_run_of_unknown_status_does_not_end_the_watch_and_is_named(world, clock, watch):
    world.add("thr_a", "run_1", "requires_action", is_active=False)
    result = await watch("thr_a", timeout=100.0)
    assert result.code == 4
    (beat,) = result.named("heartbeat")
    assert [(each["run_id"], each["status"]) for each in beat["unknown"]] == [("run_1", "requires_action")]
    plain = await watch("thr_a", timeout=100.0, output="plain")
    assert "run_1 has status 'requires_action'" in plain.out


async def test_overdue_is_a_failure_and_is_not_waited_for(world, clock, watch):
    world.add("thr_a", "run_1", "running", expires_at=iso_like(30))
    result = await watch("thr_a")
    assert (result.code, 30 <= clock.elapsed <= 40) == (1, True)
    assert result.summary["failed"][0]["because"] == "overdue"
    assert [event["finding"] for event in result.named("run.finding")] == ["overdue"]


async def test_a_run_that_vanishes_is_missing(world, clock, watch):
    world.add("thr_a", "run_1", "running")
    clock.at(20, lambda: world.remove("run_1"))
    result = await watch("thr_a", fail_on=frozenset({"missing"}))
    assert (result.code, result.summary["failed"][0]["because"]) == (1, "missing")


async def test_idle_waits_until_nothing_has_run_for_the_settling_time(world, clock, watch):
    world.add("thr_a", "run_1", "running")
    clock.at(20, lambda: world.move("run_1", "completed"))
    clock.at(28, lambda: world.add("thr_a", "run_2", "running"))
    clock.at(50, lambda: world.move("run_2", "completed"))
    result = await watch("thr_a", until="idle")
    assert (result.code, 60 <= clock.elapsed <= 68) == (0, True)


async def test_idle_of_an_empty_thread_is_met(world, clock, watch):
    world.thread("thr_a")
    assert ((await watch("thr_a", until="idle")).code, clock.elapsed < 20) == (0, True)


async def test_without_follow_only_runs_of_the_first_answer_are_watched(world, clock, watch):
    world.add("thr_a", "run_1", "running")
    clock.at(10, lambda: world.add("thr_a", "run_2", "running"))
    clock.at(20, lambda: world.move("run_1", "completed"))
    clock.at(40, lambda: world.move("run_2", "completed"))
    result = await watch("thr_a")
    assert (result.summary["counts"]["total"], clock.elapsed < 25) == (1, True)


async def test_follow_also_watches_later_runs(world, clock, watch):
    world.add("thr_a", "run_1", "running")
    clock.at(10, lambda: world.add("thr_a", "run_2", "running"))
    clock.at(20, lambda: world.move("run_1", "completed"))
    clock.at(40, lambda: world.move("run_2", "completed"))
    result = await watch("thr_a", follow=True)
    assert (result.summary["counts"]["total"], clock.elapsed > 49) == (2, True)


async def test_latest_is_the_newest_run_of_each_named_thread_or_of_all(world, watch):
    for thread in ("thr_a", "thr_b"):
        world.add(thread, f"{thread}_1", "failed", created=-200)
        world.add(thread, f"{thread}_2", "completed", created=-100 if thread == "thr_a" else -50)
    named = await watch("thr_a", "thr_b", latest=True)
    assert (named.code, named.summary["counts"]["total"]) == (0, 2)
    every = await watch(latest=True)
    assert [event["run_id"] for event in every.named("run.appeared")] == ["thr_b_2"]


async def test_a_filter_and_a_time_narrow_the_selection(world, watch):
    world.add("thr_a", "run_1", "failed", created=-500)
    world.add("thr_a", "run_2", "completed", created=-100)
    assert (await watch("thr_a", filter=parse("status:completed"))).code == 0
    assert (await watch("thr_a", since=1_794_000_000.0 - 200)).code == 0
    assert (await watch("thr_a")).code == 1


@pytest.mark.parametrize(("number", "code"), [(1, 129), (2, 130), (15, 143)])
async def test_a_signal_ends_a_watch_with_a_summary(number, code, world, clock, watch):
    world.add("thr_a", "run_1", "failed", created=-10)
    world.add("thr_a", "run_2", "running")
    signals = Signals()
    clock.at(10, lambda: signals._take(number))
    result = await watch("thr_a", signals=signals)
    assert (result.code, result.summary["exit"]) == (code, code)
    assert result.summary["counts"]["failed"] == 1


async def test_an_internal_error_ends_in_a_summary(world, watch, monkeypatch):
    world.add("thr_a", "run_1", "completed")
    monkeypatch.setattr("flowtui.watch.runner.judge", lambda *_: 1 / 0)
    result = await watch("thr_a")
    assert (result.code, "ZeroDivisionError" in result.summary["reason"]) == (3, True)


@pytest.mark.parametrize("output", ["plain", "tty", "github"])
async def test_a_failure_from_before_the_watch_has_its_reason_in_the_summary(output, world, watch):
    world.add("thr_a", "run_1", "failed", created=-100)
    world.traced["run_1"] = [{"is_exception": True, "message": "crm 502: no", "span_name": "running tool m"}]
    result = await watch("thr_a", output=output, quiet=True)
    assert result.code == 1
    if output == "tty":
        assert re.search(r"reasons +#1  1×  crm 502: no   checkout", result.out)
        assert re.search(r"next +flowtui run run_1 -t thr_a", result.out)
    else:
        assert result.out.count("FAILED   #1 tool error: crm 502   see: flowtui run run_1 -t thr_a") == 1
        assert "reason  #1  1x  crm 502: no   checkout" in result.out


async def test_quiet_prints_failures_and_the_summary(world, clock, watch):
    world.add("thr_a", "run_1", "running")
    world.add("thr_a", "run_2", "running")
    clock.at(70, lambda: world.move("run_1", "failed"))
    clock.at(80, lambda: world.move("run_2", "completed"))
    result = await watch("thr_a", quiet=True)
    assert [event["event"] for event in result.events] == ["run.status", "summary"]


async def test_a_row_that_cannot_be_read_blocks_the_verdict_and_is_named(world, watch):
    world.add("thr_a", "run_1", "completed")
    world.threads_there["thr_a"].append({"id": None, "is_active": False})
    result = await watch("thr_a", timeout=90.0)
    assert result.code == 4
    assert result.named("heartbeat")[0]["unknown"][0]["unreadable"]


async def test_a_thousand_runs_on_fifty_threads_stay_readable(world, clock, watch):
    for thread in range(50):
        for number in range(20):
            world.add(f"thr_{thread}", f"run_{thread}_{number}", "running")
    for thread in range(50):
        for number in range(20):
            status = "failed" if number == 7 and thread % 5 == 0 else "completed"
            when = 20 + (thread * 7 + number * 13) % 60
            clock.at(when, lambda run=f"run_{thread}_{number}", to=status: world.move(run, to, tokens=10))
    result = await watch(output="plain", interval=3.0)
    assert result.code == 1
    lines = result.out.splitlines()
    assert len(lines) < 120
    assert sum("FAILED" in line for line in lines) == 10
    assert "990 completed, 10 failed" in lines[-1]
    assert max(map(len, lines)) < 200


async def test_a_pause_that_the_server_asks_of_another_request_is_an_outage(world, clock, watch):
    world.add("thr_a", "run_1", "running")
    limited = RateLimitedError("429: slow down", status=429, retry_after=90.0)
    clock.at(10, lambda: world.trouble.update(threads=lambda: limited))
    result = await watch("thr_a", give_up_after=20.0, timeout=300.0)
    assert result.code == 3
    (told,) = result.named("poll.error")
    assert (told["kind"], told["message"]) == ("rate_limited", "429: slow down")
    summary = result.summary
    assert summary["duration_s"] < 60, "not only after the pause"
    assert summary["outages"]["count"] == 1
    assert "no answer for 20s" in summary["ended"]
