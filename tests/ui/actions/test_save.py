"""Saving: new files that only their owner can read, and the menu that copies or saves a text."""

from __future__ import annotations

import base64
import errno
import json
import os
import re
import stat
import types
from datetime import UTC

import pytest
from textual.content import Content

from flowtui.config.settings import Settings
from flowtui.errors import FlowtuiError
from flowtui.model.columns.column_choice import choose
from flowtui.model.columns.columns import DEFAULT
from flowtui.model.columns.context import Context
from flowtui.model.messages.opened import Opened
from flowtui.model.run.parsing import parse_run
from flowtui.model.view.view import View
from flowtui.ui.actions.copy_menu import copyables
from flowtui.ui.actions.save import TakingApp, file_name, save, write_new
from flowtui.ui.base.messages import ReportRequested
from flowtui.ui.paint.theme import DEFAULT as THEME
from flowtui.ui.paint.theme import THEMES, Palette
from flowtui.ui.widgets.menu import Entry, menu_line

NOW = 1_795_567_512.0
HOSTILE = "|a\n![x](http://e)\x1b[2J"


def raw_of(**fields):
    return {"id": "run_1", "status": "failed", "thread_id": "thr_1", "instructions": "Be kind", **fields}


class Rows(list):
    """Stands for the rows of the table."""

    def window(self, start, stop):
        return self[start:stop]


class Desk(TakingApp):
    """An application with a single run, which records what is copied (`sent`) and which messages are shown (`told`)."""

    def __init__(self, opened, settings=None):
        super().__init__()
        self.settings = settings or Settings()
        self.now = lambda: NOW
        self.one = opened
        self.sent, self.told = [], []
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEME
        self.context = Context(now=NOW, zone=UTC)

    @property
    def palette(self):
        return Palette(self.get_css_variables())

    @property
    def dashboard(self):
        return types.SimpleNamespace(
            cell_context=lambda: self.context,
            view=View(),
            table=types.SimpleNamespace(rows=Rows([self.one.run])),
            columns=choose(None),
        )

    def title_text(self, text):
        return Content(text)

    def opened_run(self, _run):
        return self.one

    def notify(self, message, **how):
        self.told.append(message)
        super().notify(message, **how)

    @property
    def text(self):
        return "\n".join(strip.text for strip in self.screen._compositor.render_strips())

    async def open(self, pilot):
        self._driver.write = self.sent.append
        self.open_copy_menu(self.one.run)
        await pilot.pause()

    async def tells(self, pilot, count):
        """Wait until `count` messages were shown."""
        while len(self.told) < count:
            await pilot.pause()

    @property
    def clipboard_text(self):
        found = [re.search(r"52;c;([A-Za-z0-9+/=]*)", text) for text in self.sent]
        return [base64.b64decode(match[1]).decode() for match in found if match]


@pytest.fixture
def opened():
    raw = raw_of()
    return Opened(parse_run(raw, "thr_1"), raw)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TMUX", raising=False)
    return tmp_path


# -- files -----------------------------------------------------------------------------------------------------


def test_a_file_name_contains_what_is_saved_and_the_time():
    assert file_name("runs", 1_795_567_512.0, "csv") == "flowtui-runs-20261125T004512Z.csv"
    assert file_name("../../etc/passwd\0\n", 0, "md") == "flowtui-etc-passwd-19700101T000000Z.md"
    assert file_name("漢字", 0, "md") == "flowtui-run-19700101T000000Z.md"
    assert len(file_name("x" * 999, 0, "md")) < 90


