"""The completion script for fish: a line for each command and option, and a function that finds the typed command."""

from __future__ import annotations

import shlex
from typing import Final

from flowtui.cli.completion.words import Flag, Words

_FUNCTIONS: Final = """\
# Completes flowtui in fish. Made by `flowtui completion fish`; write it to ~/.config/fish/completions/flowtui.fish
# or use it in this shell with
#   flowtui completion fish | source

function __flowtui_is # whether the command is one of these; '' is none yet
    set -l found ''
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case @WITH_VALUE@
                set skip 1
            case '-*'
            case '*'
                set found $word
                contains -- $word @COMMANDS@; or set found dash
                break
        end
    end
    contains -- "$found" $argv
end

function __flowtui_profiles
    set -l file @PATH@
    test -n "$FLOWTUI_CONFIG"; and set file $FLOWTUI_CONFIG
    @FIND@
end

complete -c flowtui -f
"""


def script(words: Words) -> str:
    """Return the script for fish."""
    find = _quoted_sed(words)
    head = _FUNCTIONS.replace("@WITH_VALUE@", " ".join(words.with_value))
    head = head.replace("@COMMANDS@", " ".join(words.commands)).replace("@PATH@", _quote(words.config_path))
    lines = [head.replace("@FIND@", find)]
    for name, command in words.commands.items():
        description = _quote(command.summary.splitlines()[0])
        lines.append(f"complete -c flowtui -n {_quote(_is(''))} -a {name} -d {description}")
        if command.words:
            lines.append(f"complete -c flowtui -n {_quote(_is(name))} -a {_quote(' '.join(command.words))}")
        where = _is("", name) if name == "dash" else _is(name)
        lines += [_option(flag, where) for flag in words.own(name)]
    lines += [_option(flag, "") for flag in words.common]
    return "\n".join(lines) + "\n"


def _is(*names: str) -> str:
    return " ".join(["__flowtui_is", *(name or "''" for name in names)])


def _option(flag: Flag, where: str) -> str:
    parts = ["complete -c flowtui", f"-n {_quote(where)}" if where else ""]
    parts += [f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in flag.names]
    values = " ".join(flag.values)
    parts.append(
        {
            "none": "",
            "free": "-x",
            "words": f"-x -a {_quote(values)}",
            "order": f"-x -a {_quote(' '.join((*flag.values, *flag.orders)))}",
            "list": f"-x -a {_quote(f'(__fish_append , {values})')}",
            "files": "-r -F",
            "profiles": "-x -a '(__flowtui_profiles)'",
        }[flag.form]
    )
    parts.append(f"-d {_quote(flag.help)}")
    return " ".join(part for part in parts if part)


def _quoted_sed(words: Words) -> str:
    """Return the `sed` command that finds the profiles, quoted for fish, which reads two backslashes in quotes as one."""
    sed, option, pattern, _, *rest = shlex.split(words.find_profiles())
    return " ".join([sed, option, _quote(pattern), '"$file"', *rest])


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
