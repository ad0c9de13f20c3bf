"""The base of the formats of `watch`, and the values that a format gets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Final

from flowtui.model.run.row import RunKey
from flowtui.model.state.snapshot import Snapshot
from flowtui.watch.events import Event
from flowtui.watch.judge.progress import NO_PROGRESS, Progress
from flowtui.watch.ledger import Ledger
from flowtui.watch.output.output import Output
from flowtui.watch.reason_numbers import NO_GROUPS, Groups

_DEFAULT_SIZE: Final = (80, 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatContext:
    """How and where a format writes.

    `zone`: the time zone of the times that are shown; None: the local one.
    `interval`: seconds between polls.
    `size`: returns the columns and lines of the terminal.
    `in_front`: returns whether flowtui is in the terminal's foreground. After ctrl+Z and `bg` it is not, and then the
    format must not draw.
    """

    output: Output
    zone: tzinfo | None = None
    interval: float = 3.0
    color: bool = False
    ascii: bool = False
    size: Callable[[], tuple[int, int]] = lambda: _DEFAULT_SIZE
    environ: Mapping[str, str] = field(default_factory=dict)
    in_front: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True)
class LiveState:
    """What a live format draws.

    `elapsed`: seconds since the watch began.
    `at`: now, in UTC epoch seconds of the local clock.
    `trouble`: why the data may be old, or what the user may have mistyped; "" if there is nothing to say.
    `gate`: the JSON fields of the gate's result; None if there is no result yet, or no gate.
    """

    ledger: Ledger
    snapshot: Snapshot
    elapsed: float
    trouble: str = ""
    gate: Mapping[str, Any] | None = None
    at: float = 0.0
    reasons: Groups = NO_GROUPS
    progress: Progress = NO_PROGRESS


class Format:
    """A way to print a watch. This one, the format `none`, prints nothing: the verdict is only in the exit code."""

    live = False
    """Whether the format shows the current state. If True, `draw` is called several times a second."""
    bundled = False
    """Whether `tell` gets the events of a whole polling interval at once while many runs are watched: easier to read."""
    usage = False
    """Whether the format prints events about token counts. If False, these are made only if a hook wants them."""

    def __init__(self, stage: FormatContext) -> None:
        self.stage = stage

    def tell(self, told: Sequence[Event]) -> None:
        """Print events."""

    def forget(self, keys: Iterable[RunKey]) -> None:
        """Note that these runs are only counted from now on: the summary does not list them."""

    def draw(self, board: LiveState) -> None:
        """Draw the current state."""

    def finish(self, summary: Event, document: Callable[[], dict[str, Any]]) -> None:
        """Print the summary. `document` returns the summary as a JSON object that also has every watched run."""

    def resume(self) -> None:
        """Note that other programs have written to the terminal, so that the next `draw` begins at the cursor."""

    def close(self) -> None:
        """Restore the terminal. This is called at the end, even after an error, and may be called several times."""
