"""The log file: whole lines, readable by its owner only, of bounded size, on any disk error."""

import logging
import os
import re
import stat
import sys
import threading
from pathlib import Path

import pytest

from flowtui.config import log_file
from flowtui.config.log_file import LogFile

from .. import processes


@pytest.fixture
def written(tmp_path):
    """Return a function that opens a log with a size limit; all logs are closed at the end."""
    opened = []

    def make(limit=log_file.LIMIT, path=tmp_path / "log"):
        opened.append(LogFile(path, limit))
        return opened[-1]

    yield make
    for handler in opened:
        handler.close()


def say(handler, text, *args):
    handler.handle(logging.LogRecord("flowtui.x", logging.INFO, "", 0, text, args, None))


def test_lines_keep_their_order_and_the_file_is_private(written, tmp_path):
    (tmp_path / "log").write_text("before\n")
    (tmp_path / "log").chmod(0o644)
    handler = written()
    for number in range(500):
        say(handler, "line %d", number)
    handler.flush()
    assert (tmp_path / "log").read_text().splitlines() == ["before", *(f"line {n}" for n in range(500))]
    assert stat.S_IMODE((tmp_path / "log").stat().st_mode) == 0o600


def test_a_full_log_is_renamed_and_both_files_are_private(written, tmp_path):
    handler = written(limit=1000)
    for number in range(300):
        say(handler, "line %04d", number)
        if number % 7 == 0:
            handler.flush()
    handler.flush()
    kept = [(tmp_path / name).read_text() for name in ("log.1", "log")]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "log.1"]
    assert all(len(text) <= 1000 for text in kept)
    numbers = [int(number) for number in re.findall(r"line (\d+)", "".join(kept))]
    assert numbers == list(range(numbers[0], 300))
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_two_writers_share_a_file_and_both_continue_in_the_new_one(written, tmp_path):
    one, other = written(limit=2000), written(limit=2000)
    for number in range(120):
        for name, handler in (("one", one), ("other", other)):
            say(handler, "%s %03d", name, number)
            handler.flush()
    text = (tmp_path / "log").read_text()
    assert len(text) <= 2000
    assert "one 119" in text
    assert "other 119" in text


def test_a_log_that_was_moved_away_is_created_again(written, tmp_path):
    handler = written()
    say(handler, "one")
    handler.flush()
    (tmp_path / "log").rename(tmp_path / "away")
    say(handler, "two")
    handler.flush()
    assert (tmp_path / "away").read_text() == "one\n"
    assert (tmp_path / "log").read_text() == "two\n"


def test_in_a_read_only_folder_the_log_keeps_the_newest_lines(written, tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    handler = written(limit=100)
    monkeypatch.setattr(Path, "replace", refuse)
    for number in range(50):
        say(handler, "line %d", number)
        handler.flush()
    assert (tmp_path / "log").read_text().endswith("line 49\n")
    assert (tmp_path / "log").stat().st_size <= 100
    assert [path.name for path in tmp_path.iterdir()] == ["log"]


def test_a_full_disk_loses_only_lines_and_counts_them(written, tmp_path, monkeypatch):
    handler = written()
    say(handler, "one")
    handler.flush()
    real, room = os.write, [5]

    def write(descriptor, data):
        if descriptor != handler._file:
            return real(descriptor, data)
        if not room[0]:
            raise OSError(28, "No space left on device")
        data = data[: room[0]]
        room[0] -= len(data)
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", write)
    for text in ("torn by the full disk", "lost", "lost too"):
        say(handler, text)
        handler.flush()
    room[0] = 10_000
    say(handler, "there is room again")
    handler.flush()
    lines = (tmp_path / "log").read_text().splitlines()
    assert lines == [
        "one",
        "torn ",
        "3 lines are missing here: they could not be written",
        "there is room again",
    ]


def test_a_hanging_disk_blocks_nothing_and_the_waiting_lines_are_bounded(written, tmp_path, monkeypatch):
    monkeypatch.setattr(log_file, "_CLOSE_WAIT", 0.05)
    monkeypatch.setattr(log_file, "_MAX_WAITING", 100)
    handler = written()
    begun, hang = threading.Event(), threading.Event()
    real = os.write

    def write(descriptor, data):
        if descriptor == handler._file:
            begun.set()
            hang.wait()
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", write)
    say(handler, "first")
    begun.wait()
    for number in range(150):
        say(handler, "line %d", number)
    handler.flush()  # would block for ever without a limit
    hang.set()
    monkeypatch.setattr(log_file, "_CLOSE_WAIT", 30.0)
    handler.flush()
    say(handler, "last")
    handler.flush()
    text = (tmp_path / "log").read_text()
    assert text.count("line ") == 100
    assert "50 lines are missing here" in text


def test_messages_of_exceptions_are_not_logged(written, tmp_path):
    handler = written()
    error = ValueError("what must not be shown")
    trace = (type(error), error, None)
    handler.handle(logging.LogRecord("flowtui.x", logging.ERROR, "", 0, "it failed", None, trace))
    handler.flush()
    assert (tmp_path / "log").read_text() == "it failed\n"


def test_a_log_path_that_cannot_be_opened_is_an_error_at_once(tmp_path):
    with pytest.raises(OSError, match="directory"):
        LogFile(tmp_path / "no" / "log")


def test_secrets_are_masked_only_while_there_is_a_log():
    log_file.reset_masks(on=False)
    log_file.add_mask(lambda text: text.replace("key", "***"))
    assert log_file.without_secrets("a key") == "a key"
    log_file.reset_masks(on=True)
    log_file.add_mask(lambda text: text.replace("key", "***"))
    assert log_file.without_secrets("a key") == "a ***"
    log_file.reset_masks(on=False)
    assert log_file.without_secrets("a key") == "a key"


def test_without_a_log_warnings_write_nothing_to_stderr():
    code = "import logging, flowtui.config.log_file; logging.getLogger('flowtui.polling').warning('trouble')"
    done = processes.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")
