"""What flowtui may do to runs: cancel them, where `--allow-actions` says so. Asks first; tells what became of it."""

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
    """Base of the application."""

    _cancel_controller: CancelController | None = None

    def cancel_runs(self, runs: Sequence[Run]) -> None:
        """Ask, and after a Yes have the API cancel these runs."""
        # A callable and not a coroutine: a worker that is cancelled before it starts would leave one unawaited.
        work: Worker[None] = self.run_worker(partial(self._cancel, tuple(runs)), group="cancel")
        del work  # named for its type alone, which cannot be inferred from a callable

    async def _cancel(self, runs: Sequence[Run]) -> None:
        if self._cancel_controller is None:
            from flowtui.ui.actions.cancel import CancelController  # noqa: PLC0415  once somebody asks

            self._cancel_controller = CancelController(
                allowed=self.settings.allow_actions,
                canceller=lambda: self.connection.poller if self.connection is not None else None,
                confirm=self._confirm,
                tell=self._tell,
                changed=self.show_opened,
                now=self.now,
            )
        await self._cancel_controller.cancel(runs)

    async def _confirm(self, ask: Ask) -> bool:
        from flowtui.ui.widgets.confirm import ConfirmScreen  # noqa: PLC0415  once somebody asks

        sure: bool = await self.push_screen_wait(ConfirmScreen(ask))
        return sure

    def _tell(self, text: str, trouble: bool) -> None:
        self.notify(text, severity="warning" if trouble else "information", timeout=6, markup=False)

    def update_cancellations(self, snapshot: Snapshot) -> None:
        """Take in what the newest snapshot says of runs that are being cancelled."""
        if self._cancel_controller is not None:
            self._cancel_controller.see(snapshot)

    def forget_runs(self) -> None:
        """Forget what is under way with runs: another profile is shown."""
        self._cancel_controller = None

    @property
    def pending_actions(self) -> Mapping[RunKey, str]:
        """What is under way with runs on somebody's behalf, such as `cancelling 4s`."""
        return self._cancel_controller.state_texts() if self._cancel_controller is not None else {}
