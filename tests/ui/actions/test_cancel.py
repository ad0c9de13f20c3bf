"""Cancelling from the screen: confirmation, requests and messages; tested without a screen, and on the simulator."""

from __future__ import annotations

import asyncio

import pytest

from flowtui.model.events.cancellation import ASKED, NOT_SENT, REFUSED, UNKNOWN, Cancellations, CancelReply
from flowtui.model.feed import CANCEL
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.text import short_id
from flowtui.ui.actions.cancel import (
    NO_CONNECTION,
    NO_RUN,
    READ_ONLY,
    CancelController,
    cancel_question,
    choose,
)
from flowtui.ui.paint import ink
from flowtui.ui.widgets.confirm import ConfirmScreen

NOW = 1_800_000_000.0
WORLD = {"seed": 23}


def text_of(question):
    return "\n".join("".join(span.text for span in line) for line in question.lines)


def picture(*runs, observed=NOW, agents=None):
    state = ThreadState("thr_1", interval=2.0, runs={run.raw_id: run for run in runs}, observed=observed)
    return Snapshot(NOW, threads={"thr_1": state}, agents=agents or {})


# -- the question


def asked_about(runs, snapshot, known=None, cells=68, rows=20):
    return cancel_question(
        choose(runs, snapshot, known or Cancellations()), snapshot, snapshot.at, cells, rows
    )


def test_the_question_about_one_run_identifies_it(a_run):
    run = a_run("run_1", started=NOW - 192, created=NOW - 200, agent_id="agent_1")
    question = asked_about([run], picture(run, agents={"agent_1": "checkout"}))
    assert question.title == "Cancel this run?"
    for words in ("run_1", "checkout", "thr_1", "running for 3m 12s", "cannot be undone"):
        assert words in text_of(question), words
    assert (question.yes, question.no) == ("cancel it", "let it go on")


def test_the_question_about_several_runs_counts_and_lists_them(a_run):
    runs = [a_run(f"run_{number}", started=NOW - 60) for number in range(9)]
    question = asked_about(runs, picture(*runs))
    assert question.title == "Cancel 9 runs?"
    assert "run_4" in text_of(question)
    assert "run_5" not in text_of(question)
    assert "…and 4 more" in text_of(question)
    assert "running 1m 00s" in text_of(question)
    assert question.yes == "cancel all 9"


def test_runs_left_out_are_mentioned(a_run):
    alive = [a_run("run_1"), a_run("run_2", "queued")]
    ended = [a_run("run_3", "completed"), a_run("run_4", "failed")]
    on_its_way = a_run("run_5")
    known = Cancellations().ask(on_its_way, NOW)
    question = asked_about([*alive, *ended, on_its_way], picture(*alive, *ended, on_its_way), known)
    assert question.title == "Cancel 2 runs?"
    assert "2 runs have already ended: left out." in text_of(question)
    assert "run_5 is being cancelled already: left out." in text_of(question)


def test_which_runs_can_be_cancelled_depends_on_the_newest_rows_not_on_the_shown_ones(a_run):
    shown = a_run("run_1")
    question = asked_about([shown], picture(a_run("run_1", "completed")))
    assert (question.title, question.yes) == ("Nothing to cancel", "")
    assert "run_1 has already ended" in text_of(question)


def test_a_run_without_an_id_is_never_cancelled(a_run):
    nameless = a_run(None)
    assert nameless.placeholder
    question = asked_about([nameless], picture(nameless))
    assert question.yes == ""
    assert "has no id" in text_of(question)


@pytest.mark.parametrize("count", [1, 2, 9, 500])
@pytest.mark.parametrize(("cells", "rows"), [(56, 10), (36, 5), (68, 30)])
def test_the_question_fits_into_the_dialog_whatever_the_names_are(a_run, count, cells, rows):
    runs = [
        a_run(f"run_{'漢x' * 200}_{number}", f"{'s' * 99}", agent_id="a" * 300) for number in range(count)
    ]
    runs += [a_run(f"done_{number}", "completed") for number in range(3)]
    question = asked_about(runs, picture(*runs), cells=cells, rows=rows)
    assert question.yes
    assert len(question.lines) <= rows
    assert all(ink.width(line) <= cells for line in question.lines)


