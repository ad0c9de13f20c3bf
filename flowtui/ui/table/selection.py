"""The runs selected with `space`, to act on several at once or to compare with: their keys, not their lines. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from flowtui.model.run.row import RunKey


class Selection:
    """Keys of the selected runs, in the order of their selection."""

    def __init__(self) -> None:
        self._keys: dict[RunKey, None] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    @property
    def keys(self) -> tuple[RunKey, ...]:
        """The selected runs, the newest selection last."""
        return tuple(self._keys)

    def toggle(self, key: RunKey) -> None:
        """Select a run, or deselect it."""
        if key in self._keys:
            del self._keys[key]
        else:
            self._keys[key] = None

    def extend(self, order: Sequence[RunKey], to: RunKey) -> None:
        """Select all runs from the last selected one to `to`; only `to` if `order` has no selected run."""
        last = next((key for key in reversed(self._keys) if key in order), None)
        if last is None:
            self._keys[to] = None
            return
        here, there = order.index(last), order.index(to)
        step = 1 if there >= here else -1
        for place in range(here, there + step, step):
            self._keys.setdefault(order[place])

    def clear(self) -> None:
        """Deselect all runs."""
        self._keys.clear()
