"""Which certificates to trust: `ca_bundle` where it is set, else those that come with the HTTP library."""

from __future__ import annotations

import ssl
from pathlib import Path

from flowtui.errors import ConfigError
from flowtui.text import safe_text


def trust(base_url: str, ca_bundle: str | None) -> ssl.SSLContext | None:
    """Return the context for `base_url`, None for the library's own.

    Plain http gets one that trusts nobody: it costs no 20 ms of loading certificates, and fails closed if it is ever used.

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