# -- the controller, without a screen


class Desk:
    """A controller with a user who gives the answer `sure`, and a server that records requests and gives `answers`."""

    def __init__(self, *runs, sure=True, allowed=True):
        self.now = NOW
        self.rows = {run.raw_id: run for run in runs}
        self.sure = sure
        self.observed = NOW
        self.answers = {}
        self.questions, self.sent, self.told, self.changes = [], [], [], 0
        self.connected, self.can = True, {CANCEL}
        self.flow = CancelController(
            allowed=allowed,
            feed=lambda: self if self.connected else None,
            confirm=self.confirm,
            show_message=lambda text, bad: self.told.append((text, bad)),
            changed=self.changed,
            now=lambda: self.now,
        )

    def changed(self):
        self.changes += 1

    def snapshot(self):
        return picture(*self.rows.values(), observed=self.observed)

    async def confirm(self, ask):
        self.questions.append(ask(68, 20))
        return self.sure

    async def cancel_run(self, key):
        self.sent.append(key[1])
        answer = self.answers.get(key[1], CancelReply(ASKED, self.now))
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def look(self, seconds, **rows):
        self.now += seconds
        self.observed = self.now
        self.rows.update(rows)
        self.flow.update(self.snapshot())


async def test_without_allow_actions_a_message_names_the_option_and_no_question_is_asked(a_run):
    desk = Desk(a_run("run_1"), allowed=False)
    await desk.flow.cancel(list(desk.rows.values()))
    assert desk.told == [(READ_ONLY, False)]
    assert (desk.questions, desk.sent) == ([], [])
    assert "--allow-actions" in READ_ONLY


async def test_without_a_connection_or_a_run_a_message_says_so_and_nothing_is_sent(a_run):
    desk = Desk(a_run("run_1"))
    await desk.flow.cancel([])
    desk.connected = False
    await desk.flow.cancel(list(desk.rows.values()))
    assert [text for text, _ in desk.told] == [NO_RUN, NO_CONNECTION]
    assert desk.sent == []


async def test_nothing_is_sent_if_the_user_answers_no(a_run):
    desk = Desk(a_run("run_1"), sure=False)
    await desk.flow.cancel(list(desk.rows.values()))
    assert len(desk.questions) == 1
    assert (desk.sent, desk.told, desk.flow.state_texts()) == ([], [], {})


async def test_one_run_is_cancelled_after_confirmation(a_run):
    desk = Desk(a_run("run_1"))
    await desk.flow.cancel(list(desk.rows.values()))
    assert (desk.sent, desk.told) == (["run_1"], [])
    desk.look(4)
    assert desk.flow.state_texts() == {("thr_1", "run_1"): "cancelling 4s"}
    await desk.flow.cancel(list(desk.rows.values()))
    assert desk.told == [("Nothing to cancel: run_1 is being cancelled already", False)]
    desk.look(1, run_1=a_run("run_1", "canceled"))
    assert desk.told[1:] == [("run_1 was cancelled", False)]
    assert desk.flow.state_texts() == {}
    assert desk.sent == ["run_1"]
    assert desk.changes


async def test_if_a_run_goes_on_after_the_request_a_warning_says_so_and_no_second_request_is_sent(a_run):
    desk = Desk(a_run("run_1"))
    await desk.flow.cancel(list(desk.rows.values()))
    for _ in range(30):
        desk.look(2)
    assert [bad for _, bad in desk.told] == [True]
    assert "still running 16s after the request to cancel" in desk.told[0][0]
    assert desk.flow.state_texts() == {("thr_1", "run_1"): "still running 1m after the request to cancel"}
    assert desk.sent == ["run_1"]


