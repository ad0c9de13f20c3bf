"""`--junit FILE`: the watch as JUnit XML, as GitLab, Jenkins and Azure DevOps show it. Pure.

Each watched run is a test case. A suite of its own has the verdict of the watch and each comparison of a gate, so that a
report is never empty, and shows what ended a watch without runs. A report has failures or errors if and only if the exit
code is not 0 (without `--exit-zero`): a failed run that is allowed or does not count is skipped, with its reason.

All text is display-safe, so no character is left that XML 1.0 forbids; texts and the number of runs are bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from flowtui import formatting
from flowtui.model.messages.why import command_for
from flowtui.model.run.element import parse_time
from flowtui.model.run.row import CANCELLED, COMPLETED, FAILED, PLACEHOLDER
from flowtui.text import safe_text, short_id, shorten
from flowtui.watch import exits

MOST_RUNS: Final = 5_000
"""Most runs with a test case of their own: those that do not pass first. The summary file has all."""

_SHOWN: Final = 1_000  # characters of one text
_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_FORBIDDEN: Final = str.maketrans({"\ufffe": "\ufffd", "\uffff": "\ufffd"})
_BAD: Final = frozenset({exits.FAILED, exits.CANCELLED, exits.GUARD})

PASSED: Final = ""
FAILURE: Final = "failure"
ERROR: Final = "error"
SKIPPED: Final = "skipped"


class Case(NamedTuple):
    """A test case.

    `kind`: PASSED, FAILURE, ERROR or SKIPPED. `type_`: what kind of failure it is. `text`: more than the message, in lines.
    `seconds`: None: unknown.
    """

    name: str
    classname: str
    seconds: float | None
    kind: str = PASSED
    type_: str = ""
    message: str = ""
    text: tuple[str, ...] = ()
    output: tuple[str, ...] = ()


def junit(document: Mapping[str, Any]) -> str:
    """Return the summary of a watch with every run (`JSON` of `--summary-file`) as JUnit XML."""
    seconds = document["duration_s"]
    at = parse_time(document["at"])
    began = None if at is None else formatting.iso_time(at - seconds)
    runs = [_of_run(run, document) for run in document["runs"]]
    runs.sort(key=lambda case: case.kind in (PASSED, SKIPPED))
    left_out = len(runs[MOST_RUNS:]) + document.get("runs_not_listed", 0)
    note = [f"{left_out:,} more runs that passed or were skipped are not listed"] if left_out > 0 else []
    verdict = [_verdict(document), *_threads(document), *_gate(document)]
    suites = [
        _suite("runs", runs[:MOST_RUNS], seconds, began, note),
        _suite("verdict", verdict, seconds, began, ()),
    ]
    cases = [*runs[:MOST_RUNS], *verdict]
    head = _attributes(
        ("name", "flowtui watch"),
        ("tests", str(len(cases))),
        ("failures", _number(cases, FAILURE)),
        ("errors", _number(cases, ERROR)),
        ("time", _time(seconds)),
    )
    return "\n".join(
        ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites{head}>", *suites, "</testsuites>", ""]
    )


# -- the cases -------------------------------------------------------------------------------------------------


def _of_run(run: Mapping[str, Any], document: Mapping[str, Any]) -> Case:
    kind, type_, message = _outcome(run, document)
    made_up = run["unreadable"] is not None and run["run_id"].startswith(PLACEHOLDER)
    see = "flowtui runs" if made_up else command_for(run["run_id"], run["thread_id"])
    number = run["reason_number"]
    texts = (
        [] if number is None else [f"reason #{number}: {run['failure_reason']}"],
        [f"finding: {name}" for name in run["findings"]],
        [f"see: {see}"],
    )
    ids = (("run", "run_id"), ("thread", "thread_id"), ("agent", "agent_id"), ("model", "model"))
    return Case(
        run["run_id"] or "run without an id",  # whole: readers of reports tell cases apart by their names
        run["agent"] or run["agent_id"] or "unknown agent",
        run["duration_s"],
        kind,
        type_,
        message,
        tuple(line for lines in texts for line in lines) if kind else (),
        tuple(f"{word}: {run[name]}" for word, name in ids if run[name]),
    )


def _outcome(run: Mapping[str, Any], document: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return kind, type and message of a run's case."""
    verdict, status = document["verdict"], run["status_class"]
    passed = verdict == exits.MET
    word = _because(document).get((run["thread_id"], run["run_id"]))
    if status == FAILED:
        reason = run["reason"] or "the run failed, no reason is known"
        if _counts(document, word):
            return FAILURE, run["reason_source"] or "failed", reason
        return SKIPPED, "failed", f"failed, but {_spared(document, word)}: {reason}"
    if word is not None and _counts(document, word):
        return FAILURE, word, f"the run is {word}" if word != "finding" else run["reason"] or "it looks wrong"
    if status == CANCELLED:
        counts = verdict == exits.CANCELLED
        return (FAILURE if counts else SKIPPED), "cancelled", "the run was cancelled"
    if status == COMPLETED:
        return PASSED, "", ""
    state = "its status is not known" if status == "unknown" else f"it is still {status}"
    return (SKIPPED if passed else ERROR), "not ended", f"the watch ended, and {state}"


