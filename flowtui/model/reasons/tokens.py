"""Tells ids from names: `run_71` and `8f2c41d0` become `#`, `address_2`, `gpt-4o` and `E11000` stay. Pure."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

# Names of models hold digits, and a failure of one model is not a failure of the other.
MODEL: Final = (
    r"(?:(?:gpt|chatgpt|claude|llama|mistral|mixtral|ministral|codestral|gemini|gemma|qwen|qwq|deepseek|phi|titan"
    r"|text-embedding|whisper|tts|dall-e|davinci|jamba|grok|dbrx|falcon|kimi|glm|granite|nemotron|bge|gte|seekr|seekrflow"
    r"|sonar|command-r|command-a|olmo|starcoder|codellama|vicuna|zephyr)(?=[-_.]?[a-z-]{0,40}[0-9])|o[1345](?=-))"
)
"""A pattern for the beginning of models' names."""

_ID_PREFIXES: Final = frozenset((
    "run", "runs", "thr", "thread", "req", "request", "call", "msg", "message", "chatcmpl", "cmpl",
    "resp", "session", "sess", "org", "organization", "usr", "acct", "cus", "ord", "inv", "task", "batch",
    "trace", "span", "tx", "txn", "evt", "conv", "asst", "proj", "key", "sk", "pk", "pi", "ch", "sub",
    "toolu", "fc", "file", "job", "tmp", "ws", "seti", "in", "re", "order", "invoice", "account",
    "customer", "user", "ticket", "doc", "document", "agent", "sandbox", "container", "pod", "i", "vol",
    "eni", "snap", "ami",
))  # fmt: skip
_CODE_PREFIXES: Final = frozenset((
    "ora", "err", "error", "http", "tns", "pls", "sqlcode", "sqlstate", "errno", "utf", "iso", "sha",
    "aes", "rsa", "cp", "windows", "int", "uint", "float", "base", "rfc", "code", "e", "x", "latin",
    "sql", "db2", "cve", "tls", "ssl", "md", "crc", "py", "python", "ipv", "x86", "amd64", "arm64", "hy",
))  # fmt: skip
_ULID: Final = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", re.IGNORECASE)
_HEX: Final = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_LETTERS_DIGITS: Final = re.compile(r"([A-Za-z]+)([0-9]+)")
_NUMBERED: Final = re.compile(
    r"(?!ISO|UTF|SHA|CVE|RFC|HTTP|TLS|AES|RSA|CP|ORA|ERR|TS)(?:[A-Z]{1,4}[0-9]{2,6}(?:[-_][0-9]{1,12}){1,4}|[A-Z]{1,4}[-_][0-9]{3,12}[-_][A-Z0-9]{1,4})"
)  # such as F2026-118 and AB-1234-X
_SQLSTATE: Final = re.compile(r"[0-9]{2}[0-9A-Z]{3}")
_CHANGE: Final = re.compile(r"(?<=[0-9])(?=[A-Za-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[a-z])(?=[A-Z])")
_ERROR_BEFORE: Final = re.compile(
    r"(?:^|[(\[]|error:?\s|code:?\s|sqlstate[:\s\[=]{1,2})['\"]?$", re.IGNORECASE
)
_LONG: Final = 16  # letters and digits of a random id without separators
_SHORT_NUMBER: Final = 3  # digits at a word's end that may belong to a name, as in p95 and utf16


def fold_token(token: str, text: str, start: int, end: int) -> str:
    """Return a word of letters, digits, `_` and `-` with `#` for an id, or for the part of it that is one.

    `token` is `text[start:end]`. Numbers that stand alone are left as they are.
    """
    if token.isalpha() or token.isdigit() or not any(map(str.isdigit, token)):
        return "#" if len(token) >= _LONG and _random_letters(token) else token
    if _ULID.fullmatch(token):
        return "#"
    if _NUMBERED.fullmatch(token):
        return "#"
    parts = re.split(r"([-_])", token)
    if len(parts) == 1:
        return _fold_part(token, text, start, end)
    return token if _is_named_code(parts, text, start, end) else _fold_parts(parts)


def _fold_parts(parts: list[str]) -> str:
    head = next((part for part in parts[::2] if part), "").casefold()
    if head in _CODE_PREFIXES:
        return "".join(parts)
    known = head in _ID_PREFIXES
    folded = ["#" if _is_id(part, known=known) else part for part in parts[::2]]
    if folded == parts[::2]:
        return "".join(parts)
    rest = [part for part in folded[1:] if part != "#"]
    if not rest and (known or (head.isalpha() and len(head) < 5 and parts[0].isupper())):
        return "#"  # run_71, A-10442
    shown = "".join(part + mark for part, mark in zip(folded, [*parts[1::2], ""], strict=True))
    return re.sub(r"#(?:[-_]+#)+", "#", shown)


def _is_named_code(parts: list[str], text: str, start: int, end: int) -> bool:
    """Return whether a word in front of a colon is a code, such as `BANK-4012: declined`."""
    return (
        len(parts) == 3
        and parts[0].isupper()
        and parts[0].casefold() not in _ID_PREFIXES
        and len(parts[2]) < 6
        and text.startswith(":", end)
        and _ERROR_BEFORE.search(text[max(0, start - 12) : start]) is not None
    )


def _is_id(part: str, *, known: bool) -> bool:
    """Return whether one part of a longer word is an id. `known`: the word begins as ids do, such as `run_`."""
    if part.isdigit():
        return len(part) > 1 or known
    digits = sum(map(str.isdigit, part))
    if known:
        return digits > 0 or _random_letters(part)
    if not digits:
        return len(part) >= _LONG and _random_letters(part)
    return (digits > 1 and len(part) > 5 and (_is_hex(part) or _is_mixed(part))) or (
        len(part) == 5 and _is_mixed(part) and digits > 1
    )


def _fold_part(token: str, text: str, start: int, end: int) -> str:
    glued = _LETTERS_DIGITS.fullmatch(token)
    if glued is not None and not (len(token) >= 8 and _is_hex(token)):
        letters, digits = glued.groups()
        if len(digits) <= _SHORT_NUMBER or letters.casefold() in _CODE_PREFIXES:
            return token
        if letters.isupper() and (
            _ERROR_BEFORE.search(text[max(0, start - 12) : start]) or text[end : end + 1] == ":"
        ):
            return token  # such as E11000 and AADSTS70008
        return f"{letters}#"
    digits_count = sum(map(str.isdigit, token))
    if digits_count > 1 and len(_CHANGE.findall(token)) > 2 and not _SQLSTATE.fullmatch(token):
        return "#"
    if digits_count > 1 and len(token) > 5 and (_is_hex(token) or _is_mixed(token)):
        return "#"
    return token


def _is_hex(part: str) -> bool:
    return _HEX.fullmatch(part) is not None


def _is_mixed(part: str) -> bool:
    """Return whether letters and digits take turns, or capitals and small letters with digits: no name does."""
    return len(_CHANGE.findall(part)) > 1 or (len(part) >= _LONG and len(_CHANGE.findall(part)) > 0)


def _random_letters(part: str) -> bool:
    """Return whether capitals and small letters take turns as in no word: `xKfQzLmNoPqR`."""
    changes = sum(a.islower() and b.isupper() for a, b in pairwise(part))
    lonely = sum(
        a.isupper() and b.isupper() and c.islower() for a, b, c in zip(part, part[1:], part[2:], strict=False)
    )
    return changes + lonely > len(part) // 4 and changes > 2
