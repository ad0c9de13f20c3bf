"""The command line over real HTTP: commands with arguments, errors, completion and history."""

from __future__ import annotations

import pytest
from textual.geometry import Offset

from flowtui.config.memory.memory import recall
from flowtui.config.settings import Settings
from flowtui.config.values.views import SavedView
from flowtui.errors import ConfigError
from flowtui.ui.app.profiles import Profiles
from flowtui.ui.commands.command_line import CommandLine, add_to_history
from flowtui.ui.commands.help_screen import HelpScreen, TopicScreen
from flowtui.ui.run.run_screen import RunScreen
from flowtui.ui.spend.spend_screen import SpendScreen

SMALL = (80, 20)  # painting costs most of the time


async def _open(seat, text=""):
    await seat.press("colon")
    await seat.until(lambda: isinstance(seat.app.screen, CommandLine) and seat.app.screen.is_mounted)
    line = seat.app.screen
    await seat.until(lambda: line.input.has_focus)
    if text:
        line.input.value = text
        line.input.cursor_position = len(text)
        await seat.pilot.pause()
    return line


async def _say(seat, text):
    """Type a valid line into the command line, and press enter."""
    line = await _open(seat, text)
    await seat.press("enter")
    await seat.until(lambda: seat.app.screen is not line)
    await seat.pilot.pause()


async def _wrong(seat, line, text):
    """Type an invalid line into the open command line, press enter, and return the error that is shown."""
    line.input.value = text
    await seat.until(lambda: not line.said)  # the last error goes as soon as the text changes
    await seat.press("enter")
    await seat.until(lambda: line.said)
    assert seat.app.screen is line
    await seat.sees(line.said[:20])
    return line.said


