"""The list of watches and rules, as entries of a menu."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from flowtui.config.values.notify_rules import parse_rule
from flowtui.model.events.failure_watches import watch_agent, watch_reason
from flowtui.model.events.notices import Watch
from flowtui.model.events.rules import RuleRow
from flowtui.model.reasons.reason import Reason
from flowtui.model.view.view import View
from flowtui.ui.events.watch_list import LETTERS, entry, listed

BEGIN = 1_800_000_000.0
RULE = parse_rule("p95 time of all agents over 2m in the last 200 runs")


def test_each_kind_says_what_is_watched_since_when_and_how_it_stands():
    told = replace(watch_reason(Reason("crm #"), BEGIN), told_at=BEGIN + 3_600)
    watches = [
        Watch(BEGIN, "0190cc2d-aaaa-bbbb-cccc-1234567890ab", key=("t", "r")),
        Watch(BEGIN + 60, "status:failed", view=View(text="status:failed")),
        told,
        watch_agent("agent_1", "checkout", BEGIN),
    ]
    rules = [RuleRow(RULE, ("all agents",), "x"), RuleRow(RULE, (), "all agents 2 of 200, told from 21")]
    found = listed(watches, rules)
    assert [entry(letter, one, UTC)[:3] for letter, one in found.items()] == [
        ("a", "filter", "status:failed · since 08:01"),  # the newest first
        ("b", "run", "…567890ab · since 08:00"),
        ("c", "reason", "crm # · since 08:00, told 09:00"),
        ("d", "agent", "checkout · since 08:00"),
        ("e", "broken", f"{RULE.text} · broken: all agents"),
        ("f", "rule", f"{RULE.text} · all agents 2 of 200, told from 21"),
    ]


def test_there_is_a_letter_for_each_and_none_closes_the_menu():
    assert "q" not in LETTERS
    assert (
        len(listed([watch_agent(str(number), "x", BEGIN) for number in range(99)], [])) == len(LETTERS) == 51
    )
