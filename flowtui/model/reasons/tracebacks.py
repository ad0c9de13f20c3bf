"""Reduces a traceback to the exception that was raised last: Python, Node, Java, .NET, Go, Rust, PHP, Ruby. Pure.

The same failure is often told without its traceback, and then by the message of that exception only.
"""

from __future__ import annotations

import re
from typing import Final

_PYTHON: Final = "Traceback (most recent call last)"
_PYTHON_JOINTS: Final = re.compile(
    r"\n[\s|]*(?:The above exception was the direct cause of the following exception"
    r"|During handling of the above exception, another exception occurred):[^\n]*"
)
_GROUP: Final = re.compile(r"^\s*(?:\| ?|\+-\+?-{4,}[^\n]*|\+-{4,}[^\n]*)", re.MULTILINE)
_GROUP_PART: Final = re.compile(r"^\s*\+-\+-{4,} 1 -{4,}[^\n]*$", re.MULTILINE)
_CLASS_LINE: Final = re.compile(r"(?:[A-Za-z_][\w.$<>]*)(?::\s|:?$)")
_ONE_LINE: Final = re.compile(
    r"(?<![\w.])((?:[a-z_]\w{0,60}\.){0,8}_?[A-Z]\w{0,80}(?:Error|Exception|Timeout|Exit|Interrupt|Warning)): "
)
_EMPTY_CAUSES: Final = re.compile(
    r"(?:[\w.]*\.)?(?:CancelledError|StopIteration|StopAsyncIteration|EndOfStream|WouldBlock)\s*:?\s*"
)
_FRAME: Final = re.compile(
    r"^\s*(?:at\s+\S.*|File \".*|\.{3} \d+ (?:more|common frames omitted).*|from \S+:\d+:in .*|#\d+ .*"
    r"|\[previous line repeated.*|--- End of (?:inner exception )?stack trace.*|goroutine \d+ .*"
    r"|note: run with `?RUST_BACKTRACE.*|stack backtrace:.*|Stack trace:.*|Node\.js v\d.*|thrown in .*)$",
    re.IGNORECASE,
)
_CAUSED: Final = re.compile(r"^\s*(?:Caused by:|\[cause\]:|---> ?)\s*", re.MULTILINE)
# These exceptions only carry another one.
_WRAPPER: Final = re.compile(
    r"\s*(?:exception in thread \"[^\"\n]{0,80}\"\s|unhandled exception[.:]\s)?(?:[\w.$]{0,200}[.$])?(?:RuntimeException|ExecutionException|CompletionException"
    r"|InvocationTargetException|UndeclaredThrowableException|UncheckedIOException|AggregateException|TargetInvocationException"
    r"|TypeInitializationException|ServletException|NestedServletException|UncheckedExecutionException)\b"
    r"|[^\n]{0,300}(?:see (?:the )?inner exception|fetch failed\s*(?:\n|$)|one or more errors occurred)",
    re.IGNORECASE,
)
_STACK: Final = re.compile(
    r"^\s*(?:at\s+(?:async |new )?[\w$.<>\[\]/@ -]{1,200}\(?.*[:(].*\)?|\.{3} \d+ more|Stack trace:|#0 .*)$",
    re.MULTILINE,
)
_SOURCE_LINE: Final = re.compile(r"^\s*\^+\s*$", re.MULTILINE)
_SYNTAX: Final = re.compile(r"\s*File \"[^\"\n]{0,400}\", line \d+[^\n:]*\n")
_RUBY: Final = re.compile(r"\S{1,400}:\d+:in [`'][^\n']{1,200}': ([^\n]{1,4000}?) \(([A-Z]\w*(?:::\w+)*)\)")
_GO: Final = re.compile(r"^panic: (.*)", re.MULTILINE)
_RUST: Final = re.compile(
    r"^thread '[^'\n]{0,80}' (?:\(\d+\) )?panicked at (?:'(.*)', \S+|\S+:\n(.*))", re.MULTILINE
)


def without_frames(text: str) -> str:
    """Return the text with each traceback replaced by the exception that was raised last, and its message."""
    at = text.find(_PYTHON)
    if at >= 0:
        return _python(text, at)
    if _SYNTAX.match(text):
        return _python_end(f"{_PYTHON}\n{text}") or text
    ruby = _RUBY.match(text)
    if ruby is not None:
        return f"{ruby[2]}: {ruby[1]}"
    for pattern in (_GO, _RUST):
        found = pattern.search(text)
        if found is not None:
            return next(group for group in found.groups() if group is not None)
    return _stacked(text)


def _python(text: str, at: int) -> str:
    text, last = _GROUP_PART.split(text, maxsplit=1) if _GROUP_PART.search(text) else ("", text)
    if text:
        at = max(0, last.find(_PYTHON))
        text = re.split(r"\n\s*\+-{4,} 2 -{4,}|\n\s*\+-{8,}", last, maxsplit=1)[0]
    else:
        text = last
    text = _GROUP.sub("", text[at:])
    told = [end for part in _PYTHON_JOINTS.split(text) if (end := _python_end(part))]
    if not told:
        return ""
    return next((end for end in reversed(told) if not _EMPTY_CAUSES.fullmatch(end)), told[-1])


def _python_end(block: str) -> str:
    """Return the exception and its message: the first line of a block that is no frame, and all after it."""
    lines = block.split("\n")
    start = next((n for n, line in enumerate(lines) if _PYTHON in line), -1)
    if start < 0:
        return ""
    for n in range(start + 1, len(lines)):
        line = lines[n]
        if line and not line[0].isspace() and _CLASS_LINE.match(line):
            return "\n".join(lines[n:]).strip()
    joined = " ".join(lines[start:])  # a traceback whose line breaks were lost
    found = list(_ONE_LINE.finditer(joined))
    return joined[found[-1].start() :].strip() if found else ""


def _stacked(text: str) -> str:
    """Return a text without frames that begin with `at`, and without causes unless only they say what happened."""
    if _STACK.search(text) is None and "\n" not in text:
        return text
    if _STACK.search(text) is None and _CAUSED.search(text) is None:
        return text
    parts = [part for part in _CAUSED.split(text) if part.strip()]
    said = next((part for part in parts[:-1] if not _WRAPPER.match(part)), parts[-1] if parts else text)
    lines = said.split("\n")
    caret = next((n for n, line in enumerate(lines) if _SOURCE_LINE.match(line)), None)
    if caret is not None and any(line.strip() for line in lines[caret + 1 :]):
        lines = lines[caret + 1 :]  # Node shows file and source line first
    told: list[str] = []
    for line in lines:
        if _FRAME.match(line):
            if told:
                break
            continue
        if line.strip():
            told.append(line)
    return "\n".join(told)
