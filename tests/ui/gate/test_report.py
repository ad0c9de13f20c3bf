"""The gate as Markdown: all that the page says, and no markup of a server."""

from __future__ import annotations

from datetime import UTC

from flowtui.model.answers.gate.new_failures import failures_since
from flowtui.model.export.markdown import markdown
from flowtui.model.reasons.reason import Reason
from flowtui.ui.gate.failure_rows import NOTHING, since_of
from flowtui.ui.gate.report import report_lines

from .pages import AGENTS, a_page


def _report(page, reasons=None, escape=str):
    found = failures_since(page.answer, reasons or {}, AGENTS)
    return "".join(report_lines(page, since_of(page, found, NOTHING), found, UTC, escape, refreshed=1_900.0))


def test_the_report_has_verdict_numbers_agents_reasons_and_the_command():
    page = a_page()
    failed = [run for run in page.answer.sides.new.runs if run.status == "failed"]
    reasons = {run.key: Reason("<b>|x_y*") for run in failed}
    text = _report(page, reasons)
    assert text.startswith("# FAIL: failed share is 75.5%, surely above 20%\n")
    assert "Since v2, 1970-01-01 00:16:40 UTC. 71 of 94 judged runs failed, 3 of 100 in the base" in text
    assert "; last refreshed 1970-01-01 00:31:40 UTC\n" in text
    assert (
        "| FAIL | failed share | 3.0% (1.0% and 8.5%; 100 runs) | 75.5% (59.0% and 86.6%; 94 runs) |" in text
    )
    assert "## By agent, each alone: failed share of 106 ended runs, limit 20%" in text
    assert "| FAIL | checkout | failed share | 3.0% (1.0% and 8.5%; 100 runs) | 80.0% (" in text
    assert "; 100 runs) | <= 20% |" in text
    assert "- 81× " in text
    assert "<b>" not in _report(page, reasons, markdown)
    assert "```\nflowtui watch --since mark:v2 --compare 30m --gate 'failure_rate <= 20%" in text
    assert "exits 1" in text
    assert "- not judged yet: 12 of 106 ended runs" in text


def test_a_failed_run_without_a_known_reason_is_told_instead_of_none():
    told = "## Failures since v2\n\n- reason not known yet: 1 failed run\n"
    assert told in _report(a_page(failed=0))
