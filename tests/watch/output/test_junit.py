"""`--junit`: valid for Jenkins, which has the strictest of the schemas; red if and only if the exit code is not 0."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from flowtui.errors import UsageError
from flowtui.watch.options import Allowance
from flowtui.watch.output.junit import junit
from flowtui.watch.output.output import check_writable

from ...clocks import BEGIN
from ..conftest import iso
from .test_gate_golden import options as gate_options
from .test_gate_golden import story as gate_story

__all__ = ["gate_story"]

EVIL = '\x1b[2J\x00\x0b]]>&<a b="c">\'\ufffe\uffff\ud800\u202e\x85'

# The schema `junit-10.xsd` of Jenkins: element -> its attributes (required ones with `!`) and its children.
_RESULT = ({"type", "message"}, set())
SCHEMA = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {
            *("name!", "tests!", "failures!", "errors!", "group", "time", "skipped", "timestamp", "hostname"),
            *("id", "package", "file", "log", "url"),
        },
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": (
        {"name!", "time", "classname", "group"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": _RESULT,
    "error": _RESULT,
    "skipped": _RESULT,
    "system-out": (set(), set()),
    "system-err": (set(), set()),
}
_TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")
_MIXED = ("failure", "error", "skipped", "system-out", "system-err")


def validate(element):
    """Raise AssertionError if the element is not as the schema wants it; check counts and times that readers use, too."""
    names, children = SCHEMA[element.tag]
    allowed = {name.removesuffix("!") for name in names}
    assert set(element.attrib) <= allowed, (element.tag, element.attrib)
    assert {name.removesuffix("!") for name in names if name.endswith("!")} <= set(element.attrib)
    assert {child.tag for child in element} <= children, element.tag
    if "time" in element.attrib:
        assert _TIME.fullmatch(element.attrib["time"]), element.attrib
    if "timestamp" in element.attrib:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", element.attrib["timestamp"])
    if element.tag not in _MIXED:
        assert not (element.text or "").strip()
    assert not (element.tail or "").strip()
    cases = list(element.iter("testcase"))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        if name in element.attrib:
            assert int(element.attrib[name]) == sum(case.find(tag) is not None for case in cases)
    if "tests" in element.attrib:
        assert int(element.attrib["tests"]) == len(cases)
    for child in element:
        validate(child)


def read(text):
    root = ET.fromstring(text)
    assert root.tag == "testsuites"
    validate(root)
    red = int(root.attrib["failures"]) + int(root.attrib["errors"])
    return root, {case.attrib["name"]: case for case in root.iter("testcase")}, red


def outcome(case):
    return next(((each.tag, each.attrib["type"]) for each in case if each.tag in _MIXED[:3]), ("passed", ""))


@pytest.fixture
def report(watch, tmp_path):
    """Return a function that watches thr_a and returns (exit code, root element, cases by name)."""
    target = tmp_path / "junit.xml"

    async def run(*threads, **options):
        result = await watch(*(threads or ("thr_a",)), junit_file=str(target), output="none", **options)
        root, cases, red = read(target.read_text(encoding="utf-8"))
        assert bool(red) == bool(result.code)
        return result.code, root, cases

    return run


def failing(world):
    world.add("thr_a", "run_1", "completed", created=-100, usage={"total_tokens": 7})
    world.add("thr_a", "run_2", "failed", created=-90, failed_at=iso(BEGIN - 80))
    world.traced["run_2"] = [
        {"is_exception": True, "span_name": "running tool crm", "message": "crm 502: bad gateway"}
    ]


async def test_a_failed_run_is_a_failure_with_its_reason_and_a_command(report, world):
    failing(world)
    code, root, cases = await report()
    assert code == 1
    assert [suite.attrib["name"] for suite in root] == ["runs", "verdict"]
    assert outcome(cases["run_1"]) == ("passed", "")
    failure = cases["run_2"].find("failure")
    assert failure.attrib == {"message": "tool error: crm 502", "type": "tool crm"}
    assert failure.text.splitlines()[1:] == [
        "reason #1: crm 502: bad gateway",
        "see: flowtui run run_2 -t thr_a",
    ]
    assert cases["run_2"].attrib == {"classname": "checkout", "name": "run_2", "time": "10.000"}
    assert "thread: thr_a" in cases["run_2"].find("system-out").text
    assert outcome(cases["flowtui watch"]) == ("failure", "FAIL")


async def test_a_passed_watch_has_no_failure_whatever_the_runs_did(report, world):
    failing(world)
    world.add("thr_a", "run_3", "running")
    code, _, cases = await report(until="any", allow=Allowance(1))
    assert code == 0
    skipped = cases["run_2"].find("skipped")
    assert skipped.attrib["message"].startswith("failed, but --allow-failures 1")
    assert skipped.attrib["message"].endswith(": tool error: crm 502")
    assert outcome(cases["run_3"]) == ("skipped", "not ended")
    code, _, cases = await report(until="any", fail_on=frozenset({"overdue"}))
    assert (code, outcome(cases["run_2"])) == (0, ("skipped", "failed"))
    assert "--fail-on does not name it" in cases["run_2"].find("skipped").attrib["message"]


@pytest.mark.parametrize(
    ("given", "code", "kinds"),
    [
        ({"timeout": 5.0}, 4, (("error", "not ended"), ("skipped", "cancelled"), ("error", "TIMEOUT"))),
        ({"until": "any"}, 5, (("error", "not ended"), ("failure", "cancelled"), ("failure", "CANCELLED"))),
        (
            {"until": "any", "fail_on": frozenset({"cancelled"})},
            1,
            (("error", "not ended"), ("failure", "cancelled"), ("failure", "FAIL")),
        ),
        ({"once": True}, 8, (("error", "not ended"), ("skipped", "cancelled"), ("error", "PENDING"))),
    ],
)
async def test_runs_that_did_not_end_or_were_cancelled(given, code, kinds, report, world):
    world.add("thr_a", "run_1", "running")
    world.add("thr_a", "run_2", "cancelled", created=-90)
    if code in (4, 8):
        given = {**given, "allow_cancelled": Allowance(1)}
    got, _, cases = await report(**given)
    assert got == code
    assert tuple(outcome(cases[name]) for name in ("run_1", "run_2", "flowtui watch")) == kinds


async def test_a_watch_without_runs_has_a_case_for_its_verdict(report, world):
    world.thread("thr_a")
    code, root, cases = await report()
    assert (code, list(cases), outcome(cases["flowtui watch"])) == (
        6,
        ["flowtui watch"],
        ("error", "NOTHING"),
    )
    assert root.attrib["tests"] == "1"


async def test_each_comparison_of_a_gate_is_a_case(gate_story, report):
    code, _, cases = await report("thr_9a", "thr_b2", **gate_options())
    assert code == 1
    rows = {
        name: outcome(case)[0] for name, case in cases.items() if case.attrib["classname"] == "flowtui.gate"
    }
    assert rows["failure_rate <= base + 10% (checkout)"] == "failure"
    assert rows["failure_rate <= base + 10% (billing)"] == "error", "undecided"
    assert outcome(cases["new_1"])[0] == "failure", "the gate judged the failed runs together"


async def test_hostile_text_stays_text(report, world):
    world.names = {"agent_a": EVIL}
    world.add("thr_a", f"run {EVIL}", "failed", created=-100, model=EVIL)
    world.traced[f"run {EVIL}"] = [{"is_exception": True, "message": f"boom {EVIL}", "exception_type": EVIL}]
    code, root, _ = await report()
    assert code == 1
    text = "".join(value for each in root.iter() for value in (each.text or "", *each.attrib.values()))
    assert ']]>&<a b="c">\'' in text
    assert all(char.isprintable() or char == "\n" for char in text)


def document(runs):
    run = {
        **dict.fromkeys(
            ("agent", "agent_id", "model", "reason", "failure_reason", "reason_source", "reason_number")
        ),
        "thread_id": "t",
        "status_class": "completed",
        "duration_s": 1.0,
        "findings": [],
        "unreadable": None,
    }
    return {
        "at": iso(BEGIN),
        "duration_s": 9.0,
        "verdict": 0,
        "exit": 0,
        "reason": "x" * 10**6,
        "failed": [],
        "next": None,
        "advice": None,
        "outcome": {"failed_allowed": 0, "allow_failures": None},
        "runs": [{**run, "run_id": f"run_{number}" + "y" * 5_000} for number in range(runs)],
    }


def test_a_report_is_bounded(monkeypatch):
    monkeypatch.setattr("flowtui.watch.output.junit.MOST_RUNS", 20)
    text = junit(document(23))
    _, cases, _ = read(text)
    assert len(cases) == 20 + 1
    assert "3 more runs that passed or were skipped are not listed" in text
    assert len(text) < 20 * 2_500


def test_the_validator_finds_what_the_schema_forbids():
    good = junit(document(1))
    read(good)
    for old, new in (
        ('name="runs"', 'title="runs"'),
        ('tests="1"', 'tests="2"'),
        ('time="9.000"', 'time="9 s"'),
        ("<testcase ", "<test "),
    ):
        assert old in good
        with pytest.raises((AssertionError, KeyError, ET.ParseError)):
            read(
                good.replace(old, new, 1).replace(
                    "</testcase>", "</test>" if new == "<test " else "</testcase>", 1
                )
            )


def test_a_file_that_cannot_be_written_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="--junit"):
        check_writable("--junit", str(tmp_path / "missing" / "junit.xml"))
