"""Reads the earlier days of the built-in simulator, which only the demo asks for. Not part of the API."""

from __future__ import annotations

import json
import urllib.request
from typing import Any, Final

_MOST: Final = 16 << 20  # bytes
_TIMEOUT: Final = 30.0  # seconds


def read_archive(base_url: str) -> list[dict[str, Any]]:
    """Return the threads of earlier days as raw JSON: `thread`, and `runs`, oldest first. Blocks.

    Raises:
        OSError: the simulator does not answer.
        ValueError: the answer is no JSON.
    """
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{base_url}/archive", timeout=_TIMEOUT) as answer:
        return [json.loads(line) for line in answer.read(_MOST).splitlines()]
