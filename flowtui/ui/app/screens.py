"""The screens that a key or a command opens by name. Each is imported when it is first opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from flowtui.ui.keys import bindings

if TYPE_CHECKING:
    from flowtui.ui.base.view_screen import ViewScreen


def _timeline(_: str) -> ViewScreen:
    from flowtui.ui.timeline.timeline_screen import TimelineScreen  # noqa: PLC0415  on first use

    return TimelineScreen()


def _spend(_: str) -> ViewScreen:
    from flowtui.ui.spend.spend_screen import SpendScreen  # noqa: PLC0415  on first use

    return SpendScreen()


def _gate(text: str) -> ViewScreen:
    from flowtui.ui.gate.gate_screen import GateScreen  # noqa: PLC0415  on first use

    return GateScreen(text)


def _events(_: str) -> ViewScreen:
    from flowtui.ui.events.event_screen import EventScreen  # noqa: PLC0415  on first use

    return EventScreen()


def _failures(_: str) -> ViewScreen:
    from flowtui.ui.failures.failure_screen import FailureScreen  # noqa: PLC0415  on first use

    return FailureScreen()


def _agent(agent: str) -> ViewScreen:
    from flowtui.ui.agent.agent_screen import AgentScreen  # noqa: PLC0415  on first use

    return AgentScreen(agent)


def _brief(name: str) -> ViewScreen:
    from flowtui.ui.brief.brief_screen import BriefScreen  # noqa: PLC0415  on first use

    return BriefScreen(name)


SCREENS: Final[Mapping[str, Callable[[str], ViewScreen]]] = {
    bindings.TIMELINE: _timeline,
    bindings.SPEND: _spend,
    bindings.GATE: _gate,
    bindings.EVENTS: _events,
    bindings.FAILURES: _failures,
    bindings.AGENT: _agent,
    bindings.BRIEF: _brief,
}
"""Name of a screen → a function that makes it of an argument, such as the text of a gate. The command `:NAME` opens it."""
