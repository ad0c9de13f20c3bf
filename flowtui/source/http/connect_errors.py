"""Explains why a connection failed, from the standard library's error behind httpx's error, and suggests what to do.

Messages of httpx's own exceptions are not used here: they may hold the request headers and with them the key.
"""

from __future__ import annotations

import socket
import ssl

from flowtui.text import safe_text


def connect_failure(error: BaseException, host: str) -> tuple[str, str]:
    """Return what went wrong with the connection to `host`, and a hint; both display-safe."""
    from flowtui.config.crash import exception_chain  # noqa: PLC0415  only after a failure

    links = list(exception_chain(error))
    for link in links:
        if isinstance(link, ssl.SSLError):
            why = getattr(link, "verify_message", "") or (link.reason or "").replace("_", " ").lower()
            said = f": {safe_text(why[:120])}" if why else ""
            return (
                f"no secure connection to {host}{said}",
                "Set ca_bundle (--ca-bundle) to the certificate of your own authority, or check the base URL",
            )
        if isinstance(link, socket.gaierror):
            return f"there is no host {host}", "Check the base URL, and that names can be looked up from here"
        if isinstance(link, ConnectionRefusedError):
            return (
                f"{host} refuses connections",
                "Check the base URL; a simulator is started with `flowtui simulate`",
            )
        if isinstance(link, ConnectionResetError | BrokenPipeError | ConnectionAbortedError):
            return f"{host} broke the connection off", "Try again"
    for link in links:
        if isinstance(link, OSError) and link.errno and link.strerror:
            return f"{host} cannot be reached: {safe_text(link.strerror[:120]).lower()}", "Check the network"
    return f"the connection to {host} failed", "Check the network and the base URL"
