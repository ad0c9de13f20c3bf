"""Replaces by `#` what differs from run to run: numbers, ids, times, addresses. Names and codes stay. Pure, linear time."""

from __future__ import annotations

import re
from typing import Final

from flowtui.model.reasons.codes import is_code
from flowtui.model.reasons.tokens import MODEL, fold_token

_MONTH: Final = (
    r"(?:jan|feb|m[aä]r|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez|ene|abr|ago|set|out|dic|janv|f[eé]v|avr"
    r"|juin|juil|ao[uû]|d[eé]c|fev)[a-zéû]{0,7}\.?"
)
_DAY: Final = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},?\s)?"
_CLOCK: Final = r"(?:,?[T\s]{1,2}(?:at\s)?\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:\s?[ap]\.?m\b\.?)?\s?(?:Z\b|UTC|GMT|[+-]\d\d:?\d\d)?)?"
_TIMES: Final = re.compile(
    rf"(?<![\w#])(?:"
    rf"\d{{4}}-\d\d-\d\d{_CLOCK}"
    rf"|{_DAY}\d{{1,2}}(?:st|nd|rd|th)?[.\s-]{{1,2}}(?:de\s)?{_MONTH}[\s-](?:de\s)?\d{{2,4}}{_CLOCK}"
    rf"|{_DAY}{_MONTH}\s\d{{1,2}}(?:,\s\d{{4}}{_CLOCK}|{_CLOCK}\s\d{{4}})"
    r"|\d{4}年\d{1,2}月(?:\d{1,2}日)?\s?(?:\d{1,2}[:时時]\d{1,2}(?:[:分]\d{1,2}秒?|分)?)?"
    r")",
    re.IGNORECASE,
)
_ADDRESSES: Final = re.compile(
    r"\b0x[0-9a-f]{1,32}\b"
    r"|\beyJ[\w-]{8,2000}\.[\w-]{4,2000}(?:\.[\w-]{4,2000})?"  # a token in three parts
    r"|(?-i:\b[A-Z]{2}\d{2}(?:\s?(?=[A-Z]{0,3}\d)[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,3})?\b)"  # IBAN
    r"|(?<![\w.+-])[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}"  # e-mail
    r"|(?:\b[a-z]{1,12}[_:-])?(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])"
    r"|(?<![\w-])(?=[a-f-]{0,60}\d)[0-9a-f]{4,12}(?:-[0-9a-f]{2,12}){3,8}(?![\w-])"
    r"|(?:\bipv[46]:)?(?<![\w.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d{1,5})?(?![\w.]*\d)"
    r"|(?<![\w:])\[?(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}\]?(?::\d{1,5})?(?![\w:])"
    r"|(?<![\w:])\[?(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6}\]?(?::\d{1,5})?(?![\w:])"
    r"|(?<![\w:])\[?::1\]?(?::\d{1,5})?(?![\w:])",
    re.IGNORECASE | re.ASCII,
)
_URL: Final = re.compile(r"\b(?:https?|wss?|ftps?|grpcs?)://([^\s'\"<>`]{1,2000})", re.IGNORECASE)
_QUERY: Final = re.compile(r"(?<=[\w/])\?[\w.%~\[\]-]{1,60}=[^\s'\"<>`)]{0,2000}")
_TEMP: Final = re.compile(
    r"(?:(?<![\w.])(?:/private)?/(?:var/folders/\w{1,8}/\w{1,60}/T|var/tmp|tmp|dev/shm)"
    r"|\b[A-Z]:\\(?:[^\s\\]{1,80}\\){1,6}Te?mp)[/\\]([^\s'\"<>`:,;)\]]{1,1000})",
    re.ASCII | re.IGNORECASE,
)
_AWS_ADDRESS: Final = re.compile(r"\bip-\d{1,3}-\d{1,3}-\d{1,3}-\d{1,3}\b")
_NAMED_ID: Final = re.compile(
    r"\b((?:x[-_])?(?:request|trace|correlation|session|span|invocation|transaction|operation|event)[-_ ]?id|cf-ray|ray id|trace)"
    r"([\"']?\s?[:=]\s?[\"']?|\s)(?=[\w#-]*[\d#]|[\"'])([\w.:/+=#-]{4,200})",
    re.IGNORECASE | re.ASCII,
)
_TOKEN: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,254}[A-Za-z0-9_])?", re.ASCII)
_BASE64: Final = re.compile(
    r"(?<![\w+/=])(?=[A-Za-z+/]{0,64}\d)[A-Za-z0-9+/]{20,400}={1,2}(?![\w=])", re.ASCII
)
_UNIT: Final = (
    r"(?:ms|µs|μs|us|ns|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|days?|milliseconds?|bytes?|[kmgt]i?b|[kmgt]i|b"
    r"|sekunden?|minuten?|stunden?|tagen?|millisekunden?|secondes?|heures?|jours?|segundos?|minutos?|horas?|d[ií]as?"
    r"|milisegundos?|octets|[kmg]o)(?![\w])"
)
_GLUED: Final = r"(?-i:(?:ms|[smh])(?=\d{1,4}(?:\.\d{1,9})?(?:ms|[smh])(?![a-z])))"
_CJK_UNIT: Final = r"(?:초|분|시간|밀리초|ミリ秒|毫秒|秒钟|秒間|秒|分钟|分間|小时|時間|分)"
_WORD_OR_NUMBER: Final = re.compile(
    rf"(?P<long>(?<![A-Za-z_\d.])\d+(?:[.,]\d*)?\s?(?:{_UNIT}|{_CJK_UNIT}|{_GLUED})"
    rf"(?:\s?\d+(?:[.,]\d+)?\s?(?:{_UNIT}|{_CJK_UNIT}|{_GLUED}))*)"
    rf"|(?P<model>(?<![A-Za-z0-9_])(?:{MODEL}[A-Za-z0-9_.:/-]{{0,80}}|v\d{{1,2}}(?:\.\d{{1,3}}){{0,3}}(?![\w.])))"
    r"|(?P<token>(?<![A-Za-z0-9_])(?!(?:R|US|A|C)\$)(?=[0-9_-]{0,80}[A-Za-z])[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,254}[A-Za-z0-9_])?)"
    r"|(?P<sign>(?:R\$|US\$|[$€£¥])\s?-?)?(?P<number>(?<![A-Za-z_\d])(?:(?<![\w#)\]}'\"])[-+])?\d+(?:[.,:/-]\d+)*)"
    r"(?P<after>\s?(?:%|€|EUR\b|USD\b|°C|[ap]\.?m\b))?",
    re.IGNORECASE,
)
_SEVERAL: Final = re.compile(r"#(?:[,.:/x×_~–-]#|, #|; #| #|#)+")
_ONE: Final = re.compile(
    r"# (attempt|token|error|validation error|item|row|result|record|message|file|argument|retry|tool call|character|field)\b(?!s)"
)
_OBJECT: Final = re.compile(r"(\bobject) at #")


