"""The faults in words, from the one registry: their names for a help page, and a line for each."""

from __future__ import annotations

from textwrap import wrap
from typing import Final

from flowtui.simulator.faults import GROUPS
from flowtui.simulator.faults.kinds import RUNS, SCOPES, Fault

LIST: Final = "list"
"""What is given in the place of a fault's name to have them listed."""

_WIDTH: Final = 100  # columns of a help page
_HOW: Final = f"""\
faults: NAME[:ARG][@SCOPE][*TIMES], such as server-error:5@threads or slow:2*10. `--fault {LIST}` says what each does
  ARG    what its line says; an ID or THREAD hits that one alone (`newest` the newest run), without it all
  SCOPE  {", ".join(SCOPES)}; without it what the fault is about
  TIMES  how many requests, from the first on; without it all"""


def names() -> str:
    """Return how a fault is written, and the names of all by what they bend."""
    parts = [_HOW]
    width = max(map(len, GROUPS)) + 1
    for group, faults in GROUPS.items():
        lines = wrap(", ".join(faults), _WIDTH - width - 3, break_on_hyphens=False)
        parts += [
            f"  {f'{group}:' if not number else '':<{width}} {line}" for number, line in enumerate(lines)
        ]
    return "\n".join(parts)


def listing() -> str:
    """Return a line for each fault: how it is written, and what it does. An argument in brackets may be left out."""
    every = [
        (_written(name, fault), fault.help) for faults in GROUPS.values() for name, fault in faults.items()
    ]
    width = max(len(written) for written, _ in every)
    return "".join(f"{written:<{width}}  {text}\n" for written, text in every)


def _written(name: str, fault: Fault) -> str:
    argument = f"[:{fault.argument}]" if fault.argument else ""
    return f"{name}{argument}{'' if fault.scope == RUNS else f'@{fault.scope}'}"
