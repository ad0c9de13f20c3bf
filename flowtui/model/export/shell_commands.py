"""Shell commands that show a run, and the address of its page, for the clipboard or a report.

Ids and addresses may be hostile: each is quoted so that a shell reads it as one word, and the line is display-safe.
Commands contain the name of the API key's environment variable, never the key. A command is "" if it cannot name the
run.
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
_GLOB: Final = frozenset("[]{}")  # curl reads them as ranges and lists
_NO_ID: Final = frozenset({"", ".", ".."})  # ids that would change the path of a request


def curl_command(run: Run, settings: Settings) -> str:
    """Return the curl command for the request with which flowtui fetches a run."""
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
    """Return the flowtui command that shows a run.

    With `settings`, the command names their profile, or their server, if that is not the default.
    """
    thread, run_id = map(shell_word, run.key)
    return _flowtui_command(run, settings, "run", run_id, option=("-t", "--thread"), value=thread)


def watch_command(run: Run, settings: Settings | None = None) -> str:
    """Return the flowtui command that watches a run until it has ended. `settings` as in `run_command`."""
    thread, run_id = map(shell_word, run.key)
    return _flowtui_command(run, settings, "watch", thread, option=("--run", "--run"), value=run_id)


def _flowtui_command(
    run: Run, settings: Settings | None, name: str, argument: str, *, option: tuple[str, str], value: str
) -> str:
    """Return a flowtui command with one argument and one option.

    `name` is the subcommand. `option` has two names of the same option: the usual one, and the long one, which is used
    if an id begins with `-`. `value` is the value of the option.
    """
    if not _named(run):
        return ""
    usual, long = option
    if any(part.startswith("-") for part in run.key):  # ids that would be read as options
        return _line(["flowtui", name, *_where(settings), f"{long}={value}" if value else "", "--", argument])
    return _line(["flowtui", name, argument, usual, value, *_where(settings)])


def page_address(template: str, run: Run) -> str:
    """Return the address of a run's page: `template` with `{thread_id}` and `{run_id}` replaced, percent-encoded."""
    thread, run_id = _encoded(run)
    # An encoded id has no braces, so the second replacement cannot change the first id.
    return template.replace("{thread_id}", thread).replace("{run_id}", run_id)


def shell_word(raw: str) -> str:
    """Return text quoted as one word for bash, zsh or ksh, display-safe; "" if that is impossible.

    Text with characters that cannot be shown is written as `$'...'` with octal escapes.
    """
    if raw == safe_text(raw):
        # zsh replaces a word that begins with = by the path of a command.
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


def _key_variable(settings: Settings) -> str:
    named = settings.api_key_env
    return named if _NAME.fullmatch(named) else str(DEFAULTS["api_key_env"])


def _where(settings: Settings | None) -> list[str]:
    """Return the option for the profile or the server; [] if both are the default.

    If the value of the option cannot be written, return [""], which makes `_line` return "".
    """
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
    """Join the words with spaces. Return "" if a word is empty: so `shell_word` marks text that cannot be quoted."""
    return " ".join(words) if all(words) else ""
