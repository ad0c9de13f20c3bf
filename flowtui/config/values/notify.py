"""Reads `[notify]` in the config file: what the dashboard tells the user outside its screen, when, and how."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from flowtui.config.values.kinds import Kind
from flowtui.config.values.tables import Reader, TableError, boolean, fields, nonempty_text, text_list

if TYPE_CHECKING:  # every command imports this module, and few users have rules or quiet hours
    from flowtui.config.values.notify_rules import NotifyRule
    from flowtui.config.values.quiet_hours import QuietHours

WEBHOOK_ENV: Final = "FLOWTUI_WEBHOOK"
"""The environment variable with the address of the webhook, unless `webhook_env` names another."""

_MASK: Final = "(set, not shown)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """How to notify the user outside of flowtui's screen, and of what. By default nothing is done there.

    `bell`: whether to ring the terminal's bell.
    `osc9`: whether to ask the terminal for a desktop notification.
    `command`: a command to run, without a shell, with the notice as JSON on its stdin; () for none. Its environment
    lacks the key.
    `rules`: what to tell without a watch.
    `quiet`: when notices are held back; None: never.
    `webhook_command`: a command that prints the address to which notices are sent; None: there is none.
    `webhook_env`: the environment variable that holds this address. It comes before the command.
    """

    bell: bool = False
    osc9: bool = False
    command: tuple[str, ...] = ()
    rules: tuple[NotifyRule, ...] = ()
    quiet: QuietHours | None = None
    webhook_command: str | None = field(default=None, repr=False)
    webhook_env: str = field(default=WEBHOOK_ENV, repr=False)


def _env_name(written: Any) -> str:
    # Errors do not repeat what was written: it may be the address itself.
    if not isinstance(written, str) or not (written.isascii() and written.isidentifier()):
        raise TableError("it must be the name of an environment variable that holds the webhook's address")
    return written


def _no_address(_: Any) -> Any:
    raise TableError(
        "the address of a webhook is a secret and is not written into the file",
        hint=f"Write webhook_command, a command that prints it, or set {WEBHOOK_ENV}",
    )


def _rules(written: Any) -> tuple[NotifyRule, ...]:
    from flowtui.config.values.notify_rules import read_rules  # noqa: PLC0415  see above

    return read_rules(written)


def _quiet(written: Any) -> QuietHours:
    from flowtui.config.values.quiet_hours import read_quiet  # noqa: PLC0415  see above

    return read_quiet(written)


def _notify(written: Any) -> Notify:
    readers: dict[str, Reader] = {
        "bell": boolean,
        "osc9": boolean,
        "command": text_list,
        "rules": _rules,
        "quiet": _quiet,
        "webhook_command": nonempty_text,
        "webhook_env": _env_name,
    }
    if isinstance(written, dict) and "webhook" in written:
        readers["webhook"] = _no_address
    return Notify(**fields(written, readers))


def _shown(value: Notify) -> dict[str, Any]:
    """Return the setting for display. Commands are masked, as they may hold a password."""
    return {
        "bell": value.bell,
        "osc9": value.osc9,
        "command": _MASK if value.command else None,
        "rules": [rule.text for rule in value.rules],
        "quiet": None if value.quiet is None else str(value.quiet),
        "webhook_command": _MASK if value.webhook_command else None,
        "webhook_env": value.webhook_env,
    }


NOTIFY: Final = Kind(dict[str, Any], _notify, show=_shown)
"""`[notify]`."""
