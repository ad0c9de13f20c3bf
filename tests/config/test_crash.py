"""Crash reports: without data and values of variables, readable by their owner only."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from textual.worker import WorkerFailed

from flowtui.config import crash


@pytest.fixture
def own_state(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def key():
    return "secret-3f9a7c"


def _failure(secret):
    def inner():
        local = secret
        raise ValueError(f"bad key {local}")

    try:
        try:
            inner()
        except ValueError as error:
            raise RuntimeError(f"because of {secret}") from error
    except RuntimeError as error:
        return error
    raise AssertionError


@pytest.fixture
def report(own_state, key):
    return Path(crash.write_report(_failure(key)))


def test_a_report_names_types_and_places_but_no_message_and_no_local(report, key):
    text = report.read_text()
    assert "RuntimeError" in text
    assert "ValueError" in text
    assert f"{Path(__file__).name}:" in text
    assert "in inner" in text
    assert key not in text
    assert "bad key" not in text
    assert "Python" in text


def test_a_report_is_readable_by_its_owner_only(report):
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert stat.S_IMODE(report.parent.stat().st_mode) == 0o700


def test_two_crashes_in_one_second_write_two_reports(own_state, key):
    reports = {crash.write_report(error) for error in (_failure(key), ValueError(), KeyError())}
    assert len(reports) == 3
    assert all(Path(path).is_file() for path in reports)


def test_an_error_that_comes_again_needs_no_other_report(own_state, key):
    first, *others = [Path(crash.write_report(_failure(key))) for _ in range(3)]
    assert others == [first, first]
    assert list(first.parent.iterdir()) == [first]
    first.unlink()
    assert Path(crash.write_report(_failure(key))).is_file()


def test_the_oldest_reports_are_deleted(report, own_state):
    mine = report.with_name("crash-notes.txt")
    mine.touch()
    for number in range(30):  # of earlier starts, and of one whose clock was wrong
        report.with_name(f"crash-20{number:02}0101T000000-9.txt").touch()
    newest = Path(crash.write_report(LookupError()))
    left = {path.name for path in report.parent.iterdir()}
    assert len(left) == 1 + 20
    assert {mine.name, newest.name, "crash-20290101T000000-9.txt"} <= left
    assert "crash-20000101T000000-9.txt" not in left


def test_a_full_disk_leaves_no_empty_report(own_state, monkeypatch, tmp_path, key):
    monkeypatch.setattr(
        crash, "create_private", lambda path: path.touch() or os.open("/dev/full", os.O_WRONLY)
    )
    assert "ValueError" in crash.write_report(_failure(key))
    assert list((tmp_path / "state" / "flowtui").iterdir()) == []


def test_grouped_and_circular_exceptions_are_reported_once_each(own_state, key):
    one, other = ValueError(key), KeyError(key)
    one.__context__, other.__context__ = other, one
    text = Path(crash.write_report(ExceptionGroup(key, [one, _failure(key)]))).read_text()
    for name, times in (("ExceptionGroup", 1), ("ValueError", 2), ("KeyError", 1), ("RuntimeError", 1)):
        assert text.splitlines().count(name) == times
    assert key not in text


def test_a_report_that_cannot_be_written_is_returned_as_text(own_state, monkeypatch, tmp_path, key):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    text = crash.write_report(_failure(key))
    assert "ValueError" in text
    assert key not in text


def test_the_path_of_the_report_is_printed_on_stderr(capsys):
    crash.print_message("/somewhere/crash.txt")
    out, err = capsys.readouterr()
    assert out == ""
    assert "/somewhere/crash.txt" in err


def test_a_failed_worker_is_reported_with_its_own_error():
    def fail():
        raise LookupError("what must not be shown")

    try:
        fail()
    except LookupError as error:
        report = "\n".join(crash._report_lines(WorkerFailed(error)))
    assert report.startswith("WorkerFailed")
    assert "LookupError" in report
    assert " in fail" in report
    assert "shown" not in report


def test_a_listener_gets_the_errors_reported_inside_its_context_only(own_state):
    heard = []
    first, second, third = ValueError(), KeyError(), LookupError()
    crash.write_report(first)
    with crash.report_listener(heard.append):
        crash.write_report(second)
        crash.write_report(None)
    crash.write_report(third)
    assert heard == [second]
