"""Text about the faults: their names for a help page, and the lines of `--fault list`."""

from __future__ import annotations

from textwrap import wrap
from typing import Final

from flowtui.simulator.faults import GROUPS
from flowtui.simulator.faults.kinds import RUNS, SCOPES, Fault

LIST: Final = "list"
"""The argument of `--fault` that prints the list."""

_WIDTH: Final = 100  # columns of a help page
_HOW: Final = f"""\
faults: NAME[:ARG][@SCOPE][*TIMES], such as server-error:5@threads or slow:2*10. `--fault {LIST}` describes each
  ARG    an ID or a THREAD: only that run or thread has the fault (`newest`: the newest run); or a value, see the
         list, where `ARG (3)` means that 3 is the default
  SCOPE  which requests: {", ".join(SCOPES)}; default: see the list, else `runs`
  TIMES  only the first TIMES of these requests have the fault; default: all"""


def names() -> str:
    """Return the syntax of a fault, and the names of all faults by group, for a help page."""
    parts = [_HOW]
    width = max(map(len, GROUPS)) + 1
    for group, faults in GROUPS.items():
        lines = wrap(", ".join(faults), _WIDTH - width - 3, break_on_hyphens=False)
        parts += [
            f"  {f'{group}:' if not number else '':<{width}} {line}" for number, line in enumerate(lines)
        ]
    return "\n".join(parts)


def listing() -> str:
    """Return a line for each fault: its syntax (an argument in brackets is optional) and what it does."""
    every = [
        (_written(name, fault), fault.help) for faults in GROUPS.values() for name, fault in faults.items()
    ]
    width = max(len(written) for written, _ in every)
    return "".join(f"{written:<{width}}  {text}\n" for written, text in every)


def _written(name: str, fault: Fault) -> str:
    argument = f"[:{fault.argument}]" if fault.argument else ""
    return f"{name}{argument}{'' if fault.scope == RUNS else f'@{fault.scope}'}"
