"""The screen of the deploy gate over data that the tests set: what it asks, judges, shows and asks for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowtui.model.history.past import LIVE, Reach, Watched
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.known_runs import Failure, ThreadState, apply_runs
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot
from flowtui.ui.base.messages import (
    AgentsNeeded,
    CommandLineRequested,
    MarksNeeded,
    RefreshRequested,
    ScreenRequested,
    WholeThreadsNeeded,
)
from flowtui.ui.gate import gate_data
from flowtui.ui.gate.gate_data import GATE
from flowtui.ui.gate.gate_screen import GateScreen

from ...past import ListPast, reader_of
from ..screen_app import FakeData, shown
from ..services import FakeServices

NOW = 1_800_000_000.0
DEPLOYED = NOW - 300  # when the release was deployed


@pytest.fixture(autouse=True)
def _judge_at_once(monkeypatch):
    monkeypatch.setattr(gate_data, "_PAUSE", 0.0)
    monkeypatch.setattr(gate_data, "_DUTY", 0.0)


@pytest.fixture
def release(a_run):
    """Make a snapshot with a release at `DEPLOYED`: runs before and after it, and how many of the latter failed.

    `whole`: all runs of the thread are known.
    """

    def make(before=60, after=40, failed=0, *, whole=True):
        old = [_ended(a_run, f"old_{n:02}", DEPLOYED - 20 * (n + 1)) for n in range(before)]
        new = [
            _ended(a_run, f"new_{n:02}", DEPLOYED + n, "failed" if n < failed else "completed")
            for n in range(after)
        ]
        state, _ = apply_runs(ThreadState("thr_1", 2.0), [*reversed(new), *old], at=NOW, whole=whole)
        return Snapshot(NOW, {"thr_1": state}, {"agent_1": "triage"}, listed=True)

    return make


def _ended(a_run, run_id, created, status="completed"):
    ended = {"failed": created + 5} if status == "failed" else {"completed": created + 5}
    used = {"usage": {"prompt_tokens": 90, "completion_tokens": 10, "total_tokens": 100}}
    return a_run(run_id, status, agent_id="agent_1", created=created, started=created + 1, **ended, **used)


def _gate(snapshot, *marks, deployed=(), **options):
    return shown(
        GateScreen(options.pop("gate", "")), FakeData(snapshot, marks, deployed), lambda: NOW, **options
    )


async def test_without_a_mark_the_gate_explains_it_and_finds_one_that_is_set_later(release):
    async with _gate(release(), Mark(NOW + 60, "later")) as seat:
        await seat.sees("No mark yet", "m names this moment", "flowtui mark NAME")
        assert seat.screen.answer is None
        assert len(seat.posted(MarksNeeded)) == len(seat.posted(AgentsNeeded)) == 1
        await seat.press("p", "right_square_bracket")  # there is no other mark to choose
        seat.data.marks = (Mark(NOW - 200, "from-ci"),)
        seat.screen.catch_up()
        await seat.sees("Deploy gate", "from-ci", "3m 20s ago")
        await seat.until(lambda: seat.screen.current is not None)
        seat.update(release())
        await seat.pilot.pause()
        assert len(seat.posted(AgentsNeeded)) == 2  # deployments are marks too


async def test_a_remapped_key_is_named_in_the_explanation(release):
    async with _gate(release(), keys={"gate_name_moment": "f6"}) as seat:
        await seat.sees("f6 names this moment")
        seat.screen.action_name_moment()
        seat.screen.action_refresh_all()
        await seat.until(lambda: seat.posted(CommandLineRequested) and seat.posted(RefreshRequested))
        assert seat.posted(CommandLineRequested)[0].begun == "mark "


async def test_deployments_can_be_judged_and_the_users_mark_comes_first(release):
    deployed = (Mark(NOW - 600, "agent:router"), Mark(NOW - 400, "agent:triage"))
    async with _gate(release(), deployed=deployed) as seat:
        await seat.sees("since agent:triage")
        seat.data.marks = (Mark(NOW - 500, "mine"),)
        seat.screen.catch_up()
        await seat.sees("since mine")
        await seat.press("right_square_bracket")
        await seat.sees("since agent:triage")
        await seat.press("p", "p", "p")
        await seat.sees("since agent:router")  # the oldest
        await seat.press("right_square_bracket")
        await seat.sees("since mine")
        seat.data.marks = (*seat.data.marks, Mark(NOW - 100, "newer"))
        seat.screen.catch_up()
        await seat.sees("since newer")  # the default mark was chosen, which is always the newest


async def test_a_bad_release_fails_while_the_screen_is_open(release):
    async with _gate(release(after=2), Mark(DEPLOYED, "v2")) as seat:
        await seat.sees("UNDECIDED", "v2")
        assert seat.screen.current.verdict == "INCONCLUSIVE"
        seat.update(release(before=240, after=160, failed=144))
        await seat.sees(
            "× FAIL", "failed share is", "surely above 10.0% (base + 10%)", "decided 07:55, after"
        )
        assert seat.screen.current.verdict == "FAIL"
        assert {run.status for run in seat.screen.failures} == {"failed"}
        assert len(seat.screen.failures) == gate_data._EXPLAINED
        await seat.press("B")
        await seat.until(
            lambda: seat.screen.current and any(row.agent for row in seat.screen.current.judgement.rows)
        )
        assert "crm 502" not in seat.text
        seat.data.known = {run.key: Reason("crm 502") for run in seat.screen.failures}
        seat.screen.tick()
        await seat.sees("Failures since v2  reasons not", "20×  crm 502", "triage 20")


async def test_an_answer_to_an_older_question_is_not_shown_as_current(release):
    async with _gate(release(), Mark(DEPLOYED, "v2")) as seat:
        await seat.until(lambda: seat.screen.current is not None)
        seat.screen.window = 4
        assert seat.screen.current is None
        seat.screen.tick()
        await seat.until(
            lambda: seat.screen.current is not None and seat.screen.current.question.compare == 86_400
        )


async def test_missing_runs_are_asked_for_and_then_judged(release):
    async with _gate(release(whole=False), Mark(DEPLOYED, "v1")) as seat:
        await seat.press("l", "right")
        await seat.sees(
            "not all runs before the mark are known", "flowtui watch --since mark:v1 --compare 24h"
        )
        assert seat.screen.current.question.compare == 86_400
        assert seat.screen.current.verdict == "INCONCLUSIVE"
        assert [list(message.keys) for message in seat.posted(WholeThreadsNeeded)][-1] == ["thr_1"]
        seat.update(release(whole=True))
        await seat.until(lambda: seat.screen.current is not None and not seat.screen.current.sides.missing)
        asked = len(seat.posted(WholeThreadsNeeded))
        seat.screen.tick()
        await seat.pilot.pause()
        assert len(seat.posted(WholeThreadsNeeded)) == asked


async def test_typed_limits_are_judged_and_an_invalid_one_changes_nothing(release):
    async with _gate(release(), Mark(DEPLOYED, "v1")) as seat:
        await seat.until(lambda: seat.screen.current is not None)
        await seat.press("slash", "ctrl+u")
        await seat.paste("failure_rat")
        await seat.sees("column 1")
        await seat.press("enter")
        await seat.until(lambda: seat.said)
        assert seat.said[0].startswith("The limits stay as they were: column 1")
        assert seat.screen.gate.text == GATE
        assert seat.posted(ScreenRequested) == []
        await seat.press("slash", "ctrl+u")
        await seat.paste("failure_rate <= 100%")
        await seat.press("enter")
        await seat.until(lambda: seat.posted(ScreenRequested))
        [asked] = seat.posted(ScreenRequested)
        assert (asked.name, asked.argument) == (seat.screen.name, "failure_rate <= 100%")
        seat.screen.renew(asked.argument)
        await seat.until(lambda: seat.screen.answer.question.gate.text == "failure_rate <= 100%")
        seat.screen.renew()  # the screen is opened again, without limits
        assert seat.screen.gate.text == "failure_rate <= 100%"


async def test_limits_that_do_not_use_the_base_miss_no_runs_of_it(release):
    async with _gate(release(whole=False), Mark(DEPLOYED, "v1"), gate="failure_rate <= 100%") as seat:
        await seat.press("l", "l")
        await seat.until(lambda: seat.screen.current is not None)
        assert seat.screen.current.verdict == "PASS"
        assert not seat.screen.current.sides.missing


async def test_unchanged_runs_are_not_judged_again(release):
    async with _gate(snapshot := release(), Mark(DEPLOYED, "v1")) as seat:
        await seat.until(lambda: seat.screen.current is not None)
        before = seat.screen.answer
        for _ in range(5):
            seat.screen.tick()
        seat.update(snapshot)
        assert not seat.screen.judging
        await seat.sees("last refreshed 08:00:00")
        seat.update(
            replace(snapshot, threads={"thr_1": replace(snapshot.threads["thr_1"], observed=NOW + 2)})
        )
        await seat.sees("last refreshed 08:00:02")  # the answer is right for what was read by then
        assert seat.screen.answer is before
        seat.update(release())
        await seat.until(lambda: seat.screen.answer is not before)


async def test_a_judgement_is_at_most_one_a_second_unless_the_question_changes(release, monkeypatch):
    monkeypatch.setattr(gate_data, "_PAUSE", 600.0)
    async with _gate(release(), Mark(DEPLOYED, "v1")) as seat:
        await seat.until(lambda: seat.screen.current is not None)
        before = seat.screen.answer
        seat.update(release(failed=9))
        assert not seat.screen.judging
        assert seat.screen.answer is before
        await seat.press("l")
        await seat.until(lambda: seat.screen.answer.question.compare == 21_600)
        await seat.press("h", "left", "h", "h", "h")
        await seat.until(lambda: seat.screen.answer.question.compare == 1_800)
        bar = seat.screen.query_one("#gate-choices").region
        line = seat.text.splitlines()[bar.y]
        await seat.pilot.click(offset=(line.index("24h"), bar.y))
        await seat.pilot.click(offset=(line.index("each agent"), bar.y))
        await seat.until(
            lambda: (
                (current := seat.screen.current)
                and current.question.compare == 86_400
                and current.question.by_agent
            )
        )


@pytest.mark.parametrize("size", [(60, 15), (80, 24)])
async def test_the_gate_fits_small_screens(release, size):
    async with _gate(release(), Mark(DEPLOYED, "v1"), size=size, ascii=True) as seat:
        await seat.sees("UNDECIDED", "since v1")
        await seat.press("G")
        await seat.sees("tokens_per_run")
        assert all(len(line) == size[0] for line in seat.text.splitlines())
        await seat.press("g")
        await seat.sees("UNDECIDED")


async def test_the_base_comes_from_the_history_where_it_remembers_it(release):
    whole = release(before=60)
    remembered = list(whole.runs())
    snapshot = release(before=4, whole=False)  # the rest has left memory
    past = ListPast(
        remembered, [Watched(NOW - 86_400, NOW, LIVE)], reached={"thr_1": Reach(NOW, True, float("inf"))}
    )
    data, services = FakeData(snapshot, (Mark(DEPLOYED, "release-42"),)), FakeServices()
    data.past = reader_of(past, services)
    async with shown(GateScreen(), data, lambda: NOW, size=(120, 36)) as seat:
        await seat.until(lambda: seat.screen.current is not None)
        await seat.sees("Judging …")
        assert not seat.posted(WholeThreadsNeeded)  # not before the history has answered
        await services.work()
        text = "base from the history (56 of 60 runs): watched all 2h"
        await seat.until(lambda: text in seat.screen.body.text)
        assert "0 of 60 in the base" in seat.screen.body.text
        assert not seat.screen.answer.sides.missing
        assert not seat.posted(WholeThreadsNeeded)
        past.broken = "the file is broken"
        await seat.press("l")
        await seat.until(lambda: services.started)
        await services.work()
        await seat.sees("not all runs before the mark are known")
        await seat.until(lambda: "base from the API: the file is broken" in seat.screen.body.text)
        await seat.until(lambda: seat.posted(WholeThreadsNeeded))


async def test_old_data_says_when_it_was_read(release):
    snapshot = release(before=240, after=160, failed=144)
    async with _gate(snapshot, Mark(DEPLOYED, "v2")) as seat:
        await seat.sees("decided 07:55")
        failed = Failure("server", "HTTP 503 from the API", NOW - 60)
        state = replace(snapshot.threads["thr_1"], observed=NOW - 90, failure=failed)
        seat.update(replace(snapshot, threads={"thr_1": state}))
        await seat.sees("× FAIL", "as of 07:58:30", "HTTP 503 from the API")
        assert "decided" not in seat.text
        assert "refreshed" not in seat.text
