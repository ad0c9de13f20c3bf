"""The texts of the screen: which runs are counted, what the numbers rest on, what is shown instead of an empty list."""

from __future__ import annotations

from collections import Counter
from typing import Final

from flowtui import formatting
from flowtui.model.answers.spend.spend import Spend
from flowtui.model.history.coverage import coverage_words
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.spend.spend_data import SpendData
from flowtui.ui.spend.words import missing_line, price_hint
from flowtui.ui.table.cell_style import runs_title
from flowtui.ui.widgets.frame_titles import trouble_text
from flowtui.ui.widgets.memory_words import end_words, runs_that_left, unread_words

_WIDE: Final = 120


class SpendTexts(SpendData):
    """The part of the screen that writes texts."""

    def _remark(self, found: Spend, cells: int) -> Line:
        """Return what the sums do not include, or how prices are set."""
        if self.by == "release" and not self._marks:
            key = self.app.user_keys.get("spend_name_moment", "m")
            return ink.line(
                ("   No release is marked.  ", "dim"), (key, "key"), (" marks this moment", "dim")
            )
        if self.app.settings.prices is None:
            models = Counter(found.whole.now.models)
            return price_hint(next((name for name, _ in models.most_common(1) if name), ""), cells)
        return missing_line(found, self._names, cells)

    def _which(self) -> str:
        """Return which runs are counted."""
        asked = self.shown_range
        if asked.seconds is not None:
            return f"last {asked.name}"
        shown = self.shown
        which = runs_title(self.snapshot, shown.view, paused=False, name=shown.view_name)
        runs = self._counted()
        return f"{ink.cut(which.removeprefix('Runs · '), max(8, self.size.width - 46))} · {runs}"

    def _counted(self) -> str:
        """Return how many runs of the table are counted, and if these are not all, out of how many."""
        shown, snapshot = self.shown, self.snapshot
        if snapshot is None or not snapshot.read(shown.view.thread):
            return f"{formatting.UNKNOWN} runs"
        count = len(shown.rows)
        if shown.filtered is None:
            return formatting.plural(count, "run")
        return f"{count:,} of {sum(len(state.runs) for state in snapshot.threads.values()):,} runs"

    @property
    def _unread(self) -> bool:
        """Whether no run is known, because no thread was ever read: then nothing is said of how many there are."""
        found = self.found
        return self.snapshot is None or (
            not self.snapshot.read() and (found is None or not found.whole.now.runs)
        )

    def _basis(self) -> str:
        return "; ".join(self._basis_parts())

    def _basis_parts(self) -> list[str]:
        """Return what the numbers rest on."""
        reader, snapshot = self._reader, self.snapshot
        if reader is None or snapshot is None or reader.asked is None or self._unread:
            return []
        if reader.asked.range.seconds is None:
            older = end_words(runs_that_left(snapshot, self.shown.view), brief=self.size.width < _WIDE)
            return [older] if older else []
        unread = unread_words(snapshot)
        said = [unread] if unread else []
        if reader.trouble:
            said.append(reader.trouble)
        if reader.older.gone:
            said.append(f"of {formatting.plural(reader.older.gone, 'older run')} only sums are kept")
        reach = self._reach.of(snapshot)
        if reach <= reader.asked.since and unread:
            return said
        if reach <= reader.asked.since:
            return [*said, "every run of this time was read"]
        if reader.older.coverage is not None:
            return [*said, coverage_words(reader.older.coverage, self.app.zone)]
        return [*said, f"only runs in memory: all since {formatting.clock(reach, self.app.zone)[:5]}"]

    def _subtitle(self) -> str:
        parts = self._basis_parts()
        while len(parts) > 1 and len("  ·  ".join(parts)) + 8 > self.size.width:
            parts.pop()
        text = [ink.cut(part, max(10, self.size.width - 8)) for part in parts]
        return trouble_text(self.cause, text, self.size.width)

    def _instead(self) -> list[Line]:
        """Return the lines shown instead of an empty list."""
        snapshot, found, keys = self.snapshot, self.found, self.app.user_keys
        if self.app.trouble or snapshot is None or snapshot.stopped or not snapshot.listed or self._unread:
            return self.placeholder(self.size.width - 4)
        reader = self._reader
        if found is None or reader is None or reader.asked is None:
            return [
                ink.line(("Loading …", "strong")),
                ink.line((f"what the runs {self.range.words} used, from history and memory", "dim")),
            ]
        if self.shown_range.seconds is None:
            return self.placeholder(self.size.width - 4, self.shown.view)
        lines = [ink.line((f"No run ended {self.shown_range.words}", "strong"))]
        ends = [at for run in snapshot.runs() if (at := run.ended) is not None]
        if ends:
            ago = formatting.span(max(0.0, self._now - max(ends)))
            lines.append(ink.line((f"the last one known ended {ago} ago", "dim")))
        return [*lines, ink.line((keys.get("spend_longer", "l"), "key"), (" shows a longer time", "dim"))]
