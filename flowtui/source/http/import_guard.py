"""Stops libraries from importing optional modules that flowtui does not need, to save time."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, cast


@contextmanager
def import_blocked(name: str) -> Iterator[None]:
    """Make imports of a module raise ImportError inside the `with` block, unless the module is imported already."""
    modules = cast("dict[str, Any]", sys.modules)
    ours = modules.setdefault(name, None) is None
    try:
        yield
    finally:
        if ours:
            modules.pop(name, None)


def skip_missing_module(name: str) -> None:
    """Make later imports of a module that is not installed fail at once.

    Otherwise Python searches the disk for the module at every `import`.
    """
    if name not in sys.modules and find_spec(name) is None:
        cast("dict[str, Any]", sys.modules)[name] = None