async def test_commands_save_the_rows_show_a_thread_open_a_run_and_change_the_table(
    app, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    async with app(interval=60.0, size=SMALL) as seat:
        await _say(seat, "export csv")
        await seat.until(lambda: list(tmp_path.glob("flowtui-runs-*.csv")))
        await seat.sees("Saved 16 runs to")
        seat.app.clear_notifications()

        thread = seat.simulator.thread_ids()[1]
        await _say(seat, f"thread {thread}")
        await seat.until(lambda: seat.rows and {run.thread_key for run in seat.rows} == {thread})
        await _say(seat, "all")
        await seat.until(lambda: len({run.thread_key for run in seat.rows}) > 1)
        run = seat.rows[3]
        await _say(seat, f"run {run.raw_id}")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        assert seat.app.screen.run.key == run.key
        await _say(seat, "run_back")
        await seat.until(lambda: seat.app.screen is seat.dashboard)
        assert seat.table.cursor == run.key
        await _say(seat, f"run {run.raw_id}")
        await _say(seat, "sort age")  # a command for the table returns to the dashboard
        await seat.until(lambda: seat.app.screen is seat.dashboard)

        await _say(seat, "filter status:completed")
        await seat.until(lambda: {run.status for run in seat.rows} == {"completed"})
        await _say(seat, "sort -tokens")
        await seat.until(
            lambda: (seat.dashboard.view.sort, seat.dashboard.view.descending) == ("tokens", True)
        )
        counts = [run.total_tokens for run in seat.rows if run.total_tokens is not None]
        assert counts == sorted(counts, reverse=counts[0] > counts[-1])
        await _say(seat, "sort to")  # it begins the name of one column only
        await seat.until(lambda: seat.dashboard.view.descending is False)
        await _say(seat, "columns run,status,tokens")
        assert set(seat.dashboard.columns.names) == {"run", "status", "tokens"}
        await seat.until(lambda: set(recall().columns or ()) == {"run", "status", "tokens"})
        await _say(seat, "sort")
        await seat.sees("─ Order ─", "newest first")
        await seat.press("a")
        await seat.until(lambda: seat.dashboard.view.sort == "age")


@pytest.mark.slow  # test_words sees how each command is read
async def test_commands_change_the_theme_show_a_view_and_open_help_topics(app):
    async with app(views={"costly": SavedView(name="costly", filter="tokens>1", sort="tokens")}) as seat:
        await _say(seat, "theme day")
        await seat.until(lambda: seat.app.theme == "day" and recall().theme == "day")
        await _say(seat, "view costly")
        await seat.until(lambda: seat.dashboard.view.text == "tokens>1")
        assert seat.dashboard.view_name == "costly"
        await _say(seat, "view failed in the last hour")
        await seat.until(lambda: "status:failed" in seat.dashboard.view.text)
        agent = seat.rows[0].agent_id
        await _say(seat, f"agent {seat.dashboard.snapshot.agents[agent]}")
        await seat.until(lambda: seat.app.screen.name == "agent" and seat.app.screen.agent == agent)
        await seat.press("escape")
        await _say(seat, "help filter")
        await seat.until(lambda: isinstance(seat.app.screen, TopicScreen))
        await seat.sees("Help on filter", "status:")
        await seat.press("escape")
        await _say(seat, "help")
        await seat.until(lambda: type(seat.app.screen) is HelpScreen)
        await seat.press("escape")
        await seat.until(lambda: seat.app.screen is seat.dashboard)


async def test_the_profile_command_completes_names_and_switches(app, simulate, monkeypatch):
    monkeypatch.setenv("SEEKR_API_KEY", "x")
    other = simulate(threads=1, runs=3, seed=9)

    def settings_for(name):
        if name != "other":
            raise ConfigError(f"There is no profile {name}", hint="")
        return Settings(base_url=other.url, tz="utc", profile="other")

    async with app(
        interval=60.0, size=SMALL, profiles=Profiles(lambda: ["default", "other"], settings_for)
    ) as seat:
        line = await _open(seat, "profile o")
        await seat.until(lambda: "other" in line.list.text)
        await seat.press("tab", "enter")
        await seat.until(lambda: seat.app.settings.profile == "other")
        await seat.until(lambda: seat.dashboard.is_mounted and len(seat.rows) == 3)


@pytest.mark.slow
async def test_the_history_key_ids_former_names_and_quit_on_every_screen(app):
    async with app(interval=60.0, size=SMALL) as seat:
        await _say(seat, "sort tokens")
        await _say(seat, "invert")
        line = await _open(seat, "th")
        for key, text in (
            ("up", "invert"),
            ("up", "sort tokens"),
            ("up", "sort tokens"),
            ("down", "invert"),
            ("down", "th"),
        ):
            await seat.press(key)
            await seat.until(lambda text=text: line.input.value == text)
        await seat.press("escape")
        await seat.until(lambda: seat.app.screen is seat.dashboard)

        await _say(seat, "pause")
        await seat.sees("paused")
        await _say(seat, "pau")
        await seat.until(lambda: not seat.dashboard.paused)
        await _say(seat, "thread-down")
        await seat.until(lambda: seat.threads.chosen is not None)
        await _say(seat, "spend")
        await seat.until(lambda: isinstance(seat.app.screen, SpendScreen))
        await _say(seat, "spend_by")
        await seat.sees("all models")
        await _say(seat, "spend_back")
        await seat.until(lambda: seat.app.screen is seat.dashboard)

        # former names of commands
        await _say(seat, "mark_run")
        await seat.sees("1 selected")
        await _say(seat, "spenders")
        await seat.until(lambda: isinstance(seat.app.screen, SpendScreen))
        await _say(seat, "spender-back")
        await seat.until(lambda: seat.app.screen is seat.dashboard)

        await seat.press("enter")
        await seat.until(lambda: isinstance(seat.app.screen, RunScreen))
        await _say(seat, "quit")
        await seat.until(lambda: seat.app.return_code == 0)


async def test_an_error_keeps_the_line_open_and_tab_completes(app):
    async with app(interval=60.0, size=SMALL) as seat:
        await seat.press("question_mark")
        await seat.until(lambda: isinstance(seat.app.screen, HelpScreen))
        await seat.press("colon")
        await seat.pilot.pause()
        assert isinstance(seat.app.screen, HelpScreen)
        await seat.press("escape")
        await seat.until(lambda: seat.app.screen is seat.dashboard)

        line = await _open(seat)
        assert await _wrong(seat, line, "sotr tokens") == "There is no command 'sotr'. Did you mean sort?"
        assert await _wrong(seat, line, "sort tokns") == "There is no column 'tokns'. Did you mean tokens?"
        assert await _wrong(seat, line, "theme nihgt") == "There is no theme 'nihgt'. Did you mean night?"
        assert (await _wrong(seat, line, "columns run,tokns")).startswith(
            "there is no column 'tokns'. Did you mean tokens"
        )
        assert await _wrong(seat, line, "export cvs") == "There is no form 'cvs'. Did you mean csv?"
        assert (await _wrong(seat, line, "filter (status:failed")).startswith("column ")
        assert await _wrong(seat, line, "run") == "run needs a run: open a run by its id"
        assert (await _wrong(seat, line, "run nope")).startswith("No known run")
        assert "may be" in await _wrong(seat, line, f"run {seat.ids[0][:1]}")
        assert await _wrong(seat, line, "thread nope") == "There is no thread 'nope'"
        assert await _wrong(seat, line, "view qqqqqq") == "There is no view 'qqqqqq'"
        assert await _wrong(seat, line, "pause now") == "pause takes no argument"
        assert seat.dashboard.view.text == ""
        await seat.press("x")
        await seat.until(lambda: not line.said)  # typing removes the error
        await seat.press("escape")
        await seat.until(lambda: seat.app.screen is seat.dashboard)

        line = await _open(seat, "theme ")
        names = seat.app.theme_names
        for name in names[:3]:
            await seat.press("tab")
            await seat.until(lambda name=name: line.input.value == f"theme {name}")
        await seat.press("shift+tab")
        await seat.until(lambda: line.input.value == f"theme {names[1]}")
        await seat.press("enter")
        await seat.until(lambda: seat.app.theme == names[1])
        await seat.until(lambda: seat.app.screen is seat.dashboard)

        # the argument of a filter is completed as in the filter box
        line = await _open(seat, "filter status:fai")
        await seat.until(lambda: "failed" in line.list.text)
        await seat.press("tab")
        await seat.until(lambda: line.input.value.strip() == "filter status:failed")
        await seat.press("enter")
        await seat.until(lambda: seat.dashboard.view.text.strip() == "status:failed")


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "[red]x[/]",
        "\x1b[2J",
        "filter \u202ex",
        "run \x07",
        "x" * 1900,
        "theme 多言語",
        "sort '\"",
        "columns ,,",
        ":::",
    ],
)
async def test_markup_and_control_characters_in_a_line_do_no_harm(app, text):
    async with app(size=(100, 30)) as seat:
        await _open(seat, text)
        await seat.press("tab", "enter")
        await seat.pilot.pause()
        assert not {"\x1b", "\x07", "\u202e"} & set(seat.text)
        assert len(seat.lines) == 30
        await seat.press("escape")
        await seat.until(lambda: seat.app.screen is seat.dashboard)


