"""Decides which TLS certificates are trusted, and describes the connection to the server."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any, NamedTuple

from flowtui.errors import ConfigError
from flowtui.text import safe_text


def ssl_context(base_url: str, ca_bundle: str | None) -> ssl.SSLContext | None:
    """Return the TLS settings for `base_url`; None: httpx is to use its own certificates.

    `ca_bundle`: a file or a directory with the certificates to trust instead of httpx's; None if there is none.

    For plain http no certificates are loaded, which saves 20 ms. If TLS were used by mistake, the connection would fail.

    Raises:
        ConfigError: `ca_bundle` cannot be read or holds no certificates.
    """
    if not base_url.startswith("https:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_bundle is None:
        return None
    bundle = Path(ca_bundle)
    try:
        if bundle.is_dir():
            return ssl.create_default_context(capath=str(bundle))
        return ssl.create_default_context(cafile=str(bundle))
    except OSError as error:  # ssl.SSLError among them
        why = (
            "holds no certificates"
            if isinstance(error, ssl.SSLError)
            else f"cannot be read: {error.strerror}"
        )
        raise ConfigError(f"ca_bundle {safe_text(bundle)} {why}", hint="Give a file in PEM form") from None


class Connection(NamedTuple):
    """One connection to the server.

    `peer`: `host:port` of the other end, which is the server or the proxy; "" if unknown.
    `tls`: the version of the TLS protocol; "" for plain http.
    `expires`: when the server's certificate ends, in UTC epoch seconds; None if unknown.
    """

    peer: str
    tls: str
    expires: float | None


def connection_of(stream: Any) -> Connection | None:
    """Return the connection of a network stream of httpx; None if `stream` is not one."""
    ask = getattr(stream, "get_extra_info", None)
    if ask is None:
        return None
    address, secured = ask("server_addr"), ask("ssl_object")
    peer = f"{address[0]}:{address[1]}" if isinstance(address, tuple) and len(address) > 1 else ""
    if secured is None:
        return Connection(peer, "", None)
    return Connection(peer, secured.version() or "TLS", _end(secured.getpeercert()))


def _end(certificate: dict[str, Any] | None) -> float | None:
    try:
        return float(ssl.cert_time_to_seconds((certificate or {})["notAfter"]))
    except (KeyError, ValueError):
        return None
