"""What the readers of a screen over a time range have in common: the newest answer, the active runs, the end. Draws nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import count
from typing import Final

from flowtui.config.values.prices import Prices
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.changes import DROPPED, LET_GO, Change
from flowtui.model.state.health import LATE, LOST, REFUSED, STALE
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.ui.base.answer_data import Answer
from flowtui.ui.base.view_data import ViewData

_NUMBERS: Final = count()  # a closed screen must not close the question of the next one
_OLD: Final = frozenset({LATE, STALE, LOST, REFUSED})


class AnswerReader:
    """Has one question at a time in `data.answers`.

    `what`: begins the name of its questions. `changed`: called when there is more to draw; `drawn`: returns once that is drawn.
    """

    def __init__(
        self,
        what: str,
        data: ViewData,
        prices: Prices | None,
        changed: Callable[[], None],
        drawn: Callable[[], Awaitable[None]],
    ) -> None:
        self._data, self._prices, self._changed, self._drawn = data, prices, changed, drawn
        self._name = f"{what} {next(_NUMBERS)}"
        self._answer: Answer | None = None
        self._active: dict[RunKey, Run] = {}

    @property
    def answer(self) -> Answer | None:
        """What was read; None before."""
        return self._answer

    @property
    def trouble(self) -> str:
        """Why the history could not be read, display-safe; "" if it could, and if there is none."""
        answer, past = self._answer, self._data.past
        why = (answer.trouble if answer is not None else "") or (past.trouble if past.ready else "")
        return f"the history cannot be read: {why}" if why else ""

    @property
    def complete(self) -> bool:
        """Whether all that was asked for is read."""
        raise NotImplementedError

    def update(self, update: Update) -> None:
        """Take what has changed. The answer itself has taken it already."""
        raise NotImplementedError

    def close(self) -> None:
        """Forget what was read."""
        self._data.answers.close(self._name)

    def _follow(self, change: Change) -> None:
        """Take whether a run is active. The answer itself has taken the change already."""
        run = change.after
        if run.active and change.kind not in (DROPPED, LET_GO):
            self._active[run.key] = run
        else:
            self._active.pop(run.key, None)

    def watched_until(self, snapshot: Snapshot, local: float) -> float:
        """Return until when the API has answered, by the server's clock. `local`: the present by the local clock."""
        health = snapshot.health(local)
        known = health.since if health.word in _OLD and health.since is not None else local
        return snapshot.server_time(known)
