"""How the dashboard calls somebody: `[notify]` in the config file. Says nothing itself, runs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flowtui.config.values.kinds import Kind
from flowtui.config.values.tables import boolean, fields, text_list


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """What happens when there is something to tell. Nothing, by default.

    `bell` rings the terminal's, `osc9` asks the terminal for a notification of the desktop, `command` is run without
    a shell, with the event as JSON on its stdin and without the key in its environment; () is none.
    """

    bell: bool = False
    osc9: bool = False
    command: tuple[str, ...] = ()

    @property
    def anything(self) -> bool:
        """Whether anything happens at all."""
        return self.bell or self.osc9 or bool(self.command)


def notify() -> Kind:
    """Return the kind of `[notify]`."""
    return Kind(dict[str, Any], _notify, show=_shown)


def _notify(written: Any) -> Notify:
    return Notify(**fields(written, {"bell": boolean, "osc9": boolean, "command": text_list}))


def _shown(value: Notify) -> dict[str, Any]:
    """Commands may hold passwords."""
    command = "(set, not shown)" if value.command else None
    return {"bell": value.bell, "osc9": value.osc9, "command": command}
