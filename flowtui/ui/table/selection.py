"""Which runs somebody marked, to act on several at once or to compare with. Pure; marks belong to ids, not to lines."""

from __future__ import annotations

from collections.abc import Sequence

from flowtui.model.run.row import RunKey


class Marks:
    """The marked runs in the order in which they were marked."""

    def __init__(self) -> None:
        self._keys: dict[RunKey, None] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    @property
    def keys(self) -> tuple[RunKey, ...]:
        """The marked runs, the last one marked at the end."""
        return tuple(self._keys)

    def toggle(self, key: RunKey) -> None:
        """Mark a run, or take its mark away."""
        if key in self._keys:
            del self._keys[key]
        else:
            self._keys[key] = None

    def extend(self, order: Sequence[RunKey], to: RunKey) -> None:
        """Mark all runs between the last marked one and `to`; where none in this order is marked, `to` alone."""
        last = next((key for key in reversed(self._keys) if key in order), None)
        if last is None:
            self._keys[to] = None
            return
        here, there = order.index(last), order.index(to)
        step = 1 if there >= here else -1
        for place in range(here, there + step, step):
            self._keys.setdefault(order[place])

    def clear(self) -> None:
        """Take all marks away."""
        self._keys.clear()
