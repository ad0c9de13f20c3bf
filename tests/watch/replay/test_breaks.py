"""The replay finds a watch that is broken on purpose. Otherwise it would prove nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import pytest

from flowtui.watch import exits, runner
from flowtui.watch.events import RUN_STATUS, Event
from flowtui.watch.judge.outcome import Verdict
from flowtui.watch.judge.update_reducer import UpdateReducer
from flowtui.watch.options import Allowance, Options
from flowtui.watch.output.formats.json_lines import JsonLines
from flowtui.watch.reports.failure_reasons import FailureReasons

from .compare import differences
from .draws import draw
from .oracle import replay
from .play import play

MOST = 80  # cases in which a break must show


def changed_verdict(change):
    """Return a break that changes each verdict."""

    def patch(monkeypatch):
        judge = runner.judge

        def broken(facts, options):
            verdict = judge(facts, options)
            return None if verdict is None else change(verdict)

        monkeypatch.setattr(runner, "judge", broken)

    return patch


def changed_sentence(change):
    """Return a break that changes each sentence."""
    reason = Verdict.reason.fget
    return lambda monkeypatch: monkeypatch.setattr(
        Verdict, "reason", property(lambda self: change(reason(self)))
    )


def five_for_one(verdict):
    return replace(verdict, code=5) if verdict.code == 1 and verdict.tally.of_class("cancelled") else verdict


def zero_for_four(verdict):
    return replace(verdict, code=0) if verdict.code == 4 else verdict


def one_more(word):
    return lambda text: re.sub(rf"(\d+) {word}", lambda found: f"{int(found[1]) + 1} {word}", text)


def instead(pattern, text):
    return lambda sentence: re.sub(pattern, text, sentence)


def few_are_enough(monkeypatch):
    for name in ("expected", "needed_at_start"):
        monkeypatch.setattr(Options, name, property(lambda _: 1))


def never_settles(monkeypatch):
    monkeypatch.setattr(Options, "settles", property(lambda _: False))


def no_exit_zero(monkeypatch):
    monkeypatch.setattr(exits, "with_exit_zero", lambda code: code)


def least_code(monkeypatch):
    monkeypatch.setattr(exits, "most_severe", min)


def larger_base(monkeypatch):
    allows = Allowance.allows
    monkeypatch.setattr(Allowance, "allows", lambda self, number, runs: allows(self, number, 2 * runs))


def events_out_of_order(monkeypatch):
    record = Event.record

    def early(self):
        fields = record(self)
        return {**fields, "at": "2026-11-06T21:20:00.000Z"} if self.name == RUN_STATUS else fields

    monkeypatch.setattr(Event, "record", early)


def two_summaries(monkeypatch):
    finish = JsonLines.finish

    def twice(self, summary, document):
        finish(self, summary, document)
        finish(self, summary, document)

    monkeypatch.setattr(JsonLines, "finish", twice)


def lost_run(monkeypatch):
    with_runs = runner.with_runs

    def without_one(*words):
        document = with_runs(*words)
        return {**document, "runs": document["runs"][1:]}

    monkeypatch.setattr(runner, "with_runs", without_one)


def impatient(monkeypatch):
    monkeypatch.setattr(FailureReasons, "_wait_behind", lambda _self, _event: False)


def silent_status(monkeypatch):
    take = UpdateReducer.take
    monkeypatch.setattr(
        UpdateReducer,
        "take",
        lambda self, *words: [event for event in take(self, *words) if event.name != RUN_STATUS],
    )


class Break(NamedTuple):
    """A way to break the watch. `word`: the difference that it must make has it. `first`: the seed to begin with."""

    patch: Callable[[pytest.MonkeyPatch], object]
    word: str
    first: int = 0


VERDICTS = {
    "exit code 5 beside failures": Break(changed_verdict(five_for_one), "exit code"),
    "exit code 0 at a timeout": Break(changed_verdict(zero_for_four), "exit code"),
    "the number of completed runs": Break(changed_sentence(one_more("completed")), "completed, true is"),
    "none failed, beside allowed failures": Break(
        changed_sentence(instead(r"\d+ failed, (allowed|not counted)", "none failed")), "0 failed, true is"
    ),
    "a percentage of the wrong base": Break(larger_base, "exit code"),
    "expected runs that did not come": Break(few_are_enough, "end:", 40),
}
"""Breaks of the verdict, which plain pytest tries."""

OTHERS = {
    "the number of failed runs": Break(changed_sentence(one_more("failed")), "failed, true is"),
    "failures that are not said to be allowed": Break(
        changed_sentence(instead("failed, allowed", "failed")), "failed runs are said to be counted"
    ),
    "cancelled runs left out": Break(
        changed_sentence(instead(r"\d+ (runs? )?cancelled", "some ended")), "leaves out"
    ),
    "active runs left out": Break(changed_sentence(instead(r",? ?\d+ (running|queued)", "")), "leaves out"),
    "another timer as the end": Break(changed_sentence(instead("--timeout", "--stall")), "ended it"),
    "no word on expected runs": Break(
        changed_sentence(instead(r"; \d+ of \d+ expected runs? came", "")), "expected runs came"
    ),
    "the base of a percentage in the sentence": Break(
        changed_sentence(instead(r"% of (\d+)", r"% of 9\1")), "% of"
    ),
    "--settle": Break(never_settles, "end:"),
    "--exit-zero": Break(no_exit_zero, "exit code"),
    "which of several codes counts": Break(least_code, "exit code"),
    "events out of order": Break(events_out_of_order, "comes after"),
    "later events that overtake a failure": Break(impatient, "is dated", 62),
    "a change without an event": Break(silent_status, "comes 0 times"),
    "two summaries": Break(two_summaries, "exactly one summary"),
    "a run that the summary file lacks": Break(lost_run, "summary file: runs"),
}
"""Breaks of everything else."""


async def found_by(seed, folder):
    case = draw(seed)
    return differences(case, replay(case), await play(case, folder))


async def assert_found(broken, monkeypatch, folder):
    broken.patch(monkeypatch)
    for seed in range(broken.first, broken.first + MOST):
        if any(broken.word in one for one in await found_by(seed, folder)):
            break
    else:
        pytest.fail(f"no difference in {MOST} cases has {broken.word!r}")
    monkeypatch.undo()
    assert not await found_by(seed, folder), "the difference comes from the break"


@pytest.mark.parametrize("name", VERDICTS)
async def test_a_broken_verdict_is_found(name, monkeypatch, tmp_path):
    await assert_found(VERDICTS[name], monkeypatch, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
async def test_a_broken_watch_is_found(name, monkeypatch, tmp_path):
    await assert_found(OTHERS[name], monkeypatch, tmp_path)
