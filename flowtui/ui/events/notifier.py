"""Notifications: watches on runs and filters, the event log, and a summary of what happened while the user was away.

A watch does not end when the user changes the view, and is checked even while the table is paused. The user's command
runs in a worker, so the screen never waits for it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from textual import events

from flowtui.ui.columns.controller import ColumnsApp

if TYPE_CHECKING:
    from textual.worker import Worker

    from flowtui.model.columns.context import Context
    from flowtui.model.events.away_summary import AwaySummary
    from flowtui.model.events.event_log import Event, EventLog
    from flowtui.model.events.notices import Notice, Watch
    from flowtui.model.run.row import Run, RunKey
    from flowtui.model.state.snapshot import Snapshot, Update
    from flowtui.model.view.view import View
    from flowtui.ui.events.event_screen import EventScreen
    from flowtui.ui.events.notify_channels import NotifyCommand

_MOST_SHOWN: Final = 3  # most notices on the screen at the same time
_LONGEST: Final = 300  # most characters of a notice on the screen
_REASON_TIMEOUT: Final = 5.0  # seconds that a notice waits for the reason of a failure


class NotifyingApp(ColumnsApp):
    """The part of the application that notifies. `watches`: the runs and filters that the user watches, oldest first."""

    zone: tzinfo | None
    watches: tuple[Watch, ...] = ()
    _event_log: EventLog | None = None
    _away_summary: AwaySummary | None = None
    _newest: Snapshot | None = None
    _pending: tuple[Notice, ...] = ()
    _command: NotifyCommand | None = None
    _command_failed = False

    @property
    def event_log(self) -> EventLog:
        """The log of what happened since flowtui started."""
        if self._event_log is None:
            from flowtui.model.events.event_log import EventLog  # noqa: PLC0415  after the first frame

            self._event_log = EventLog(self.now())
        return self._event_log

    def open_run(self, run: Run, tab: int | None = None) -> None:
        """Open a run on a screen of its own, at the tab `tab`; if `tab` is None, at the tab that the detail pane shows."""
        raise NotImplementedError

    # -- updates -----------------------------------------------------------------------------------------------

    def record_update(self, update: Update) -> None:
        """Add the changes of an update to the event log, and collect the notices of the watches that they concern."""
        from flowtui.model.events.away_summary import AwaySummary  # noqa: PLC0415  after the first frame

        if self._away_summary is None:
            self._away_summary = AwaySummary(self.now())
        self._newest = update.snapshot
        context = self._newest_context()
        self._away_summary.take(self.event_log.take(update.changes, update.snapshot, context))
        self._judge(update, context)
        self._show_events()

    def send_notices(self) -> None:
        """Send the collected notices, similar ones as one. Called every second."""
        from flowtui.model.events.notices import bundle  # noqa: PLC0415  after the first frame
        from flowtui.model.state.snapshot import Update  # noqa: PLC0415

        if self._newest is None or self._away_summary is None:
            return
        self._away_summary.take(self.event_log.check(self._newest, self.now()))
        if self.watches:
            self._judge(Update(self._newest), self._newest_context())
        pending, self._pending = self._pending, ()
        for notice in bundle(pending):
            self._send_notice(notice)
        self._show_events()

    def _newest_context(self) -> Context:
        """Return the cell context for the newest snapshot."""
        from flowtui.ui.table.cell_style import cell_context  # noqa: PLC0415  after the first frame

        return cell_context(self._newest, self.now(), self.dashboard.cell_context())

    def _judge(self, update: Update, context: Context) -> None:
        from flowtui.model.events.notices import check_watches  # noqa: PLC0415  after the first frame

        if self.watches:
            finding_tracker = self.event_log.finding_tracker
            judged = check_watches(self.watches, update.changes, update.snapshot, context, finding_tracker)
            self.watches = judged.watches
            self._pending += tuple(judged.notices)

    def forget_runs(self) -> None:
        """Drop all cancellations, watches and events: they are of a profile that is no longer shown."""
        super().forget_runs()
        self.workers.cancel_group(self, "notices")
        self.watches, self._pending = (), ()
        self._event_log = self._away_summary = self._newest = self._command = None
        self._command_failed = False

    # -- watches -----------------------------------------------------------------------------------------------

    @property
    def watched_runs(self) -> frozenset[RunKey]:
        """The runs that the user watches."""
        return frozenset(watch.key for watch in self.watches if watch.key is not None)

    def is_watched(self, key: RunKey) -> bool:
        """Whether the user watches this run."""
        return key in self.watched_runs

    def watch_runs(self, runs: Sequence[Run]) -> None:
        """Watch these runs: notify when one ends or looks wrong. If all of them are watched already, stop watching them."""
        from flowtui.model.events.notices import watch_run  # noqa: PLC0415  on first use

        newest = self._newest
        if not runs or newest is None:
            self._say("There is no run to watch here")
            return
        if all(self.is_watched(run.key) for run in runs):
            keys = {run.key for run in runs}
            self.watches = tuple(watch for watch in self.watches if watch.key not in keys)
            self._say(f"No longer watching {_named(runs)}")
        else:
            known = [newest.run(run.key) or run for run in runs if not self.is_watched(run.key)]
            alive = [run for run in known if not run.terminal and not run.placeholder]
            finding_tracker = self.event_log.finding_tracker
            self.watches += tuple(watch_run(run, self.now(), finding_tracker) for run in alive)
            if alive:
                self._say(f"Watching {_named(alive)}: a notice comes when it ends or looks wrong")
            else:
                self._say(f"{_named(known)} {'has' if len(known) == 1 else 'have'} already ended")
        self.show_opened()

    def watch_view(self, view: View) -> None:
        """Watch a view: notify of each run that starts to match its filter and group. If it is watched already, stop that."""
        from flowtui.model.events.notices import same_runs, view_words, watch_filter  # noqa: PLC0415  on first use
        from flowtui.model.view.view import filter_of  # noqa: PLC0415

        wanted, newest = same_runs(view), self._newest
        wrong = filter_of(view.text)[1] if view.text.strip() else None
        if newest is None or not (view.narrowed or view.group.member is not None):
            self._say("Filter the runs first (/), then watch for those that come to match")
            return
        if wrong is not None:
            self._say(f"The filter cannot be read: column {wrong.column}: {wrong}", trouble=True)
            return
        context = self._newest_context()
        name = view_words(wanted, context)
        if any(watch.view == wanted for watch in self.watches):
            self.watches = tuple(watch for watch in self.watches if watch.view != wanted)
            self._say(f"No longer watching {name}")
        else:
            watch = watch_filter(wanted, self.now(), newest, context)
            self.watches += (watch,)
            now = f"{len(watch.known):,} do" if newest.read() else "none read yet"
            self._say(f"Watching {name}: a notice comes for each run that comes to match ({now})")
        self.show_opened()

    def _say(self, text: str, *, trouble: bool = False) -> None:
        self.notify(_cut(text), severity="warning" if trouble else "information", timeout=4, markup=False)

    # -- sending notices ---------------------------------------------------------------------------------------

    def _send_notice(self, notice: Notice) -> None:
        """Send a notice. If it is about failed runs whose reasons are unknown, first fetch these for up to 5 seconds."""
        from flowtui.model.events.notices import explained  # noqa: PLC0415  on first use

        notice = explained(notice, self._newest_context())
        if not notice.unexplained or self.connection is None:
            self._show_notice(notice)
            return
        # A callable, not a coroutine: a worker that is cancelled before it starts would leave a coroutine unawaited.
        work: Worker[None] = self.run_worker(partial(self._send_with_reasons, notice), group="notices")
        del work  # `work` exists only for its annotation: mypy cannot infer the type from a callable

    async def _send_with_reasons(self, notice: Notice) -> None:
        from flowtui.model.events.notices import explained  # noqa: PLC0415  on first use

        try:
            async with asyncio.timeout(_REASON_TIMEOUT):
                for run in notice.unexplained:
                    await self.dashboard.fetch_reason(run)
        except TimeoutError:
            pass  # the notice is sent without the missing reasons
        self._show_notice(explained(notice, self._newest_context()))

    def _show_notice(self, notice: Notice) -> None:
        from flowtui.model.events.event_log import NOTICE, Event  # noqa: PLC0415  on first use
        from flowtui.model.export.json_text import to_json  # noqa: PLC0415

        if self.leaving:
            return
        text, chosen = notice.text, self.settings.notify
        one = notice.runs[0] if len(notice.runs) == 1 else None
        self._note(
            Event(
                NOTICE,
                self.now(),
                NOTICE,
                text,
                run=one.id if one is not None else "",
                key=one.key if one is not None else None,
                status=notice.runs[0].status_class,
            )
        )
        if len(self.screen.query("Toast")) >= _MOST_SHOWN:
            self.clear_notifications()  # more would cover the screen, and the event log keeps all of them
        self.notify(
            _cut(f"{text}{_hint(notice)}"),
            title=_cut(notice.title),
            severity=notice.severity,
            timeout=8,
            markup=False,
        )
        self._signal_terminal(text)
        if chosen.command:
            line = f"{to_json(notice.record())}\n".encode()
            work: Worker[None] = self.run_worker(partial(self._run_user_command, line), group="notices")
            del work

    def _signal_terminal(self, text: str) -> None:
        from flowtui.ui.events.notify_channels import osc9  # noqa: PLC0415  on first use

        if self.settings.notify.bell:
            self.write_to_terminal("\x07")
        if self.settings.notify.osc9:
            self.write_to_terminal(osc9(text, tmux="TMUX" in os.environ))

    async def _run_user_command(self, line: bytes) -> None:
        """Run the user's command with `line` as its stdin. Only the first error is shown."""
        from flowtui.model.events.event_log import INCIDENT, Event  # noqa: PLC0415  on first use
        from flowtui.ui.events.notify_channels import NotifyCommand  # noqa: PLC0415

        if self._command is None:
            if self.connection is None:
                return
            self._command = NotifyCommand(self.settings.notify.command, self.connection.environ)
        wrong = await self._command.call(line)
        if wrong and not self._command_failed:
            self._command_failed = True
            said = f"The command of [notify]: {wrong}"
            self._note(Event(INCIDENT, self.now(), INCIDENT, said))
            self._say(f"{said}. This is shown once.", trouble=True)

    def _tell(self, text: str, trouble: bool) -> None:
        """Show a message about a cancellation, and add it to the event log."""
        from flowtui.model.events.event_log import CANCEL, Event  # noqa: PLC0415  on first use

        self._note(Event(CANCEL, self.now(), CANCEL, text))
        super()._tell(text, trouble)

    def _note(self, event: Event) -> None:
        self.event_log.add(event)
        self._show_events()

    # -- the event log -----------------------------------------------------------------------------------------

    def open_events(self) -> None:
        """Open the event log."""
        from flowtui.ui.events.event_screen import EventScreen  # noqa: PLC0415  on first use

        self.push_screen(EventScreen(self.event_log))

    def _show_events(self) -> None:
        if not self.leaving and self.screen.name == "events":
            cast("EventScreen", self.screen).tick()

    # -- absence -----------------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Note when the user leaves the terminal window, and report when the user comes back what happened."""
        if self._away_summary is not None:
            if isinstance(event, events.AppBlur):
                self._away_summary.blur(self.now())
            elif isinstance(event, events.InputEvent | events.AppFocus) and not event.is_forwarded:
                self._report_absence()
        await super().on_event(event)

    def _report_absence(self) -> None:
        """Show a summary of what happened while the user was away, if anything did."""
        from flowtui.model.events.event_log import AWAY, Event  # noqa: PLC0415  on first use

        told = self._away_summary.touch(self.now(), self.zone) if self._away_summary is not None else ""
        if told and self._away_summary is not None and not self.leaving:
            self._note(Event(AWAY, self.now(), AWAY, told))
            said, worst = f"{told[:1].upper()}{told[1:]}", self._away_summary.worst
            self.notify(_cut(said), severity=worst, timeout=8, markup=False)


def _named(runs: Sequence[Run]) -> str:
    return runs[0].id if len(runs) == 1 else f"{len(runs):,} runs"


def _hint(notice: Notice) -> str:
    """Return a hint to the Why tab, if the notice is about one failed run whose reason is still unknown; else ""."""
    if len(notice.runs) != 1 or not notice.unexplained:
        return ""
    return ". Why: open it and press 6"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
