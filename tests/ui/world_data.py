"""What screens draw of a simulated world. It is read without HTTP, dashboard and poller, whenever a test says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from flowtui.config.values.prices import Prices
from flowtui.model.columns.context import Context
from flowtui.model.run.parsing import parse_agents, parse_runs, parse_threads
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.known_runs import (
    Failure,
    ThreadState,
    apply_failure,
    apply_request,
    apply_runs,
    apply_thread,
)
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.view import View
from flowtui.simulator.endpoints import ApiRequest, Endpoints
from flowtui.simulator.exchange import FaultUse, encode
from flowtui.simulator.faults import FAULTS
from flowtui.simulator.world.dates import Calendar
from flowtui.simulator.world.scenario import World
from flowtui.ui.table.cell_style import cell_context
from flowtui.ui.table.shown_rows import ShownRows

from .screen_app import FakeData

_INTERVAL = 2.0  # seconds
_PAGE = {"limit": "100", "order": "desc"}


class WorldData(FakeData):
    """The dashboard's data of a world. `clock`: returns UTC epoch seconds, for the world and the screen.

    `faults`: names of faults that change the rows of runs. `touched`: as in `ShownRuns`.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        threads: int = 4,
        runs: int = 16,
        seed: int = 1,
        ids: str | None = None,
        faults: Sequence[str] = (),
        prices: Prices | None = None,
        view: View | None = None,
    ) -> None:
        super().__init__()
        self.clock, self.view, self.view_name = clock, view or View(), ""
        self.touched: RunKey | None = None
        self._prices, self._faults = prices, [FAULTS[name] for name in faults]
        self._world, self._calendar = (
            World(seed=seed, threads=threads, runs=runs, ids=ids),
            Calendar(clock, clock()),
        )
        self._endpoints = Endpoints(self._world, self._calendar)
        self.read()

    def read(self) -> Snapshot:
        """Read all threads now, and return the new snapshot."""
        at, known, states = self.clock(), self.snapshot, {}
        for thread in parse_threads(self._body(Endpoints.threads, "/v1/threads", _PAGE)).rows:
            template = "/v1/threads/{thread_id}/runs"
            body = self._body(Endpoints.runs, template, _PAGE, thread_id=thread.key)
            old = known.threads.get(thread.key) if known is not None else None
            state = old or ThreadState(thread.key, _INTERVAL)
            state, _ = apply_runs(state, parse_runs(body, thread.key).rows, at=at, whole=True)
            states[thread.key] = apply_thread(state, thread, at=at)
        agents = parse_agents(encode(self._endpoints.agents(self._request("/v2/flow/agents/", {}))["data"]))
        self.snapshot = Snapshot(at, states, agents, listed=True, interval=_INTERVAL)
        return self.snapshot

    def fail(self, message: str) -> Snapshot:
        """Let a reading of each thread fail now, and return the new snapshot."""
        assert self.snapshot is not None
        at = self.clock()
        failure = Failure("unreachable", message, at, retry_at=at + _INTERVAL)
        states = {
            key: apply_failure(apply_request(state, at), failure)
            for key, state in self.snapshot.threads.items()
        }
        self.snapshot = replace(self.snapshot, at=at, threads=states)
        return self.snapshot

    def _body(self, endpoint: Any, template: str, query: dict[str, str], **path: str) -> bytes:
        return encode(endpoint(self._endpoints, self._request(template, query, **path)))

    def _request(self, template: str, query: dict[str, str], **path: str) -> ApiRequest:
        faults = self._faults if template.endswith("/runs") else []
        return ApiRequest(
            template=template,
            path=path,
            query=query,
            body=b"",
            json=True,
            now=self._calendar.now(),
            uses=[(fault, FaultUse(arg="", count=0, now=self.clock())) for fault in faults],
        )

    # -- what the dashboard shows

    def cell_context(self) -> Context:
        return cell_context(self.snapshot, self.clock(), Context(now=0.0, prices=self._prices))

    @property
    def rows(self) -> list[Run]:
        return self._shown().rows

    @property
    def filtered(self) -> list[Run] | None:
        shown = self._shown()
        return None if shown.all_shown else shown.rows

    def _shown(self) -> ShownRows:
        shown = ShownRows()
        shown.show(self.snapshot, self.view, self.cell_context(), None)
        return shown
