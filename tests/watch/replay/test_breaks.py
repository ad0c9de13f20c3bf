"""The replay finds a watch that is broken on purpose. Otherwise it would prove nothing."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from flowtui.watch import exits, runner
from flowtui.watch.events import RUN_STATUS, Event
from flowtui.watch.judge.outcome import Verdict
from flowtui.watch.judge.update_reducer import UpdateReducer
from flowtui.watch.options import Allowance, Options
from flowtui.watch.output.formats.json_lines import JsonLines

from .compare import differences
from .draws import draw
from .oracle import replay
from .play import play

SEEDS = range(150)


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
    return lambda monkeypatch: monkeypatch.setattr(Verdict, "reason", property(lambda self: change(reason(self))))


def five_for_one(verdict):
    return replace(verdict, code=5) if verdict.code == 1 and verdict.tally.of_class("cancelled") else verdict


def one_more(sentence, word):
    return re.sub(rf"(\d+) {word}", lambda found: f"{int(found[1]) + 1} {word}", sentence)


def larger_base(monkeypatch):
    allows = Allowance.allows
    monkeypatch.setattr(Allowance, "allows", lambda self, number, runs: allows(self, number, runs + 2))


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


def silent_status(monkeypatch):
    take = UpdateReducer.take
    monkeypatch.setattr(
        UpdateReducer,
        "take",
        lambda self, *words: [event for event in take(self, *words) if event.name != RUN_STATUS],
    )


BREAKS = {
    # what is broken: (how, a word of the difference that it must make)
    "exit code 5 beside failures": (changed_verdict(five_for_one), "exit code"),
    "the code for a timeout": (changed_verdict(lambda one: replace(one, code=0) if one.code == 4 else one), "exit code"),
    "the number of completed runs": (changed_sentence(lambda text: one_more(text, "completed")), "completed, true is"),
    "the number of failed runs": (changed_sentence(lambda text: one_more(text, "failed")), "failed, true is"),
    "none failed, beside allowed failures": (
        changed_sentence(lambda text: re.sub(r"\d+ failed, (allowed|not counted)", "none failed", text)),
        "0 failed, true is",
    ),
    "failures that are not said to be allowed": (
        changed_sentence(lambda text: text.replace("failed, allowed", "failed")),
        "failed runs are said to be counted",
    ),
    "cancelled runs left out": (
        changed_sentence(lambda text: re.sub(r"\d+ (runs? )?cancelled", "some were stopped", text)),
        "leaves out",
    ),
    "the runs that still run left out": (
        changed_sentence(lambda text: re.sub(r",? ?\d+ (running|queued)", "", text)),
        "leaves out",
    ),
    "another timer as the end": (
        changed_sentence(lambda text: text.replace("--timeout", "--stall")),
        "ended it",
    ),
    "expected runs left out": (
        changed_sentence(lambda text: re.sub(r"; \d+ of \d+ expected runs? came", "", text)),
        "expected runs came",
    ),
    "a percentage of the wrong base": (larger_base, "exit code"),
    "the base of a percentage in the sentence": (
        changed_sentence(lambda text: re.sub(r"% of (\d+)", lambda found: f"% of {int(found[1]) + 1}", text)),
        "% of",
    ),
    "--expect": (
        lambda monkeypatch: [
            monkeypatch.setattr(Options, name, property(lambda _: 1)) for name in ("expected", "needed_at_start")
        ],
        "end:",
    ),
    "--settle": (lambda monkeypatch: monkeypatch.setattr(Options, "settles", property(lambda _: False)), "end:"),
    "--exit-zero": (lambda monkeypatch: monkeypatch.setattr(exits, "with_exit_zero", lambda code: code), "exit code"),
    "which of several codes counts": (
        lambda monkeypatch: monkeypatch.setattr(exits, "most_severe", lambda codes: min(codes)),
        "exit code",
    ),
    "events out of order": (events_out_of_order, "comes after"),
    "a change without an event": (silent_status, "is missing"),
    "two summaries": (two_summaries, "exactly one summary"),
    "a run that the summary file lacks": (lost_run, "summary file: runs"),
}


async def found_by(seed, folder):
    case = draw(seed)
    return differences(case, replay(case), await play(case, folder))


@pytest.mark.parametrize("broken", BREAKS)
async def test_a_broken_watch_is_found(broken, monkeypatch, tmp_path):
    patch, word = BREAKS[broken]
    patch(monkeypatch)
    for seed in SEEDS:
        found = [one for one in await found_by(seed, tmp_path) if word in one]
        if found:
            break
    else:
        pytest.fail(f"{broken}: no difference in {len(SEEDS)} cases has {word!r}")
    monkeypatch.undo()
    assert not await found_by(seed, tmp_path), "the difference comes from the break"
