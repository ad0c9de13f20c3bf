"""Server-sent events in any pieces, with any line ends, complete or not: the same data, and never more than one event kept."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.messages.live_text import LiveReader
from flowtui.source.http.event_stream import MAX_EVENT, TOO_LONG, EventReader

TEXT = 'data: {"type": "text-delta", "id": "0", "delta": "Grüße ☃ 💡"}'


def read(stream, cuts=()):
    reader, found, begin = EventReader(), [], 0
    for cut in [*sorted(cuts), len(stream)]:
        found += reader.feed(stream[begin:cut])
        begin = max(begin, cut)
    return found + reader.finish()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_kind_of_line_end_ends_a_line(end):
    stream = f"data: one{end}{end}: ping{end}event: x{end}data:two{end}data:  three{end}{end}".encode()
    assert read(stream) == [b"one", b"two\n three"]
    assert read(stream, range(len(stream))) == [b"one", b"two\n three"]


@pytest.mark.parametrize(
    ("stream", "found"),
    [
        (b"", []),
        (b"\n\n\n", []),
        (b"data", []),
        (b"data:\n\n", []),
        (b"data: \ndata:\n\n", []),
        (b"\xef\xbb\xbfdata: 1\n\n", [b"1"]),
        (b"data: 1\n\xef\xbb\xbfdata: 2\n\n", [b"1"]),
        (b"datax: 1\nxdata: 2\n data: 3\n\n", []),
        (b"id: 1\nretry: 5\n: data: 1\nevent\n\n", []),
        (b"data: [DONE]", [b"[DONE]"]),
        (b'data: {"a": 1}\ndata: {"b": 2}\n', [b'{"a": 1}', b'{"b": 2}']),
        (b'data: {\ndata: "a": 1\ndata: }\n\n', [b'{\n"a": 1\n}']),
        (b"data: no end", [b"no end"]),
    ],
)
def test_odd_streams(stream, found):
    assert read(stream) == found


def test_an_event_that_is_too_long_is_left_out_and_the_next_ones_are_read():
    fits = b"data: " + b"x" * (MAX_EVENT - 6)
    long = b"data: " + b"x" * (3 * MAX_EVENT)
    lines = b"data: " + b"x" * (MAX_EVENT // 2)
    comment = b":" + b"x" * (2 * MAX_EVENT)
    rest = b'\n\ndata: {"a": 1}\n\n'
    assert read(fits + rest) == [fits[6:], b'{"a": 1}']
    assert read(long + rest, [5, 70_000, MAX_EVENT, 2 * MAX_EVENT]) == [TOO_LONG, b'{"a": 1}']
    assert read(b"\n".join([lines] * 5) + rest) == [TOO_LONG, b'{"a": 1}']
    assert read(comment + rest) == [b'{"a": 1}']


def test_an_endless_line_does_not_grow():
    reader = EventReader()
    for _ in range(64):
        assert reader.feed(b"x" * 65_536) == []
    assert len(reader._line) == MAX_EVENT


_LINES = st.sampled_from(
    [
        *(f"{TEXT}{end}".encode() for end in ("\n\n", "\r\n\r\n", "\r", "\r\r")),
        b'data: {"type": "text-end", "id": "0"}\n\n',
        b'data: {"type": "tool-input-available",\ndata: "toolCallId": "c",\ndata: "input": {}}\n\n',
        b"data: {\n\n",
        b": ping\r\n",
        b"event: x\n",
        b"data: \xff\xfe\n\n",
        b"\xef\xbb\xbf",
        b"\r",
        b"\n",
        b"data: [DO",
        b"garbage",
    ]
)


@given(st.lists(_LINES, max_size=12).map(b"".join), st.data())
def test_any_pieces_of_the_same_bytes_give_the_same_live_text(stream, data):
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=20))
    texts = []
    for pieces in ((), cuts, range(len(stream))):
        reader = LiveReader()
        for payload in read(stream, pieces):
            reader.take(payload, 1.0)
        texts.append(reader.text())
    assert texts[0] == texts[1] == texts[2]
    whole = json.loads(TEXT.removeprefix("data: "))["delta"]
    assert all(
        part.lines in ((), (whole * (len("".join(part.lines)) // len(whole)),)) for part in texts[0].parts
    )
