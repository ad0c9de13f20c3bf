"""The one way to start a worker."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from textual.dom import DOMNode

if TYPE_CHECKING:
    from textual.worker import Worker

Work = Callable[[], Coroutine[Any, Any, None]]
"""Starts a coroutine. A worker that is cancelled before it starts would leave a coroutine object unawaited."""


def cancel_workers(node: DOMNode, group: str) -> None:
    """Cancel the workers of a group of `node`."""
    node.workers.cancel_group(node, group)


def start_worker(node: DOMNode, work: Work, group: str, *, exclusive: bool = False) -> None:
    """Run `work` as a worker of `node`, which ends with it. `exclusive`: first cancel the other workers of its group."""
    # Without a description, Textual makes one of all arguments of `work`, such as a snapshot of a hundred thousand runs.
    worker: Worker[None] = node.run_worker(work, group=group, description=group, exclusive=exclusive)
    del worker  # only annotated: mypy cannot infer its type
