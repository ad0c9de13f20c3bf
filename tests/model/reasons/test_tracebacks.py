"""Tracebacks end with the exception that was raised last, as the failure reads without its traceback."""

from __future__ import annotations

import pytest

from flowtui.model.reasons.tracebacks import without_frames

PYTHON = "Traceback (most recent call last):\n  File \"/app/x.py\", line 3, in f\n    return d['a']\n           ~^^^^^\n"
CAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"
DURING = "\nDuring handling of the above exception, another exception occurred:\n\n"

GROUP = (
    '  + Exception Group Traceback (most recent call last):\n  |   File "a.py", line 3, in <module>\n'
    "  | ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)\n"
    "  +-+---------------- 1 ----------------\n    | Traceback (most recent call last):\n"
    '    |   File "a.py", line 9, in f\n    | ValueError: bad tax\n'
    "    +---------------- 2 ----------------\n    | Traceback (most recent call last):\n"
    '    |   File "a.py", line 9, in f\n    | KeyError: 2\n    +------------------------------------\n'
)
JAVA = (
    "a.RuntimeException: posting failed\n\tat a.Post.run(Post.java:91)\nCaused by: b.SQLException: gone\n"
    "\tat b.Net(Net.java:1)\nCaused by: c.ConnectException: refused\n\tat c.C(C.java:2)\n\t... 12 more"
)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("no traceback", "no traceback"),
        ("one\ntwo", "one\ntwo"),
        (f"{PYTHON}KeyError: 'a'\n", "KeyError: 'a'"),
        (f"tool failed: {PYTHON}KeyError: 'a'", "KeyError: 'a'"),
        (f"{PYTHON}ValueError: first\nsecond", "ValueError: first\nsecond"),
        (f"{PYTHON}KeyError: 'a'\n{CAUSE}{PYTHON}ToolError: billing", "ToolError: billing"),
        (f"{PYTHON}KeyError: 'a'\n{DURING}{PYTHON}ToolError: billing", "ToolError: billing"),
        (f"{PYTHON}asyncio.exceptions.CancelledError\n{CAUSE}{PYTHON}TimeoutError", "TimeoutError"),
        (
            'Traceback (most recent call last): File "/app/x.py", line 3, in f return d["a"] KeyError: \'a\'',
            "KeyError: 'a'",
        ),
        (
            "  File \"<string>\", line 3\n    f('a'\n     ^\nSyntaxError: '(' was never closed",
            "SyntaxError: '(' was never closed",
        ),
        (
            GROUP,
            "ValueError: bad tax",
        ),
        ("TypeError: no total\n    at f (/app/a.js:4:2)\n    at node:internal/x:1:1", "TypeError: no total"),
        (
            "/app/a.js:41\n  const sum = order.total;\n              ^\n\nTypeError: no total\n    at f (/app/a.js:41:2)\n\nNode.js v20.1.0",
            "TypeError: no total",
        ),
        (
            "TypeError: fetch failed\n    at f (/app/a.js:4:2) {\n  [cause]: Error: getaddrinfo ENOTFOUND crm\n      at g (node:dns:1:2) {\n    code: 1",
            "Error: getaddrinfo ENOTFOUND crm",
        ),
        (JAVA, "b.SQLException: gone"),  # a RuntimeException only carries another one
        (
            "System.A: outer\n ---> System.B: inner\n   at App.F() in /src/F.cs:line 42\n   --- End of inner exception stack trace ---",
            "System.A: outer",
        ),
        (
            "System.AggregateException: One or more errors occurred.\n ---> System.B: inner\n   at App.F() in /src/F.cs:line 42",
            "System.B: inner",
        ),
        ("panic: index out of range\n\ngoroutine 1 [running]:\nmain.main()", "index out of range"),
        (
            "thread 'main' panicked at src/main.rs:12:5:\nno such row\nnote: run with `RUST_BACKTRACE=1`",
            "no such row",
        ),
        (
            "/app/o.rb:4:in `total': no price (NoMethodError)\n\tfrom /app/m.rb:3:in `<main>'",
            "NoMethodError: no price",
        ),
    ],
)
def test_a_traceback_is_reduced_to_the_last_exception(text, end):
    assert without_frames(text) == end