def fold_values(text: str) -> str:
    """Return one display-safe line with `#` for what differs from run to run."""
    text = _TIMES.sub("#", text)
    text = _URL.sub(_place, text)
    text = _QUERY.sub("", text)
    text = _AWS_ADDRESS.sub("ip-#", text)
    text = _TEMP.sub(_temporary, text)
    text = _ADDRESSES.sub("#", text)
    text = _NAMED_ID.sub(r"\1\2#", text)
    text = _BASE64.sub("#", text)
    text = _WORD_OR_NUMBER.sub(_word_or_number, text)
    text = _SEVERAL.sub("#", text)
    text = _ONE.sub(_plural, text)
    return _OBJECT.sub(r"\1", text)


def _word_or_number(found: re.Match[str]) -> str:
    if found["model"]:
        return found["model"]
    if found["token"]:
        return fold_token(found["token"], found.string, found.start(), found.end())
    number = found["number"]
    if number is None or found["sign"] or found["after"]:
        return "#"
    return found[0] if is_code(number, found.string, found.start("number"), found.end("number")) else "#"


def _plural(found: re.Match[str]) -> str:
    """One and many are the same number here."""
    word = found[1]
    return f"# {word[:-1]}ies" if word.endswith("y") else f"# {word}s"


def _place(found: re.Match[str]) -> str:
    """Return host and path of an address; without scheme, credentials, query."""
    rest = re.split(r"[?#]", found[1], maxsplit=1)
    place = rest[0]
    host, slash, path = place.partition("/")
    place = f"{host.rpartition('@')[2]}{slash}{path}"
    stop = found[1][-1] if found[1][-1] in ".,;:)]}" else ""
    return place.rstrip("/.,;:)]}") + stop


def _temporary(found: re.Match[str]) -> str:
    """Return `#`, and the name of the file if a person or program chose it."""
    name = re.split(r"[/\\]", found[1])[-1]
    folded = _TOKEN.sub(lambda one: fold_token(one[0], one.string, one.start(), one.end()), name)
    chosen = folded == name and not re.match(r"tmp", name) and len(name) > 1
    return f"#/{name}" if chosen else "#"
