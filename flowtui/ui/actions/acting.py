"""The part of the application that cancels runs: starts the worker, and shows the confirmation and the messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from flowtui.ui.actions.save import TakingApp

if TYPE_CHECKING:
    from textual.worker import Worker

    from flowtui.model.run.row import Run, RunKey
    from flowtui.model.state.snapshot import Snapshot
    from flowtui.ui.actions.cancel import CancelController
    from flowtui.ui.widgets.confirm import Ask


class ActingApp(TakingApp):
    """The part of the application that cancels runs."""

    _cancel_controller: CancelController | None = None

    def cancel_runs(self, runs: Sequence[Run]) -> None:
        """Ask for confirmation, then cancel these runs."""
        # A callable, not a coroutine: a worker that is cancelled before it starts would leave a coroutine unawaited.
        work: Worker[None] = self.run_worker(partial(self._cancel, tuple(runs)), group="cancel")
        del work  # `work` exists only for its annotation: mypy cannot infer the type from a callable

    async def _cancel(self, runs: Sequence[Run]) -> None:
        if self._cancel_controller is None:
            from flowtui.ui.actions.cancel import CancelController  # noqa: PLC0415  on first use

            self._cancel_controller = CancelController(
                allowed=self.settings.allow_actions,
                canceller=lambda: self.connection.feed if self.connection is not None else None,
                confirm=self._confirm,
                show_message=self._tell,
                changed=self.show_opened,
                now=self.now,
            )
        await self._cancel_controller.cancel(runs)

    async def _confirm(self, ask: Ask) -> bool:
        from flowtui.ui.widgets.confirm import ConfirmScreen  # noqa: PLC0415  on first use

        sure: bool = await self.push_screen_wait(ConfirmScreen(ask))
        return sure

    def _tell(self, text: str, trouble: bool) -> None:
        self.notify(text, severity="warning" if trouble else "information", timeout=6, markup=False)

    def update_cancellations(self, snapshot: Snapshot) -> None:
        """Update the state of all cancellations from the newest snapshot."""
        if self._cancel_controller is not None:
            self._cancel_controller.update(snapshot)

    def forget_runs(self) -> None:
        """Forget all cancellations, because another profile is about to be shown."""
        self._cancel_controller = None

    @property
    def pending_actions(self) -> Mapping[RunKey, str]:
        """The state of each cancellation as text, such as `cancelling 4s`, by run."""
        return self._cancel_controller.state_texts() if self._cancel_controller is not None else {}
