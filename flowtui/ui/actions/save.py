"""Copies runs to the clipboard and saves them as CSV, JSON or Markdown.

Files are written in a thread, to the folder where flowtui was started. Only their owner may read them, and no file is
ever overwritten.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from flowtui import formatting
from flowtui.config.files.private_files import create_private
from flowtui.config.settings import Settings
from flowtui.errors import FlowtuiError
from flowtui.model.messages.opened import Opened
from flowtui.model.run.row import Run
from flowtui.text import safe_text, short_id
from flowtui.ui.actions import clipboard
from flowtui.ui.base import messages
from flowtui.ui.base.services import Services
from flowtui.ui.base.view_data import ShownRuns
from flowtui.ui.widgets.menu import Choice, Entry, Menu

if TYPE_CHECKING:  # what makes texts and files is not needed for the first rows
    from flowtui.ui.actions.copy_menu import Copyable

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


class Table(ShownRuns, Protocol):
    """The table whose rows are exported."""

    @property
    def displayed_runs(self) -> Sequence[Run]: ...


class Saving:
    """Copies and saves runs.

    `opened`: returns a run with its details; `settings`: those of the connection.
    """

    def __init__(
        self,
        services: Services,
        table: Table,
        opened: Callable[[Run], Opened],
        settings: Callable[[], Settings],
    ) -> None:
        self._services, self._table, self._opened = services, table, opened
        self._settings = settings

    def handle(self, message: messages.SaveRequest | messages.ExportRequested) -> None:
        """Copy, save, or let the user choose what."""
        match message:
            case messages.CopyRequested():
                self._copy_id(message.text)
            case messages.CopyMenuRequested():
                self._open_copy_menu(message.run)
            case messages.ReportRequested():
                self._save_report(message.run)
            case messages.TextCopied():
                self._copy_text(message.text, message.called)
            case messages.TextSaved():
                self.save(message.name, message.suffix, message.text, message.called)
            case messages.ExportRequested(form=""):
                self._open_export()
            case messages.ExportRequested():
                self._export_rows(message.form)

    # -- the clipboard -----------------------------------------------------------------------------------------

    def _copy_id(self, text: str) -> None:
        """Copy one line. The message says only that it was sent to the terminal: no terminal confirms a copy."""
        text = safe_text(text)
        if self._copy(text):
            self._services.say(f"Sent {text} to the terminal's clipboard (OSC 52)", timeout=3)
        else:
            self._services.say("Too long for a terminal's clipboard", severity="warning")

    def _copy(self, text: str) -> bool:
        """Copy a text through the terminal (OSC 52). False: it is too long."""
        written = clipboard.sequence(text, tmux="TMUX" in os.environ)
        if written is not None:
            self._services.write(written)
        return written is not None

    def _open_copy_menu(self, run: Run) -> None:
        from flowtui.ui.actions.copy_menu import copyables  # noqa: PLC0415

        context = self._table.cell_context()
        texts = copyables(self._opened(run), self._table.columns.exported, context, self._settings())
        menu = Menu(f"Copy of {short_id(run.id)}", [text.entry for text in texts], files=True)
        self._services.ask(menu, partial(self._take_text, run, {text.entry.letter: text for text in texts}))

    def _take_text(self, run: Run, texts: dict[str, Copyable], choice: Choice | None) -> None:
        if choice is None:
            return
        wanted = texts[choice.letter]
        name = wanted.name
        if choice.as_file:
            self.save(run.raw_id, wanted.suffix, lambda: (wanted.text(),), name)
            return
        self._copy_text(wanted.text(), name, "In the copy menu, s saves it as a file.")

    def _copy_text(self, text: str, name: str, instead: str = "") -> None:
        """Copy a text that is called `name`; if it is too long, say what the user can do `instead`."""
        size = f"{len(text.encode('utf-8', 'replace')):,} bytes"
        if self._copy(text):
            self._services.say(f"Sent {name} ({size}) to the terminal's clipboard (OSC 52)", timeout=3)
        else:
            said = f"{name[:1].upper()}{name[1:]} has {size}, and a terminal's clipboard takes {clipboard.MAX_BYTES:,}."
            self._services.say(f"{said} {instead}".rstrip(), severity="warning")

    # -- files -------------------------------------------------------------------------------------------------

    def _save_report(self, run: Run) -> None:
        from flowtui.model.export.report import report  # noqa: PLC0415
        from flowtui.ui.actions.copy_menu import report_input  # noqa: PLC0415

        opened, context = self._opened(run), self._table.cell_context()
        what = report_input(opened, context, self._settings())
        self.save(run.raw_id, "md", lambda: (report(what),), "the report")

    def _open_export(self) -> None:
        from flowtui.model.export.files import FILE_FORMATS  # noqa: PLC0415

        entries = [Entry(form.letter, name, form.title) for name, form in FILE_FORMATS.items()]
        menu = Menu(f"Export {formatting.plural(len(self._table.displayed_runs), 'run')}", entries)
        forms = {form.letter: name for name, form in FILE_FORMATS.items()}
        self._services.ask(
            menu, lambda choice: self._export_rows(forms[choice.letter]) if choice is not None else None
        )

    def _export_rows(self, form: str) -> None:
        """Save the rows of the table in a format of `FILE_FORMATS`, such as `csv`."""
        from flowtui.model.export.files import describe_view, export_runs  # noqa: PLC0415

        context, rows, columns = self._table.cell_context(), self._table.displayed_runs, self._table.columns
        chosen = describe_view(self._table.view, context)
        text = partial(export_runs, rows, columns.exported, context, form, chosen=chosen)
        self.save("runs", form, text, formatting.plural(len(rows), "run"))

    def save(self, what: str, suffix: str, text: Callable[[], Iterable[str]], called: str) -> None:
        """Save what `text` returns in a new file. `what` is for its name, `called` for the message."""
        name = file_name(what, self._services.now(), suffix)
        self._services.start(partial(self._write, name, text, called), "files")

    async def _write(self, name: str, text: Callable[[], Iterable[str]], called: str) -> None:
        try:
            path = await save(name, text)
        except FlowtuiError as error:
            self._services.say(safe_text(str(error)), severity="error")
        else:
            self._services.say(f"Saved {called} to {safe_text(path)}", timeout=4)
