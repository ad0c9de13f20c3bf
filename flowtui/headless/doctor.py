"""`flowtui doctor`: results of checks as data, how they are printed, and the exit code.

The checks are made in `doctor_local.py` and `doctor_server.py`. Names of checks and JSON fields are a contract (version 1).
No result holds any part of the key.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from flowtui.errors import FlowtuiError
from flowtui.model.export.json_text import to_json
from flowtui.model.export.records import VERSION
from flowtui.text import safe_text

OK: Final = "ok"
WARN: Final = "warn"
FAIL: Final = "fail"

_SIGNS: Final = {
    OK: ("✓", "+", "32"),
    WARN: ("!", "!", "33"),
    FAIL: ("×", "x", "31"),
}  # glyph, ASCII, SGR code
_MISCONFIGURED: Final = 2
_UNANSWERED: Final = 3
_CURES: Final = {
    _MISCONFIGURED: "Correct it there; `flowtui config init` writes a file that shows how each setting is written",
    _UNANSWERED: "Try again; if it stays, check the base URL and the network",
}
_RESET: Final = "\x1b[0m"


class Check(NamedTuple):
    """The result of one check.

    `state`: ok, warn or fail.
    `cure`: what to do; "" if nothing is wrong.
    `code`: the exit code of the command if this check fails.
    """

    name: str
    state: str
    detail: str
    cure: str = ""
    code: int = _UNANSWERED


def ok(name: str, detail: str) -> Check:
    """Return a check that found nothing wrong. Its text is made display-safe."""
    return Check(name, OK, safe_text(detail))


def warn(name: str, detail: str, cure: str) -> Check:
    """Return a check with a warning. Its texts are made display-safe."""
    return Check(name, WARN, safe_text(detail), safe_text(cure))


def fail(name: str, detail: str, cure: str, code: int = _UNANSWERED) -> Check:
    """Return a failed check. Its texts are made display-safe."""
    return Check(name, FAIL, safe_text(detail), safe_text(cure), code)


def failed(name: str, error: FlowtuiError) -> Check:
    """Return a failed check from an error: with the error's hint as its cure, and the error's exit code."""
    ray = getattr(error, "request_id", "")
    detail = f"{error.message} (request {ray})" if ray else error.message
    cure = error.hint or _CURES.get(error.exit_code, "")
    return fail(name, detail, cure, error.exit_code)


def exit_code(checks: Sequence[Check]) -> int:
    """Return 0 if no check failed, 2 if a failed one concerns the configuration, else 3."""
    codes = {check.code for check in checks if check.state == FAIL}
    if _MISCONFIGURED in codes:
        return _MISCONFIGURED
    return _UNANSWERED if codes else 0


def as_lines(checks: Sequence[Check], *, color: bool = False, ascii_only: bool = False) -> str:
    """Return one line for each check: sign, state, name, detail, and, if there is one, the cure after an arrow."""
    width = max((len(check.name) for check in checks), default=0)
    lines = []
    for check in checks:
        glyph, plain, code = _SIGNS[check.state]
        state = f"{plain if ascii_only else glyph} {check.state:<4}"
        state = f"\x1b[{code}m{state}{_RESET}" if color else state
        cure = f"  ->  {check.cure}" if check.cure else ""
        lines.append(f"{state}  {check.name:<{width}}  {check.detail}{cure}".rstrip())
    return "".join(f"{line}\n" for line in lines)


def as_json(checks: Sequence[Check]) -> str:
    """Return one JSON document: `v` and `checks`, each with `name`, `state`, `detail` and `cure` (null if there is none)."""
    found = [
        {"name": check.name, "state": check.state, "detail": check.detail, "cure": check.cure or None}
        for check in checks
    ]
    return f"{to_json({'v': VERSION, 'checks': found}, indent=2)}\n"
