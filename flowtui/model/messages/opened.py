"""A run that the user opened, with the details that were fetched for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flowtui.model.messages.conversation import Conversation
from flowtui.model.messages.evidence import Evidence
from flowtui.model.messages.live_text import LiveText
from flowtui.model.run.row import Run

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Loaded(Generic[T]):
    """A detail of a run.

    `value`: the detail as last fetched; None if it was never fetched.
    `trouble`: the error of the last fetch; "" if it did not fail.
    `at`: when `value` was fetched, in UTC epoch seconds of the local clock; None if it was never fetched.
    """

    value: T | None = None
    trouble: str = ""
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A run with the details that were fetched for it.

    `raw`: the whole run as the server sent it; None if it was not fetched.
    `trouble`: why the whole run could not be fetched; "" if there was no error.
    `conversation`: the messages of the run. `evidence`: what shows why it failed.
    `against`: the run to compare it with; None if there is none.
    `live`: what came of the text of the running run; None if nothing did.
    `selected`: whether the user selected the run in `against`; else it is the previous run of the agent.
    `last_completed`: the last run of the agent before it that completed; None if none is known.
    """

    run: Run
    raw: dict[str, Any] | None = None
    trouble: str = ""
    conversation: Loaded[Conversation] = Loaded()
    evidence: Loaded[Evidence] = Loaded()
    against: Opened | None = None
    selected: bool = False
    live: LiveText | None = None
    last_completed: Opened | None = None
