"""Sends notices: to the screen, the terminal, the user's command and the webhook. In quiet hours they are held.

Nothing here waits for a command or the webhook. What is held is in the event log at once, so nothing is lost at the end of flowtui
that the log does not have.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from flowtui.config.values.notify import Notify
from flowtui.model.columns.context import Context
from flowtui.model.events import notices
from flowtui.model.events.digest import MOST_HELD, digest
from flowtui.model.events.event_log import HELD, INCIDENT, NOTICE, Event
from flowtui.model.events.notices import Notice
from flowtui.model.export.json_text import to_json
from flowtui.model.run.row import FAILED, Run
from flowtui.ui.actions.browser import page_of
from flowtui.ui.base.services import Services
from flowtui.ui.events.notify_channels import NotifyCommand, osc9

if TYPE_CHECKING:
    from flowtui.source.http.webhook.webhook import Webhook

LONGEST: Final = 300
"""Most characters of a notice on the screen."""

_REASON_TIMEOUT: Final = 5.0  # seconds that a notice waits for the reason of a failure


class Delivery:
    """Sends notices by the ways that the user chose.

    `zone`: of the quiet hours; None for this machine's. `run_url`: the address of a run's page, as in the settings.
    `context`: returns what cells depend on. `fetch_reason`: fetches why a run failed; after that the context has it.
    `note`: adds an event to the log.
    """

    def __init__(
        self,
        services: Services,
        chosen: Notify,
        zone: tzinfo | None,
        *,
        run_url: str | None,
        context: Callable[[], Context],
        fetch_reason: Callable[[Run], Awaitable[None]],
        note: Callable[[Event], None],
    ) -> None:
        self._services, self._chosen, self._zone, self._run_url = services, chosen, zone, run_url
        self._context, self._fetch_reason, self._note = context, fetch_reason, note
        self._command: NotifyCommand | None = None
        self._command_failed = False
        self._webhook: Webhook | None = None
        self._webhook_failed = False
        self._held: list[Notice] = []
        self._more = 0  # notices that were held and only counted

    def connect(self, environ: Mapping[str, str], webhook: Webhook | None) -> None:
        """From now on run the user's command with this environment, and send to this webhook."""
        self._command = NotifyCommand(self._chosen.command, environ) if self._chosen.command else None
        self._webhook = webhook
        if webhook is not None:
            self._services.start(partial(webhook.run, self._webhook_answered), "webhook", exclusive=True)

    @property
    def held(self) -> int:
        """How many notices wait for the end of the quiet hours. At the end of flowtui these are lost."""
        return len(self._held) + self._more

    # -- when --------------------------------------------------------------------------------------------------

    def send(self, notice: Notice) -> None:
        """Send a notice. If it is about failed runs whose reasons are unknown, first fetch these for up to 5 seconds."""
        notice = notices.explained(notice, self._context())
        if notice.unexplained:
            self._services.start(partial(self._send_with_reasons, notice), "notices")
        else:
            self._hold_or_show(notice)

    async def _send_with_reasons(self, notice: Notice) -> None:
        try:
            async with asyncio.timeout(_REASON_TIMEOUT):
                for run in notice.unexplained:
                    await self._fetch_reason(run)
        except TimeoutError:
            pass  # the notice is sent without the missing reasons
        self._hold_or_show(notices.explained(notice, self._context()))

    def tick(self) -> None:
        """When the quiet hours are over, give the digest of what was held. Called every second."""
        if self._held and not self._is_quiet():
            found = digest(
                self._held, self._more, str(self._chosen.quiet), self._services.now(), self._context()
            )
            self._held, self._more = [], 0
            self._show(found)

    def _is_quiet(self) -> bool:
        quiet = self._chosen.quiet
        return quiet is not None and quiet.holds(self._services.now(), self._zone)

    def _hold_or_show(self, notice: Notice) -> None:
        if not self._is_quiet():
            self._show(notice)
            return
        if len(self._held) < MOST_HELD:
            self._held.append(notice)
        else:
            self._more += 1
        self._log(notice, HELD)

    # -- how ---------------------------------------------------------------------------------------------------

    def _log(self, notice: Notice, word: str) -> None:
        one = notice.runs[0] if len(notice.runs) == 1 else None
        status = notice.runs[0].status_class if notice.runs else ""
        event = Event(NOTICE, self._services.now(), word, notice.text, status=status)
        self._note(event if one is None else event._replace(run=one.id, key=one.key))

    def _show(self, notice: Notice) -> None:
        self._log(notice, NOTICE)
        told = cut(f"{notice.text}{_hint(notice)}")
        self._services.say(told, title=cut(notice.title), severity=notice.severity, timeout=8)
        if self._chosen.bell:
            self._services.write("\x07")
        if self._chosen.osc9:
            self._services.write(osc9(notice.text, tmux="TMUX" in os.environ))
        record = {**notice.record(), "link": _link(notice, self._run_url)}
        if self._command is not None:
            line = f"{to_json(record)}\n".encode()
            self._services.start(partial(self._run_user_command, self._command, line), "notices")
        if self._webhook is not None and not self._webhook.put(record):
            self._webhook_answered("too many notices wait, some are dropped")

    async def _run_user_command(self, command: NotifyCommand, line: bytes) -> None:
        """Run the user's command with `line` as its stdin. Only the first error is shown."""
        wrong = await command.call(line)
        if wrong and not self._command_failed:
            self._command_failed = True
            self._fail(f"The command of [notify]: {wrong}")

    def _webhook_answered(self, wrong: str) -> None:
        """Say what went wrong with the webhook, "" if nothing did. Until it works again, only the first error is shown."""
        if wrong and not self._webhook_failed:
            self._fail(f"The webhook of [notify]: {wrong}")
        self._webhook_failed = bool(wrong)

    def _fail(self, said: str) -> None:
        self._note(Event(INCIDENT, self._services.now(), INCIDENT, said))
        self._services.say(cut(f"{said}. This is shown once."), severity="warning", timeout=4)


def _link(notice: Notice, run_url: str | None) -> str | None:
    """Return the address of the page of a run: of the first that failed, else of the first. None if it has none."""
    found: Any = next((run for run in notice.runs if run.status_class == FAILED), None)
    found = found or next(iter(notice.runs), None)
    return page_of(found, run_url) if found is not None and run_url is not None else None


def _hint(notice: Notice) -> str:
    """Return a hint to the Why tab, if the notice is about one failed run whose reason is still unknown; else ""."""
    if len(notice.runs) != 1 or not notice.unexplained:
        return ""
    return ". Why: open it and press 6"


def cut(text: str) -> str:
    """Return a text for a message on the screen, at most `LONGEST` characters."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
