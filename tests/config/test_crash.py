"""The report of a crash: no data, no value of a variable, and for its owner alone."""

from __future__ import annotations

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


def test_only_its_owner_can_read_a_report(report):
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert stat.S_IMODE(report.parent.stat().st_mode) == 0o700


def test_two_crashes_of_one_second_are_two_reports(own_state, key):
    reports = {crash.write_report(_failure(key)) for _ in range(3)}
    assert len(reports) == 3
    assert all(Path(path).is_file() for path in reports)


def test_a_group_and_a_circle_of_exceptions_are_told_once_each(own_state, key):
    one, other = ValueError(key), KeyError(key)
    one.__context__, other.__context__ = other, one
    text = Path(crash.write_report(ExceptionGroup(key, [one, _failure(key)]))).read_text()
    for name, times in (("ExceptionGroup", 1), ("ValueError", 2), ("KeyError", 1), ("RuntimeError", 1)):
        assert text.splitlines().count(name) == times
    assert key not in text


def test_where_nothing_can_be_written_the_report_itself_is_the_answer(own_state, monkeypatch, tmp_path, key):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    text = crash.write_report(_failure(key))
    assert "ValueError" in text
    assert key not in text


def test_it_is_told_on_stderr_with_the_path(capsys):
    crash.print_message("/somewhere/crash.txt")
    out, err = capsys.readouterr()
    assert out == ""
    assert "/somewhere/crash.txt" in err


def test_a_failed_worker_is_told_with_what_failed_in_it():
    def fail():
        raise LookupError("what must not be shown")

    try:
        fail()
    except LookupError as error:
        report = "\n".join(crash._trail(WorkerFailed(error)))
    assert report.startswith("WorkerFailed")
    assert "LookupError" in report
    assert " in fail" in report
    assert "shown" not in report


def test_a_listener_hears_what_is_reported_meanwhile_and_nothing_else(own_state):
    heard = []
    first, second, third = ValueError(), KeyError(), LookupError()
    crash.write_report(first)
    with crash.report_listener(heard.append):
        crash.write_report(second)
        crash.write_report(None)
    crash.write_report(third)
    assert heard == [second]
