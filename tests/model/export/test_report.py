"""The report of a run: its content, what was not loaded, and that server text never becomes markup."""

import os
import re
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest

from flowtui.config.settings import Settings
from flowtui.model.columns.context import Context
from flowtui.model.export.report import ReportInput, report
from flowtui.model.messages.evidence import Evidence, LastMessage, SpanError, ToolError
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.parsing import parse_run
from flowtui.model.state.known_runs import apply_runs

GOLDEN = Path(__file__).parent / "golden"
NOW = 1_794_000_000.0
EVIL = "|a\n```\n# b ![x](http://evil/x.png)<script>alert(1)</script>\x1b[2J\u202e"
SETTINGS = Settings(base_url="https://flow.example", run_url="https://ui.example/{thread_id}/{run_id}")


def raw_of(raw_run, **fields):
    return raw_run(
        "run_2",
        **{
            "status": "failed",
            "created_at": NOW - 100,
            "started_at": NOW - 90,
            "failed_at": NOW - 60,
            "instructions": "Be kind.\n```\nnot a fence\n```",
            "meta_data": {"customer": "secretlabel"},
            "usage": {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200},
            **fields,
        },
    )


@pytest.fixture
def told(raw_run, a_run, fresh):
    """Return the data of a failed run with changes of status, neighbours and evidence, all of it loaded."""
    raw = raw_of(raw_run)
    run = parse_run(raw, "thr_1")
    before = run._replace(status="running", status_class="running", failed=None)
    older, newer = a_run("run_1", "completed", created=NOW - 300), a_run("run_3", created=NOW - 10)
    state, _ = apply_runs(fresh(), [before, older], at=NOW - 80, whole=True)
    state, _ = apply_runs(state, [newer, run, older], at=NOW - 50, whole=True)
    evidence = Evidence(
        exceptions=(
            SpanError(
                NOW - 61,
                "running tool crm",
                "crm",
                "HTTPError",
                ("crm 502", "retry"),
                "llama",
                3,
                ("agent run",),
            ),
        ),
        tool_errors=(ToolError(NOW - 62, "crm", ("said-by-a-tool",)),),
        last_message=LastMessage(NOW - 60, "assistant", ("said-in-a-message",)),
        spans=9,
        messages=2,
        messages_read=20,
    )
    context = Context(now=NOW, zone=UTC, agents={"agent_1": "checkout"}, threads={"thr_1": state})
    return ReportInput(run=run, context=context, settings=SETTINGS, raw=raw, evidence=evidence)


def replaced(told, **fields):
    names = ("run", "context", "settings", "raw", "evidence", "redact")
    return ReportInput(**{name: getattr(told, name) for name in names} | fields)


def compare(name, got):
    path = GOLDEN / name
    if os.environ.get("FLOWTUI_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(got, encoding="utf-8", newline="\n")
    assert got == path.read_text(encoding="utf-8")


def headings(text):
    """Return the headings outside of blocks of code."""
    found, fence = [], ""
    for line in text.splitlines():
        ticks = re.match("`{3,}", line)
        if fence:
            fence = "" if line == fence else fence
        elif ticks:
            fence = ticks[0]
        elif line.startswith("#"):
            found.append(line)
    assert not fence
    return found


def test_the_report_of_a_fully_loaded_run_matches_its_golden_file(told):
    compare("report.md", report(told))


def test_a_redacted_report_matches_its_golden_file_and_has_no_private_text(told):
    context = replace(told.context, reasons={told.run.key: Reason("said-by-a-tool")})
    text = report(replaced(told, context=context, redact=True))
    compare("report-redacted.md", text)
    for secret in ("Be kind", "secretlabel", "said-in-a-message", "said-by-a-tool", "crm 502"):
        assert secret in report(told)
        assert secret not in text
    assert "`[redacted]`" in text.splitlines()[5]
    assert "**HTTPError**" in text
    assert report(replaced(told, context=context, redact=True)) == text


def test_the_report_names_what_was_not_loaded(told):
    text = report(replaced(told, raw=None, evidence=None, context=Context(now=NOW, zone=UTC)))
    for lack in (
        "The whole run was not loaded",
        "Spans and messages were not loaded.",
        "The runs before and after it were not loaded.",
        "Instructions and tools: the whole run was not loaded.",
        "when the run was read is not known",
    ):
        assert lack in text
    assert headings(text)[1:] == [line for line in headings(report(told))[1:] if line.startswith("## ")]


def test_unreadable_evidence_is_not_reported_as_no_reason_found(told):
    text = report(replaced(told, evidence=Evidence(missing=("spans: 403 <b>",))))
    assert "Not loaded: spans\\: 403 &lt;b&gt;" in text
    assert "Nothing in them says" not in text
    assert "Nothing in them says" in report(replaced(told, evidence=Evidence(spans=3)))


def test_a_known_reason_is_shown_without_evidence(told):
    context = Context(now=NOW, zone=UTC, reasons={told.run.key: Reason("tool error: crm 502")})
    assert r"In short: tool error\: crm 502" in report(replaced(told, evidence=None, context=context))


def test_findings_are_explained(told):
    run = told.run._replace(started=NOW - 200)
    text = report(replaced(told, run=run))
    assert "**contradiction**" in text
    assert "Next: " in text


def test_server_text_never_becomes_markup(told, raw_run):
    raw = raw_of(
        raw_run,
        agent_id=EVIL,
        model=EVIL,
        status=EVIL,
        instructions=EVIL,
        tools=[{"type": EVIL, "name": EVIL}],
        meta_data={EVIL: EVIL},
        response_format=EVIL,
    )
    evidence = Evidence(
        exceptions=(SpanError(None, EVIL, EVIL, EVIL, tuple(EVIL.splitlines()), EVIL, 3, (EVIL,)),),
        tool_errors=(ToolError(None, EVIL, tuple(EVIL.splitlines())),),
        last_message=LastMessage(None, EVIL, tuple(EVIL.splitlines()), (EVIL,)),
        missing=(EVIL,),
    )
    run = parse_run(raw, EVIL)._replace(raw_id=EVIL, id=EVIL)
    context = Context(now=NOW, zone=UTC, agents={run.agent_id: EVIL}, reasons={run.key: Reason(EVIL)})
    plain = headings(report(told))
    for found in (evidence, None):
        for redact in (False, True):
            text = report(
                ReportInput(
                    run=run, context=context, settings=SETTINGS, raw=raw, evidence=found, redact=redact
                )
            )
            assert all(char == "\n" or char.isprintable() for char in text)
            outside = re.sub(r"^(`{3,})\w*\n.*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
            assert "<script" not in outside
            assert "![" not in outside
            assert "](" not in outside
            assert "b " not in [line[2:4] for line in outside.splitlines() if line.startswith("#")]
            assert len(headings(text)) in (len(plain), len(plain) - 1)
            for line in outside.splitlines():
                if line.startswith("|"):
                    assert len(re.findall(r"(?<!\\)\|", line)) in (3, 4, 9)


def test_the_report_has_only_the_name_of_the_key_variable(told):
    text = report(replaced(told, settings=Settings(api_key_env="PROD_KEY")))
    assert '"Authorization: $PROD_KEY"' in text
