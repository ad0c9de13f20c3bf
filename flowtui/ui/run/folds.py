"""Which paths of a tree are folded: a rule for the start, and what somebody toggled since. Pure."""

from __future__ import annotations

from collections.abc import Callable

from flowtui.model.run.json_tree import Path


class Folds:
    """`path in folds` says whether a path is folded."""

    def __init__(self, at_first: Callable[[Path], bool] = lambda _: False) -> None:
        self._at_first = at_first
        self._toggled: set[Path] = set()
        self._all: bool | None = None

    def __contains__(self, path: object) -> bool:
        if not isinstance(path, tuple) or not path:
            return False  # the root itself never folds: an empty pane helps nobody
        folded = self._at_first(path) if self._all is None else self._all
        return folded != (path in self._toggled)

    def toggle(self, path: Path | None) -> None:
        """Fold or unfold one path; None: everything."""
        if path is None:
            self._all = not self._all
            self._toggled.clear()
        else:
            self._toggled ^= {path}
