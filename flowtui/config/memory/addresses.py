"""The address of an API, in the form in which it is compared and stored. It imports little: the first frame waits for it."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

_PORTS: Final = {"https": 443, "http": 80}


def address_of(base_url: str) -> str:
    """Return the API's address in the form in which marks and the history are stored: host in lower case, without a default port."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"
