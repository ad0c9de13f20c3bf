"""Telling somebody: watches on runs and filters, the event log, and what happened while nobody looked.

Watches belong to the application and not to a screen, so they survive every change of view. Judged are the newest
rows, also while the table is paused. Never waits for what it calls.
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
    from flowtui.model.events.absence import Absence
    from flowtui.model.events.event_log import Event, EventLog
    from flowtui.model.events.notices import Notice, Watch
    from flowtui.model.run.row import Run, RunKey
    from flowtui.model.state.snapshot import Snapshot, Update
    from flowtui.model.view.view import View
    from flowtui.ui.events.event_screen import EventScreen
    from flowtui.ui.events.notify_channels import Caller

_MOST_SHOWN: Final = 3  # notices on the screen at once
_LONGEST: Final = 300  # characters of a toast
_PATIENCE: Final = 5.0  # seconds that a notice waits for the reason of a failure


class NotifyingApp(ColumnsApp):
    """Base of the application. `watches` are the wishes to be told of something, in the order in which they came."""

    zone: tzinfo | None
    watches: tuple[Watch, ...] = ()
    _event_log: EventLog | None = None
    _absence: Absence | None = None
    _newest: Snapshot | None = None
    _pending: tuple[Notice, ...] = ()
    _caller: Caller | None = None
    _complained = False

    @property
    def log_of_events(self) -> EventLog:
        """What happened since flowtui started."""
        if self._event_log is None:
            from flowtui.model.events.event_log import EventLog  # noqa: PLC0415  after the first frame

            self._event_log = EventLog(self.now())
        return self._event_log

    def open_run(self, run: Run, tab: int | None = None) -> None:
        """Open a run on the whole screen."""
        raise NotImplementedError

    # -- what the application hands on -------------------------------------------------------------------------

    def see_news(self, update: Update) -> None:
        """Take in an update."""
        from flowtui.model.events.absence import Absence  # noqa: PLC0415  after the first frame

        if self._absence is None:
            self._absence = Absence(self.now())
        self._newest = update.snapshot
        context = self._judging()
        self._absence.take(self.log_of_events.take(update.changes, update.snapshot, context))
        self._judge(update, context)
        self._show_events()

    def tell_news(self) -> None:
        """Let a second pass: what was gathered is told, together."""
        from flowtui.model.events.notices import bundle  # noqa: PLC0415  after the first frame
        from flowtui.model.state.snapshot import Update  # noqa: PLC0415

        if self._newest is None or self._absence is None:
            return
        self._absence.take(self.log_of_events.check(self._newest, self.now()))
        if self.watches:
            self._judge(Update(self._newest), self._judging())
        pending, self._pending = self._pending, ()
        for notice in bundle(pending):
            self._tell_soon(notice)
        self._show_events()

    def _judging(self) -> Context:
        """Return what is known beside the rows, by the newest picture."""
        from flowtui.ui.table.cell_style import cell_context  # noqa: PLC0415  after the first frame

        return cell_context(self._newest, self.now(), self.dashboard.cell_context())

    def _judge(self, update: Update, context: Context) -> None:
        from flowtui.model.events.notices import judge  # noqa: PLC0415  after the first frame

        if self.watches:
            suspects = self.log_of_events.suspects
            judged = judge(self.watches, update.changes, update.snapshot, context, suspects)
            self.watches = judged.watches
            self._pending += tuple(judged.notices)

    def forget_runs(self) -> None:
        """Forget watches and events: another profile is shown."""
        super().forget_runs()
        self.workers.cancel_group(self, "notices")
        self.watches, self._pending = (), ()
        self._event_log = self._absence = self._newest = self._caller = None
        self._complained = False

    # -- watches -----------------------------------------------------------------------------------------------

    @property
    def watched_runs(self) -> frozenset[RunKey]:
        """The runs that the user wants to be told of."""
        return frozenset(watch.key for watch in self.watches if watch.key is not None)

    def is_watched(self, key: RunKey) -> bool:
        """Whether the user wants to be told of this run."""
        return key in self.watched_runs

    def watch_runs(self, runs: Sequence[Run]) -> None:
        """Tell of these runs when they end or look wrong; where all are watched already, no more."""
        from flowtui.model.events.notices import watch_run  # noqa: PLC0415  once somebody asks

        newest = self._newest
        if not runs or newest is None:
            self._say("There is no run here to be told of")
            return
        if all(self.is_watched(run.key) for run in runs):
            keys = {run.key for run in runs}
            self.watches = tuple(watch for watch in self.watches if watch.key not in keys)
            self._say(f"No longer watching {_named(runs)}")
        else:
            known = [newest.run(run.key) or run for run in runs if not self.is_watched(run.key)]
            alive = [run for run in known if not run.terminal and not run.placeholder]
            suspects = self.log_of_events.suspects
            self.watches += tuple(watch_run(run, self.now(), suspects) for run in alive)
            if alive:
                self._say(f"Watching {_named(alive)}: you are told when it ends or looks wrong")
            else:
                self._say(f"{_named(known)} {'has' if len(known) == 1 else 'have'} already ended")
        self.show_opened()

    def watch_view(self, view: View) -> None:
        """Tell of runs that come to be shown by a view; where it is watched already, no more."""
        from flowtui.model.events.notices import same_runs, view_words, watch_filter  # noqa: PLC0415  once asked
        from flowtui.model.view.view import filter_of  # noqa: PLC0415

        wanted, newest = same_runs(view), self._newest
        wrong = filter_of(view.text)[1] if view.text.strip() else None
        if newest is None or not (view.narrowed or view.group.member is not None):
            self._say("Filter the runs first (/): then you are told of those that come to match")
            return
        if wrong is not None:
            self._say(f"The filter cannot be read: column {wrong.column}: {wrong}", trouble=True)
            return
        context = self._judging()
        name = view_words(wanted, context)
        if any(watch.view == wanted for watch in self.watches):
            self.watches = tuple(watch for watch in self.watches if watch.view != wanted)
            self._say(f"No longer watching {name}")
        else:
            watch = watch_filter(wanted, self.now(), newest, context)
            self.watches += (watch,)
            now = f"{len(watch.known):,} do" if newest.read() else "none has been read yet"
            self._say(f"Watching {name}: you are told of runs that come to match ({now})")
        self.show_opened()

    def _say(self, text: str, *, trouble: bool = False) -> None:
        self.notify(_cut(text), severity="warning" if trouble else "information", timeout=4, markup=False)

    # -- telling -----------------------------------------------------------------------------------------------

    def _tell_soon(self, notice: Notice) -> None:
        """Tell, of runs that have failed together with the reasons."""
        from flowtui.model.events.notices import explained  # noqa: PLC0415  once there is something to tell

        notice = explained(notice, self._judging())
        if not notice.unexplained or self.connection is None:
            self._tell_notice(notice)
            return
        # A callable and not a coroutine: a worker that is cancelled before it starts would leave one unawaited.
        work: Worker[None] = self.run_worker(partial(self._tell_with_reasons, notice), group="notices")
        del work  # named for its type alone, which cannot be inferred from a callable

    async def _tell_with_reasons(self, notice: Notice) -> None:
        from flowtui.model.events.notices import explained  # noqa: PLC0415  once there is something to tell

        try:
            async with asyncio.timeout(_PATIENCE):
                for run in notice.unexplained:
                    await self.dashboard.explain(run)
        except TimeoutError:
            pass  # that they failed is told in any case
        self._tell_notice(explained(notice, self._judging()))

    def _tell_notice(self, notice: Notice) -> None:
        from flowtui.model.events.event_log import NOTICE, Event  # noqa: PLC0415  once there is something to tell
        from flowtui.model.export.records import to_json  # noqa: PLC0415

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
            self.clear_notifications()  # they cover the screen, and all of them are in the log
        self.notify(
            _cut(f"{text}{_hint(notice)}"),
            title=_cut(notice.title),
            severity=notice.severity,
            timeout=8,
            markup=False,
        )
        self._ring(text)
        if chosen.command:
            line = f"{to_json(notice.record())}\n".encode()
            work: Worker[None] = self.run_worker(partial(self._call, line), group="notices")
            del work

    def _ring(self, text: str) -> None:
        from flowtui.ui.events.notify_channels import osc9  # noqa: PLC0415  once there is something to tell

        if self._driver is None:
            return
        if self.settings.notify.bell:
            self._driver.write("\x07")
        if self.settings.notify.osc9:
            self._driver.write(osc9(text, tmux="TMUX" in os.environ))

    async def _call(self, line: bytes) -> None:
        """Run the command; what goes wrong with it is told once."""
        from flowtui.model.events.event_log import INCIDENT, Event  # noqa: PLC0415  once there is something to tell
        from flowtui.ui.events.notify_channels import Caller  # noqa: PLC0415

        if self._caller is None:
            if self.connection is None:
                return
            self._caller = Caller(self.settings.notify.command, self.connection.environ)
        wrong = await self._caller.call(line)
        if wrong and not self._complained:
            self._complained = True
            said = f"The command of [notify]: {wrong}"
            self._note(Event(INCIDENT, self.now(), INCIDENT, said))
            self._say(f"{said}. This is told once.", trouble=True)

    def _tell(self, text: str, trouble: bool) -> None:
        """Tell of a cancellation, and remember it."""
        from flowtui.model.events.event_log import CANCEL, Event  # noqa: PLC0415  once there is something to tell

        self._note(Event(CANCEL, self.now(), CANCEL, text))
        super()._tell(text, trouble)

    def _note(self, event: Event) -> None:
        self.log_of_events.add(event)
        self._show_events()

    # -- the event log -----------------------------------------------------------------------------------------

    def open_events(self) -> None:
        """Show what happened since flowtui started."""
        from flowtui.ui.events.event_screen import EventScreen  # noqa: PLC0415  once somebody asks

        self.push_screen(EventScreen(self.log_of_events))

    def _show_events(self) -> None:
        if not self.leaving and self.screen.name == "events":
            cast("EventScreen", self.screen).tick()

    # -- whether somebody looks --------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Notice that somebody is there, or has gone to another window."""
        if self._absence is not None:
            if isinstance(event, events.AppBlur):
                self._absence.blur(self.now())
            elif isinstance(event, events.InputEvent | events.AppFocus) and not event.is_forwarded:
                self._welcome()
        await super().on_event(event)

    def _welcome(self) -> None:
        """Say what happened while nobody looked, where anything did."""
        from flowtui.model.events.event_log import AWAY, Event  # noqa: PLC0415  once there is something to tell

        told = self._absence.touch(self.now(), self.zone) if self._absence is not None else ""
        if told and self._absence is not None and not self.leaving:
            self._note(Event(AWAY, self.now(), AWAY, told))
            said, worst = f"{told[:1].upper()}{told[1:]}", self._absence.worst
            self.notify(_cut(said), severity=worst, timeout=8, markup=False)


def _named(runs: Sequence[Run]) -> str:
    return runs[0].id if len(runs) == 1 else f"{len(runs):,} runs"


def _hint(notice: Notice) -> str:
    """Return where the reason of a failed run is to be looked for, where it did not come in time."""
    if len(notice.runs) != 1 or not notice.unexplained:
        return ""
    return ". Why: open it and press 6"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
