"""The text of `flowtui -h`."""

from __future__ import annotations

from flowtui.cli.command import Commands
from flowtui.cli.options.options import EVERYWHERE, Option


def general_help(commands: Commands) -> str:
    """Return the text of `flowtui -h`."""
    lines = [
        "usage: flowtui [THREAD ...] [options]",
        "       flowtui COMMAND [options]",
        "",
        "A terminal dashboard for the agent runs on SeekrFlow.",
        "",
        "commands (`flowtui COMMAND -h` for the options and examples of each):",
        *(f"  {command.name:<10} {command.summary.splitlines()[0]}" for command in commands.values()),
        "",
        "With no command: dash. A first word that is no command is a THREAD.",
        "",
        "examples:",
        "  flowtui demo                              no key needed",
        "  SEEKR_API_KEY=... flowtui                 the dashboard, every thread of the key's owner",
        "  flowtui runs thr_9a -o jsonl --all        every run of a thread, for scripts",
        "  flowtui config init                       a commented config file",
        "",
        "options of every command, before or after its name:",
        *(f"  {_title(entry):<20} {entry.rest['help']}" for entry in EVERYWHERE),
        "",
        "exit codes: 0 done, 1 crash, 2 wrong usage or configuration, 3 no or incomplete answer from the API, 130 ctrl+c",
    ]
    return "\n".join(lines) + "\n"


def _title(entry: Option) -> str:
    metavar = entry.rest.get("metavar")
    return ", ".join(entry.flags) + (f" {metavar}" if metavar else "")
