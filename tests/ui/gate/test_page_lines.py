"""The page of the gate: it fits every width, says every verdict in its words, and leaves out what there is not."""

from __future__ import annotations

from itertools import product

import pytest

from flowtui.cli.handlers.help_topics import TOPICS
from flowtui.model.answers.gate.new_failures import failures_since
from flowtui.model.answers.gate.page import PageMaker
from flowtui.model.gate.parser import USUAL_GATE
from flowtui.model.history.past import Seen
from flowtui.model.reasons.reason import Reason
from flowtui.ui.gate.failure_rows import NOTHING, Remembered
from flowtui.ui.gate.page_lines import page_lines
from flowtui.ui.paint import ink

from .pages import AGENTS, a_page, an_answer, roles_of, some_runs, style_of, text_of

TAX, CRM = Reason("'tax_rate' is not in the 多言語 order \x1b[31m" + "x" * 90), Reason("crm 502")


def _lines(page, style, *, remembered=NOTHING, unexplained=0):
    failed = [run for run in page.answer.sides.new.runs if run.status == "failed"]
    reasons = {run.key: TAX for run in failed[unexplained:]} | {run.key: CRM for run in failed[:1]}
    reasons |= {run.key: CRM for run in page.answer.sides.base.runs if run.status == "failed"}
    return page_lines(page, failures_since(page.answer, reasons, AGENTS), remembered, style)


def test_no_line_is_wider_than_the_screen_and_the_banner_fills_it():
    pages = (a_page(), a_page(failed=2, new=12), a_page(by_agent=True))
    for page, cells in product(pages, (57, 77, 103, 104, 117, 125, 155)):
        for plain in (False, True):
            lines = _lines(page, style_of(cells, ascii=plain), unexplained=3)
            assert all(ink.width(line) <= cells for line in lines)
            assert all(ink.width(line) == cells for line in lines[:2])
            assert not any("\x1b" in span.text for line in lines for span in line)


def test_a_failed_gate_says_why_since_when_who_and_which_reasons_are_new():
    page = a_page()
    text = text_of(_lines(page, style_of()))
    head = text.splitlines()[1]
    assert head.split("   ")[:2] == ["  × FAIL", "failed share is 75.5%, surely above 20%"]
    assert "71 of 94 judged runs failed, 3 of 100 in the base" in head
    assert "decided 00:17, after 19 runs" in head
    assert "SURELY BETWEEN" in text
    assert "┃ LIMIT" in text
    assert "80×  'tax_rate' is not in" in text
    assert "checkout 79, 多言語-concierge 1" in text
    assert "Failures since v2  reasons not in the base " in text
    assert "   ▲ new" in text
    assert "in the base too: crm 502 1×" in text
    assert "Same in a script  flowtui watch --since mark:v2 --compare 30m --gate '…'   exits 1" in text
    assert text.endswith("not judged yet: 12 of 106 ended runs")
    assert text.count("94 judged") == text.count("100 in the base") == 1  # each count stands once


def test_an_undecided_gate_says_how_many_more_runs_it_takes_and_a_passed_one_does_not():
    waiting = text_of(_lines(a_page(new=24, failed=3), style_of()))
    assert "○ UNDECIDED   failed share is 13.3%, and may still be above 20%" in waiting
    assert "To a verdict  what is still undecided" in waiting
    assert "30 of about " in waiting
    assert "ended runs   about " in waiting
    assert "leans to PASS" in waiting
    passed = text_of(_lines(a_page(new=200, failed=2, gate="failure_rate <= 20%"), style_of()))
    assert "✓ PASS   every limit is surely kept" in passed
    assert "To a verdict" not in passed
    assert "exits 0" in passed


def test_what_the_history_knows_of_a_reason_is_told():
    page = a_page()
    seen = Remembered(-864_000.0, {TAX: Seen(3, -500_000.0, -400_000.0)}, frozenset({TAX}))
    assert "   last seen on 1969-12-27, before the base" in text_of(_lines(page, style_of(), remembered=seen))
    late = Remembered(-864_000.0, {TAX: Seen(3, -500_000.0, 500.0)}, frozenset({TAX}))
    assert "   last seen at 00:08\n" in text_of(_lines(page, style_of(), remembered=late))
    never = Remembered(-864_000.0, {}, frozenset({TAX}))
    assert "▲ first in the 10 days remembered" in text_of(_lines(page, style_of(), remembered=never))


def test_old_data_is_grey():
    assert roles_of(_lines(a_page(), style_of())) & {"bad", "good", "warn"}
    lines = _lines(a_page(), style_of(quiet=True))
    quiet = roles_of(lines)
    assert text_of(lines).splitlines()[1].endswith("as of 00:31:40")
    assert not quiet & {"bad", "good", "warn", "other", "area-failed"}
    assert {role for role in quiet if role.startswith("banner")} == {"banner quiet", "banner quiet strong"}


def test_missing_runs_leave_no_verdict_but_a_command_that_reads_them():
    text = text_of(_lines(a_page(missing="not all runs before the mark are known for thr_1"), style_of(120)))
    assert "○ UNDECIDED   not all runs before the mark are known for thr_1" in text
    assert "× FAIL" not in text
    assert "To a verdict" not in text
    assert "71 of 94 judged runs failed, 3 of 100 known in the base" in text
    assert "Failures since v2  reasons not seen in the base" in text
    assert "▲" not in text
    assert "   perhaps new" in text
    assert "○ not certain" in text
    assert "reads the runs that are missing" in text


