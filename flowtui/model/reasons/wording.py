"""Shortens sentences that libraries write around a failure: `502 Bad Gateway from HOST/PATH`. Leaves advice out. Pure."""

from __future__ import annotations

import re
from typing import Final

from flowtui.model.reasons.codes import PHRASE

_RULES: Final = tuple(
    (re.compile(pattern, flags), shorter)
    for pattern, shorter, flags in (
        # httpx, requests, aiohttp, urllib
        (r"(?:Client error|Server error|Redirect response|Informational response) '(\d{3}) ?([^'\n]{0,80})' for url '([^'\s]{1,2000})'", r"\1 \2 from \3", 0),
        (r"\b(\d{3}) (?:Client|Server) Error: ([^\n]{0,80}?) for url: (\S{1,2000})", r"\1 \2 from \3", 0),
        (r"\b(\d{3}), message=['\"]([^'\"\n]{0,200})['\"], url=(?:URL\()?['\"]?([^'\")\s]{1,2000})['\"]?\)?", r"\1 \2 from \3", 0),
        (r"\bHTTP Error (\d{3}): ", r"\1 ", 0),
        (r"\bHTTP/[12](?:\.[01])? ([45]\d\d)\b", r"\1", 0),
        # urllib3 inside requests
        (rf"\b(?:HTTP )?(?:status )?(?:code:? )?([45]\d\d)(?:[:,]| [-–])? \(?({PHRASE})\)?(?![a-z])", r"\1 \2", 0),
        (r"(Unexpected token '.{1,4}'), (?:\.{3})?\".{0,80}?\"(?:\.{3})? (is not valid JSON)", r"\1 \2", 0),
        (r"[\w-]{0,40}\*{3,200}[\w-]{0,40}", "#", re.ASCII),
        (r"[=_~-]{5,}", " ", 0),
        (r"^\s*((?:\w{1,40}\.){0,6}[A-Z]\w{0,60}(?:Error|Exception|Timeout|Interrupt))\(((['\"])[^\n]{0,4000}\3),?\)\s*$", r"\1: \2", re.MULTILINE),
        # jsonschema: the value differs from run to run
        (
            r"^[^\n]{1,4000}? ((?:is not|does not|was expected|should|is too|is a|is less|is greater|is shorter)[^\n]{0,200})\n\s*Failed validating '\w{1,40}' in schema((?:\[[^\]\n]{0,80}\]){0,12}):.*",
            r"\1 in \2",
            re.DOTALL,
        ),
        (r" in /\S{1,300}(?:\.\w{1,5}:[\d#]+| on line [\d#]+)$", "", re.MULTILINE),
        (
            r"HTTPS?ConnectionPool\(host=['\"]([^'\"]{1,255})['\"], port=[\d#]{1,6}\): Max retries exceeded with url: (\S{1,2000}) \(Caused by "
            r"(?:\w{1,60}\(){1,3}(?:-?\d{1,3}, )?['\"]?(?:<[^>]{0,200}>: |\w{1,60}\([^:]{0,200}\): )?['\"]?(.{1,2000}?)['\"]?\){1,4}\s*$",
            r"\3 (\1\2)",
            re.MULTILINE,
        ),
        (r"HTTPS?ConnectionPool\(host=['\"]([^'\"]{1,255})['\"], port=[\d#]{1,6}\): (.{1,200}?)\.? ?\((?:read|connect) timeout=[\w#.]{1,20}\)", r"\2 (\1)", 0),
        (r"HTTPS?ConnectionPool\(host=['\"]([^'\"]{1,255})['\"], port=[\d#]{1,6}\): ", r"\1: ", 0),
        (r"<?\b[a-z][\w.]{3,80}\.\w{1,60} object at (?:0x[0-9a-f]{1,16}|#)>?: ", "", re.IGNORECASE),
        # pydantic: values and their types differ from run to run
        (r", input_value=.{0,1000}?, input_type=\w{1,60}\]", "]", re.DOTALL),
        (r"\[type=(\w{1,60})\]", r"(\1)", 0),
        # database drivers: the statement, its values
        (r"\s*\[SQL: .*", "", re.DOTALL),
        (r"\s*\(Background on this error at: [^)]{0,200}\)", "", 0),
        # boto3
        (r"\bAn error occurred \((\w{1,80})\) when calling the (\w{1,80}) operation(?: \(reached max retries: [\d#]{1,3}\))?: ", r"\1 from \2: ", 0),
        (r"\bException occurred: ", "", re.IGNORECASE),
    )
)  # fmt: skip
# Lines that only repeat the statement, name values, or give advice.
_LINES: Final = re.compile(
    r"\s*(?:DETAIL:|HINT:|CONTEXT:|QUERY:|STATEMENT:|LINE \d+:|\[parameters:|\[SQL:|\^+\s*$|For further information visit|For more information|Process \d+ waits for"
    r"|Require stack:|- /\S+$|For troubleshooting|See https?://|… \(the rest is left out\)|\.\.\.\s*$|-{3,}\s*$|={3,}\s*$)"
)
_PYDANTIC: Final = re.compile(r"^\d+ validation errors? for ")
_WRITTEN: Final = re.compile(
    r"((?:output|completion|got|content|answer|input|text)\s?[:=]\s?)"
    r"(?:`[^`]{24,}(?:`|$)|```.*?(?:```|$)|\"[^\"]{40,}(?:\"|$)|'[^']{40,}(?:'|$)|“[^”]{24,}(?:”|$))",
    re.IGNORECASE | re.DOTALL,
)
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+(?=\S)|(?<=[。！？])")
_ADVICE: Final = re.compile(
    r"(?:please (?:try|retry|contact|check|visit|refer|see|wait|reduce|reconnect|log ?in|sign in|review|consult|report|reach|make sure|ensure|consider|upgrade|add|slow|modify)"
    r"|try again|retry|see [\w.]+/|see https?:|see the|see also|if (?:the|this|you)"
    r"|contact |consider |check (?:your|the|that|out)|make sure|did you mean"
    r"|bitte |versuchen sie|wenden sie|veuillez|réessayez|merci de|por favor|inténtelo|intente|vuelva|tente |contacte|entre em contato"
    r"|请|稍后|しばらく|もう一度|再度|後ほど|お手数)",
    re.IGNORECASE,
)
_ALWAYS_ADVICE: Final = re.compile(
    r"(?:visit |for (?:more|further|details)|for troubleshooting|(?:to )?learn more|read more|(?:you can )?find out more|you can |read the docs|more info)",
    re.IGNORECASE,
)
_HOLDS_NAMES: Final = re.compile(r"['\"`«„「][\w.# -]{1,60}['\"`»“」]")
_REQUEST_ID: Final = re.compile(
    r"[\s,;]*[(\[]?(?:x[-_])?(?:request|trace|correlation|cf-ray|ray)[-_ ]?(?:id)?[\"']?\s?[:=]\s?[\"']?#[\"']?[)\]]?",
    re.IGNORECASE,
)
_CUT: Final = re.compile(r"(?:\s*(?:…|\.{3}|\[?\(?<?truncated>?\)?\]?|\[cut\]))+$", re.IGNORECASE)


