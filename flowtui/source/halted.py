"""Keeps a module from being imported on the way of another one that can do without it. Knows no module by name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast


@contextmanager
def halted(name: str) -> Iterator[None]:
    """Let an import of this module raise ImportError inside the block, unless it was imported before."""
    modules = cast("dict[str, Any]", sys.modules)
    ours = modules.setdefault(name, None) is None
    try:
        yield
    finally:
        if ours:
            modules.pop(name, None)
