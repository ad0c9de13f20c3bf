"""Partial updates leave the terminal as a full repaint does, cell for cell, also with wide characters."""

from __future__ import annotations

import random

import pyte
import pytest
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate
from textual.app import App
from textual.events import Resize
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from flowtui.ui.terminal.partial_paint import (
    PartialPaintDialog,
    PartialPaintScreen,
    PartialUpdate,
    _part,
)
from flowtui.ui.terminal.terminal_app import TerminalApp

WIDTH, HEIGHT = 40, 12
SIGNS = ("a", "b", " ", "é", "日", "本", "語", "😀")
STYLES = tuple(
    Style(color=color, bgcolor=ground) for color in ("red", "blue") for ground in ("black", "white")
)


class Terminal(App):
    """A base of the application that feeds its output to an emulated terminal."""

    def __init__(self, **options):
        super().__init__(**options)
        self.console._color_system = ColorSystem.TRUECOLOR
        self.kinds, self.sent = set(), 0
        self.emulated, self._stream = self._blank()

    def _blank(self):
        terminal = pyte.Screen(WIDTH, HEIGHT)
        return terminal, pyte.Stream(terminal)

    def _display(self, screen, renderable):
        if renderable is not None and not self._batch_count:
            self.kinds.add(type(renderable))
            sent = renderable.render_segments(self.console)
            self.sent += len(sent)
            self._stream.feed(sent)
        super()._display(screen, renderable)

    def cells(self):
        """Return what the terminal shows after all output."""
        return _cells(self.emulated)

    def painted_again(self):
        """Return what the terminal would show after one full paint."""
        terminal, stream = self._blank()
        under = self._background_screens
        for screen in (*under, self.screen):
            screen._styles_cache.clear()  # without cached lines
            screen._set_dirty()
        update = self.screen._compositor.render_update(full=True, screen_stack=under)
        stream.feed(update.render_segments(self.console))
        return _cells(terminal)


def _cells(terminal):
    """Return text and colours of every cell. A halved wide character is blank, as in terminals; pyte keeps it."""
    lines = []
    for y in range(HEIGHT):
        row = [terminal.buffer[y][x] for x in range(WIDTH)]
        texts = [cell.data for cell in row]
        for x, text in enumerate(texts):
            wide_before = x > 0 and cell_len(row[x - 1].data) == 2
            halved = cell_len(text) == 2 and (x + 1 == WIDTH or row[x + 1].data != "")
            if halved or (text == "" and not wide_before):
                texts[x] = " "
        lines.append(
            [(text, cell.fg if text.strip() else "", cell.bg) for text, cell in zip(texts, row, strict=True)]
        )
    return lines


class Grid(Widget):
    """Lines of random characters; a tick replaces some of them, and requests a repaint of these alone."""

    DEFAULT_CSS = "Grid { width: 100%; height: 100%; }"

    def __init__(self, dice):
        super().__init__()
        self.dice = dice
        self.lines = [self._random(WIDTH) for _ in range(HEIGHT)]

    def _random(self, cells):
        strip = Strip([])
        while strip.cell_length < cells:
            text = "".join(self.dice.choices(SIGNS, k=self.dice.randint(1, 4)))
            strip = Strip([*strip, Segment(text, self.dice.choice(STYLES))])
        return strip.crop(0, cells)

    def tick(self):
        """Change some ranges; a range may start or end inside an old wide character."""
        regions = []
        for _ in range(self.dice.randint(1, 6)):
            y, start = self.dice.randrange(HEIGHT), self.dice.randrange(WIDTH)
            stop = self.dice.randint(start + 1, WIDTH)
            before = self.lines[y]
            self.lines[y] = Strip.join(
                [before.crop(0, start), self._random(stop - start), before.crop(stop, WIDTH)]
            )
            # A cut wide character becomes a blank, so one more cell on each side has changed.
            first, last = max(0, start - 1), min(WIDTH, stop + 1)
            regions.append(Region(first, y, last - first, 1))
        self.refresh(*regions)

    def render_line(self, y):
        return self.lines[y]


class Note(Widget):
    """A box in front of the grid that appears at any column and disappears; its edges cut wide characters."""

    DEFAULT_CSS = "Note { layer: front; width: 9; height: 3; background: green; }"


class Tight(TerminalApp, Terminal):
    CSS = "Screen { layers: default front; overflow: hidden; }"

    def __init__(self, seed):
        super().__init__()
        self.dice = random.Random(seed)
        self.grid, self.note = Grid(self.dice), Note()

    def compose(self):
        yield self.grid
        yield self.note


async def rested(app, pilot):
    """Wait until all messages are handled and all is painted: on a busy machine a pilot's pause ends too early."""
    await pilot.pause()
    while not _rests(app):
        await pilot.pause()


def _rests(app):
    screens = app.screen_stack
    widgets = [node for screen in screens for node in screen.walk_children()]
    nodes = [app, *screens, *widgets]
    return not (
        any(not node._message_queue.empty() for node in nodes)
        or any(widget._repaint_required for widget in widgets)
        # A covered screen hands its changes to the dialog only when its own timer fires.
        or any(screen._update_timer._active.is_set() for screen in screens if screen._update_timer)
        or app.screen._layout_required
        or app.screen._dirty_widgets
        or app.screen._compositor._dirty_regions
    )


