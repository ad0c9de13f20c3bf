"""The dashboard below another screen: it is not drawn, and right at once when it is in sight again."""

from __future__ import annotations

from textual.widget import Widget


async def test_a_covered_dashboard_is_not_drawn_and_is_right_in_the_first_frame_after(app, monkeypatch):
    async with app(size=(120, 30)) as seat:
        header = seat.dashboard.query_one("#header")
        await seat.press("f")
        await seat.until(lambda: seat.app.screen.name == "failures" and seat.app.screen.ready)
        assert seat.app.visible_screens == (seat.app.screen,)
        painted, render = [], Widget.render_lines

        def note(widget, crop):
            painted.append(widget.screen)
            return render(widget, crop)

        monkeypatch.setattr(Widget, "render_lines", note)
        before = header.text
        await seat.later(61)
        await seat.loaded()
        seat.app.session.tick()
        await seat.pilot.pause()
        assert painted, "the screen in sight goes on"
        assert seat.dashboard not in painted
        assert header.text == before

        frames = []
        seat.app.frame_listeners.append(lambda: frames.append((seat.app.screen, seat.lines)))
        await seat.press("escape")
        await seat.until(lambda: frames and frames[-1][0] is seat.dashboard)
        first = next(lines for screen, lines in frames if screen is seat.dashboard)
        seat.table.restyle()
        seat.dashboard.redraw()
        await seat.pilot.pause()
        assert first[0].split()[-1] == seat.lines[0].split()[-1] != before.split()[-1], "the clock"
        left, top, end = seat.table.region.x, seat.table.region.y, seat.table.region.bottom
        note = first[top].index("NOTE")  # reasons come whenever they are fetched
        assert [line[left:note] for line in first[top:end]] == [
            line[left:note] for line in seat.lines[top:end]
        ]
