"""The numbers of reasons in one watch: stable, the same everywhere, with counts and what is new."""

from __future__ import annotations

from flowtui.model.messages.why import Why
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.parsing import parse_run
from flowtui.watch.reason_numbers import ReasonGroup, ReasonNumbers

TAX, CRM = Reason("'tax_rate' is not in the order", "tool run_python"), Reason("502 Bad Gateway", "tool crm")
AGENTS = {"a": "checkout", "b": "billing"}


def failed(number, agent="a", status="failed"):
    return parse_run({"id": f"run_{number}", "status": status, "agent_id": agent}, "thr")


class Watched:
    def __init__(self):
        self.runs, self.known = {}, {}
        self.numbers = ReasonNumbers(self.runs, self.known)

    def fail(self, number, reason, agent="a"):
        run = failed(number, agent)
        self.runs[run.key] = run
        if reason is not None:
            self.known[run.key] = Why(reason.text, reason.text, reason)
        return run

    def mention(self, number, reason, agent="a"):
        found = self.numbers.mention(self.fail(number, reason, agent), AGENTS)
        return found and (found.number, found.runs, found.first, found.agent)


def test_a_reason_is_told_once_and_then_by_its_number():
    watched = Watched()
    assert watched.mention(1, TAX) == (1, 1, True, "")
    assert watched.mention(2, TAX, "b") == (1, 2, False, "billing")
    assert watched.mention(3, CRM) == (2, 1, True, "")
    assert watched.mention(4, TAX, "b") == (1, 3, False, "")
    assert watched.mention(5, None) is None


def test_runs_whose_lines_come_later_are_not_counted_yet():
    watched = Watched()
    first, second = watched.fail(1, TAX), watched.fail(2, TAX, "b")
    mention = watched.numbers.mention(first, AGENTS, {second.key})
    assert (mention.runs, mention.agent) == (1, "")
    assert watched.numbers.mention(second, AGENTS).runs == 2


def test_a_reason_of_runs_that_had_failed_before_is_told_with_its_count():
    watched = Watched()
    watched.fail(1, TAX)
    watched.numbers.groups(1)
    assert watched.mention(2, TAX) == (1, 2, True, "")


def test_the_same_text_of_another_tool_is_another_reason():
    watched = Watched()
    watched.mention(1, TAX)
    assert watched.mention(2, TAX._replace(source="tool other"))[0] == 2


def test_groups_have_the_most_frequent_first_and_keep_their_numbers():
    watched = Watched()
    for number, (reason, agent) in enumerate(((TAX, "a"), (CRM, "a"), (CRM, "b"), (CRM, "b"), (None, "a"))):
        watched.mention(number, reason, agent)
    watched.runs["thr", "run_9"] = failed(9, status="completed")
    watched.known["thr", "run_9"] = watched.known["thr", "run_0"]  # it failed once, and has completed since
    watched.known["thr", "base"] = watched.known["thr", "run_0"]
    groups = watched.numbers.groups(5)
    assert groups.unknown == 1
    assert groups.known == (
        ReasonGroup(2, CRM, 3, (("b", 2), ("a", 1)), None),
        ReasonGroup(1, TAX, 1, (("a", 1),), None),
    )
    assert [group.new for group in watched.numbers.groups(5, [("thr", "base")]).known] == [True, False]
    unsure = watched.numbers.groups(5, [("thr", "base"), ("thr", "unexplained")])
    assert [group.new for group in unsure.known] == [None, False]
