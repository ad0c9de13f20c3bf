"""Why runs failed, asked for one at a time and only for those somebody looks at. Never asked twice, never in a hurry."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from flowtui.model.run import FAILED, Run, RunKey

if TYPE_CHECKING:
    from flowtui.source.tracing import Tracing

MAX_KEPT: Final = 2_000
SHARE: Final = 0.7
"""Share of the request budget that may be used before reasons wait: fresh runs matter more than old failures."""


class Reasons:
    """`known` is run → its reason in a few words, for those that have one; with `redact`, without what messages say."""

    def __init__(self, *, redact: bool = False) -> None:
        self._redact = redact
        self.known: Mapping[RunKey, str] = {}
        self._asked: dict[RunKey, None] = {}
        self._busy = False

    def next(self, runs: Iterable[Run | None], *, requests: int, budget: int) -> Run | None:
        """Return the run to ask about now: the first failed one that has not been asked about, None where it must wait."""
        if self._busy or requests >= budget * SHARE:
            return None
        for run in runs:
            if (
                run is not None
                and run.status_class == FAILED
                and run.key not in self._asked
                and not run.placeholder
            ):
                return run
        return None

    async def fetch(self, tracing: Tracing, run: Run) -> None:
        """Ask about a run. That nothing says why is an answer too."""
        from flowtui.source.tracing import fetch_why  # noqa: PLC0415  after the first paint

        self._busy = True
        self._asked[run.key] = None
        while len(self._asked) > MAX_KEPT:
            self._asked.pop(next(iter(self._asked)))
        try:
            found = await fetch_why(tracing, run.key, redact=self._redact)
        except asyncio.CancelledError:
            self._asked.pop(run.key, None)  # nobody has answered yet: it may be asked again
            raise
        finally:
            self._busy = False
        if found is not None:
            self.known = {**self.known, run.key: found.reason}
