"""A crash report: where flowtui failed, without local variables and without messages, either of which may hold a key."""

from __future__ import annotations

import os
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

import platformdirs

from flowtui import __version__


def write_report(error: BaseException | None) -> str:
    """Write a report to the state directory and return its path, or the report itself where it cannot be written."""
    lines = [
        f"flowtui {__version__}, Python {sys.version.split()[0]}, {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
        "",
    ]
    while error is not None:
        lines.append(type(error).__name__)
        lines += [
            f"  {frame.filename}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
        error = error.__cause__ or error.__context__
    report = "\n".join(lines) + "\n"
    folder = Path(platformdirs.user_state_path("flowtui"))
    path = folder / f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S}.txt"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(report)
    except OSError:
        return report
    return str(path)


def tell(report: str) -> None:
    """Say on stderr that flowtui crashed and where the report is."""
    print(f"flowtui: error: flowtui crashed. The report, without your data: {report}", file=sys.stderr)  # noqa: T201
