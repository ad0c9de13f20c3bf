"""The meter's probe alone, with screens and an event loop of its own: what it measures, and where its panel is."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from flowtui.ui.app.connection import FRAME, pause_after
from flowtui.ui.meter.probe import BEAT, MeterPanel, MeterProbe
from flowtui.ui.paint import ink


@dataclass
class Handle:
    at: float
    do: object
    cancelled: bool = False

    def cancel(self):
        self.cancelled = True


class Loop:
    """An event loop whose time moves only by `advance`, in which timers run `late` seconds too late."""

    def __init__(self):
        self.now, self.timers = 100.0, []

    def time(self):
        return self.now

    def call_at(self, at, do, *arguments):
        self.timers.append(Handle(at, lambda: do(*arguments)))
        return self.timers[-1]

    def call_later(self, seconds, do, *arguments):
        return self.call_at(self.now + seconds, do, *arguments)

    def advance(self, seconds, *, late=0.0):
        end = self.now + seconds
        while due := [timer for timer in self.timers if not timer.cancelled and timer.at + late <= end]:
            timer = min(due, key=lambda each: each.at)
            self.timers.remove(timer)
            self.now = max(self.now, timer.at + late)
            timer.do()
        self.now = max(self.now, end)


class Panels(list):
    def first(self):
        return self[0]

    async def remove(self):
        for panel in self:
            panel.screen_of.panels.remove(panel)


@dataclass
class Screen:
    """A screen, on which a panel can be mounted. `waiting`: what is called after the next paint."""

    is_modal: bool = False
    is_attached: bool = True
    panels: list = field(default_factory=list)
    waiting: list = field(default_factory=list)

    def call_after_refresh(self, do, *arguments):
        self.waiting.append(lambda: do(*arguments))

    def paint(self):
        waiting, self.waiting = self.waiting, []
        for do in waiting:
            do()

    def query(self, kind):
        assert kind is MeterPanel
        return Panels(self.panels)

    def mount(self, panel):
        panel.screen_of = self
        self.panels.append(panel)


class World:
    """A probe with one screen. `reads`: when the panel's lines were made; `key_busy`: whether a key is being handled."""

    def __init__(self):
        self.loop, self.screens, self.reads = Loop(), [Screen()], []
        self.key_busy = self.suspended = False
        self.probe = MeterProbe(
            self.loop,
            screens=lambda: self.screens,
            busy=lambda: self.key_busy,
            suspended=lambda: self.suspended,
            read=self._read,
            closes="f6",
        )

    def _read(self, meter, now):
        self.meter = meter
        self.reads.append(now)
        return [ink.line((f"{len(self.reads)} of {now}", "text")), ink.line(("same", "text"))]

    @property
    def found(self):
        return self.meter.read(self.loop.now, resident=None, requests=None, written=None)

    def paint(self):
        """Write one frame, which shows the top screen."""
        self.screens[-1].paint()
        self.probe.frame_written()


@pytest.fixture
def world():
    world = World()
    world.probe.start()
    world.screens[-1].paint()
    return world


def _shown(screen):
    return ["".join(span.text for span in line) for line in screen.panels[0]._lines]


# -- the panel -------------------------------------------------------------------------------------------------


def test_the_panel_opens_on_the_top_screen_after_a_paint_and_names_its_key():
    world = World()
    world.screens.append(Screen())
    world.probe.start()
    assert world.screens[1].panels == []
    world.screens[1].paint()
    assert [len(screen.panels) for screen in world.screens] == [0, 1]
    assert _shown(world.screens[1]) == ["1 of 100.0", "same"]
    assert str(world.screens[1].panels[0].border_subtitle) == "f6 closes"


def test_the_panel_follows_to_new_screens_but_not_to_dialogs(world):
    opened, dialog = Screen(), Screen(is_modal=True)
    world.screens.append(opened)
    world.probe.follow(opened)
    opened.paint()
    assert _shown(opened) == ["1 of 100.0", "same"]
    world.screens.append(dialog)
    world.probe.follow(dialog)
    dialog.paint()
    assert dialog.panels == []
    world.loop.advance(1)
    world.probe.tick()
    assert [_shown(screen)[0] for screen in world.screens[:2]] == ["2 of 101.0"] * 2  # below the dialog too
    world.screens[1:] = []
    world.probe.follow(world.screens[0])
    world.screens[0].paint()
    assert len(world.screens[0].panels) == 1  # the one that is there already


def test_a_screen_that_is_shown_again_gets_the_newest_lines(world):
    [first] = world.screens
    world.screens = [Screen()]
    world.loop.advance(1)
    world.probe.tick()
    assert _shown(first)[0] == "1 of 100.0"
    world.screens = [first]
    world.probe.follow(first)
    first.paint()
    assert _shown(first)[0] == "2 of 101.0"