async def test_a_file_is_private_and_never_overwritten(tmp_path):
    names = []
    for text in ("one", "two", "three"):
        path = await save("a.csv", lambda text=text: [text, "\n"], tmp_path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_text() == f"{text}\n"
        names.append(path.name)
    assert names == ["a.csv", "a-2.csv", "a-3.csv"]
    assert (tmp_path / "a.csv").read_text() == "one\n"


def test_a_file_is_not_written_through_an_existing_link(tmp_path):
    victim = tmp_path / "victim"
    (tmp_path / "a.csv").symlink_to(victim)
    assert write_new(tmp_path, "a.csv", ["x"]).name == "a-2.csv"
    assert not victim.exists()


def test_saving_in_an_unwritable_folder_raises_an_error(tmp_path):
    with pytest.raises(FlowtuiError, match="could not be written: No such file") as caught:
        write_new(tmp_path / "nowhere", "a.csv", ["x"])
    assert "folder" in caught.value.hint


def test_a_full_disk_raises_an_error_and_leaves_no_partial_file(tmp_path):
    def text():
        yield "begun"
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(FlowtuiError, match="No space left"):
        write_new(tmp_path, "a.csv", text())
    assert list(tmp_path.iterdir()) == []


def test_a_lone_surrogate_can_be_saved(tmp_path):
    assert write_new(tmp_path, "a.txt", ["a\ud800b"]).read_text() == "a?b"


# -- the menu --------------------------------------------------------------------------------------------------


def test_each_menu_entry_has_its_text(opened):
    settings = Settings(run_url="https://ui/{thread_id}/{run_id}")
    texts = {
        text.entry.name: text.text()
        for text in copyables(opened, DEFAULT, Context(now=NOW, zone=UTC), settings)
    }
    assert texts["id"] == "run_1"
    assert texts["row"].startswith("failed\trun_1\tthr_1\t")
    assert json.loads(texts["JSON"]) == raw_of()
    assert texts["curl"].startswith('curl -sS -H "Authorization: $SEEKR_API_KEY" https://')
    assert texts["watch"] == "flowtui watch thr_1 --run run_1"
    assert texts["link"] == "https://ui/thr_1/run_1"
    assert texts["report"].startswith("# Run ")
    assert "Be kind" in texts["report"]
    assert "Be kind" not in texts["redacted"]


def test_a_menu_entry_without_its_text_says_what_is_missing():
    run = parse_run({"status": "failed", "agent_id": HOSTILE}, "thr_1")
    entries = {
        text.entry.name: text.entry for text in copyables(Opened(run), DEFAULT, Context(now=NOW), Settings())
    }
    assert {name for name, entry in entries.items() if entry.there} == {"row", "report", "redacted"}
    assert entries["link"].hint == "set run_url in the config file"
    assert entries["report"].hint == "as Markdown, without the whole run and why: not loaded"
    assert all(entry.hint.isprintable() for entry in entries.values())


def test_letters_of_the_menu_are_unique_and_not_keys_that_move_the_cursor(opened):
    letters = [text.entry.letter for text in copyables(opened, DEFAULT, Context(now=NOW), Settings())]
    assert len(set(letters)) == len(letters)
    assert not set(letters) & set("jkgGqs")


def test_a_menu_line_fits_and_its_text_is_never_read_as_markup():
    line = menu_line(Entry("i", "id", "[b]漢字" * 40), 40)
    assert sum(len(span.text) for span in line) <= 40
    assert "[b]" in line[3].text


@pytest.mark.parametrize("keys", [["c"], ["j", "j", "j", "enter"]])
async def test_a_letter_or_enter_copies_and_confirms(keys, here, opened):
    app = Desk(opened)
    async with app.run_test(size=(90, 24), notifications=True) as pilot:
        await app.open(pilot)
        assert "Copy of run_1" in app.text
        await pilot.press(*keys)
        await app.tells(pilot, 1)
        assert len(app.screen_stack) == 1
        [copied] = app.clipboard_text
        assert copied.startswith("curl ")
        assert app.told == [
            f"Sent the curl command ({len(copied)} bytes) to the terminal's clipboard (OSC 52)"
        ]
    assert list(here.iterdir()) == []


async def test_escape_copies_nothing(here, opened):
    app = Desk(opened)
    async with app.run_test(size=(90, 24)) as pilot:
        await app.open(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert len(app.screen_stack) == 1
        assert (app.clipboard_text, app.told) == ([], [])


async def test_choosing_a_text_that_is_not_loaded_copies_nothing_and_keeps_the_menu_open(here):
    app = Desk(Opened(parse_run(raw_of(), "thr_1")))
    async with app.run_test(size=(90, 24), notifications=True) as pilot:
        await app.open(pilot)
        await pilot.press("v")
        await app.tells(pilot, 1)
        assert len(app.screen_stack) == 2
        assert app.clipboard_text == []
        assert app.told == ["JSON cannot be chosen: not loaded"]


async def test_text_too_long_for_the_clipboard_can_be_saved(here):
    raw = raw_of(instructions="x" * 80_000)
    app = Desk(Opened(parse_run(raw, "thr_1"), raw))
    async with app.run_test(size=(90, 24), notifications=True) as pilot:
        await app.open(pilot)
        await pilot.press("v")
        await app.tells(pilot, 1)
        assert app.clipboard_text == []
        assert "s saves it as a file" in app.told[-1]
        await app.open(pilot)
        await pilot.press("j", "j", "s")
        await app.tells(pilot, 2)
        path = here / "flowtui-run_1-20261125T004512Z.json"
        assert json.loads(path.read_text()) == raw
        assert app.told[-1] == f"Saved the JSON to {path}"


@pytest.mark.parametrize(("letter", "suffix"), [("c", "csv"), ("d", "json"), ("l", "jsonl"), ("m", "md")])
async def test_the_rows_are_saved_as_a_file(letter, suffix, here, opened):
    app = Desk(opened)
    async with app.run_test(size=(90, 24), notifications=True) as pilot:
        app.action_export()
        await pilot.pause()
        assert "Export 1 run" in app.text
        await pilot.press(letter)
        await app.tells(pilot, 1)
        path = here / f"flowtui-runs-20261125T004512Z.{suffix}"
        assert "run_1" in path.read_text().replace("\\", "")
        assert app.told == [f"Saved 1 run to {path}"]


async def test_a_second_report_gets_a_new_file_name(here, opened):
    app = Desk(opened)
    async with app.run_test(notifications=True) as pilot:
        for count in (1, 2):
            app.post_message(ReportRequested(opened.run))
            await app.tells(pilot, count)
    assert sorted(path.name for path in here.iterdir()) == [
        "flowtui-run_1-20261125T004512Z-2.md",
        "flowtui-run_1-20261125T004512Z.md",
    ]


async def test_if_a_file_cannot_be_written_the_screen_shows_the_error(here, opened, monkeypatch):
    def full(*_arguments):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    app = Desk(opened)
    async with app.run_test(notifications=True) as pilot:
        monkeypatch.setattr(os, "open", full)
        app.post_message(ReportRequested(opened.run))
        await app.tells(pilot, 1)
        monkeypatch.undo()
        [told] = app._notifications
        assert "Read-only file system" in told.message
        assert told.severity == "error"


# -- on the dashboard ------------------------------------------------------------------------------------------


async def test_nothing_copied_or_saved_contains_the_key(app, here, key):
    async with app() as seat:
        written = []
        seat.app._driver.write = written.append
        ids = seat.ids
        for letter in "irvcwmx":
            await seat.until(lambda: seat.app.session.opened(seat.table.cursor_run).raw is not None)
            await seat.press("Y")
            await seat.sees("s saves as a file")
            await seat.press(letter)
            await seat.until(lambda: len(seat.app.screen_stack) == 1)
        copied = [
            base64.b64decode(match[1]).decode()
            for text in written
            if (match := re.search(r"52;c;([A-Za-z0-9+/=]*)", text))
        ]
        assert len(copied) == 7
        assert f"{seat.simulator.url}/v1/threads/" in copied[3]
        assert not any(key in text for text in copied)
        await seat.press("E")
        await seat.sees("Export 16 runs")
        await seat.press("l")
        await seat.until(lambda: any("Saved 16 runs" in note.message for note in seat.app._notifications))
        [path] = here.iterdir()
        assert [json.loads(line)["id"] for line in path.read_text().splitlines()] == ids
        assert key not in path.read_text()
