"""The signs in ASCII."""

from __future__ import annotations

from flowtui.watch.output.formats.tty.signs import in_ascii
from flowtui.watch.output.terminal import Span


def text(line):
    return "".join(span.text for span in line)


def test_ascii_keeps_every_cell_in_its_place():
    line = [Span("— 8–40% × 2 … ≥"), Span("漢字 stays")]
    (plain,) = in_ascii([line])
    assert text(plain) == "- 8-40% x 2 ~ >漢字 stays"
