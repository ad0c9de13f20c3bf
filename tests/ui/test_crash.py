"""A crash: a report without data, and no value of a variable anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowtui.ui import crash


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
def report(own_environment, key):
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
    assert report.stat().st_mode & 0o077 == 0
    assert report.parent.stat().st_mode & 0o077 == 0


def test_where_nothing_can_be_written_the_report_itself_is_the_answer(
    own_environment, monkeypatch, tmp_path, key
):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    text = crash.write_report(_failure(key))
    assert "ValueError" in text
    assert key not in text


def test_it_is_told_on_stderr_with_the_path(capsys):
    crash.tell("/somewhere/crash.txt")
    out, err = capsys.readouterr()
    assert out == ""
    assert "/somewhere/crash.txt" in err


async def _crash(app, key):
    def fail():
        local = f"holds {key}"
        raise LookupError(local)

    async with app() as seat:
        seat.app.set_timer(0.01, fail)
        await seat.until(lambda: seat.app.crash_report)


async def test_an_exception_in_a_timer_leaves_a_report_without_data(app, key, tmp_path):
    with pytest.raises(LookupError):
        await _crash(app, key)
    reports = [path.read_text() for path in tmp_path.rglob("crash-*.txt")]
    assert len(reports) == 1
    assert "LookupError" in reports[0]
    assert "in fail" in reports[0]
    assert key not in reports[0]
