"""Watches of runs with a group or labels, over real HTTP on the simulator. Server and client share a clock."""

from __future__ import annotations

import json

import pytest

from flowtui.simulator.server import Simulator
from flowtui.simulator.world.records import labels

from ..clocks import WaitingClock

NOW = 1_794_000_000.0
SPANS = "/v1/observability/spans"


class World:
    """A simulator whose time the watch moves. `quiet`: a thread that no longer changes."""

    def __init__(self):
        self.clock = WaitingClock(NOW)
        self.simulator = Simulator(seed=7, threads=5, runs=100, clock=self.clock.now)
        world = self.simulator.world
        self.quiet = next(
            key for key in self.simulator.thread_ids() if world.activity(world.find_thread(key)) == "quiet"
        )

    def labels(self, run_id):
        world = self.simulator.world
        thread, number = world.find_run(run_id, self.clock.elapsed)
        return labels(world.timeline(thread)[number].choices.bits)

    @property
    def span_requests(self):
        return sum(path == SPANS for _, path, _ in self.simulator.requests)


@pytest.fixture
def world():
    one = World()
    with one.simulator:
        yield one


@pytest.fixture
def watch(world, shell):
    """Return a function that watches runs of the simulator and returns (exit code, events)."""

    def run(*words, faults=()):
        for fault in faults:
            world.simulator.add_fault(fault)
        code, out, err = shell(world.simulator.url, *words, "-o", "jsonl", clock=world.clock)
        assert err == ""
        events = [json.loads(line) for line in out.splitlines()]
        assert [event["event"] for event in events].count("summary") == 1
        assert events[-1]["exit"] == code
        return code, events

    return run


def appeared(events):
    return {event["run_id"] for event in events if event["event"] == "run.appeared"}


def test_one_look_finds_all_runs_with_the_label_with_few_requests(world, watch):
    words = (world.quiet, "--since", "2000-01-01")
    _, everything = watch(*words, "--once")
    before = world.span_requests
    code, events = watch(*words, "--label", "env=prod", "--group", "default_group", "--once")
    wanted = {"env": "prod", "group": "default_group"}
    expected = {run for run in appeared(everything) if wanted.items() <= world.labels(run).items()}
    assert 1 < len(expected) < len(appeared(everything))
    assert appeared(events) == expected
    assert (code in (0, 1, 5), events[-1]["counts"]["labels_unread"]) == (True, 0)
    reasons = len(events[-1]["failed"])  # each takes a request
    needed = world.span_requests - before - reasons
    assert needed <= 5, "the narrow query has the matches, and a few long pages all others"


def test_a_named_run_needs_one_narrow_request(world, watch):
    run = next(run for run in world.simulator.run_ids(world.quiet) if world.labels(run)["env"] == "prod")
    code, events = watch(world.quiet, "--run", run, "--label", "env=prod", "--settle", "1", "--for", "any")
    assert (appeared(events), code in (0, 1, 5)) == ({run}, True)
    assert world.span_requests - (code == 1) <= 1


def test_new_runs_with_a_label_are_followed_to_their_end(world, watch):
    code, events = watch("--label", "env=prod", "--settle", "3", "--interval", "1", "--for", "any")
    assert appeared(events)
    assert all(world.labels(run)["env"] == "prod" for run in appeared(events))
    ended = [event for event in events if event["event"] == "run.status" and event["terminal"]]
    assert (code in (0, 1, 5), bool(ended)) == (True, True)


def test_exit_6_if_no_run_has_the_label(world, watch):
    code, events = watch("--label", "env=nowhere", "--wait-start", "5s")
    unread = events[-1]["counts"][
        "labels_unread"
    ]  # runs that came later; the order of the answers decides how many
    said = f"; {unread} run{'s' * (unread > 1)} without labels yet" if unread else ""
    assert (code, events[-1]["reason"]) == (6, f"no run matched within --wait-start 5s{said}")


def test_a_group_that_no_run_has_is_exit_6_and_labels_on_no_span_are_never_exit_0(world, watch):
    code, _ = watch(world.quiet, "--since", "2000-01-01", "--group", "nope", "--wait-start", "1")
    assert code == 6
    words = (world.quiet, "--since", "2000-01-01", "--label", "env=prod", "--wait-start", "1")
    assert watch(*words, faults=["no-labels"])[0] == 6


