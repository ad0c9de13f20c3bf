"""The completion script for bash 3.2 or later. No word in it has a character that `compgen -W` expands, such as `$`."""

from __future__ import annotations

import shlex
from collections import defaultdict
from typing import Final

from flowtui.cli.completion.words import Flag, Words

_HEAD: Final = """\
# Completes flowtui in bash. Made by `flowtui completion bash`; use it in this shell with
#   source <(flowtui completion bash)
# or write it to ~/.local/share/bash-completion/completions/flowtui

_flowtui_reply() { # the words that fit what is typed
    local IFS=$' \\n'
    COMPREPLY=($(compgen -W "$1" -- "$before$cur"))
    if [[ $before ]]; then COMPREPLY=("${COMPREPLY[@]#"$before"}"); fi
}

_flowtui_order() { # a column, and after its colon a direction
    local IFS=$' \\n' words=$1 column
    if [[ $before$cur == *:* ]]; then
        words=
        for column in $1; do
            words+=" $column:desc $column:asc"
        done
    fi
    _flowtui_reply "$words"
}

_flowtui_list() { # the words that fit what is typed after the last comma
    local IFS=$' \\n' before=
    [[ $cur == *,* ]] && before=${cur%,*},
    COMPREPLY=($(compgen -P "$before" -W "$1" -- "${cur##*,}"))
    compopt -o nospace 2>/dev/null
}
"""

_FIND: Final = """\
    COMPREPLY=()
    # bash splits --option=value and column:direction into several words
    if [[ $cur == : ]] && ((at > 0)); then
        before=$prev: cur=
        ((at -= 1))
    elif [[ $prev == : ]] && ((at > 1)); then
        before=${COMP_WORDS[at - 1]}:
        ((at -= 2))
    fi
    if [[ $cur == = ]]; then
        cur=
    elif [[ ${COMP_WORDS[at]} == = ]] && ((at > 0)); then
        ((at -= 1))
    fi
    prev=${COMP_WORDS[at]}
    for ((index = 1; index < COMP_CWORD; index++)); do
        word=${COMP_WORDS[index]}
        [[ $word == = ]] && continue
        if [[ $word == : ]]; then
            skip=1
            continue
        fi
        if [[ $skip ]]; then
            skip=
            continue
        fi
        case $word in
            --) return ;;
            @WITH_VALUE@) skip=1 ;;
            -*) ;;
            *) if [[ $command ]]; then ((count++)); else command=$word; fi ;;
        esac
    done
    case $command in
        '' | @COMMANDS@) ;;
        *) command=dash ;; # a THREAD
    esac
"""


def script(words: Words) -> str:
    """Return the script for bash."""
    commands = list(words.commands)
    find = _FIND.replace("@WITH_VALUE@", " | ".join(words.with_value)).replace(
        "@COMMANDS@", " | ".join(commands)
    )
    lines = [
        _HEAD,
        "_flowtui_profiles() {",
        f"    local file=${{FLOWTUI_CONFIG:-}}\n    [[ $file ]] || file={shlex.quote(words.config_path)}",
        f"    {words.find_profiles()}",
        "}\n",
        "_flowtui() {",
        "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command= word skip= index count=0",
        "    local at=$((COMP_CWORD - 1)) before=",
        find,
        "    case $command:$prev in",
        *_values(words),
        "    esac",
        "    if [[ $cur == -* ]]; then",
        "        case $command in",
        *(
            f"            {shlex.quote(name)}) _flowtui_reply '{_names(words, name)}' ;;"
            for name in ("", *commands)
        ),
        "        esac",
        "    elif [[ ! $command ]]; then",
        f"        _flowtui_reply '{' '.join(commands)}'",
        "    elif ((count == 0)); then",
        "        case $command in",
        *(
            f"            {name}) _flowtui_reply '{' '.join(command.words)}' ;;"
            for name, command in words.commands.items()
            if command.words
        ),
        "        esac",
        "    fi",
        "}",
        "complete -F _flowtui flowtui",
    ]
    return "\n".join(lines) + "\n"


def _names(words: Words, command: str) -> str:
    return " ".join(name for flag in words.flags(command) for name in flag.names)


def _values(words: Words) -> list[str]:
    """Return one `case` branch for each way to complete a value, with the options that are completed in this way.

    If an option is completed in several ways, the branch names the command as well.
    """
    actions: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for command, flag in words.values():
        for name in flag.names:
            actions[name][_action(flag)].append(command)
    branches: dict[str, list[str]] = defaultdict(list)
    for name, found in actions.items():
        for action, commands in found.items():
            branches[action] += [f"*:{name}"] if len(found) == 1 else [f"{each}:{name}" for each in commands]
    return [f"        {' | '.join(patterns)}) {action} ;;" for action, patterns in branches.items()]


def _action(flag: Flag) -> str:
    values = " ".join(flag.values)
    action = {
        "words": f"_flowtui_reply '{values}'; ",
        "order": f"_flowtui_order '{values}'; ",
        "list": f"_flowtui_list '{values}'; ",
        "profiles": '_flowtui_reply "$(_flowtui_profiles)"; ',
        "files": "compopt -o default 2>/dev/null; ",
    }.get(flag.form, "")
    return f"{action}return"
