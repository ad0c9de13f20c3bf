"""The commands and the address that lead to one run, for a shell, a clipboard or a report. Pure.

Ids and addresses are hostile: whatever they hold, a shell reads each as one word, and the line itself is display-safe.
The key is in none of them, only the name of the variable that holds it. "" where no command can name the run.
"""

from __future__ import annotations

import re
import shlex
from typing import Final
from urllib.parse import quote

from flowtui.config.settings import DEFAULTS, Settings
from flowtui.model.run.row import Run
from flowtui.text import safe_text

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_GLOB: Final = frozenset("[]{}")  # curl would read them as ranges and lists
_NO_ID: Final = frozenset({"", ".", ".."})  # what would bend the path of a request


def curl_command(run: Run, settings: Settings) -> str:
    """Return the curl command that makes the same GET as flowtui does for a run."""
    if not _named(run):
        return ""
    thread, run_id = _encoded(run)
    url = f"{settings.base_url}/v1/threads/{thread}/runs/{run_id}"
    scheme = "Bearer " if settings.auth_scheme == "bearer" else ""
    words = ["curl", "-sS", "-H", f'"Authorization: {scheme}${_key_variable(settings)}"']
    if settings.team:
        words += ["-H", shell_word(f"x-team-id: {settings.team}")]
    if settings.ca_bundle:
        words += ["--cacert", shell_word(settings.ca_bundle)]
    if _GLOB & set(url):
        words.append("--globoff")
    return _line([*words, shell_word(url)])


def run_command(run: Run, settings: Settings | None = None) -> str:
    """Return the flowtui command that shows a run. `settings` adds which profile or server it is on."""
    if not _named(run):
        return ""
    thread, run_id = map(shell_word, run.key)
    if _dashed(run):
        return _line(
            ["flowtui", "run", *_where(settings), f"--thread={thread}" if thread else "", "--", run_id]
        )
    return _line(["flowtui", "run", run_id, "-t", thread, *_where(settings)])


def watch_command(run: Run, settings: Settings | None = None) -> str:
    """Return the flowtui command that watches a run until it has ended. `settings` as in `run_command`."""
    if not _named(run):
        return ""
    thread, run_id = map(shell_word, run.key)
    if _dashed(run):
        return _line(
            ["flowtui", "watch", *_where(settings), f"--run={run_id}" if run_id else "", "--", thread]
        )
    return _line(["flowtui", "watch", thread, "--run", run_id, *_where(settings)])


def page_address(template: str, run: Run) -> str:
    """Return the address of a run's page: `template` with `{thread_id}` and `{run_id}`, percent-encoded, in place."""
    thread, run_id = _encoded(run)
    # One after the other is safe: an id that reads {run_id} has, encoded, no braces.
    return template.replace("{thread_id}", thread).replace("{run_id}", run_id)


def shell_word(raw: str) -> str:
    """Return text as one word of bash, zsh or ksh, display-safe; "" where none can hold it.

    What cannot be shown is written in octal within `$'...'`, so that it can be typed all the same.
    """
    if raw == safe_text(raw):
        # A word that begins with = is a command's path to zsh.
        return f"'{raw}'" if raw.startswith("=") and shlex.quote(raw) == raw else shlex.quote(raw)
    try:
        data = raw.encode("utf-8")
    except UnicodeEncodeError:
        return ""
    if b"\0" in data:
        return ""
    return "$'" + "".join(_octal(byte) for byte in data) + "'"


def _octal(byte: int) -> str:
    char = chr(byte)
    return char if " " <= char <= "~" and char not in "'\\" else f"\\{byte:03o}"


def _encoded(run: Run) -> tuple[str, str]:
    thread, run_id = (quote(part, safe="", errors="surrogatepass") for part in run.key)
    return thread, run_id


def _named(run: Run) -> bool:
    return not run.placeholder and not _NO_ID & set(run.key)


def _dashed(run: Run) -> bool:
    return any(part.startswith("-") for part in run.key)


def _key_variable(settings: Settings) -> str:
    named = settings.api_key_env
    return named if _NAME.fullmatch(named) else str(DEFAULTS["api_key_env"])


def _where(settings: Settings | None) -> list[str]:
    """Return the options without which the command would ask another server; names that cannot be typed have none."""
    if settings is None:
        return []
    if settings.profile != DEFAULTS["profile"]:
        option, value = "--profile", shell_word(settings.profile)
    elif settings.base_url != DEFAULTS["base_url"]:
        option, value = "--base-url", shell_word(settings.base_url)
    else:
        return []
    return [f"{option}={value}"] if value else [""]


def _line(words: list[str]) -> str:
    """Return the words as a line; "" where one of them cannot be written."""
    return " ".join(words) if all(words) else ""