async def test_several_runs_are_reported_together_at_the_end(a_run):
    runs = [a_run(f"run_{number}") for number in range(3)]
    desk = Desk(*runs)
    await desk.flow.cancel(runs)
    assert desk.sent == ["run_0", "run_1", "run_2"]
    desk.look(2, run_0=a_run("run_0", "canceled"))
    desk.look(2, run_1=a_run("run_1", "completed"))
    assert desk.told == []
    for _ in range(8):
        desk.look(2)
    assert desk.told == [("3 asked: 1 cancelled, 1 finished first, 1 still running", True)]
    desk.look(2, run_2=a_run("run_2", "canceled"))
    assert desk.told[1:] == [("run_2 was cancelled", False)]


async def test_the_summary_of_several_runs_quotes_a_refusal(a_run):
    runs = [a_run("run_0"), a_run("run_1")]
    desk = Desk(*runs)
    desk.answers["run_1"] = CancelReply(REFUSED, NOW, "POST: 403 Forbidden")
    await desk.flow.cancel(runs)
    desk.look(2, run_0=a_run("run_0", "canceled"))
    assert desk.told == [
        ("2 asked: 1 cancelled, 1 refused. run_1 was not cancelled: POST: 403 Forbidden", True)
    ]


@pytest.mark.parametrize("word", [REFUSED, NOT_SENT, UNKNOWN])
async def test_a_failed_cancel_shows_a_warning_with_its_reason_at_once(a_run, word):
    desk = Desk(a_run("run_1"))
    desk.answers["run_1"] = CancelReply(word, NOW, "because")
    await desk.flow.cancel(list(desk.rows.values()))
    ((text, bad),) = desk.told
    assert bad
    assert "because" in text
    assert "run_1" in text


async def test_runs_that_end_before_their_turn_are_not_cancelled(a_run):
    runs = [a_run("run_0"), a_run("run_1")]
    desk = Desk(*runs)

    async def cancel_run(key):
        desk.look(1, run_1=a_run("run_1", "completed"))
        return await Desk.cancel_run(desk, key)

    desk.cancel_run = cancel_run
    await desk.flow.cancel(runs)
    assert desk.sent == ["run_0"]


async def test_runs_that_end_during_the_question_are_not_cancelled(a_run):
    runs = [a_run("run_0"), a_run("run_1")]
    desk = Desk(*runs)

    async def confirm(ask):
        desk.rows["run_0"] = a_run("run_0", "completed")
        desk.questions.append(ask(68, 20))
        return True

    desk.flow._confirm = confirm
    await desk.flow.cancel(runs)
    assert "run_0 has already ended" in text_of(desk.questions[0])
    assert desk.sent == ["run_1"]


async def test_while_a_question_is_shown_no_second_one_is_asked(a_run):
    desk = Desk(a_run("run_1"))
    asked, answer = asyncio.Event(), asyncio.Event()

    async def confirm(_ask):
        desk.questions.append(None)
        asked.set()
        await answer.wait()
        return True

    desk.flow._confirm = confirm
    runs = list(desk.rows.values())
    first = asyncio.create_task(desk.flow.cancel(runs))
    await asked.wait()
    await desk.flow.cancel(runs)
    assert len(desk.questions) == 1
    answer.set()
    await first
    assert desk.sent == ["run_1"]


async def test_if_cancelling_is_interrupted_one_run_is_unknown_and_the_rest_not_sent(a_run):
    runs = [a_run("run_0"), a_run("run_1")]
    desk = Desk(*runs)
    desk.answers["run_0"] = asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError):
        await desk.flow.cancel(runs)
    words = [desk.flow.known.of(run.key).word for run in runs]
    assert words == [UNKNOWN, NOT_SENT]
    assert desk.told[0][0].startswith("2 asked: 1 not sent, 1 unknown")


