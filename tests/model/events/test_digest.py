"""The digest of what the quiet hours held: counts, first reasons, severity."""

from __future__ import annotations

from flowtui.model.columns.context import Context
from flowtui.model.events.digest import digest
from flowtui.model.events.notices import AGENT, DIGEST, ENDED, FINDING, MATCHED, REASON, RULE, Notice
from flowtui.model.reasons.reason import Reason


def test_it_counts_by_kind_and_names_the_first_reasons(a_run):
    failed = [a_run(f"run_{number}", "failed", created=1, failed=9) for number in range(6)]
    done = a_run("done", "completed", created=1, completed=9)
    reasons = {run.key: Reason(f"crm # {min(number, 3)}") for number, run in enumerate(failed[1:])}
    held = [
        Notice(ENDED, 1.0, "done", (done,), ("x",)),
        Notice(REASON, 2.0, "crm #", tuple(failed[:4]), ("x",) * 4, reason=Reason("crm #")),
        Notice(AGENT, 2.0, "checkout", tuple(failed[3:]), ("x",) * 3),
        Notice(FINDING, 3.0, "done", (done,), ("x",)),
        Notice(MATCHED, 3.0, "status:failed", (failed[0],), ("x",)),
        Notice(RULE, 4.0, "rule", (), (), said="x", level="error"),
        Notice(RULE, 5.0, "rule", (), (), said="y", level="information"),
    ]
    found = digest(held, 3, "22:00-07:00", 9.0, Context(9.0, reasons=reasons))
    assert (found.kind, found.title, found.severity) == (DIGEST, "", "error")
    assert found.text == (
        "10 notices in the quiet hours 22:00-07:00: 1 run ended, 1 run looked wrong, 1 run came to match a filter, "
        "4 runs failed for a watched reason, 3 runs of a watched agent failed, 1 rule began to be broken, 1 rule over again, "
        "3 more. First reasons: crm # 0; crm # 1; crm # 2; …"
    )
    assert [run.id for run in found.runs] == [*(run.id for run in failed), "done"]  # each once
    assert found.record()["run_count"] == 7


def test_a_quiet_night_has_no_reasons(a_run):
    done = a_run("done", "completed", created=1, completed=9)
    found = digest([Notice(ENDED, 1.0, "done", (done,), ("x",))], 0, "22:00-07:00", 9.0, Context(9.0))
    assert found.text == "1 notice in the quiet hours 22:00-07:00: 1 run ended"
    assert found.severity == "information"
