"""Seeded random changes to JSON bodies: other types, missing and duplicate keys, odd numbers, nesting, broken bytes."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any, NamedTuple

Json = Any


class Verbatim(NamedTuple):
    """A text inside a JSON value that is written unchanged, JSON or not."""

    text: str


class MutatedBody(NamedTuple):
    """A body, and the indexes of its unchanged elements before the first break of the array."""

    body: bytes
    good: tuple[int, ...]


_WHOLE = (
    "null",
    "true",
    "false",
    "0",
    "-1",
    "-0",
    "0.5",
    "1e3",
    "1e999",
    "-1e999",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e-400",
    "123456789012345678901234567890",
    "9" * 400,
    "9" * 4300,
    "9" * 5000,
    "1e308",
    '""',
    '" "',
    '"x"',
    '"yes"',
    '"failed"',
    '"running"',
    '"requires_action"',
    '"half \\ud800 a pair"',
    '"\\u0000\\u001b[2J\\u009b31m\\u202e"',
    '"2026-02-30T25:61:00Z"',
    '"0001-01-01T00:00:00+14:00"',
    '"9999-12-31T23:59:59.999999-12:00"',
    '"2026-11-06T21:00:00z"',
    '"2026-11-06"',
    '"20261106T210000"',
    '"2026-W45-5"',
    '"1794000000"',
    '"1612121051234"',
    '"999999999999999999"',
    '"inf"',
    '"nan"',
    "1794000000",
    "1794000000000",
    "1794000000000000000",
    "-62135596800",
    "253402300799",
    "[]",
    "{}",
    "[[]]",
    "[null]",
    "[{}]",
    '[1,"a",null,{"b":[]}]',
    '{"":null}',
    '{"id":7}',
    '{"type":null,"text":[]}',
    '{"value":{"value":1}}',
    '[{"type":"tool-call","args":"[[[[","tool_name":{}}]',
    '"' + "m" * 30_000 + '"',
    '"' + "line\\n" * 3_000 + '"',
    '"' + "\\r\\n\\t" * 50 + '"',
    "[" * 150 + "]" * 150,
    '{"a":' * 180 + "1" + "}" * 180,
)
"""Values after which the rest of the array stays readable."""

_DEEP = ("[" * 3_000 + "]" * 3_000, '{"a":' * 1_000 + "0" + "}" * 1_000)
_BROKEN = (
    "nul",
    "tru e",
    "01",
    "+1",
    ".5",
    "'x'",
    "undefined",
    '"no end',
    '"\x01"',
    '"\\x41"',
    '"\\u12"',
    "[1,",
    "{",
    "]",
    "}",
    "",
    ",",
    "/* c */ 1",
    "1 2",
    '{"a" 1}',
    "{1:2}",
    '{"a":1,}',
)
"""Invalid JSON: the rest of the array after it need not be readable."""

_NEW_KEYS = ("", "id", "v", "flowtui", "__class__", "data", "a.b", "x[0]", "\x1b[2J", "\ud800", "k" * 3_000)


def dumps(value: Json) -> str:
    """Return a value as JSON text, with `Verbatim` texts unchanged."""
    if isinstance(value, Verbatim):
        return value.text
    if isinstance(value, dict):
        return "{" + ",".join(f"{dumps(key)}:{dumps(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dumps, value)) + "]"
    return json.dumps(value)


class Mutator:
    """Changes values and bodies at random, with one seed."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)

    def element(self, value: Json) -> tuple[str, bool]:
        """Return a changed element as text, and whether its neighbours certainly stay readable."""
        rng = self._rng
        copy = json.loads(json.dumps(value))
        whole = True
        for _ in range(rng.randint(1, 3)):
            roll = rng.random()
            if roll < 0.06:
                copy = [copy] if rng.random() < 0.5 else {"data": copy}
            elif roll < 0.1:
                return rng.choice(_WHOLE), whole
            else:
                whole &= self._inside(copy)
        text = dumps(copy)
        if rng.random() < 0.1:  # a duplicate key
            text = text.replace("{", f'{{"status":{rng.choice(_WHOLE)},"id":{rng.choice(_WHOLE)},', 1)
        if rng.random() < 0.02:
            return text[: rng.randrange(len(text))], False
        return text, whole

    def _inside(self, value: Json) -> bool:
        """Change one place inside a value."""
        places = list(_places(value))
        if not places:
            return True
        rng = self._rng
        holder, key = rng.choice(places)
        roll = rng.random()
        if roll < 0.12:
            del holder[key]
        elif roll < 0.2 and isinstance(holder, dict):
            holder[rng.choice(_NEW_KEYS)] = holder[key]
        elif roll < 0.26:
            holder[key] = [holder[key]] if rng.random() < 0.5 else {"value": holder[key]}
        elif roll < 0.3:
            holder[key] = Verbatim(rng.choice(_DEEP))
        elif roll < 0.33:
            holder[key] = Verbatim(rng.choice(_BROKEN))
            return False
        else:
            holder[key] = Verbatim(rng.choice(_WHOLE))
        return True

    def array(self, values: Sequence[Json], *, share: float = 0.4) -> MutatedBody:
        """Return an array body in which about a `share` of the elements, and sometimes the whole body, is changed."""
        rng = self._rng
        good: list[int] = []
        ends: list[int] = []
        text, broken = "[", False
        for place, value in enumerate(values):
            if rng.random() < share:
                mutated, whole = self.element(value)
                broken = broken or not whole
                text += mutated
            else:
                text += json.dumps(value)
                if not broken:
                    good.append(place)
            ends.append(len(text))
            text += "," if place < len(values) - 1 else ""
        return self._body(f"{text}]", good, ends)

    def _body(self, text: str, good: list[int], ends: list[int]) -> MutatedBody:
        rng = self._rng
        roll = rng.random()
        before = ""
        if roll < 0.12:
            before = rng.choice(('{"data":', '{"object":"list","more":{"a":[1]},"data" : ', " \r\n\t"))
            text = before + text + ("}" if before.startswith("{") else "\n")
        body = text.encode("utf-8", "surrogatepass")
        roll = rng.random()
        if roll < 0.15:
            cut = rng.randrange(len(body) + 1)
            # an element needs one byte after it to be known as complete
            return MutatedBody(body[:cut], tuple(at for at in good if len(before) + ends[at] < cut))
        if roll < 0.2:
            return MutatedBody(b"\xef\xbb\xbf" + body, tuple(good))
        if roll < 0.25:
            return MutatedBody(
                text.encode(rng.choice(("utf-16", "utf-16-le", "utf-32", "utf-16-be"))), tuple(good)
            )
        if roll < 0.3:
            return MutatedBody(
                body + rng.choice((b"\n<!-- x -->", b"]", b"[]", b"\x00", b'{"data":[]}')), tuple(good)
            )
        if roll < 0.35:
            at = rng.randrange(len(body))
            flipped = body[:at] + bytes([rng.randrange(256)]) + body[at + 1 :]
            first = len(before) + 1  # of the element
            sure = at >= max(first, 4)  # the first bytes also tell the encoding
            return MutatedBody(flipped, tuple(p for p in good if sure and len(before) + ends[p] < at))
        return MutatedBody(body, tuple(good))

    def one(self, value: Json) -> bytes:
        """Return the body of a changed object."""
        text, _ = self.element(value)
        if self._rng.random() < 0.1:
            text = '{"data":' + text + "}"
        body = text.encode("utf-8", "surrogatepass")
        return body[: self._rng.randrange(len(body) + 1)] if self._rng.random() < 0.05 else body

    def instead(self, good: bytes) -> bytes:
        """Return an unrelated body in 8 of 100 cases, else `good`."""
        others = (
            b"",
            b"null",
            b"[]",
            b"{}",
            b"7",
            b'"x"',
            b"<html><title>\x1b[2J</title>",
            b"\xff\xfe",
            b"[[]]",
            b'{"data":null}',
            b'{"data":{}}',
        )
        return self._rng.choice(others) if self._rng.random() < 0.08 else good


def _places(value: Json) -> list[tuple[Any, Any]]:
    """Return (container, key) of each value inside a value."""
    found: list[tuple[Any, Any]] = []
    rest = [value]
    while rest:
        holder = rest.pop()
        items = (
            holder.items()
            if isinstance(holder, dict)
            else enumerate(holder)
            if isinstance(holder, list)
            else ()
        )
        for key, item in items:
            found.append((holder, key))
            rest.append(item)
    return found
