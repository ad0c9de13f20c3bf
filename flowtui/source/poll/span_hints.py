"""Uses spans as hints which threads have something new, and judges whether these hints can be trusted.

Threads are polled without spans, too: if spans fail, nothing stops, and only the intervals of the threads change.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable
from functools import partial
from typing import Any, Final

from flowtui.errors import ApiError, RateLimitedError, UnreadableError
from flowtui.model.run.json_body import parse_elements
from flowtui.model.state.changes import APPEARED, CHANGED, Change
from flowtui.source.poll.catch_up.catching_up import CatchUp
from flowtui.source.read.budgeted_calls import Calls, Charge, fetch_pages
from flowtui.source.read.span_discovery import Discovery, Question, SpanWitness

TRY_AGAIN: Final = 300.0
"""Seconds until spans are requested again after a refusal; doubled with each further refusal, up to `_LONGEST_PAUSE`."""

_LONGEST_PAUSE: Final = 3600.0
_ENOUGH: Final = 10  # observations after which spans that named no known thread are not trusted
_SILENCE: Final = 30.0  # seconds without an answer after which a failure makes spans untrusted
_IN_VAIN: Final = 15.0  # seconds before the next search for unlisted threads if the last one found none
_MAX_FOREIGN: Final = 5_000  # threads of other owners that are remembered


class SpanHints:
    """What spans have shown, and whether they are trusted. `now` is monotonic seconds everywhere."""

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
        """Why spans are not trusted, in words for the user; "" if they are trusted, or if it is too early to tell."""
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
        """Whether the last request for spans was refused, or its answer had an unknown format."""
        return self._refusals > 0

    @property
    def hopeful(self) -> bool:
        """Whether spans may be of use: nothing speaks against it so far."""
        return not (self.doubt or self.refused)

    @property
    def usable(self) -> bool:
        """Whether spans of the time before this start may be requested."""
        return self.hopeful and self._answered_at > float("-inf")

    @property
    def flooded(self) -> bool:
        """Whether more spans are created than are read."""
        return self._discovery.flooded

    async def ask(self, calls: Calls, charge: Charge, take: Callable[[list[Any]], object]) -> None:
        """Request the new spans; `take_news` then returns their threads. `take` gets the raw spans of each answer.

        Raises:
            ApiError: the answer is missing or incomplete. What could be read of it is used.
        """
        clock = calls.clock
        self._asked += 1
        plan = self._discovery.plan(clock.now() + calls.server_clock.offset, clock.monotonic())
        await fetch_pages(plan, lambda question: _page(calls, charge, take, question))

    async def ask_gap(
        self, calls: Calls, charge: Charge, take: Callable[[list[Any]], object], catch_up: CatchUp
    ) -> set[str]:
        """Request a page of the spans of the time before this start; return the threads that they name.

        Raises:
            ApiError: the answer is missing or cannot be read.
        """
        question = catch_up.question(calls.server_clock.offset, self._discovery.lag)
        return catch_up.take(await _page(calls, charge, take, question))

    def named(self, keys: Iterable[str], known: Container[str]) -> None:
        """Note that spans of the time before this start name these threads: they are of use if one of them is `known`."""
        self._witness.proven = self._witness.proven or any(key in known for key in keys)

    def take_news(self, known: Container[str], now: float) -> tuple[list[str], list[str]]:
        """Return the threads that have had news in spans since the last call: those that are `known`, and the others."""
        news, self._discovery.news = self._discovery.news, {}
        ours = [key for key in news if key in known]
        self._witness.told(ours, now)
        if not self._witness.proven and any(key in known for key in self._discovery.named):
            self._witness.proven = True
        return ours, [key for key in news if key not in known]

    def answered(self, now: float) -> None:
        """Note that the server answered a request for spans."""
        self._trouble, self._refusals, self._answered_at = "", 0, now

    def failed(self, error: ApiError, delay: float | None, now: float) -> float | None:
        """Note a failure whose retry is planned in `delay` seconds; None: no retry is planned.

        If the failure will probably stay, return in how many seconds to request spans instead; else None.
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
        """Note runs that have started: spans should name their threads. Count the runs for which they have not done so in time."""
        for change in changes:
            kind, before, after = change.kind, change.before, change.after
            began = after.started is not None and (before is None or before.started is None)
            if change.catch_up:
                continue  # it may have begun before the spans that are read here
            if began and (kind == CHANGED or (kind == APPEARED and change.since is not None)):
                self._witness.started(after.thread_key, now)
        if not self._refusals:
            self._witness.judge(now)


async def _page(
    calls: Calls, charge: Charge, take: Callable[[list[Any]], object], question: Question
) -> list[Any]:
    """Request a page of spans, give it to `take`, and return it."""
    found = parse_elements(await calls.body(charge, partial(calls.client.spans, question.query())))
    if found.error is not None:
        raise UnreadableError(f"Spans: the server sent {found.error}")
    take(found.values)
    return found.values


class UnlistedThreads:
    """Threads that spans name and that are not known: new ones, or those of another owner.

    `search_from`: when the list may next be read just to find them, in monotonic seconds.
    """

    def __init__(self) -> None:
        self.search_from = float("-inf")
        self._sought: set[str] = set()
        self._foreign: dict[str, None] = {}

    def seek(self, keys: Iterable[str]) -> bool:
        """Note that spans named these unknown threads; return whether the list has to be read because of them."""
        strangers = [key for key in keys if key not in self._foreign]
        self._sought.update(strangers[:_MAX_FOREIGN])
        return bool(strangers)

    def listed(self, at: float, known: Collection[str]) -> list[str]:
        """Note that the list was read, beginning at `at`. Threads that are still unknown belong to another owner.

        Return the threads that spans had named before and that are `known` now.
        """
        sought, self._sought = self._sought, set()
        found = [key for key in sought if key in known]
        self._foreign.update(dict.fromkeys(sought.difference(found)))
        while len(self._foreign) > _MAX_FOREIGN:
            del self._foreign[next(iter(self._foreign))]
        self.search_from = at + (_IN_VAIN if sought and not found else 0.0)
        return found