def test_each_scale_and_limit_stands_in_the_rows_of_its_comparison():
    for style, lines in ((style_of(), slice(4, 13)), (style_of(77, 20), slice(3, 12))):
        rows = text_of(_lines(a_page(), style)).splitlines()[lines]
        bases = [row for row in rows if "base  0 " in row]
        assert [row.rpartition("─ ")[2].split()[0] for row in bases] == ["100%", "30s", "2k"]
        news = [row for row in rows if " new " in row]
        assert len(bases) == len(news) == 3
        assert all("┃" in row for row in (*bases, *news))
    titles, first = text_of(_lines(a_page(), style_of())).splitlines()[4:6]
    assert (titles.split()[-2:], first.split()[:4]) == (["┃", "LIMIT"], ["×", "FAIL", "failed", "share"])


def test_agents_that_are_undecided_alone_say_why_beside_a_verdict_on_all():
    runs = [run for agent in "ab" for run in some_runs(14, 14, new=True, agent=agent)]
    old = [run for agent in "ab" for run in some_runs(60, 3, new=False, agent=agent)]
    page = PageMaker().page(an_answer(old, runs, "failure_rate <= base + 60%"), AGENTS, each_agent=True)
    for style in (style_of(), style_of(77, 20), style_of(57, 15, ascii=True)):
        text = " ".join(text_of(_lines(page, style)).split())
        assert text.count("FAIL") == 3
        assert text.count(" too few runs ") == 2
        assert "FAIL is of all runs together; each agent alone is undecided" in text
    mixed = text_of(_lines(a_page(), style_of()))
    assert "× FAIL         checkout " in mixed
    assert "○ too few runs 多言語" in mixed
    assert "together" not in mixed.partition("By agent")[2]


def test_each_agent_has_its_runs_on_both_sides_and_the_section_says_which_they_are():
    text = text_of(_lines(a_page(), style_of(quiet=True)))
    assert "By agent  failed share of 106 ended runs, limit 20% ─" in text
    rows = [line.split() for line in text.splitlines()]
    assert next(row for row in rows if "checkout" in row[:4])[3:7] == ["3%", "100", "80%", "100"]
    assert next(row for row in rows if "多言語-concierge" in row[:6])[5:9] == ["—", "0", "17%", "6"]
    # 94 are judged, as the banner says
    assert "71 of 94 judged runs failed" in text
    assert "not judged yet: 12 of 106 ended runs" in text


def test_an_undecided_gate_names_one_number_of_runs_for_each_question():
    page = a_page(250, 14, 0, gate="failure_rate <= base + 15%")
    text = text_of(_lines(page, style_of()))
    [head] = [line for line in text.splitlines() if "○ UNDECIDED   failed share is" in line]
    [row] = [line for line in text.splitlines() if " of about " in line]
    more = head.partition(" about ")[2].split()[0]
    assert f"about {more} more" in row
    assert "an unchanged release" not in text
    both = a_page(60, 24, 2, gate="failure_rate <= base + 10% and p95(duration) <= base * 2")
    text = text_of(_lines(both, style_of()))
    assert "more runs" not in text.splitlines()[1]  # the other comparison has no number
    assert "cannot be decided with the 60 runs of the base: choose a longer one" in text


def test_what_is_undecided_in_a_failed_gate_is_said_not_to_matter():
    page = a_page(gate="failure_rate <= 20% and tokens_per_run <= base")
    assert "Still undecided  FAIL does not depend on it" in text_of(_lines(page, style_of()))


def test_the_help_explains_the_first_limits_and_the_words_for_agents():
    told = TOPICS["gate"].text()
    assert USUAL_GATE in told
    assert all(f'"{words}"' in told for words in ("too few runs", "not certain"))


def test_agents_are_sections_if_each_is_judged():
    text = text_of(_lines(a_page(by_agent=True), style_of()))
    assert "checkout: failed share is" in text
    assert " runs of all agents" in text
    assert [line.strip() for line in text.splitlines() if line.strip() in AGENTS.values()] == [
        "checkout",
        "多言語-concierge",
    ]
    assert "By agent" not in text


@pytest.mark.parametrize(
    ("new", "said", "waits"),
    [
        (0, "no run was created since v2 yet", "unknown: no run has ended since"),
        (
            3,
            "failed share is not judged yet: 3 ended runs, and it takes 5",
            "not judged yet: 3 ended runs, and it takes 5",
        ),
    ],
)
def test_before_the_first_look_it_says_what_is_awaited(new, said, waits):
    answer = an_answer(some_runs(50, 0, new=False), some_runs(new, 1, new=True) if new else [])
    page = PageMaker().page(answer, AGENTS, each_agent=True)
    text = text_of(_lines(page, style_of()))
    assert f"○ UNDECIDED   {said}" in text
    assert f"failed share   {waits}" in text.replace("failed share     ", "failed share   ")


def test_a_release_without_failures_says_so():
    answer = a_page(failed=0).answer
    quiet = an_answer(some_runs(50, 0, new=False), some_runs(50, 0, new=True))
    assert answer.verdict != "FAIL"
    page = a_page(failed=0)
    lines = page_lines(page, failures_since(quiet, {}, AGENTS), NOTHING, style_of(77, 20))
    assert "no run failed since" in text_of(lines)
