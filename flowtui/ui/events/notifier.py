"""Notifications: watches of runs, filters, reasons and agents, the event log, and a summary of what happened while the user was away.

A watch does not end when the user changes the view, and is checked even while the table is paused. The rules of the config file
are judged beside the watches. `delivery.py` sends the notices.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from textual import events

from flowtui.config.values.notify import Notify
from flowtui.model.columns.context import Context
from flowtui.model.events import failure_watches, notices
from flowtui.model.events.away_summary import AwaySummary
from flowtui.model.events.event_log import AWAY, CANCEL, Event, EventLog
from flowtui.model.events.failure_watches import FailureWatch
from flowtui.model.events.gate_watch import GateWatch
from flowtui.model.reasons.reason import Reason, reason_id
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.model.view.view import View, filter_of
from flowtui.text import short_id
from flowtui.ui.base.messages import (
    AgentWatched,
    ReasonWatched,
    VerdictWatched,
    ViewWatchToggled,
    WatchListRequested,
    WatchRequest,
    WatchToggled,
)
from flowtui.ui.base.past_reader import PastReader
from flowtui.ui.base.services import Services, Severity
from flowtui.ui.events.delivery import Delivery, cut
from flowtui.ui.table.cell_style import cell_context
from flowtui.ui.widgets.menu import Choice, Menu

if TYPE_CHECKING:
    from flowtui.config.values.notify_rules import NotifyRule
    from flowtui.model.events.rules import RuleRow, RuleTracker
    from flowtui.model.gate.answer import Question
    from flowtui.source.http.webhook.webhook import Webhook
    from flowtui.ui.events.watch_list import Listed
    from flowtui.ui.gate.verdict_watches import VerdictWatches

    Watched = notices.Watch | FailureWatch | GateWatch


class Notifier:
    """Watches runs, filters, reasons and agents, and tells the user what happens to them.

    `context`: returns what cells depend on. `fetch_reason`: fetches why a run failed; after that the context has it. `run_url`: the
    address of a run's page, as in the settings. `past`: reads what is remembered.
    """

    def __init__(
        self,
        services: Services,
        chosen: Notify,
        zone: tzinfo | None,
        context: Callable[[], Context],
        fetch_reason: Callable[[Run], Awaitable[None]],
        *,
        run_url: str | None = None,
        past: PastReader | None = None,
    ) -> None:
        self._past = past or PastReader(services)
        self._verdicts: VerdictWatches | None = None
        self._watches: tuple[notices.Watch, ...] = ()  # of runs and filters
        self._failure_watches: tuple[FailureWatch, ...] = ()
        self.log = EventLog(services.now())
        """What happened since flowtui started."""
        self._services, self._zone, self._context = services, zone, context
        self._rules = _tracker(chosen.rules, self.log.began)
        self._delivery = Delivery(
            services,
            chosen,
            zone,
            run_url=run_url,
            context=self._newest_context,
            fetch_reason=fetch_reason,
            note=self._note,
        )
        self._away: AwaySummary | None = None
        self._newest: Snapshot | None = None
        self._pending: tuple[notices.Notice, ...] = ()
        self._revision = 0  # of the usual times

    def connect(self, environ: Mapping[str, str], webhook: Webhook | None = None) -> None:
        """From now on run the user's command with this environment, and send notices to this webhook."""
        self._delivery.connect(environ, webhook)

    @property
    def held(self) -> int:
        """How many notices wait for the end of the quiet hours."""
        return self._delivery.held

    # -- updates -----------------------------------------------------------------------------------------------

    def record(self, update: Update) -> None:
        """Add the changes of an update to the event log, and collect the notices of the watches that they concern."""
        if self._away is None:
            self._away = AwaySummary(self._services.now())
        self._newest = update.snapshot
        context = self._newest_context()
        self._away.take(self.log.take(update.changes, update.snapshot, context, update.restored))
        if context.usual.revision != self._revision:
            self._revision, found = context.usual.revision, self.log.finding_tracker
            self._watches = notices.settle_watches(
                self._watches, update.changes, update.snapshot, context, found
            )
        if self._rules is not None:
            self._pending += tuple(self._rules.take(update, context))
        self._judge(update, context)

    def tick(self) -> None:
        """Send the collected notices, similar ones as one. Called every second."""
        if self._newest is None or self._away is None:
            return
        self._away.take(self.log.check(self._newest, self._services.now()))
        if self.watches:
            self._judge(Update(self._newest), self._newest_context())
        if self._verdicts is not None:
            self._verdicts.tick(self._newest)
        pending, self._pending = self._pending, ()
        for notice in notices.bundle(pending):
            self._delivery.send(notice)
        self._delivery.tick()

    def _newest_context(self) -> Context:
        return cell_context(self._newest, self._services.now(), self._context())

    def _judge(self, update: Update, context: Context) -> None:
        changes, snapshot = update.changes, update.snapshot
        if self._watches:
            found = self.log.finding_tracker
            judged = notices.check_watches(self._watches, changes, snapshot, context, found)
            self._watches = judged.watches
            self._pending += tuple(judged.notices)
        if self._failure_watches:
            now = self._services.now()
            failed = failure_watches.check_failures(self._failure_watches, changes, snapshot, context, now)
            self._failure_watches = failed.watches
            self._pending += tuple(failed.notices)

    # -- watches -----------------------------------------------------------------------------------------------

    @property
    def watches(self) -> tuple[Watched, ...]:
        """What the user watches: runs and filters, then reasons and agents, then gates; of each kind the oldest first."""
        gates = () if self._verdicts is None else self._verdicts.watches
        return (*self._watches, *self._failure_watches, *gates)

    @property
    def rules(self) -> Sequence[RuleRow]:
        """The rules of the config file that are judged, and how they stand."""
        return () if self._rules is None else self._rules.rows(self._newest_context())

    @property
    def watched(self) -> frozenset[RunKey]:
        """The runs that the user watches."""
        return frozenset(watch.key for watch in self._watches if watch.key is not None)

    @property
    def watched_reasons(self) -> frozenset[str]:
        """The ids of the reasons that the user watches."""
        return frozenset(watch.id for watch in self._failure_watches if watch.reason is not None)

    @property
    def watched_agents(self) -> frozenset[str]:
        """The ids of the agents that the user watches."""
        return frozenset(watch.agent for watch in self._failure_watches if watch.reason is None)

    @property
    def watched_gates(self) -> Sequence[Question]:
        """The gates whose verdicts the user waits for."""
        return [] if self._verdicts is None else [each.question for each in self._verdicts.watches]

    @property
    def awaited(self) -> Iterable[Run]:
        """The failed runs whose reasons the user waits for, as they may be a watched one."""
        return failure_watches.awaited(self._failure_watches).values()

    def handle(self, message: WatchRequest) -> None:
        """Start or end a watch."""
        match message:
            case WatchToggled():
                self._watch_runs(message.runs)
            case ViewWatchToggled():
                self._watch_view(message.view)
            case ReasonWatched():
                self._watch_reason(message.reason)
            case AgentWatched():
                self._watch_agent(message.agent_id)
            case VerdictWatched():
                self._watch_verdict(message.question)
            case WatchListRequested():
                self._open_list()

    def end(self, one: Listed) -> None:
        """End one of `watches`, or one of `rules` until the next start."""
        if isinstance(one, GateWatch):
            if self._verdicts is not None:
                self._verdicts.end(one.question)
            self._say(f"No longer watching the gate {one.name}")
        elif isinstance(one, notices.Watch | FailureWatch):
            # A watch changes with what it counts; what it watches stays the same.
            self._watches = tuple(each for each in self._watches if _what(each) != _what(one))
            self._failure_watches = tuple(each for each in self._failure_watches if _what(each) != _what(one))
            self._say(f"No longer watching {one.name}")
        elif self._rules is not None:
            self._rules.stop(one.rule)
            self._say(f"You are not told of it until the next start: {one.rule.text}")
        self._services.redraw()

    def _open_list(self) -> None:
        """Open the list of watches and rules: the chosen one ends."""
        from flowtui.ui.events.watch_list import entry, listed  # noqa: PLC0415  on first use

        rules = () if self._rules is None else self._rules.rows(self._newest_context(), worst=True)
        found = listed(self.watches, rules)
        if not found:
            self._say(
                "Nothing is watched: press w on a run, a reason, an agent or the gate, W in the table for its filter"
            )
            return
        entries = [entry(letter, one, self._zone) for letter, one in found.items()]

        def end(chosen: Choice | None) -> None:
            if chosen is not None:
                self.end(found[chosen.letter])

        self._services.ask(Menu("Watched: enter ends the watch", entries, wide=True), end)

    def _watch_runs(self, runs: Sequence[Run]) -> None:
        """Watch these runs: notify when one ends or looks wrong. If all of them are watched already, stop watching them."""
        newest, watched = self._newest, self.watched
        if not runs or newest is None:
            self._say("There is no run to watch here")
            return
        if all(run.key in watched for run in runs):
            keys = {run.key for run in runs}
            self._watches = tuple(watch for watch in self._watches if watch.key not in keys)
            self._say(f"No longer watching {_named(runs)}")
        else:
            known = [newest.run(run.key) or run for run in runs if run.key not in watched]
            alive = [run for run in known if not run.terminal and not run.placeholder]
            now, found = self._services.now(), self.log.finding_tracker
            self._watches += tuple(notices.watch_run(run, now, found) for run in alive)
            if alive:
                self._say(f"Watching {_named(alive)}: a notice comes when it ends or looks wrong")
            else:
                self._say(f"{_named(known)} {'has' if len(known) == 1 else 'have'} already ended")
        self._services.redraw()

    def _watch_view(self, view: View) -> None:
        """Watch a view: notify of each run that starts to match its filter and group. If it is watched already, stop that."""
        wanted, newest = notices.same_runs(view), self._newest
        wrong = filter_of(view.text)[1] if view.text.strip() else None
        if newest is None or not (view.narrowed or view.group.member is not None):
            self._say("Filter the runs first (/), then watch for those that start to match")
            return
        if wrong is not None:
            self._say(f"The filter cannot be read: column {wrong.column}: {wrong}", trouble=True)
            return
        context = self._newest_context()
        name = notices.view_words(wanted, context)
        if any(watch.view == wanted for watch in self._watches):
            self._watches = tuple(watch for watch in self._watches if watch.view != wanted)
            self._say(f"No longer watching {name}")
        else:
            watch = notices.watch_filter(wanted, self._services.now(), newest, context)
            self._watches += (watch,)
            now = f"{len(watch.known):,} do" if newest.read() else "none read yet"
            self._say(f"Watching {name}: a notice comes for each run that starts to match ({now})")
        self._services.redraw()

    def _watch_reason(self, reason: Reason) -> None:
        """Watch a reason: notify when a run fails for it again. If it is watched already, stop that."""
        wanted = reason_id(reason)
        if wanted in self.watched_reasons:
            self._failure_watches = tuple(each for each in self._failure_watches if each.id != wanted)
            self._say(f"No longer watching the reason {reason.text}")
        else:
            self._failure_watches += (failure_watches.watch_reason(reason, self._services.now()),)
            self._say(f"Watching a reason: a notice comes when a run fails for it again ({reason.text})")
        self._services.redraw()

    def _watch_agent(self, agent_id: str) -> None:
        """Watch an agent: notify when one of its runs fails. If it is watched already, stop that."""
        name = self._newest_context().short_agent(agent_id)
        if agent_id in self.watched_agents:
            self._failure_watches = tuple(
                each for each in self._failure_watches if each.reason is not None or each.agent != agent_id
            )
            self._say(f"No longer watching the agent {name}")
        else:
            self._failure_watches += (failure_watches.watch_agent(agent_id, name, self._services.now()),)
            self._say(f"Watching the agent {name}: a notice comes when one of its runs fails")
        self._services.redraw()

    def _watch_verdict(self, question: Question) -> None:
        """Watch a gate: notify when its verdict is certain. If it is watched already, stop that."""
        if self._verdicts is None:
            from flowtui.ui.gate.verdict_watches import VerdictWatches  # noqa: PLC0415  imports the judge

            self._verdicts = VerdictWatches(self._services, self._past, self._take)
        name = f"the gate since {question.mark.name}"
        if self._verdicts.toggle(question):
            self._say(f"Watching {name}: a notice comes with its verdict")
        else:
            self._say(f"No longer watching {name}")
        self._services.redraw()

    def _take(self, notice: notices.Notice) -> None:
        self._pending += (notice,)

    def _say(self, text: str, *, trouble: bool = False) -> None:
        self._services.say(cut(text), severity="warning" if trouble else "information", timeout=4)

    def note_cancellation(self, text: str, trouble: bool) -> None:
        """Show a message about a cancellation, and add it to the event log."""
        self._note(Event(CANCEL, self._services.now(), CANCEL, text))
        self._services.say(text, severity="warning" if trouble else "information", timeout=6)

    def _note(self, event: Event) -> None:
        self.log.add(event)
        self._services.redraw()

    # -- absence -----------------------------------------------------------------------------------------------

    @property
    def left(self) -> float | None:
        """When the user left before the last long absence, in UTC epoch seconds of the local clock; None: there was none."""
        return None if self._away is None else self._away.left

    def saw(self, event: events.Event) -> None:
        """Note when the user leaves the terminal window; report when the user comes back what happened meanwhile."""
        if self._away is None:
            return
        if isinstance(event, events.AppBlur):
            self._away.blur(self._services.now())
        elif isinstance(event, events.InputEvent | events.AppFocus) and not event.is_forwarded:
            self._report_absence(self._away.touch(self._services.now(), self._zone), self._away.worst)

    def _report_absence(self, told: str, worst: Severity) -> None:
        """Show what happened while the user was away; "": nothing did."""
        if told:
            self._note(Event(AWAY, self._services.now(), AWAY, told))
            self._services.say(cut(f"{told[:1].upper()}{told[1:]}"), severity=worst, timeout=8)


def _named(runs: Sequence[Run]) -> str:
    return short_id(runs[0].id) if len(runs) == 1 else f"{len(runs):,} runs"


def _tracker(rules: Sequence[NotifyRule], began: float) -> RuleTracker | None:
    """Return what judges the rules; None without rules: few users have some."""
    if not rules:
        return None
    from flowtui.model.events.rules import RuleTracker  # noqa: PLC0415  see above

    return RuleTracker(rules, began)


def _what(watch: notices.Watch | FailureWatch) -> tuple[object, ...]:
    """Return what a watch watches: a run, a view, a reason or an agent."""
    if isinstance(watch, FailureWatch):
        return (watch.id, watch.agent)
    return (watch.key, watch.view)
