"""Makes the pools of connections, for the API and for the webhook: certificates, proxy, no cookies, no redirects."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Final

from flowtui import errors
from flowtui.config.values.kinds import is_loopback
from flowtui.source.http.import_guard import import_blocked, skip_missing_module
from flowtui.source.http.tls import ssl_context

# httpx imports its own command line, and with it click and rich if they are installed: 30 ms at every start.
with import_blocked("httpx._main"):
    import httpx

# httpx's locks import sniffio ten times a poll. If sniffio is not installed, the search took a third of the poll.
skip_missing_module("sniffio")

if TYPE_CHECKING:
    from flowtui.config.settings import Settings

LOCATION: Final = "flowtui.location"
"""The extension of a response that has its `Location` header."""

_IDLE: Final = 4.0  # seconds that idle connections are kept: less than the 5 s of common servers, which would close them first


def http_client(
    settings: Settings,
    url: str,
    headers: Mapping[str, str],
    connections: int,
    *,
    auth: Callable[[httpx.Request], httpx.Request] | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """Return a pool of so many connections for requests to `url`, with the certificates and the proxy of the settings.

    `headers`: those of every request. `auth`: adds the key to a request; None: no key is sent.

    Raises:
        ConfigError: `ca_bundle` or `proxy` cannot be used.
    """
    context = ssl_context(url, settings.ca_bundle)
    return httpx.AsyncClient(
        auth=auth,
        headers=dict(headers),
        # Refuse cookies: httpx would send them back with every request.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        verify=context or True,
        trust_env=False,
        proxy=None if transport else _proxy(settings, url, context),
        follow_redirects=False,
        event_hooks={"response": [_set_aside_location]},
        timeout=None,  # noqa: S113  while single bytes arrive, a read timeout never ends the request; callers set a deadline
        limits=httpx.Limits(
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=_IDLE,
        ),
        transport=transport,
    )


def _proxy(settings: Settings, url: str, context: ssl.SSLContext | None) -> httpx.Proxy | None:
    """Return the proxy to use, or None. For an address on this machine no remote proxy is used: it would see all unencrypted."""
    if settings.proxy is None or (is_loopback(url) and not is_loopback(settings.proxy)):
        return None
    try:
        secure = settings.proxy.lower().startswith("https:")
        return httpx.Proxy(settings.proxy, ssl_context=context if secure else None)
    except (ValueError, TypeError, httpx.InvalidURL):  # the exception's text holds the proxy's password
        raise errors.ConfigError(
            "proxy is no address of a proxy", hint="Write it as http://host:port"
        ) from None


async def _set_aside_location(response: httpx.Response) -> None:
    """Move the `Location` header into the extensions: httpx would parse it, and fail if it is invalid."""
    if "location" in response.headers:
        response.extensions[LOCATION] = response.headers.pop("location")
