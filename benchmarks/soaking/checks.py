"""Measures and judges the soak: memory, tasks, files, lost runs, and the final state compared with the simulator's."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from benchmarks.soaking.world import Fact, Truth
from flowtui.model.run.row import Run
from flowtui.model.state.known_runs import ThreadState


class Check(NamedTuple):
    """One line of the result table; `fine`: whether the limit is kept; None for a figure without a limit."""

    front: str
    what: str
    found: str
    fine: bool | None


class Sample(NamedTuple):
    """The resources of this process at `hour` of the simulated day. `rss` is in bytes."""

    hour: float
    rss: int
    objects: int
    tasks: int
    files: int
    threads: int
    widgets: int
    runs: int


def sample(hour: float, runs: int, widgets: int = 0) -> Sample:
    """Measure this process after a garbage collection."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return Sample(
        hour=hour,
        rss=pages * os.sysconf("SC_PAGE_SIZE"),
        objects=len(gc.get_objects()),
        tasks=len(asyncio.all_tasks()),
        files=sum(1 for _ in Path("/proc/self/fd").iterdir()) - 1,
        threads=threading.active_count(),
        widgets=widgets,
        runs=runs,
    )


def kinds() -> Counter[str]:
    """Count all live objects by type."""
    return Counter(f"{type(thing).__module__}.{type(thing).__qualname__}" for thing in gc.get_objects())


@dataclass
class Accidents:
    """Collects unhandled exceptions and warnings."""

    seen: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Install the hooks, in the running event loop and in the process."""
        asyncio.get_running_loop().set_exception_handler(lambda _, context: self._note("loop", context))
        sys.unraisablehook = lambda said: self._note("unraisable", said)
        threading.excepthook = lambda said: self._note("thread", said)
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, kind, name, line, *_: self._warned(message, kind, name, line)

    def _note(self, where: str, what: object) -> None:
        self.seen.append(f"{where}: {what!r}"[:400])

    def _warned(self, message: Warning | str, kind: type[Warning], name: str, line: int) -> None:
        if issubclass(kind, ResourceWarning | RuntimeWarning):
            self._note("warning", f"{kind.__name__}: {message} ({name}:{line})")


# -- the final state -------------------------------------------------------------------------------------------


def same(run: Run, fact: Fact) -> bool:
    """Return whether a row equals the simulator's run."""
    ended = run.ended
    dated = (ended is None) == (fact.ended is None) and abs((ended or 0.0) - (fact.ended or 0.0)) < 0.002
    return dated and (run.status, run.total_tokens) == (fact.status, fact.tokens)


@dataclass
class Compared:
    """The runs of a front end compared with the simulator's.

    `equal` counts equal runs. `bent` are runs whose last listing was changed by a fault, `wrong` all other differences.
    `ghosts` were listed by a fault and never existed; `marked` of them are marked as not seen. `lost` were listed and are
    not known; `unknown` exist and are not known.
    """

    equal: int = 0
    bent: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    ghosts: int = 0
    marked: int = 0
    lost: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def compare(rows: Mapping[tuple[str, str], Run], truth: Truth, states: Mapping[str, ThreadState]) -> Compared:
    """Compare the runs of a front end with the simulator's."""
    found = Compared()
    found.lost = [str(key) for key in truth.listed if key not in rows]
    for key, fact in truth.runs.items():
        row = rows.get(key)
        if row is None:
            found.unknown.append(str(key))
        elif same(row, fact):
            found.equal += 1
        elif key in truth.bent:
            found.bent.append(_differs(row, fact))
        else:
            found.wrong.append(_differs(row, fact))
    ghosts = [key for key in rows if key not in truth.runs]
    found.ghosts = len(ghosts)
    found.marked = sum(key[1] in states[key[0]].not_seen for key in ghosts if key[0] in states)
    return found


def _differs(row: Run, fact: Fact) -> str:
    return f"{row.key}: {row.status} {row.total_tokens} {row.ended} is not {tuple(fact)}"


# -- the table -------------------------------------------------------------------------------------------------

_JUDGED: float = 8.0  # hours; on a shorter day memory is not judged
_BYTES = 6_000  # allowed memory per run
_OBJECTS = 14  # allowed objects per run


def state_checks(front: str, found: Compared, truth: Truth) -> list[Check]:
    """Judge lost runs and the final state."""
    runs = len(truth.runs)
    equal = f"{found.equal:,} of {runs:,}"
    if found.bent:
        equal += f"; {len(found.bent):,} as the server last, and wrongly, listed them"
    lost = f"{len(found.lost):,} of {len(truth.listed):,}"
    ghosts = f"{found.ghosts:,}, {found.marked:,} of them marked as not seen"
    return [
        Check(front, "lost runs, of all that were ever listed", _with(lost, found.lost), not found.lost),
        Check(
            front,
            "simulated runs that are not known",
            _with(str(len(found.unknown)), found.unknown),
            not found.unknown,
        ),
        Check(front, "runs that never existed", ghosts, None),
        Check(
            front,
            "final state equal to the simulator's",
            _with(equal, found.wrong + found.bent),
            not found.wrong and not found.bent,
        ),
    ]


def memory_checks(front: str, samples: list[Sample]) -> list[Check]:
    """Judge the growth of memory from a third of the day, when each screen was opened once, to its end."""
    last = samples[-1]
    first = next((one for one in samples if one.hour >= last.hour / 3), samples[0])
    judged = last.hour - first.hour >= _JUDGED
    more = last.runs - first.runs
    grown, made = last.rss - first.rss, last.objects - first.objects
    each, things = grown / max(more, 1), made / max(more, 1)

    def verdict(fine: bool) -> bool | None:
        return fine if judged else None

    steady = [
        Check(
            front,
            name,
            f"{getattr(first, field_)} → {getattr(last, field_)}",
            verdict(getattr(last, field_) <= getattr(first, field_) + room),
        )
        for name, field_, room in (
            ("asyncio tasks", "tasks", 10),  # each widget has one, and there may be a notification
            ("open files", "files", 6),  # the number of open connections varies
            ("threads", "threads", 2),
            ("widgets", "widgets", 8),
        )
        if last.widgets or field_ != "widgets"
    ]
    return [
        Check(front, "runs held", f"{first.runs:,} → {last.runs:,}", None),
        Check(
            front,
            "memory (RSS)",
            f"{first.rss / 2**20:,.0f} → {last.rss / 2**20:,.0f} MiB, {each:,.0f} bytes a run",
            verdict(each <= _BYTES),
        ),
        Check(
            front,
            "objects",
            f"{first.objects:,} → {last.objects:,}, {things:.1f} a run",
            verdict(things <= _OBJECTS),
        ),
        *steady,
    ]


def _with(text: str, examples: Iterable[str]) -> str:
    shown = list(examples)[:3]
    return f"{text}: {', '.join(shown)}" if shown else text