# -- on the simulator


async def _ask(seat, run):
    """Ask to cancel a run, and wait for the question."""
    await seat.choose(run.raw_id)
    await seat.press("ctrl+k")
    await seat.until(lambda: isinstance(seat.app.screen, ConfirmScreen))
    await seat.sees("y cancel")


def _lasting(seat):
    """Return a run that will still run for at least 28 seconds; the world of this seed has one."""
    world, now = seat.simulator.world, seat.simulator.calendar.now()
    plans = [world.timeline(thread).holder(now) for thread in range(world.threads)]
    lasting = {
        world.run_id(thread, plan.number)
        for thread, plan in enumerate(plans)
        if plan is not None and plan.status(now) == "running" and plan.ended > now + 28
    }
    return next(run for run in seat.rows if run.raw_id in lasting)


def _posts(seat):
    return [path for method, path, _ in seat.simulator.requests if method == "POST" and "cancel" in path]


def _said(seat):
    return [(note.message, note.severity) for note in seat.app._notifications]


async def test_enter_cancels_nothing_and_y_cancels_the_run(app):
    async with app(size=(60, 15), world=WORLD, allow_actions=True) as seat:
        flow, run = seat.app.session.cancelling, _lasting(seat)
        await _ask(seat, run)
        question = (run.id[-8:], "Cancel this run?", "running for", "cannot be undone", "n enter esc")
        await seat.sees(*question)
        await seat.press("enter")
        await seat.until(lambda: seat.app.screen is seat.dashboard)
        await seat.until(lambda: not any(worker.group == "cancel" for worker in seat.app.workers))
        assert (_said(seat), _posts(seat), flow.state_texts()) == ([], [], {})

        await seat.pilot.resize_terminal(140, 40)
        await seat.until(lambda: seat.dashboard.size == (140, 40))
        await _ask(seat, run)
        await seat.sees(*question)
        assert _posts(seat) == []
        await seat.press("y")
        await seat.until(lambda: flow.state_texts().get(run.key, "").startswith("cancelling"))
        await seat.until(lambda: _posts(seat) and flow.known.of(run.key).answered is not None)
        await seat.later(2)
        await seat.until(lambda: _said(seat))
        assert _said(seat) == [(f"{short_id(run.id)} was cancelled", "information")]
        assert len(_posts(seat)) == 1


async def test_if_the_server_ignores_the_request_the_user_is_told(app):
    async with app(world=WORLD, allow_actions=True, faults=["cancel-ignored"]) as seat:
        flow, run = seat.app.session.cancelling, _lasting(seat)
        await _ask(seat, run)
        await seat.press("y")
        await seat.until(lambda: _posts(seat) and flow.known.of(run.key).answered is not None)
        for _ in range(4):
            await seat.later(4.5)
            await seat.until(lambda: seat.dashboard.snapshot.threads[run.thread_key].observed == seat.clock())
        await seat.until(lambda: _said(seat))
        [(text, severity)] = _said(seat)
        assert "still running" in text
        assert severity == "warning"
        assert len(_posts(seat)) == 1


async def test_without_allow_actions_nothing_is_sent(app):
    """No way to cancel a run sends a request; `test_keys` tests the same for all other keys."""
    async with app() as seat:
        for key in ("ctrl+k", "y", "enter", "ctrl+k", "y", "escape", "space", "j", "space", "ctrl+k", "y"):
            await seat.press(key)
        await seat.until(lambda: _said(seat).count((READ_ONLY, "information")) >= 3)
        before = len(seat.simulator.requests)
        await seat.later(5)
        await seat.until(lambda: len(seat.simulator.requests) > before + 4)
        made = {(method, "" if method == "GET" else path) for method, path, _ in seat.simulator.requests}
        assert made <= {("GET", ""), ("POST", "/v1/observability/spans")}
        assert ("GET", "") in made
