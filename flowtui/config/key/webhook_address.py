"""Reads the address of the webhook: from an environment variable, or from what a command prints.

The address is a secret, as anyone who knows it can post there. No error holds any part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from flowtui.config.files.plain_key import PlainKey, without_inner_frames
from flowtui.config.key.environ import environ_without_key
from flowtui.config.key.key import add_secret
from flowtui.config.key.secret_command import run_secret_command
from flowtui.config.settings import Settings
from flowtui.config.values.kinds import is_loopback
from flowtui.errors import ConfigError

_LONGEST: Final = 2_048  # characters of an address
_HINT: Final = "Give the whole address of the webhook, such as https://hooks.slack.com/services/..."


def webhook_source(settings: Settings, environ: Mapping[str, str]) -> str | None:
    """Return where the address would come from, for messages; None if there is no webhook. Runs no command."""
    if environ.get(settings.notify.webhook_env, "").strip():
        return settings.notify.webhook_env
    return "webhook_command" if settings.notify.webhook_command is not None else None


@without_inner_frames
def load_webhook(settings: Settings, environ: Mapping[str, str]) -> PlainKey | None:
    """Return the address of the webhook; None if there is none. May run `webhook_command`, for at most 10 s. Blocks.

    Raises:
        ConfigError: it cannot be read, or is no address that flowtui sends to.
    """
    source = webhook_source(settings, environ)
    if source is None:
        return None
    # The address gets no local variable: a traceback with locals would show it.
    secret = PlainKey(_checked(_read(settings, environ, source), source, settings))
    add_secret(secret)
    return secret


def _read(settings: Settings, environ: Mapping[str, str], source: str) -> str:
    command = settings.notify.webhook_command
    if source != "webhook_command" or command is None:
        return environ[source].strip(" ")
    clean = environ_without_key(environ, "", settings.api_key_env, *settings.key_names)
    return run_secret_command(command, clean, source, "The webhook's address").strip(" ")


def _checked(address: str, source: str, settings: Settings) -> str:
    """Return the address if flowtui may send to it, else raise ConfigError."""
    wrong = ConfigError(f"What {source} gives is no address of a webhook", hint=_HINT)
    if not address or len(address) > _LONGEST or not address.isascii() or not address.isprintable():
        raise wrong
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise wrong from None
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or port == 0
        or set(address) & set(' "<>\\^`{|}')
    ):
        raise wrong
    if "@" in parts.netloc:
        raise ConfigError(f"The webhook's address from {source} holds a user name or password", hint=_HINT)
    if parts.scheme == "http" and not is_loopback(address) and not settings.allow_http:
        raise ConfigError(
            f"The webhook's address from {source} is http:, so notices would cross the network in plain text",
            hint="Use https, or allow_http if you know that the network is safe",
        )
    return address
