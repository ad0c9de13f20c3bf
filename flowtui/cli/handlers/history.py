"""`flowtui history` and `flowtui history forget`. Nothing but `forget` changes the file; none is ever made here."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from flowtui import formatting
from flowtui.cli.call_settings import settings_of
from flowtui.cli.command import Call
from flowtui.cli.log import start_log
from flowtui.cli.options.moments import parse_time
from flowtui.config.key.key import load_key
from flowtui.config.settings import Settings
from flowtui.errors import HistoryError, UsageError
from flowtui.formatting import parse_zone
from flowtui.text import safe_text

if TYPE_CHECKING:
    from flowtui.config.files.plain_key import Secret
    from flowtui.store.facts import HistoryFacts
    from flowtui.store.forget import Forgotten

UNREADABLE = 3
"""Exit code if there is a history that cannot be read."""


def history(call: Call) -> int:
    """Tell what is remembered, or forget it; return the exit code."""
    settings = settings_of(call)
    start_log(settings, call.command.name)
    return _forget(call, settings) if call.words else _show(call, settings)


def _show(call: Call, settings: Settings) -> int:
    from flowtui.headless.over_time.history import Shown, history_parts, watched_times  # noqa: PLC0415
    from flowtui.store.history import read_history  # noqa: PLC0415  imports sqlite3 if there is a file

    key = load_key(settings, call.environ)
    facts, now, trouble = _facts(settings, key), call.now(), ""
    try:
        times = [] if facts is None or facts.trouble else watched_times(read_history(settings, key), now)
    except HistoryError as error:
        times, trouble = [], str(error)
    shown = Shown(facts=facts, times=times, settings=settings, now=now, zone=parse_zone(settings.tz))
    on_terminal = sys.stdout.isatty()
    output = call.options.output or "table"
    sys.stdout.writelines(history_parts(shown, output, color=on_terminal and not settings.no_color))
    trouble = trouble or ("" if facts is None else facts.trouble)
    if trouble:
        _note(f"the history cannot be read: {trouble}")
    return UNREADABLE if trouble else 0


def _forget(call: Call, settings: Settings) -> int:
    key = load_key(settings, call.environ)
    before = None
    if call.options.before is not None:
        before = parse_time("--before", call.options.before, settings, call.now())
        if before is None:
            raise UsageError(
                "--before: write a time instead of an agent's deployment", hint="`flowtui marks` lists it"
            )
    facts = _facts(settings, key)
    if facts is None:
        sys.stdout.write("nothing is remembered for this address and key\n")
        return 0
    if not (call.options.yes or _agreed(facts, before, settings)):
        _note("nothing was deleted")
        return UsageError.exit_code
    from flowtui.store.forget import forget  # noqa: PLC0415  imports sqlite3

    done = forget(settings, key, before)
    sys.stdout.write(f"{safe_text(_said(done, before, settings))}\n")
    if done.in_use:
        _note("a dashboard has the history open; it may write again what it has in memory")
    return 0


def _facts(settings: Settings, key: Secret) -> HistoryFacts | None:
    """Return what there is of the history; None if there is nothing."""
    from flowtui.store.files.location import belonging, place_of, set_aside_files  # noqa: PLC0415  not for help

    place = place_of(settings, key, make_salt=False)
    if place is None or not (belonging(place.file) or set_aside_files(place.file)):
        return None
    from flowtui.store.facts import read_facts  # noqa: PLC0415  imports sqlite3

    return read_facts(settings, key)


def _agreed(facts: HistoryFacts, before: float | None, settings: Settings) -> bool:
    """Ask the user on the terminal.

    Raises:
        UsageError: there is no terminal to ask on.
    """
    if not (sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("There is no terminal to ask on", hint="Add --yes to delete without being asked")
    count = "" if facts.runs is None else f"{formatting.plural(facts.runs, 'run')}, "
    what = f"{facts.path} ({count}{formatting.size(facts.size)}), with all that belongs to it"
    if before is not None:
        what = f"what ended before {formatting.timestamp(before, parse_zone(settings.tz))} from {facts.path}"
    sys.stderr.write(f"Delete {safe_text(what)}? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _said(done: Forgotten, before: float | None, settings: Settings) -> str:
    """Return what was deleted, as one line."""
    freed = f"{formatting.size(done.freed)} freed"
    count = "runs" if done.runs is None else formatting.plural(done.runs, "run")
    if before is not None:
        return f"deleted {count} that ended before {formatting.timestamp(before, parse_zone(settings.tz))}; {freed}"
    return f"deleted {count} with {formatting.plural(len(done.files), 'file')}; {freed}"


def _note(text: str) -> None:
    sys.stderr.write(f"flowtui: {safe_text(text)}\n")
