"""All faults that the simulated server can show, by name.

On the command line: NAME[:ARG][@SCOPE][*TIMES]. SCOPE selects the requests; each fault has a default, mostly `runs`.
After TIMES of these requests the fault ends. Faults in text and fields apply to each row, or with an argument (an id or
`newest`) to that row only.
"""

from __future__ import annotations

from typing import Final

from flowtui.simulator.faults import bodies, cancelling, paging, shapes, transport
from flowtui.simulator.faults.kinds import ALL, CANCEL, Fault
from flowtui.simulator.faults.rows import drop, each, one, put
from flowtui.simulator.faults.suspects import SUSPECTS
from flowtui.simulator.faults.text import text
from flowtui.simulator.faults.text_everywhere import hostile_text

_TEXT: Final[dict[str, Fault]] = {
    "text-escape": text("instructions", "first line\x1b[2J\x1b[Hsecond line"),
    "text-osc52": text("tools.description", "copies \x1b]52;c;cm0gLXJmIH4=\x07 to the clipboard"),
    "text-title": text("model", "\x1b]0;owned\x07"),
    "text-link": text("meta_data.customer", "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\"),
    "text-c1": text("status", "\x9b31m"),
    "text-nul": text("meta_data.customer", "a\x00b\x7fc\x0ed"),
    "text-rtl": text("model", "\u202egnp.exe"),
    "text-zero-width": text("id", "\u200b\u2060\ufeff"),
    "text-combining": text("meta_data.customer", "a" + "\u0301" * 30),
    "text-crlf": text("model", "\r\nsecond"),
    "text-tab": text("model", "\tafter"),
    "text-markup": text("model", "[bold]"),
    "text-click": text("model", "[@click=app.quit]quit[/]"),
    "text-bad-markup": text("model", "x[/nope]y"),
    "text-markup-link": text("model", '[link="https://evil.example"]x[/link]'),
    "text-emoji": text("model", "👩‍👩‍👧‍👦🇩🇪ＷＩＤＥ漢字"),
    "text-long": text("model", "m" * 20_000),
    "text-private": text("model", "\ue000\U000f0000\u0378\ufffe"),
    "text-formula": text("meta_data.customer", '=HYPERLINK("https://evil.example")'),
    "text-id": text("id", "\x1b[2J|a,b\n::error::x"),
    "text-table": text("model", "|a|b|\n![x](https://evil.example/x.png)"),
    "text-command": text("model", "\n::error file=x::owned%0A"),
    "text-everywhere": each(
        hostile_text,
        "every string, ids too, holds control characters, markup and its field's name",
        scope=ALL,
    ),
}

_SHAPES: Final[dict[str, Fault]] = {
    "missing-status": drop("runs without a status", "status"),
    "null-status": put("status is null", status=None),
    "both-spellings": each(shapes.both_spellings, "half of the runs are cancelled, in both spellings"),
    "unknown-status": Fault(
        "status is ARG, requires_action by default", rows=shapes.status, argument="STATUS"
    ),
    "upper-status": each(lambda row: row.update(status=row["status"].upper()), "status in capitals"),
    "status-backwards": Fault(
        "on every second answer completed runs are running", rows=shapes.backwards, argument="ID"
    ),
    "published-example": each(
        shapes.published, "as in the API's published example: no status, all three end times set"
    ),
    "null-tools": put("tools and meta_data are null", tools=None, meta_data=None),
    "null-optionals": each(shapes.nulls, "every optional field is null"),
    "bare": each(shapes.bare, "only the required fields"),
    "missing-model": drop("no model and no temperature", "model", "temperature"),
    "wrong-types": each(shapes.wrong_types, "fields of other types than documented"),
    "extra-fields": each(shapes.extra, "undocumented fields"),
    "missing-id": drop("runs without an id", "id"),
    "numeric-id": each(lambda row: row.update(id=int(row["id"][-6:], 16)), "ids are numbers"),
    "null-id": put("id is null", id=None),
    "same-id": Fault("all runs of an answer have one id", rows=shapes.same_id),
    "duplicate-rows": Fault("every run comes twice", rows=shapes.duplicate),
    "foreign-thread": each(shapes.foreign, "runs name another thread"),
    "one-bad-element": one(shapes.bad_element, "one run has invalid fields, the others are correct"),
    "one-scalar-element": one(shapes.no_element, "one run is a string"),
    "null-elements": Fault("nulls and scalars between the runs", rows=shapes.with_nulls),
    "bad-created-at": put("created_at is not a time", created_at="yesterday, around noon"),
    "null-created-at": put("created_at is null", created_at=None),
    "impossible-date": put("created_at is 2026-02-30", created_at="2026-02-30T25:61:00Z"),
    "far-times": put("created in the year 9999", created_at="9999-12-31T23:59:59.999999-12:00"),
    "huge-epoch": put("created_at is 1e300", created_at=1e300),
    "naive-times": each(shapes.times(shapes.naive), "times without an offset"),
    "offset-times": each(shapes.times(shapes.with_offset), "times with +05:30"),
    "epoch-times": each(shapes.times(shapes.epoch), "times are epoch seconds"),
    "epoch-ms-times": each(shapes.times(shapes.epoch_ms), "times are epoch milliseconds"),
    "negative-durations": each(shapes.before_start, "runs end before they start"),
    "overdue": each(shapes.overdue, "active runs are past expires_at"),
    "empty-usage": each(shapes.usage(lambda _: {}), "usage is {}"),
    "partial-usage": each(
        shapes.usage(lambda used: {**used, "completion_tokens": None}), "one count is null"
    ),
    "usage-mismatch": each(
        shapes.usage(lambda used: {**used, "total_tokens": 1}), "counts that do not add up"
    ),
    "string-tokens": each(shapes.counts("1234"), "token counts are strings"),
    "float-tokens": each(shapes.counts(12.5), "token counts are fractions"),
    "negative-tokens": each(shapes.counts(-5), "token counts below zero"),
    "huge-tokens": each(shapes.counts(123456789012345678901234567890), "token counts of 30 digits"),
    "nan": put("temperature is NaN", temperature=float("nan")),
    "infinity": put("top_p is Infinity", top_p=float("inf")),
    "lone-surrogate": put("instructions hold an escaped lone surrogate", instructions="half \ud800 a pair"),
    "orphan-lock": each(shapes.orphan, "threads are locked by a run that is not there", scope="threads"),
    "orphan-lock-null": each(
        shapes.orphan_null, "threads are locked, and active_run_id is null", scope="threads"
    ),
    "thread-id": Fault(
        "thread ids are ARG, ../../admin by default", rows=shapes.ids, argument="ID", scope="threads"
    ),
    "bad-agents": each(shapes.nameless, "agents without name and id", scope="agents"),
}

_BODIES: Final[dict[str, Fault]] = {
    "bom": bodies.body("a byte order mark before the JSON", bodies.bom),
    "truncated-json": bodies.body("the JSON stops in the middle", bodies.truncated),
    "html": bodies.body("a proxy's page with status 200", bodies.html),
    "empty-body": bodies.body("an empty body with status 200", bodies.empty),
    "body": Fault("the body is ARG, null by default", reply=bodies.literal, argument="TEXT"),
    "object-body": bodies.body("an object instead of an array", bodies.as_object),
    "wrapped-data": bodies.body('the array in {"data": [...]}', bodies.wrapped),
    "deep-json": bodies.body("one more run with JSON nested 10,000 deep", bodies.deep),
    "duplicate-keys": bodies.body(
        "one more run with two statuses, of which `failed` is the last", bodies.duplicate_keys
    ),
    "not-utf8": bodies.body("Latin-1 bytes in the JSON", bodies.not_utf8),
    "utf16": bodies.body("the JSON in UTF-16", bodies.utf16),
    "trailing-text": bodies.body("text after the JSON", bodies.trailing),
    "ndjson": bodies.body("one run per line instead of an array", bodies.ndjson),
    "text-plain": bodies.body("JSON with Content-Type text/plain", bodies.as_text),
}

_STATUSES: Final[dict[str, Fault]] = {
    "unauthorized": Fault("401 for every key, on all requests", key=paging.no_key, scope=ALL),
    "forbidden": Fault(
        "403 on all requests", reply=transport.answer(403, {"detail": "Not in this team"}), scope=ALL
    ),
    "not-found": Fault(
        "404 for thread ARG, without ARG for all threads", reply=transport.not_found, argument="THREAD"
    ),
    "rejected": Fault("422 as for an unknown id", reply=transport.answer(422, shapes.REJECTED)),
    "rate-limit": Fault("429, Retry-After ARG seconds (2)", reply=transport.rate_limit, argument="NUMBER"),
    "rate-limit-date": Fault("429, Retry-After a date", reply=transport.rate_limit_date, argument="NUMBER"),
    "rate-limit-ms": Fault("429, retry-after-ms ARG (200)", reply=transport.rate_limit_ms, argument="NUMBER"),
    "rate-limit-bare": Fault("429 without Retry-After", reply=transport.answer(429, {"detail": "Slow down"})),
    "rate-limit-odd": Fault("429, Retry-After: soon", reply=transport.answer(429, {}, retry_after="soon")),
    "remaining": Fault(
        "counts x-ratelimit-remaining down from ARG (10)", reply=transport.remaining, argument="NUMBER"
    ),
    "server-error": Fault(
        "500 for the first ARG (3) requests", reply=transport.server_error, argument="NUMBER"
    ),
    "bad-gateway": Fault(
        "502 with a page", reply=transport.answer(502, b"<html>502 Bad Gateway</html>", kind="text/html")
    ),
    "unavailable": Fault("503 without a body", reply=transport.answer(503, b"", retry_after="1")),
    "request-timeout": Fault("408", reply=transport.answer(408, {"detail": "Request timeout"})),
    "no-content": Fault("204", reply=transport.answer(204, b"")),
    "error-envelope": Fault("500 as {error, message, status}", reply=transport.answer(500, shapes.ENVELOPE)),
    "error-escape": Fault(
        "500 whose text moves the cursor", reply=transport.answer(500, {"detail": "\x1b[2J\x9b1mno"})
    ),
    "redirect": Fault("302 to ARG or another path", reply=transport.redirect, argument="URL"),
}

_TRANSPORT: Final[dict[str, Fault]] = {
    "slow": Fault("the answer comes ARG (3) seconds late", reply=transport.slow, argument="NUMBER"),
    "reset": Fault("the connection is cut instead of an answer", reply=transport.reset),
    "drip": Fault("five bytes a second", reply=transport.drip),
    "short-body": Fault("half of what Content-Length promises", reply=transport.short_body),
    "gzip": Fault("a body that is correctly packed with gzip", reply=transport.gzipped),
    "gzip-bomb": Fault("1 MB that unpacks to 1 GiB", reply=transport.gzip_bomb),
    "bad-gzip": Fault("an unpacked body with Content-Encoding gzip", reply=transport.bad_gzip),
    "endless": Fault("a plain body of 256 MiB", reply=transport.endless),
    "clock-skew": Fault(
        "the server's clock is ARG (300) seconds ahead, all dates too",
        skew=transport.skew,
        argument="SIGNED",
        scope=ALL,
    ),
    "no-date": Fault("no Date header", reply=transport.header("date", None), scope=ALL),
    "bad-date": Fault("a Date header without a date", reply=transport.header("date", "today"), scope=ALL),
    "no-ray": Fault("no cf-ray header", reply=transport.header("cf-ray", None), scope=ALL),
    "odd-ray": Fault("C1 characters in cf-ray", reply=transport.header("cf-ray", "a\x9b31mb"), scope=ALL),
}

_PAGING: Final[dict[str, Fault]] = {
    "shifting": Fault(
        "ARG (2) new runs on each call, and an old run disappears", rows=paging.shifting, argument="NUMBER"
    ),
    "churning": Fault(
        "ARG (2) new runs on each call, and as many old runs disappear from random places",
        rows=paging.churning,
        argument="NUMBER",
    ),
    "unstable-order": Fault("neighbours change places on each call", rows=paging.unstable),
    "ignore-offset": Fault("always the first page", page=paging.ignore_offset),
    "ignore-limit": Fault("always all rows, in one page", page=paging.ignore_limit),
    "ignore-order": Fault("always oldest first", page=paging.ignore_order),
    "cap-limit": Fault("at most ARG (5) rows a page", page=paging.cap_limit, argument="NUMBER"),
    "no-key-check": Fault("every API key is accepted, on all requests", key=paging.any_key, scope=ALL),
    "bearer": Fault("the key must come as `Bearer KEY`, on all requests", key=paging.bearer, scope=ALL),
}

_CANCELLING: Final[dict[str, Fault]] = {
    "cancel-ignored": Fault(
        "a cancel call is answered with canceled, and the run goes on",
        cancel=cancelling.ignored,
        scope=CANCEL,
    ),
    "cancel-late": Fault(
        "a cancel call takes effect ARG (3600) seconds late: the run ends first",
        cancel=cancelling.late,
        argument="NUMBER",
        scope=CANCEL,
    ),
    "cancel-refused": Fault(
        "a cancel call is refused with status ARG (409)",
        cancel=cancelling.refused,
        argument="NUMBER",
        scope=CANCEL,
    ),
    "cancel-timeout": Fault(
        "a cancel call takes effect; its answer comes ARG (30) seconds late",
        reply=cancelling.late_answer,
        argument="NUMBER",
        scope=CANCEL,
    ),
    "cancel-reset": Fault(
        "a cancel call takes effect; instead of its answer the connection is cut",
        reply=transport.reset,
        scope=CANCEL,
    ),
}

GROUPS: Final[dict[str, dict[str, Fault]]] = {
    "text": _TEXT,
    "fields": _SHAPES,
    "suspects": SUSPECTS,
    "bodies": _BODIES,
    "statuses": _STATUSES,
    "transport": _TRANSPORT,
    "lists and keys": _PAGING,
    "cancelling": _CANCELLING,
}
"""The faults of each group, by name on the command line."""

FAULTS: Final[dict[str, Fault]] = {name: fault for group in GROUPS.values() for name, fault in group.items()}
"""All faults, by name on the command line."""
