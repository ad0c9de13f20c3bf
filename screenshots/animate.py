"""Makes `tour.gif`: runs begin to fail, `f` says why, `enter` shows these runs, `6` what broke, and back.

`python screenshots/animate.py` needs the extra `shots`. Each frame is a picture of the real program on a seeded simulator;
`SCRIPT` says which keys are pressed and how long the result is shown. Layouts may change: the script waits for screens by
their names. Equal frames are drawn once.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import tempfile
from functools import partial
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

from PIL import Image
from stage import HERE, PRICES, Stage, png_of, with_stage

TARGET: Final = HERE / "tour.gif"
SIZE: Final = (120, 36)
WIDTH: Final = 1080  # pixels
COLORS: Final = 96
LARGEST: Final = 2_000_000  # bytes

BEFORE: Final = 480.0  # simulated seconds after which a release breaks runs
STEP: Final = 4.0  # simulated seconds from one frame to the next
MOVING: Final = 0.25  # seconds that such a frame is shown
CALM, FAILING = 3, 10  # frames before the release, and at most until two more runs have failed


class Press(NamedTuple):
    """Keys of the tour, as they are named in the picture and what for, and the name of the screen that they lead to.

    `seconds`: how long that is shown.
    """

    keys: tuple[str, ...]
    shown: str
    words: str
    screen: str
    seconds: float


SCRIPT: Final = (
    Press(("f",), "f", "why do runs fail?", "failures", 2.2),
    Press(("h",) * 4, "h", "the last 30 minutes", "failures", 1.8),
    Press(("enter", "g"), "enter", "these runs", "dashboard", 1.6),
    Press(("6",), "6", "what broke?", "dashboard", 2.4),
    Press(("escape", "g"), "esc", "back to all runs", "dashboard", 1.4),
)


class Camera:
    """Takes pictures of the stage. `frames`: an SVG and the seconds it is shown, one after the other."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.frames: list[tuple[str, float]] = []

    def take(self, seconds: float, press: Press | None = None) -> None:
        """Take a frame; `press`: the key that is named in it."""
        svg = self.stage.app.export_screenshot(title="flowtui")
        svg = svg if press is None else _with_key(svg, press)
        if self.frames and self.frames[-1][0] == svg:
            seconds += self.frames.pop()[1]
        self.frames.append((svg, seconds))

    async def film(self, frames: int) -> None:
        """Take frames while simulated time passes."""
        for _ in range(frames):
            await self.stage.advance(STEP, STEP)
            self.take(MOVING)


def _with_key(svg: str, press: Press) -> str:
    """Return the SVG with a key and its words at the right end of the title."""
    found = svg.split('viewBox="0 0 ', 1)[1].split(" ", 1)[0]
    cell, right, base = 12.2, float(found) - 28, 29
    left = right - (len(press.words) + 1) * cell
    box = (len(press.shown) + 1.4) * cell
    parts = (
        f'<rect x="{left - box - 8:.1f}" y="{base - 20}" width="{box:.1f}" height="27" rx="6" fill="#7aa2f7"/>',
        _text(left - box - 8 + 0.7 * cell, base, press.shown, "#12141d", "bold"),
        _text(left, base, press.words, "#c8d0e8", "normal"),
    )
    return svg.replace("</svg>", f"{''.join(parts)}</svg>")


def _text(x: float, y: float, words: str, color: str, weight: str) -> str:
    style = f'font-family="DejaVu Sans Mono" font-size="20" font-weight="{weight}" fill="{color}"'
    return f'<text x="{x:.1f}" y="{y}" {style}>{escape(words)}</text>'


async def tour(stage: Stage, taken: list[tuple[str, float]]) -> None:
    """Play the tour, and put its frames into `taken`."""
    await stage.loaded()
    await stage.advance(BEFORE - CALM * STEP, 40.0)
    await stage.press("g")
    await stage.fetch_reasons()
    await stage.wait_for_highlights()
    camera = Camera(stage)
    await camera.film(CALM)
    before = _failed(stage)
    for _ in range(FAILING):
        await camera.film(1)
        if _failed(stage) >= before + 2:
            break
    await stage.fetch_reasons()
    camera.take(1.0)
    for press in SCRIPT:
        await stage.press(*press.keys)
        if press.screen == "dashboard":
            await stage.until(partial(_at_dashboard, stage))
            await stage.loaded()
            await stage.fetch_reasons()
        else:
            await stage.settle(press.screen)
        await stage.wait_for_highlights()
        camera.take(press.seconds, press)
    await camera.film(CALM)
    taken += camera.frames


def _failed(stage: Stage) -> int:
    shown = stage.app.dashboard.snapshot
    return 0 if shown is None else sum(run.status_class == "failed" for run in shown.runs())


def _at_dashboard(stage: Stage) -> bool:
    return stage.app.screen is stage.app.dashboard


def written(frames: list[tuple[str, float]], colors: int = COLORS) -> bytes:
    """Return the frames as a GIF. All have the same colours, and each has only what differs from the one before."""
    pictures = [Image.open(io.BytesIO(png_of(svg, WIDTH))).convert("RGB") for svg, _ in frames]
    sheet = Image.new("RGB", (WIDTH, sum(each.height for each in pictures)))
    for place, each in enumerate(pictures):
        sheet.paste(each, (0, place * each.height))
    palette = sheet.quantize(colors, method=Image.Quantize.MEDIANCUT)
    made = [each.quantize(palette=palette, dither=Image.Dither.NONE) for each in pictures]
    out = io.BytesIO()
    made[0].save(
        out,
        "GIF",
        save_all=True,
        append_images=made[1:],
        duration=[round(seconds * 1000) for _, seconds in frames],
        loop=0,
        optimize=True,
    )
    return out.getvalue()


def main() -> None:
    """Make the GIF. With too many bytes, it gets fewer colours."""
    os.environ.pop("SEEKR_API_KEY", None)
    taken: list[tuple[str, float]] = []
    with tempfile.TemporaryDirectory() as state:
        os.environ["XDG_STATE_HOME"] = state  # keeps the user's own marks unchanged
        play = partial(tour, taken=taken)
        broken = f"{BEFORE:.0f}s:failures=90%"
        asyncio.run(with_stage(play, size=SIZE, runs=90, deploy_at=broken, prices=PRICES))
    for colors in (COLORS, COLORS // 2, COLORS // 4):
        content = written(taken, colors)
        if len(content) < LARGEST:
            break
    TARGET.write_bytes(content)
    seconds = sum(seconds for _, seconds in taken)
    print(f"{TARGET.name}: {len(taken)} frames, {seconds:.1f} s, {len(content):,} bytes")


if __name__ == "__main__":
    argparse.ArgumentParser(
        prog="python screenshots/animate.py", description="Makes tour.gif. It takes some minutes."
    ).parse_args()
    main()
