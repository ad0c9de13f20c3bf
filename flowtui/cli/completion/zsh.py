"""The completion script for zsh. It finds the command, before which options may stand, and then calls `_arguments`."""

from __future__ import annotations

import shlex
from typing import Final

from flowtui.cli.completion.words import Flag, Words

_HEAD: Final = """\
#compdef flowtui
# Completes flowtui in zsh. Made by `flowtui completion zsh`; write it to a file _flowtui in a folder of $fpath,
# or use it in this shell with
#   source <(flowtui completion zsh)
"""

_FIND: Final = """\
    local command= word skip=
    local -a commands
    integer index
    for ((index = 2; index < CURRENT; index++)); do
        word=${words[index]}
        if [[ -n $skip ]]; then
            skip=
            continue
        fi
        case $word in
            (--) return 1 ;;
            (@WITH_VALUE@) skip=1 ;;
            (-*) ;;
            (*) command=$word; break ;;
        esac
    done
"""


def script(words: Words) -> str:
    """Return the script for zsh."""
    described = "\n        ".join(
        shlex.quote(f"{name}:{command.summary.splitlines()[0]}") for name, command in words.commands.items()
    )
    lines = [
        _HEAD,
        "_flowtui_profiles() {",
        f"    local file=${{FLOWTUI_CONFIG:-{shlex.quote(words.config_path)}}}",
        "    local -a names",
        f'    names=(${{(f)"$({words.find_profiles()})"}})',
        "    compadd -a names",
        "}\n",
        "_flowtui_commands() {",
        f"    local -a commands\n    commands=(\n        {described}\n    )",
        "    _describe command commands",
        "}\n",
        "_flowtui() {",
        _FIND.replace("@WITH_VALUE@", "|".join(words.with_value)),
        "    case $command in",
        *(_branch(words, name) for name in ("", *words.commands)),
        f"        (*) _arguments -S : {_specs(words, '')} '*:thread:' ;;",
        "    esac",
        "}\n",
        '# Loaded from $fpath, this file runs as the function _flowtui; sourced, it must register the function.\nif [[ ${funcstack[1]} == _flowtui ]]; then\n    _flowtui "$@"\nelse\n    compdef _flowtui flowtui\nfi',
    ]
    return "\n".join(lines) + "\n"


def _branch(words: Words, name: str) -> str:
    if not name:
        rest = "'1:command:_flowtui_commands' '*:thread:'"
    elif words.commands[name].words:
        rest = f"'1:command:' '2:word:({' '.join(words.commands[name].words)})' '*:word:'"
    else:
        rest = "'1:command:' '*:word:'"
    return f"        ({name or shlex.quote(name)}) _arguments -S : {_specs(words, name)} {rest} ;;"


def _specs(words: Words, command: str) -> str:
    return " ".join(_spec(flag, name) for flag in words.flags(command) for name in flag.names)


def _spec(flag: Flag, name: str) -> str:
    others = "*" if flag.form != "none" else f"({' '.join(flag.names)})"
    description = f"[{_escape(flag.help, '[]')}]"
    if flag.form == "none":
        return shlex.quote(f"{others}{name}{description}")
    equals = "=" if name.startswith("--") else ""
    action = {
        "words": f"({' '.join(flag.values)})",
        "order": _escape(f"({' '.join((*flag.values, *flag.orders))})", ":"),
        "list": f"_values -s , value {' '.join(flag.values)}",
        "files": "_files",
        "profiles": "_flowtui_profiles",
    }.get(flag.form, "")
    return shlex.quote(
        f"{others}{name}{equals}{description}:{_escape(flag.metavar or 'value', ':')}:{action}"
    )


def _escape(text: str, special: str) -> str:
    return "".join(f"\\{char}" if char in special or char == "\\" else char for char in text)