# Each seed makes twenty updates of the same kinds.
@pytest.mark.parametrize(
    "seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in (3, 4, 5))]
)
async def test_after_random_updates_every_cell_equals_a_full_repaint(seed):
    app = Tight(seed)
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        for _ in range(20):
            app.grid.tick()
            if app.dice.random() < 0.4:
                app.note.styles.offset = (app.dice.randrange(WIDTH - 9), app.dice.randrange(HEIGHT - 3))
                app.note.visible = app.dice.random() < 0.6
            await rested(app, pilot)
            assert app.cells() == app.painted_again()
    assert PartialUpdate in app.kinds
    assert ChopsUpdate not in app.kinds


@pytest.mark.parametrize(
    "between", [(), (Size(3, 2), Size(WIDTH, 0))], ids=["as one signal", "as sizes in haste"]
)
async def test_a_terminal_that_was_small_for_a_moment_gets_all_its_cells_again(between):
    app = Tight(1)
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await rested(app, pilot)
        app.emulated.reset()  # as a terminal that was small has lost what it showed
        for size in (*between, app.size):
            app.post_message(Resize(size, size))
        await rested(app, pilot)
        assert app.cells() == app.painted_again()


class Seen(PartialPaintScreen):
    """A screen with the base class of flowtui's screens."""

    def __init__(self, grid):
        super().__init__()
        self.grid = grid

    def compose(self):
        yield self.grid


class Word(Widget):
    """A line whose text can be changed."""

    DEFAULT_CSS = "Word { offset: 4 2; width: 9; height: 1; }"
    word = "?"

    def render_line(self, _y):
        return Strip([Segment(self.word.ljust(9), STYLES[0])])


class Window(PartialPaintDialog):
    """A translucent dialog over the whole screen."""

    DEFAULT_CSS = "Window { background: red 40%; }"

    def compose(self):
        yield Word()

    def say(self, word):
        """Change the text, as a menu does once its width is known."""
        self.query_one(Word).word = word
        self.query_one(Word).refresh(Region(0, 0, 9, 1))


# Below two windows the screen is painted as below one.
@pytest.mark.parametrize("windows", [pytest.param(1, marks=pytest.mark.slow), 2])
async def test_changes_below_a_dialog_are_painted_correctly_and_only_they_are_sent(windows):
    app = Tight(7)
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        seen = Seen(Grid(app.dice))
        await app.push_screen(seen)
        for _ in range(windows):
            await rested(
                app, pilot
            )  # the dialog below has been painted on top before, and keeps that in its cache
            await app.push_screen(Window())
        await rested(app, pilot)
        for number in range(20):
            if number % 2:
                app.screen.say(f"word {number}")
            seen.grid.tick()
            if not number % 4:
                app.screen.say(f"word {number}")
            await rested(app, pilot)
            await rested(app, pilot)
            assert app.cells() == app.painted_again()
        for x in range(5):
            if x == 1:  # from here on: the comparison above causes one full repaint
                app.kinds.clear()
                sent = app.sent
            seen.grid.refresh(Region(x, 0, 1, 1))
            await rested(app, pilot)
            await rested(app, pilot)
        assert 0 < app.sent - sent < 4 * 60  # characters of four cells, each with its position and colours
        assert app.kinds == {PartialUpdate}
        for _ in range(windows):
            await app.pop_screen()
        await rested(app, pilot)
        seen.grid.tick()
        await rested(app, pilot)
        assert app.cells() == app.painted_again()


async def test_a_change_below_a_dialog_does_not_lose_a_repaint_of_the_dialog():
    """Both change before either is painted: a menu lost its hints when rows below it changed."""
    app = Tight(7)
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        seen, window = Seen(Grid(app.dice)), Window()
        await app.push_screen(seen)
        await app.push_screen(window)
        await pilot.pause()
        await pilot.pause()
        word = window.query_one(Word)
        word.word = "changed"
        word._set_dirty(Region(0, 0, 9, 1))
        window._dirty_widgets.add(word)  # as the handler of its refresh message does
        seen._compositor._dirty_regions.add(Region(0, 0, 1, 1))
        seen._compositor_refresh()
        window._on_timer_update()
        await pilot.pause()
        assert "changed" in "".join(text for text, *_ in app.cells()[2])
        assert app.cells() == app.painted_again()


@pytest.mark.parametrize("seed", range(20))
def test_a_part_of_a_line_never_cuts_a_character(seed):
    dice = random.Random(seed)
    strip = Grid(dice)._random(WIDTH)
    for _ in range(50):
        start = dice.randrange(WIDTH)
        stop = dice.randint(start + 1, WIDTH)
        first, part = _part(strip, start, stop)
        assert part.text in strip.text
        assert start - 1 <= first <= start
        assert stop <= first + part.cell_length <= stop + 1


def test_only_the_requested_cells_of_a_line_are_kept():
    strip = Strip([Segment("x" * WIDTH, STYLES[0])])
    assert _part(strip, 10, 13) == (10, Strip([Segment("xxx", STYLES[0])]))
    assert _part(strip, 0, WIDTH) == (0, strip)
