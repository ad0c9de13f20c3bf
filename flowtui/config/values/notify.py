"""Reads `[notify]` in the config file: how the dashboard notifies the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from flowtui.config.values.kinds import Kind
from flowtui.config.values.tables import boolean, fields, text_list


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """How to notify the user outside of flowtui's screen. By default nothing is done there.

    `bell`: whether to ring the terminal's bell.
    `osc9`: whether to ask the terminal for a desktop notification.
    `command`: a command to run, without a shell, with the notice as JSON on its stdin; () for none. Its environment
    lacks the key.
    """

    bell: bool = False
    osc9: bool = False
    command: tuple[str, ...] = ()


def _notify(written: Any) -> Notify:
    return Notify(**fields(written, {"bell": boolean, "osc9": boolean, "command": text_list}))


def _shown(value: Notify) -> dict[str, Any]:
    """Return the setting for display. The command is masked, as it may hold a password."""
    command = "(set, not shown)" if value.command else None
    return {"bell": value.bell, "osc9": value.osc9, "command": command}


NOTIFY: Final = Kind(dict[str, Any], _notify, show=_shown)
"""`[notify]`."""