def test_labels_that_come_late_are_waited_for(world, watch):
    words = ("--label", "env=prod", "--wait-start", "5s", "--settle", "3", "--for", "any")
    code, events = watch(*words, "--heartbeat", "10s", faults=["late-spans:30"])
    first = next(event for event in events if event["event"] == "run.appeared")
    assert (code in (0, 1, 5), world.labels(first["run_id"])["env"]) == (True, "prod")
    beats = [event["counts"] for event in events if event["event"] == "heartbeat"]
    assert any(counts["labels_unread"] for counts in beats[:6])


def test_a_run_that_stays_queued_keeps_the_watch_open(world, watch):
    newest = world.simulator.run_ids(world.quiet)[0]
    words = (world.quiet, "--run", newest, "--label", "env=prod", "--timeout", "40")
    code, events = watch(*words, faults=[f"stuck-queued:{newest}"])
    assert (code, events[-1]["counts"]["labels_unread"], world.span_requests) == (4, 1, 0)
    assert events[-1]["reason"].endswith(
        "no run matched so far; 1 run without labels yet; 0 of 1 expected runs came"
    )
    assert watch(*words[:-2], "--once")[0] == 8


@pytest.mark.parametrize(
    ("fault", "seconds", "said"),
    [
        ("forbidden@spans", 0, "403 Forbidden"),
        ("not-found@spans", 120, "404 Not Found"),
        # Which error it is makes no difference for the wait, see the one before.
        pytest.param("html@spans", 120, "HTML", marks=pytest.mark.slow),
        ("late-spans:1e8", 120, "no span names"),
    ],
)
def test_exit_3_if_labels_cannot_be_read(fault, seconds, said, world, watch):
    words = [world.quiet, "--since", "2000-01-01", "--label", "env=prod", "--wait-start", "5s"]
    code, events = watch(*words, faults=[fault])
    reason = events[-1]["reason"]
    assert (code, "the labels of " in reason, said in reason) == (3, True, True), reason
    assert seconds <= world.clock.elapsed <= seconds + 20
    assert world.span_requests < 60


@pytest.mark.parametrize(("fault", "code"), [("forbidden@spans", 3), ("late-spans:1e8", 8)])
def test_one_look_without_labels_is_exit_3_or_8(fault, code, world, watch):
    words = [world.quiet, "--since", "2000-01-01", "--label", "env=prod", "--once"]
    assert watch(*words, faults=[fault])[0] == code


def test_a_few_errors_are_ridden_out(world, watch):
    words = [world.quiet, "--since", "2000-01-01", "--label", "env=prod", "--settle", "1"]
    code, events = watch(*words, faults=["server-error:3@spans", "rate-limit:5@spans*1"])
    assert (code in (0, 1, 5), events[-1]["counts"]["labels_unread"]) == (True, 0)
    assert any("the labels of" in event.get("message", "") for event in events)
    assert "poll.recovered" in [event["event"] for event in events]


def test_a_gate_takes_labels_on_the_new_side(world, watch):
    gate = ["--gate", "failure_rate <= 99%", "--min-runs", "1", "--compare", "1h", "--since", "30m"]
    code, events = watch(*gate, "--label", "env=prod", "--settle", "1", "--timeout", "60s")
    assert (code, events[-1]["gate"]["verdict"]) == (0, "PASS")
    assert all(world.labels(run)["env"] == "prod" for run in appeared(events))
    assert 0 < events[-1]["gate"]["new"]["runs"] <= len(appeared(events))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--label", "release"], "is no NAME=VALUE, such as release=42"),
        (["--label", "=42"], "is no NAME=VALUE"),
        (["--label", f"a={'x' * 201}"], "is too long for a label"),
        (["--label", "a=1", "--label", "a=2"], "no run has two values of 'a'"),
        (["--group", " "], "--group: it is empty"),
        (["--group", "x" * 201], "longer than 200"),
        (["--group", "a", "--latest"], "exclude --latest"),
        (["--label", "a=1", "--once"], "needs --since"),
    ],
)
def test_exit_2_for_wrong_labels(words, said, world, shell):
    code, out, err = shell(world.simulator.url, *words)
    assert (code, out, said in err) == (2, "", True), err
    assert not world.simulator.requests
