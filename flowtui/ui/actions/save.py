"""Copies runs to the clipboard and saves them as CSV, JSON or Markdown; saves screenshots.

Files are written in a thread, to the folder where flowtui was started. Only their owner may read them, and no file is
ever overwritten.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flowtui.config.files.private_files import create_private
from flowtui.errors import FlowtuiError
from flowtui.text import safe_text
from flowtui.ui.run.fetcher import FetchingApp

if TYPE_CHECKING:
    from textual.content import Content
    from textual.worker import Worker

    from flowtui.config.settings import Settings
    from flowtui.model.run.row import Run
    from flowtui.ui.actions.copy_menu import Copyable
    from flowtui.ui.base.connection import Connection
    from flowtui.ui.widgets.menu import Choice

_MOST_NAMES: Final = 1_000  # most files of the same name, so that a mistake cannot fill the disk
_NAME_MAX: Final = 48  # characters of an id in a file's name


def file_name(what: str, at: float, suffix: str) -> str:
    """Return the name for a file, such as `flowtui-runs-20261125T004512Z.csv`. `at`: its time, in UTC epoch seconds.

    `what` says what is in the file, and may be an id: characters that a file system may refuse are replaced.
    """
    kept = re.sub(r"[^A-Za-z0-9_]+", "-", what).strip("-")[:_NAME_MAX]
    return f"flowtui-{kept or 'run'}-{datetime.fromtimestamp(at, UTC):%Y%m%dT%H%M%SZ}.{suffix}"


def write_new(folder: Path, name: str, text: Iterable[str]) -> Path:
    """Write a new file that only its owner may read, and return its path. If the name is taken, add a number to it.

    Blocks. After an error no partial file is left.

    Raises:
        FlowtuiError: the disk is full, the folder is missing or not writable, or too many files have that name.
    """
    path = folder / name
    for number in range(2, _MOST_NAMES):
        try:
            descriptor = create_private(path)
        except FileExistsError:
            path = folder / f"{Path(name).stem}-{number}{Path(name).suffix}"
            continue
        except OSError as error:
            raise _not_written(path, error) from None
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="\n") as file:
                file.writelines(text)
        except BaseException as error:
            path.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise _not_written(path, error) from None
            raise
        return path.absolute()
    raise FlowtuiError(f"{folder} has too many files called {name}", hint="Move some of them away")


def _not_written(path: Path, error: OSError) -> FlowtuiError:
    return FlowtuiError(
        f"{path} could not be written: {error.strerror or error}",
        hint="Make room there, or start flowtui in a folder that you may write to",
    )


async def save(name: str, text: Callable[[], Iterable[str]], folder: Path | None = None) -> Path:
    """Call `text` and write its result to a new file, in a thread; return the path. Without `folder`: the current folder.

    Raises:
        FlowtuiError: see `write_new`.
    """
    return await asyncio.to_thread(lambda: write_new(folder or Path(), name, text()))


class TakingApp(FetchingApp):
    """The part of the application that copies and saves runs."""

    connection: Connection | None = None

    @property
    def server_settings(self) -> Settings:
        """The settings that the connection uses; in the demo these have the simulator's address."""
        return self.connection.settings if self.connection is not None else self.settings

    @property
    def child_environ(self) -> Mapping[str, str]:
        """The environment for child processes, without the API key; while connected, without any variable that contains it."""
        return super().child_environ if self.connection is None else self.connection.environ

    def action_picture(self) -> None:
        """Save a screenshot in the folder where flowtui was started."""
        picture = self.export_screenshot()
        self._save("screen", "svg", lambda: (picture,), "the picture")

    def title_text(self, text: str) -> Content:
        """Return text for the border of a frame."""
        raise NotImplementedError

    def open_copy_menu(self, run: Run) -> None:
        """Open the copy menu of a run, from which texts can be copied or saved."""
        from flowtui.ui.actions.copy_menu import copyables  # noqa: PLC0415  on first use
        from flowtui.ui.widgets.menu import Menu  # noqa: PLC0415

        context = self.dashboard.cell_context()
        texts = copyables(self.opened_run(run), self.dashboard.columns.names, context, self.server_settings)
        title = self.title_text(f"Copy of {run.id}")
        menu = Menu(title, [text.entry for text in texts], files=True)
        self.push_screen(menu, partial(self._take_text, run, {text.entry.letter: text for text in texts}))

    def _take_text(self, run: Run, texts: dict[str, Copyable], choice: Choice | None) -> None:
        if choice is None:
            return
        wanted = texts[choice.letter]
        if choice.as_file:
            self._save(run.raw_id, wanted.suffix, lambda: (wanted.text(),), wanted.name)
        else:
            self.copy_named(wanted.text(), wanted.name)

    def copy_named(self, text: str, name: str) -> None:
        """Copy a text. `name` is what the message calls it. If the text is too long, the message suggests to save it."""
        from flowtui.ui.actions import clipboard  # noqa: PLC0415  on first use

        written = clipboard.sequence(text, tmux="TMUX" in os.environ)
        size = len(text.encode("utf-8", "replace"))
        if written is None:
            self.notify(
                f"{name[:1].upper()}{name[1:]} has {size:,} bytes, and a terminal's clipboard takes "
                f"{clipboard.MAX_BYTES:,}. In the copy menu, s saves it as a file.",
                severity="warning",
                markup=False,
            )
            return
        self.write_to_terminal(written)
        self.notify(
            f"Sent {name} ({size:,} bytes) to the terminal's clipboard (OSC 52)", timeout=3, markup=False
        )

    def save_report(self, run: Run) -> None:
        """Save a Markdown report of a run, with the details that are loaded."""
        from flowtui.model.export.report import ReportInput, report  # noqa: PLC0415  on first use

        opened, context = self.opened_run(run), self.dashboard.cell_context()
        what = ReportInput(
            run=run,
            context=context,
            settings=self.server_settings,
            raw=opened.raw,
            evidence=opened.evidence.value,
            redact=context.redact,
        )
        self._save(run.raw_id, "md", lambda: (report(what),), "the report")

    def open_export(self) -> None:
        """Open the menu of export formats for the rows of the table."""
        from flowtui.model.export.files import FILE_FORMATS  # noqa: PLC0415  on first use
        from flowtui.ui.widgets.menu import Entry, Menu  # noqa: PLC0415

        count = len(self.dashboard.table.rows)
        title = self.title_text(f"Export {count:,} {'run' if count == 1 else 'runs'}")
        entries = [Entry(form.letter, name, form.title) for name, form in FILE_FORMATS.items()]
        self.push_screen(Menu(title, entries), self._export)

    def _export(self, choice: Choice | None) -> None:
        from flowtui.model.export.files import FILE_FORMATS  # noqa: PLC0415  on first use

        if choice is not None:
            self.export_rows(
                next(name for name, each in FILE_FORMATS.items() if each.letter == choice.letter)
            )

    def export_rows(self, form: str) -> None:
        """Save the rows of the table in a format of `FILE_FORMATS`, such as `csv`."""
        from flowtui.model.export.files import describe_view, export_runs  # noqa: PLC0415  on first use

        table = self.dashboard.table.rows
        context, rows = self.dashboard.cell_context(), table.window(0, len(table))
        columns = self.dashboard.columns.names
        chosen = describe_view(self.dashboard.view, context)
        self._save(
            "runs",
            form,
            lambda: export_runs(rows, columns, context, form, chosen=chosen),
            f"{len(rows):,} {'run' if len(rows) == 1 else 'runs'}",
        )

    def _save(self, what: str, suffix: str, text: Callable[[], Iterable[str]], called: str) -> None:
        name = file_name(what, self.now(), suffix)
        work: Worker[None] = self.run_worker(partial(self._write, name, text, called), group="files")
        del work  # `work` exists only for its annotation: mypy cannot infer the type from a callable

    async def _write(self, name: str, text: Callable[[], Iterable[str]], called: str) -> None:
        try:
            path = await save(name, text)
        except FlowtuiError as error:
            self.notify(safe_text(str(error)), severity="error", markup=False)
        else:
            self.notify(f"Saved {called} to {safe_text(path)}", timeout=4, markup=False)
