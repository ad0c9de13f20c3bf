"""Answers about a time range: from the history and memory together, then true after each update."""

from __future__ import annotations

import gc
from itertools import pairwise

from flowtui.model.history.past import LIVE, Seen, Watched
from flowtui.model.reasons.reason import Reason
from flowtui.model.state.changes import CHANGED, Change
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.ui.base.answer_data import AnswerData, Question

from ...past import ListPast, reader_of
from ...store.remembering import BEGIN, run
from ..services import FakeServices

CRM, TAX = Reason("502 of crm", "tool crm"), Reason("no tax_rate", "tool run_python")
NOW = BEGIN + 1000


class Seat:
    """Answers over a past, and the runs in memory; `answers` are those that were taken."""

    def __init__(self, past=None, *runs):
        self.services, self.found, self.known = FakeServices(), [], {}
        state = ThreadState("thread-1", 2.0, runs={one.raw_id: one for one in runs})
        self.snapshot = Snapshot(NOW, {"thread-1": state}, clock_offset=100.0)
        self.data = AnswerData(self.services, reader_of(past, self.services), lambda: self.known)

    def ask(self, **fields):
        self.data.ask("x", Question(BEGIN, **fields), self.snapshot, self.found.append)

    def change(self, after):
        self.data.update(Update(self.snapshot, (Change(CHANGED, None, after, None, NOW),)))

    @property
    def ids(self):
        return sorted(one.raw_id for one in self.data.answer("x").runs.between())


def remembered():
    rows = [
        run("old", "failed", created=BEGIN - 500),
        run("a", "failed"),
        run("b", "failed", created=BEGIN + 5),
    ]
    known = {rows[0].key: CRM, rows[1].key: CRM, rows[2].key: TAX}
    return ListPast(rows, [Watched(BEGIN - 600, NOW, LIVE)], known=known)


async def test_history_and_memory_in_one_answer_in_the_time_of_the_server():
    seat = Seat(remembered(), run("live", created=BEGIN + 900))
    seat.ask(more=lambda past: len(past.active()))
    assert seat.data.answer("x") is None, "it is computed in a thread"
    await seat.services.work("answers")
    answer = seat.data.answer("x")
    assert (seat.found, seat.ids) == ([answer], ["a", "b", "live"])
    assert (answer.begin, answer.more, answer.trouble) == (BEGIN - 500, 0, "")
    assert (answer.seen, answer.unseen) == ({CRM: Seen(1, BEGIN - 488.5, BEGIN - 488.5)}, {TAX})
    assert (answer.coverage.since, answer.coverage.until, answer.coverage.share) == (BEGIN, NOW + 100, 1.0)
    seat.known = {("thread-1", "live"): TAX}
    assert len(seat.data.reasons("x")) == 4 - 1
    assert seat.data.reasons("x") is seat.data.reasons("x"), "many reasons are not copied each second"


async def test_what_happens_while_the_answer_is_computed_is_in_it_and_what_happens_after_it():
    seat = Seat(remembered())
    seat.ask(failed=True)
    seat.change(run("c", "failed", created=BEGIN + 50))
    await seat.services.work("answers")
    assert seat.ids == ["a", "b", "c"]
    seat.change(run("d", "failed", created=BEGIN + 60))
    seat.change(run("e", created=BEGIN + 60))
    assert seat.ids == ["a", "b", "c", "d"]


async def test_once_more_can_be_read_each_question_is_answered_anew():
    past = remembered()
    whole, past.rows = past.rows, past.rows[:2]
    seat = Seat(past)
    seat.ask(failed=True)
    await seat.services.work("answers")
    assert seat.ids == ["a"]
    past.rows = whole
    seat.data.ask_again()
    assert seat.ids == ["a"], "the last answer is kept up to the new one"
    seat.change(run("c", "failed", created=BEGIN + 50))
    await seat.services.work("answers")
    assert seat.ids == ["a", "b", "c"]
    seat.data.close("x")
    seat.data.ask_again()
    assert not seat.services.started


async def test_a_question_that_is_being_answered_when_more_can_be_read_is_answered_anew_after_that():
    past = remembered()
    whole, past.rows = past.rows, past.rows[:2]
    seat = Seat(past)
    seat.ask(failed=True)
    seat.data.ask_again()
    assert len(seat.services.started) == 1, "not twice at once"

    def taken(answer, found=seat.found):
        found.append(answer)
        past.rows = whole

    seat.data.ask("x", Question(BEGIN, failed=True), seat.snapshot, taken)
    seat.data.ask_again()
    await seat.services.work("answers")
    assert (len(seat.found), seat.ids) == (2, ["a", "b"])


async def test_the_last_question_counts_and_a_closed_one_is_not_answered():
    seat = Seat(remembered())
    seat.ask()
    seat.ask(agent="nobody")
    await seat.services.work("answers")
    assert [answer.question.agent for answer in seat.found] == ["nobody"]
    seat.ask()
    seat.data.close("x")
    await seat.services.work("answers")
    assert (len(seat.found), seat.data.answer("x"), seat.data.reasons("x")) == (1, None, {})


async def test_without_a_history_memory_alone_and_a_broken_one_says_why():
    seat = Seat(None, run("live", "failed"))
    seat.ask()
    await seat.services.work("answers")
    answer = seat.data.answer("x")
    assert (seat.ids, answer.begin, answer.coverage, answer.trouble) == (["live"], None, None, "")
    broken = Seat(remembered(), run("live", "failed"))
    broken.data._past._history.past.broken = "the disk reports an error"
    broken.ask()
    await broken.services.work("answers")
    assert (broken.ids, broken.data.answer("x").trouble) == (["live"], "the disk reports an error")


async def test_what_nobody_waits_for_is_read_in_parts_that_miss_nothing():
    rows = [run(f"run-{number}", created=BEGIN + 13.7 * number) for number in range(70)]
    seat = Seat(ListPast(rows, [Watched(BEGIN - 600, NOW, LIVE)]))
    seat.ask(hurry=False)
    await seat.services.work("answers")
    assert seat.ids == sorted(one.raw_id for one in rows)
    asked = [
        each[1:3]
        for each in seat.data._past._history.past.asked
        if each[0] == "runs" and each[3] == "counted"
    ]
    assert len(asked) == 16
    assert all(before[1] == after[0] for before, after in pairwise(asked))


async def test_new_reasons_are_looked_up_once():
    seat, drawn = Seat(remembered()), []
    seat.ask(agent="nobody")
    await seat.services.work("answers")
    other = Reason("other")
    for _ in range(2):
        seat.data.look_up("x", [CRM, TAX, other], lambda: drawn.append(1))
        await seat.services.work()
    answer = seat.data.answer("x")
    assert (drawn, set(answer.seen), answer.unseen) == ([1], {CRM}, {TAX, other})


async def test_what_may_come_later_is_read_once_the_first_answer_is_drawn():
    seat, done = Seat(remembered()), []

    async def drawn():
        done.append(("drawn", len(seat.found), gc.isenabled()))

    seat.ask(later=lambda past: done.append(("read", past.begin)) or 7, drawn=drawn)
    await seat.services.work("answers")
    assert done == [("drawn", 1, False), ("read", BEGIN - 600)]
    assert (len(seat.found), seat.found[-1].later, gc.isenabled()) == (2, 7, True)
