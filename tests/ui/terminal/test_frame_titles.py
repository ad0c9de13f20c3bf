"""Titles of frames: an unchanged title is not set again, since Textual would repaint the whole frame."""

from __future__ import annotations

from textual.content import Content

from flowtui.ui.terminal.partial_paint import set_titles

TEXTS = ("run_1", "[bold]no markup[/]", "a\\[b", "多言語 × time")


async def test_an_unchanged_title_is_not_set_again(app, monkeypatch):
    async with app() as seat:
        frame, painted = seat.dashboard.query_one("#runs-frame"), []
        monkeypatch.setattr(frame, "refresh", lambda *_, **__: painted.append(True))
        for text in TEXTS:
            painted.clear()
            set_titles(frame, Content(text), Content(text))
            assert len(painted) == 2
            set_titles(frame, Content(text), Content(text))
            set_titles(frame, Content(text))
            set_titles(frame)
            assert len(painted) == 2
            set_titles(frame, subtitle=Content(f"{text}!"))
            assert len(painted) == 3
            assert frame.border_title == Content(text).markup


async def test_a_new_title_repaints_only_its_line(app, monkeypatch):
    async with app() as seat:
        frame, painted = seat.dashboard.query_one("#runs-frame"), []
        refresh = frame.refresh
        monkeypatch.setattr(
            frame, "refresh", lambda *regions, **how: painted.append(regions) or refresh(*regions, **how)
        )
        set_titles(frame, Content("above"), Content("below"))
        _, top = frame.content_offset
        lines = [[region.y + top for region in regions] for regions in painted]
        assert lines == [[0], [frame.outer_size.height - 1]]
        await seat.until(lambda: "below" in seat.lines[frame.region.bottom - 1])
        assert "above" in seat.lines[frame.region.y]
        assert "below" in seat.lines[frame.region.bottom - 1]


async def test_a_second_without_changes_repaints_no_frame(app, monkeypatch):
    async with app() as seat:
        painted = []
        for name in ("runs", "threads", "detail"):
            frame = seat.dashboard.query_one(f"#{name}-frame")
            monkeypatch.setattr(frame, "refresh", lambda *_, name=name, **__: painted.append(name))
        seat.dashboard.tick()
        painted.clear()  # an update may have changed titles just before
        seat.dashboard.tick()
        assert painted == []
