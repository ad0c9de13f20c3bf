"""Failed runs by reason on the whole screen: which reason, when, whose runs, since which release."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from operator import is_not
from typing import Final

from textual.app import ComposeResult
from textual.containers import Container

from flowtui.model.answers.failures import ReasonRuns
from flowtui.model.answers.reason_facts import ReasonFacts, reason_facts
from flowtui.model.export.failure_tables import reason_text
from flowtui.model.export.reason_text import reason_lines
from flowtui.model.reasons.reason import Reason, reason_id
from flowtui.model.run.row import Run
from flowtui.model.state.snapshot import Update
from flowtui.ui.base import messages
from flowtui.ui.charts.signs import signs_of
from flowtui.ui.failures import failure_view
from flowtui.ui.failures.failure_data import FailureData
from flowtui.ui.failures.failure_files import FORMS, file_text
from flowtui.ui.failures.failure_view import FailureView
from flowtui.ui.failures.list_rows import ListRows, Widths
from flowtui.ui.keys import bindings
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.chart_pane import ChartPane
from flowtui.ui.widgets.entry_list import EntryList
from flowtui.ui.widgets.frame_titles import trouble_text
from flowtui.ui.widgets.memory_words import unread_words
from flowtui.ui.widgets.menu import Choice, Menu
from flowtui.ui.widgets.prompt import Prompt

WHY: Final = 5
"""The tab of a run that says why it failed."""

_TALL: Final = 30  # least height of the screen for rows of two lines
_LOW: Final = 18  # least height for the pane of the chosen reason
_PANE: Final = (9, 14)  # least lines of that pane: in one column, in two
_AROUND: Final = 5  # lines of the list's frame besides its rows
_AIR: Final = 2  # empty lines around its rows, where there is room
_MANY: Final = 20_000  # runs; to count more takes longer than an update may
_ASKED: Final = 20  # failed runs without a reason whose reasons are fetched first


class FailureScreen(FailureData):
    """Shows the reasons, and below them the chosen one."""

    BINDINGS = bindings.bindings(bindings.FAILURES)
    PLACES = (bindings.FAILURES, bindings.PROMPT)

    def __init__(self) -> None:
        super().__init__()
        self._list: EntryList[tuple[Reason | None]] = EntryList()
        self._drawn_rows: ListRows | None = None
        # place → lines from `_drawn_rows`
        self._made: dict[int, tuple[ReasonRuns, bool, Sequence[Line]]] = {}
        self._pane: tuple[object, ...] = ()  # what the pane shows
        self._facts: tuple[tuple[object, ...], ReasonFacts | None] = ((), None)

    # -- what is shown -----------------------------------------------------------------------------------------

    @property
    def reason_list(self) -> EntryList[tuple[Reason | None]]:
        """The list."""
        return self._list

    @property
    def chosen(self) -> ReasonRuns | None:
        """The reason under the cursor; None in an empty list."""
        place = self.reason_list.place
        return self._rows[place] if place < len(self._rows) else None

    @property
    def run(self) -> Run | None:
        """The newest run of the chosen reason."""
        return self.chosen.runs[0] if self._drawn and self.is_mounted and self.chosen is not None else None

    @property
    def failures(self) -> Sequence[Run | None]:
        """The newest failed runs without a known reason, so that theirs are fetched first."""
        unknown = next((one for one in self._rows if one.reason is None), None)
        return () if unknown is None else unknown.runs[:_ASKED]

    # -- the screen --------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        yield Bar(id="header")
        with Container(id="failures-frame", classes="frame"):
            yield Bar(id="failure-choices")
            yield Bar(id="failure-titles")
            yield self._list
            yield Bar(id="failure-remark")
            yield Prompt("words of a reason, a tool or an agent")
        with Container(id="failure-frame", classes="frame"):
            yield ChartPane()
        yield Bar(id="footer")

    def prepare(self) -> None:
        """Style the widgets, give the list the focus, and have marks read."""
        for name in ("#failure-choices", "#failure-titles", "#failure-remark"):
            self.query_one(name).styles.background = "transparent"
        self.reason_list.focus()
        self.post_message(messages.MarksNeeded())
        self.ask()

    def on_unmount(self) -> None:
        """Forget the answer: nothing has to keep it true any more."""
        self.counts.close()

    # -- drawing -----------------------------------------------------------------------------------------------

    def update(self, update: Update) -> None:
        """Draw the list anew, if its runs have changed; the rest is drawn every second, and the pane if its runs changed.

        Many runs are counted only every second.
        """
        del update
        if len(self.counts.runs or ()) > _MANY:
            return
        before = self.chosen.runs if self.ready and self.chosen is not None else ()
        if self.ready and self._count():
            view = self._view()
            self._draw_list(view)
            if self.chosen is not None and self.chosen.runs != before:
                self._draw_pane(view)

    def tick(self) -> None:
        """Draw everything, of which only what has changed is painted."""
        if self.ready:
            self._count()
            self._draw()

    def _count(self) -> bool:
        """Bring the counts up to date; return whether the rows have changed."""
        self.ask()
        changed = self.counts.count(self._marks, self._now)
        if changed or self._pinned:
            self._arrange()
        return changed

    def _view(self) -> FailureView | None:
        found, shown, snapshot = self.found, self.counts.shown, self.snapshot
        if found is None or shown is None or snapshot is None:
            return None
        return FailureView(
            found,
            shown,
            self._names,
            self.counts.coverage,
            self._reach.of(snapshot),
            self.counts.begin,
            self._scales,
            self._cache,
            signs_of(self.app.settings),
            self.app.glyphs,
            quiet=self.old,
        )

    def _draw(self) -> None:
        view = self._view()
        self.show_header()
        self.show_footer(typing=self.typing, incidents=True, empty=not self._rows or self._unread)
        cells = self._cells
        self._choices = failure_view.Choices.within(self.ranges, self.range, self.order, cells)
        self.show_bar("failure-choices", self._choices.line)
        self._draw_list(view)
        self._draw_pane(view)

    @property
    def _cells(self) -> int:
        """The width of the list."""
        return int(self.query_one("#failures-frame").content_size.width) or self.size.width - 2

    def _subtitle(self) -> str:
        if self.found is None or self.snapshot is None or self._unread:
            return trouble_text(self.cause, [], self.size.width)
        rests = self.counts.coverage, self.counts.trouble, self._reach.of(self.snapshot), self.app.zone
        said = failure_view.basis(self.found.since, *rests, unread=unread_words(self.snapshot))
        return trouble_text(self.cause, said, self.size.width)

    def _draw_list(self, view: FailureView | None) -> None:
        cells, whole = self._cells, self.counts.runs is not None
        found = None if self._unread else self.found
        title = failure_view.title(found, self._text, self.size.width, whole=whole)
        self.query_one("#failures-frame").set_class(bool(self.cause), "-trouble")
        self.show_titles(title, self._subtitle())
        widths = Widths.within(cells - 1, tall=self.size.height >= _TALL)
        rows = self._rows
        self._fit(len(rows), widths.each)
        if view is None or not rows:
            self.show_bar("failure-titles", ink.BLANK)
            self.show_bar("failure-remark", ink.BLANK)
            self.reason_list.show_all((), lambda _: (), 1, placeholder=self._instead(view, whole=whole))
            return
        self._drawn_rows, self._made = view.rows(widths, rows), {}
        self.show_bar("failure-titles", self._drawn_rows.titles())
        sign = self.app.glyphs.up
        self.show_bar("failure-remark", failure_view.remark(view.found, widths.each, cells, sign=sign))
        words = self._text.casefold().split()
        self.reason_list.show_all([(one.reason,) for one in rows], self._lines, widths.each, words=words)

    def _lines(self, place: int) -> Sequence[Line]:
        if self._drawn_rows is None or place >= len(self._rows):
            return (ink.BLANK, ink.BLANK)
        chosen, one, kept = place == self.reason_list.place, self._rows[place], self._made.get(place)
        if kept is None or kept[0] is not one or kept[1] != chosen:
            kept = self._made[place] = (one, chosen, self._drawn_rows.lines(one, chosen=chosen))
        return kept[2]

    @property
    def _unread(self) -> bool:
        """Whether no failure is known only because nothing was read."""
        begin = self.found.since if self.found is not None else self._now
        return not self._rows and self.unread(begin, self.counts.begin if self.found is not None else begin)

    def _instead(self, view: FailureView | None, *, whole: bool) -> list[Line]:
        """Return the lines shown instead of an empty list."""
        if self._unread:
            return self.placeholder(self.size.width - 4)
        if view is None:
            return failure_view.loading(self.range)
        longer = self.app.user_keys.get("reason_longer", "l") if self.range != self.ranges[-1] else ""
        runs = self.snapshot.runs() if self.snapshot is not None else ()
        return view.nothing(self._text, runs, whole=whole, longer=longer)

    def _fit(self, rows: int, each: int) -> None:
        """Give the list the lines that its rows need, and the pane below it the rest."""
        frame, pane = self.query_one("#failures-frame"), self.query_one("#failure-frame")
        height = self.size.height - 2
        shows = self.size.height >= _LOW and rows > 0
        if pane.display != shows:
            pane.display = shows
        least = _PANE[0] if self.size.width < 130 else _PANE[1]
        airy = shows and each > 1 and rows * each + _AROUND + _AIR <= height - least
        frame.set_class(airy, "-airy")
        wanted = rows * each + _AROUND + (_AIR if airy else 0)
        lines = str(max(_AROUND + 2, min(wanted, height - least))) if shows else "1fr"
        if str(frame.styles.height) != lines:
            frame.styles.height = lines

    def _draw_pane(self, view: FailureView | None) -> None:
        one, frame = self.chosen, self.query_one("#failure-frame")
        if view is None or one is None or not frame.display:
            return
        pane = self.query_one(ChartPane)
        width, height = pane.size
        if not width or not height:
            return
        self._pane = self._pane_now
        lines = view.chosen(one, self._facts_of(one), width, self._keys(one)).lines(width, height)
        pane.show([*map(ink.grey, lines)] if view.quiet else lines)
        place = f"{self.reason_list.place + 1:,} of {len(self._rows):,}"
        source = "" if one.reason is None or not one.reason.source else f" · {one.reason.source}"
        watched = one.reason is not None and reason_id(one.reason) in self.app.data.notifier.watched_reasons
        sign = f"{self.app.glyphs.watched} " if watched else ""
        title = ink.line((f"{sign}{len(one.runs):,}× {reason_text(one)}", "strong"), (source, "dim"))
        self.show_titles(ink.cut_line(title, max(10, self.size.width - 8)), place, frame="#failure-frame")

    @property
    def _pane_now(self) -> tuple[object, ...]:
        one, pane = self.chosen, self.query_one(ChartPane)
        runs = None if one is None else (one.reason, one.runs)
        return (runs, self.reason_list.place, len(self._rows), pane.size)

    def on_chart_pane_resized(self) -> None:
        """Draw the pane for its new size."""
        self._draw_other_pane()

    def _draw_other_pane(self) -> None:
        """Draw the pane, if it shows another reason, other runs, or has another size."""
        if self.ready and self._pane_now != self._pane:
            self._draw_pane(self._view())

    def _facts_of(self, one: ReasonRuns) -> ReasonFacts | None:
        """Return the facts of the chosen reason; computed again only if it, or what is known, has changed."""
        counts = self.counts
        if counts.runs is None or counts.found is None:
            return None
        key = (one, counts.runs, counts.earlier)
        if len(key) != len(self._facts[0]) or any(map(is_not, key, self._facts[0])):
            facts = reason_facts(
                one,
                counts.runs,
                counts.found.since,
                marks=self._marks,
                earlier=counts.earlier,
                prices=self.app.settings.prices,
                tally=counts.tally,
            )
            self._facts = (key, facts)
        return self._facts[1]

    def _keys(self, one: ReasonRuns) -> list[tuple[str, str]]:
        count = len(one.runs)
        opens = f"table of these {count:,} runs" if count > 1 else "this run in the table"
        told = [("reason_open", "enter", opens), ("reason_why", "6", "why, in the newest run")]
        if one.reason is not None:
            told.append(("reason_notify", "w", "notify me when it comes again"))
        told.append(("reason_agent", "A", "the agent with most of these"))
        told.append(("reason_copy", "y", "copy reason, counts and ids"))
        return [(self.app.user_keys.get(name, key), words) for name, key, words in told]

    # -- actions of keys ---------------------------------------------------------------------------------------

    def on_cursor_list_moved(self) -> None:
        """Draw the pane of the reason under the cursor."""
        if not self.ready or self._pane_now == self._pane:
            return
        before = self._pane[0] if self._pane else None
        if self.chosen is None or not isinstance(before, tuple) or before[0] != self.chosen.reason:
            self._scales.forget()
        self._draw_pane(self._view())

    def action_open(self) -> None:
        """Go back to the dashboard, and show the runs of the chosen reason in its table."""
        one, snapshot = self.chosen, self.snapshot
        if one is None or self.found is None or snapshot is None:
            return
        known = sum(snapshot.run(run.key) is not None for run in one.runs)
        if not known:
            self.app.say("None of these runs is in memory, so the table cannot show them; y copies their ids")
            return
        which = "status:failed not has:reason" if one.reason is None else f"reason_id:{reason_id(one.reason)}"
        shown = self.counts.shown
        when = "" if shown is None else f" {shown.filter}"
        self.post_message(messages.FilterOpened(which + when))
        if known < len(one.runs):
            self.app.say(f"{known:,} of the {len(one.runs):,} runs are in memory, and so in the table")
        self.action_leave()

    def on_cursor_list_chosen(self) -> None:
        """Show the runs of the clicked reason."""
        self.action_open()

    def action_why(self) -> None:
        """Open the newest run of the chosen reason, at why it failed."""
        if self.run is not None:
            self.post_message(messages.RunOpened(self.run, WHY))

    def action_agent(self) -> None:
        """Open the page of the agent that has most runs of the chosen reason."""
        if self.chosen is not None and (agent := self.chosen.by("agent")[0].key):
            self.post_message(messages.ScreenRequested(bindings.AGENT, agent))

    def action_notify_reason(self) -> None:
        """Notify the user when runs fail for the chosen reason again. A second press ends that."""
        if self.chosen is not None and self.chosen.reason is not None:
            self.post_message(messages.ReasonWatched(self.chosen.reason))

    def action_copy(self) -> None:
        """Copy the chosen reason, its counts and the ids of its runs."""
        if self.chosen is not None and self.found is not None:
            text = reason_lines(self.chosen, self.found, self._names)
            self.post_message(messages.TextCopied(text, "the reason"))

    def action_save(self) -> None:
        """Save the failures, in a format that the user chooses."""
        if self.found is not None:
            self.app.push_screen(Menu("Save the failures", FORMS), self._save)

    def _save(self, choice: Choice | None) -> None:
        found = self.found
        form = next(
            (entry.name for entry in FORMS if choice is not None and entry.letter == choice.letter), ""
        )
        if not form or found is None:
            return
        text = partial(file_text, form, found, self._names, self._subtitle())
        self.post_message(messages.TextSaved(text, "the failures", "failures", form))

    def action_filter(self) -> None:
        """Open the search."""
        self.query_one(Prompt).open(self._text)

    def on_prompt_typed(self, message: Prompt.Typed) -> None:
        """After each typed character, show only the matching reasons."""
        self._search(message.text)

    def on_prompt_closed(self, message: Prompt.Closed) -> None:
        """Keep showing the matching reasons, and move the focus to the list."""
        self.reason_list.focus()
        self._search(message.text)

    def _search(self, text: str) -> None:
        self._text = text
        self._arrange(pin=False)
        self.tick()

    def action_leave(self) -> None:
        """End the search; without one, go back to the screen below."""
        if self._text:
            self._search("")
        else:
            super().action_leave()