def test_nothing_is_mounted_on_a_removed_screen_or_during_the_shutdown(world):
    removed = Screen(is_attached=False)
    world.probe.follow(removed)
    removed.paint()
    late = Screen()
    world.probe.follow(late)
    world.screens = []
    late.paint()
    assert removed.panels == late.panels == []
    world.probe.tick()


def test_the_panel_is_updated_at_most_once_a_second_and_paints_only_changed_lines(world, monkeypatch):
    [panel], painted = world.screens[0].panels, []
    monkeypatch.setattr(panel, "refresh", lambda *regions, **_: painted.extend(regions))
    world.probe.tick()
    world.loop.advance(0.85)
    world.probe.tick()
    assert world.reads == [100.0]
    assert painted == []
    world.loop.advance(0.15)
    world.probe.tick()
    world.probe.tick()
    assert world.reads == [100.0, 101.0]
    assert [(region.y, region.height) for region in painted] == [(0, 1)]


async def test_a_closed_panel_is_gone_and_measures_nothing(world):
    world.loop.advance(1)
    waiting = Screen()
    world.probe.follow(waiting)
    await world.probe.stop([*world.screens, waiting])
    waiting.paint()  # the panel was to open with this paint
    assert world.screens[0].panels == waiting.panels == []
    [beat] = world.loop.timers
    assert beat.cancelled
    span = world.found.lag_span
    world.loop.advance(10)
    assert world.found.lag_span == span


# -- the lag of the loop ---------------------------------------------------------------------------------------


def test_the_lag_is_how_late_a_timer_runs_every_tenth_of_a_second(world):
    assert BEAT == 0.1
    assert world.found.lag is None
    world.loop.advance(0.35)
    assert world.found.lag == pytest.approx(0)
    assert world.found.lag_span == pytest.approx(0.2)  # of the timers at 100.1, 100.2 and 100.3
    world.loop.advance(1, late=0.4)
    assert world.found.lag == pytest.approx(0.4)


def test_time_in_which_flowtui_was_suspended_is_no_lag(world):
    world.loop.advance(0.1)
    world.suspended = True
    world.loop.advance(60, late=59.85)
    world.suspended = False
    world.loop.advance(0.25)
    assert world.found.lag == pytest.approx(0)


# -- keys and bodies -------------------------------------------------------------------------------------------


def _press(world, *, ago=0.0):
    """Press a key that was typed `ago` seconds before, and let it be handled."""
    at = world.loop.now - ago
    world.probe.key_began(at)()
    return at


def test_a_key_is_measured_from_its_time_to_the_next_frame(world):
    _press(world, ago=0.02)
    world.loop.advance(0.03)
    world.paint()
    assert (world.found.keys, world.found.bodies) == (1, 0)
    assert world.found.key_p50 == pytest.approx(0.05)


def test_a_key_that_changes_nothing_is_not_counted(world):
    _press(world)
    world.loop.advance(0.06)
    world.screens[0].paint()  # the request for a frame may itself be made after the next paint
    assert world.meter.keys.waits(100.0)
    world.screens[0].paint()
    assert not world.meter.keys.waits(100.0)
    world.paint()
    assert world.found.keys == 0


def test_a_key_that_is_handled_for_long_is_not_dropped_meanwhile(world):
    handled = world.probe.key_began(world.loop.now)
    world.key_busy = True
    handled()
    for _ in range(4):
        world.loop.advance(0.06)
        world.screens[0].paint()
    assert world.meter.keys.waits(100.0)
    world.key_busy = False
    world.loop.advance(0.06)
    world.paint()
    assert (world.found.keys, world.found.key_p50) == (1, pytest.approx(0.3))


def test_a_key_that_opens_a_screen_waits_for_the_frame_of_that(world):
    handled = world.probe.key_began(world.loop.now)
    world.screens.append(Screen())
    handled()
    world.loop.advance(0.06)
    for screen in world.screens:
        screen.paint()
        screen.paint()
    assert world.meter.keys.waits(100.0)
    world.loop.advance(0.14)
    world.paint()
    assert (world.found.keys, world.found.key_p50) == (1, pytest.approx(0.2))


def test_during_the_shutdown_a_key_is_measured_no_further(world):
    world.screens = []
    _press(world)
    world.loop.advance(0.06)
    assert all(timer.at == pytest.approx(100.1) for timer in world.loop.timers)  # only the one for the lag


def test_a_body_is_measured_from_its_arrival_to_the_next_frame(world):
    world.probe.body_came(world.loop.now - 0.01)
    world.loop.advance(0.02)
    world.paint()
    assert (world.found.keys, world.found.bodies) == (0, 1)
    assert world.found.body_p50 == pytest.approx(0.03)
    world.probe.body_came(world.loop.now)
    world.loop.advance(0.06)
    world.screens[0].paint()
    world.screens[0].paint()  # it changed nothing on the screen
    world.paint()
    assert world.found.bodies == 1


def test_after_a_long_update_the_pause_for_keys_is_twice_as_long():
    assert [pause_after(took) for took in (0.0, 0.02, 0.3)] == [FRAME, FRAME, 0.6]
