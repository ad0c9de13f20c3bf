"""Spans as hints of which threads have something new, and whether they can be trusted.

A hint never stops anything: what spans cost or refuse changes only how fast the threads are read without them.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable
from functools import partial
from typing import Final

from flowtui.errors import ApiError, RateLimitedError, UnreadableError
from flowtui.model.run.json_body import parse_elements
from flowtui.model.state.changes import APPEARED, CHANGED, Change
from flowtui.source.read.budgeted_calls import Calls, Charge
from flowtui.source.read.span_discovery import Discovery, SpanWitness

TRY_AGAIN: Final = 300.0
"""Seconds until spans are asked for again after a refusal; doubled each time, up to `_LONGEST_PAUSE`."""

_LONGEST_PAUSE: Final = 3600.0
_ENOUGH: Final = 10  # requests after which spans that named no known thread count as no help
_SILENCE: Final = 30.0  # seconds without an answer after which spans count as no help
_IN_VAIN: Final = 15.0  # seconds without a search for unlisted threads after one that found none
_MAX_FOREIGN: Final = 5_000


class SpanHints:
    """What spans told so far, and how far they are believed. `now` is monotonic seconds everywhere."""

    def __init__(self) -> None:
        self._discovery = Discovery()
        self._witness = SpanWitness()
        self._trouble = ""
        self._asked = 0
        self._refusals = 0
        self._answered_at = float("-inf")

    @property
    def trusted(self) -> bool:
        """Whether spans can be trusted to tell which threads have something new."""
        return self._witness.proven and not self.doubt

    @property
    def doubt(self) -> str:
        """Why spans are no help; "" where they are, or where it is too early to tell."""
        if self._trouble:
            return self._trouble
        if self._discovery.flooded:
            return "more come than are read"
        if self._witness.blind:
            return "they missed runs that started"
        if self._witness.proven or self._asked < _ENOUGH:
            return ""
        return "none names a thread of this key so far"

    @property
    def refused(self) -> bool:
        """Whether the server refuses to answer, or sends nothing that can be read."""
        return self._refusals > 0

    @property
    def flooded(self) -> bool:
        """Whether more spans come than are read."""
        return self._discovery.flooded

    async def ask(self, calls: Calls, charge: Charge) -> None:
        """Ask which threads have spans that are new; `take_news` then returns them.

        Raises:
            ApiError: no whole answer. What could be read of it counts.
        """
        clock = calls.clock
        self._asked += 1
        plan = self._discovery.plan(clock.now() + calls.server_clock.offset, clock.monotonic())
        question = next(plan)
        while True:
            found = parse_elements(await calls.body(charge, partial(calls.source.spans, question.query())))
            if found.error is not None:
                raise UnreadableError(f"Spans: the server sent {found.error}")
            try:
                question = plan.send(found.values)
            except StopIteration:
                return

    def take_news(self, known: Container[str], now: float) -> tuple[list[str], list[str]]:
        """Return the threads that spans named as news since the last call: those that are `known`, and the others."""
        news, self._discovery.news = self._discovery.news, {}
        ours = [key for key in news if key in known]
        self._witness.told(ours, now)
        if not self._witness.proven and any(key in known for key in self._discovery.named):
            self._witness.proven = True
        return ours, [key for key in news if key not in known]

    def answered(self, now: float) -> None:
        """Note that the server answered."""
        self._trouble, self._refusals, self._answered_at = "", 0, now

    def failed(self, error: ApiError, delay: float | None, now: float) -> float | None:
        """Note a failure whose retry is planned in `delay` seconds (None: never).

        Return the seconds until spans are asked for again where that is rarer than planned, None where it is not.
        """
        pause = None
        # Rate limits and outages pass. A refusal, or spans in an unknown format, will probably stay.
        if delay is None or isinstance(error, UnreadableError):
            pause = min(_LONGEST_PAUSE, TRY_AGAIN * 2.0 ** min(self._refusals, 8))
            self._refusals += 1
        if self._refusals or now - self._answered_at > _SILENCE or isinstance(error, RateLimitedError):
            self._trouble = error.message
        return pause

    def compare(self, changes: Iterable[Change], now: float) -> None:
        """Compare spans with what the runs themselves say: each run that starts is one that spans should name."""
        for change in changes:
            kind, before, after = change.kind, change.before, change.after
            began = after.started is not None and (before is None or before.started is None)
            if began and (kind == CHANGED or (kind == APPEARED and change.since is not None)):
                self._witness.started(after.thread_key, now)
        if not self._refusals:
            self._witness.judge(now)


class UnlistedThreads:
    """Threads that spans name and the list does not show: new ones, or those of another owner.

    `search_from`: the time (monotonic seconds) from which on the list may be read just to find them.
    """

    def __init__(self) -> None:
        self.search_from = float("-inf")
        self._sought: set[str] = set()
        self._foreign: dict[str, None] = {}

    def seek(self, keys: Iterable[str]) -> bool:
        """Note that these threads were named; return whether the list has to be read because of them."""
        strangers = [key for key in keys if key not in self._foreign]
        self._sought.update(strangers[:_MAX_FOREIGN])
        return bool(strangers)

    def listed(self, at: float, known: Collection[str]) -> list[str]:
        """Note that the list was read; reading it began at `at`. Threads that it does not show belong to another owner.

        Return the threads that were sought and are `known` now.
        """
        sought, self._sought = self._sought, set()
        found = [key for key in sought if key in known]
        self._foreign.update(dict.fromkeys(sought.difference(found)))
        while len(self._foreign) > _MAX_FOREIGN:
            del self._foreign[next(iter(self._foreign))]
        self.search_from = at + (_IN_VAIN if sought and not found else 0.0)
        return found