def one_line(text: str) -> str:
    """Return the lines that say what happened as one line."""
    lines = [line.strip() for line in text.replace("␊", "\n").replace("␍", "").split("\n")]
    told = [line for n, line in enumerate(lines) if line and (n == 0 or not _LINES.match(line))]
    if len(told) > 1 and _PYDANTIC.match(told[0]):
        told = [": ".join(told[:3]), *told[3:]]
    return " ".join(told)


def shortened(text: str) -> str:
    """Return a text with the sentences of known libraries in their short form."""
    for pattern, shorter in _RULES:
        text = pattern.sub(shorter, text)
    return _WRITTEN.sub(r"\1“…”", text)


def without_advice(text: str) -> str:
    """Return a folded text without advice, ids of requests, and signs of cut ends."""
    text = _REQUEST_ID.sub("", text)
    first, *others = _SENTENCE.split(text)
    kept = [one for one in others if one and not _ALWAYS_ADVICE.match(one) and (not _ADVICE.match(one) or _HOLDS_NAMES.search(one))]
    text = " ".join([first, *kept]) if len(kept) < len(others) else text
    return text


def without_cut(text: str) -> str:
    """Return a text without signs that its end was cut off, and without a stop at its end."""
    return _CUT.sub("", text).rstrip(" .;,:。")
