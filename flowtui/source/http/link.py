"""How a server was reached, as far as the connection itself tells: for people who look for what is wrong."""

from __future__ import annotations

import ssl
from typing import Any, NamedTuple


class Link(NamedTuple):
    """One connection. `peer` is its other end as `host:port` ("" where unknown; a proxy's where one is between).

    `tls` is the version of the protocol, "" for plain http; `expires` the end of the certificate, UTC epoch seconds.
    """

    peer: str
    tls: str
    expires: float | None


def link_of(stream: Any) -> Link | None:
    """Return what a stream of the HTTP library tells of its connection, None where it is none."""
    ask = getattr(stream, "get_extra_info", None)
    if ask is None:
        return None
    address, secured = ask("server_addr"), ask("ssl_object")
    peer = f"{address[0]}:{address[1]}" if isinstance(address, tuple) and len(address) > 1 else ""
    if secured is None:
        return Link(peer, "", None)
    return Link(peer, secured.version() or "TLS", _end(secured.getpeercert()))


def _end(certificate: dict[str, Any] | None) -> float | None:
    try:
        return float(ssl.cert_time_to_seconds((certificate or {})["notAfter"]))
    except (KeyError, ValueError):
        return None
