"""The command line and its keys, as scenes; see `key_scenes`."""

from __future__ import annotations

from flowtui.ui.commands.command_line import CommandLine

from .key_scenes import pressed


async def _line(seat):
    """Open the command line, and wait for completions."""
    seat.app.action_command_line()
    await seat.until(lambda: isinstance(seat.app.screen, CommandLine) and seat.app.screen.is_mounted)
    line = seat.app.screen
    await seat.until(lambda: line.query("CommandInput") and line.input.has_focus and line.list.text)
    return line


@pressed("command_line")
async def _open(seat, _, press):
    await press()
    await seat.until(lambda: isinstance(seat.app.screen, CommandLine))
    await seat.sees("sort by a column")


@pressed("command_do")
async def _do(seat, _, press):
    line = await _line(seat)
    line.input.value = "invert"
    await press()
    await seat.until(lambda: seat.dashboard.view.descending)
    assert seat.app.screen is seat.dashboard


@pressed("command_next", "command_previous")
async def _complete(seat, key, press):
    line = await _line(seat)
    line.input.value = "theme "
    line.input.cursor_position = 6
    await seat.until(lambda: "blue-orange" in line.list.text)
    await press()
    names = seat.app.theme_names
    await seat.until(lambda: line.input.value == f"theme {names[0 if key == 'command_next' else -1]}")


@pressed("command_older", "command_newer")
async def _history(seat, key, press):
    seat.app._command_history = ["sort age", "all"]
    line = await _line(seat)
    if key == "command_newer":
        line.action_history(2)
        await seat.until(lambda: line.input.value == "sort age")
    await press()
    await seat.until(lambda: line.input.value == "all")


@pressed("command_close")
async def _close(seat, _, press):
    await _line(seat)
    await press()
    await seat.until(lambda: seat.app.screen is seat.dashboard)