def _because(document: Mapping[str, Any]) -> dict[tuple[str, str | None], str]:
    return {(each["thread_id"], each["run_id"]): each["because"] for each in document["failed"]}


def _counts(document: Mapping[str, Any], word: str | None) -> bool:
    """Whether a run that `--fail-on` names by `word` makes the report red; None: it does not name the run.

    With a gate that is not met, every failed run does, as the gate judged them all.
    """
    if document["verdict"] == exits.MET:
        return False
    gate = document.get("gate")
    if gate is not None and document["verdict"] == exits.FAILED and not document["failed"]:
        return True
    return word is not None and document["outcome"]["failed_allowed"] == 0


def _spared(document: Mapping[str, Any], word: str | None) -> str:
    if word is not None:
        return document["outcome"]["allow_failures"] or "allowed"
    return "the gate judges all runs together" if "gate" in document else "--fail-on does not name it"


def _verdict(document: Mapping[str, Any]) -> Case:
    code = document["verdict"]
    kind = PASSED if code == exits.MET else FAILURE if code in _BAD else ERROR
    word = exits.WORDS.get(code, "FAIL")
    lines = [f"{label}: {document[label]}" for label in ("next", "advice") if document[label]] if kind else []
    return Case(
        "flowtui watch",
        "flowtui.watch",
        document["duration_s"],
        kind,
        word,
        document["reason"],
        tuple(lines),
        (f"exit code {document['exit']}", document["reason"]),
    )


def _threads(document: Mapping[str, Any]) -> Iterable[Case]:
    """Yield a case for each thread that counts as a failure."""
    for each in document["failed"]:
        if each["run_id"] is None:
            kind = FAILURE if _counts(document, each["because"]) else SKIPPED
            name = f"thread {short_id(each['thread_id'])}"
            lines = (f"see: {each['see']}",)
            yield Case(name, "flowtui.watch", None, kind, each["because"], each["reason"] or "", lines)


def _gate(document: Mapping[str, Any]) -> Iterable[Case]:
    """Yield a case for each comparison of the gate. If the gate as a whole is met, an undecided one is skipped."""
    gate = document.get("gate")
    for row in gate["rows"] if gate is not None else ():
        met = document["verdict"] == exits.MET
        bad = FAILURE if row["verdict"] == "FAIL" else ERROR
        kind = PASSED if row["verdict"] == "PASS" else SKIPPED if met else bad
        agent = "" if row["agent"] is None else f" ({row['agent']})"
        yield Case(f"{row['text']}{agent}", "flowtui.gate", None, kind, row["verdict"], row["reason"])


# -- the XML ---------------------------------------------------------------------------------------------------


def _suite(name: str, cases: Sequence[Case], seconds: float, began: str | None, note: Sequence[str]) -> str:
    head = _attributes(
        ("name", name),
        ("tests", str(len(cases))),
        ("failures", _number(cases, FAILURE)),
        ("errors", _number(cases, ERROR)),
        ("skipped", _number(cases, SKIPPED)),
        ("time", _time(seconds)),
        # Readers expect a time in UTC without a zone and without fractions.
        ("timestamp", (began or "1970-01-01T00:00:00")[:19]),
    )
    lines = [f"  <testsuite{head}>", *map(_case, cases)]
    lines += [f"    <system-out>{_lines(note)}</system-out>"] if note else []
    return "\n".join([*lines, "  </testsuite>"])


def _case(case: Case) -> str:
    seconds = () if case.seconds is None else (("time", _time(case.seconds)),)
    head = _attributes(("classname", case.classname), ("name", case.name), *seconds)
    inner: list[str] = []
    if case.kind:
        told = _attributes(("message", case.message), ("type", case.type_))
        inner.append(f"<{case.kind}{told}>{_lines((case.message, *case.text))}</{case.kind}>")
    if case.output:
        inner.append(f"<system-out>{_lines(case.output)}</system-out>")
    if not inner:
        return f"    <testcase{head}/>"
    return "\n".join([f"    <testcase{head}>", *(f"      {each}" for each in inner), "    </testcase>"])


def _number(cases: Iterable[Case], kind: str) -> str:
    return str(sum(case.kind == kind for case in cases))


def _time(seconds: float) -> str:
    return f"{max(0.0, seconds):.3f}"


def _attributes(*pairs: tuple[str, str]) -> str:
    return "".join(f' {name}="{_text(value)}"' for name, value in pairs)


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(_text(text) for text in texts)


def _text(value: object) -> str:
    """Return a text as one line of XML: display-safe, shortened, escaped."""
    return safe_text(shorten(str(value), _SHOWN)).translate(_FORBIDDEN).translate(_ESCAPES)