async def test_thread_ids_with_markup_are_completed_as_text(app):
    async with app(interval=60.0, size=SMALL, faults=["thread-id:a\x1b[31mb"], wait=False) as seat:
        await seat.until(lambda: seat.dashboard.snapshot is not None and seat.dashboard.snapshot.threads)
        thread = next(iter(seat.dashboard.snapshot.threads))
        line = await _open(seat, "thread ")
        await seat.until(lambda: seat.dashboard.snapshot.threads[thread].id in line.list.text)
        assert "\x1b" not in line.list.text
        await seat.press("tab", "enter")
        await seat.until(lambda: seat.dashboard.view.thread is not None)


def test_the_history_keeps_each_line_once_and_at_most_50_lines():
    history = []
    for number in range(60):
        history = add_to_history(history, f"sort {number}")
    assert len(history) == 50
    assert add_to_history(history, "sort 20")[-1] == "sort 20"
    assert len(add_to_history(history, "sort 20")) == 50


async def test_the_command_line_is_above_its_keys_at_every_size_and_a_click_completes(app):
    async with app(interval=60.0, size=(120, 36)) as seat:
        for size in ((120, 36), (80, 24), (60, 15), (30, 8)):
            await seat.pilot.resize_terminal(*size)
            await seat.until(lambda size=size: seat.app.size == size)
            line = await _open(seat)
            await seat.until(lambda line=line: line.list.display)
            assert seat.lines[-2].startswith(" :")
            assert len(seat.lines) == size[1]
            await seat.until(lambda line=line: line.list.region.height > 0)
            await seat.pilot.click(offset=Offset(line.list.region.x + 2, line.list.region.y))
            await seat.until(lambda line=line: line.input.value)
            await seat.press("escape")
            await seat.until(lambda: seat.app.screen is seat.dashboard)

        # The second click of a double click: the first one has made the list shorter.
        line = await _open(seat)
        await seat.until(lambda: line.list.display)
        for place in (0, 1_000):
            line.list.post_message(line.list.Picked(place))
        await seat.until(lambda: line.input.value)
        await seat.press("escape")
        await seat.until(lambda: seat.app.screen is seat.dashboard)
