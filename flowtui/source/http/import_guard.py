"""Keeps modules from being imported, or looked for, by others that can do without them. Knows no module by name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, cast


@contextmanager
def import_blocked(name: str) -> Iterator[None]:
    """Let an import of this module raise ImportError inside the block, unless it was imported before."""
    modules = cast("dict[str, Any]", sys.modules)
    ours = modules.setdefault(name, None) is None
    try:
        yield
    finally:
        if ours:
            modules.pop(name, None)


def skip_missing_module(name: str) -> None:
    """Let further imports of this module fail at once where it is not installed.

    Without that it is looked for on the disk at each `import`, however often it was not found.
    """
    if name not in sys.modules and find_spec(name) is None:
        cast("dict[str, Any]", sys.modules)[name] = None
