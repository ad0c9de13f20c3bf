"""Shortens sentences that libraries write around a failure: `502 Bad Gateway from HOST/PATH`. Pure."""

from __future__ import annotations

import re
from typing import Final

from flowtui.model.reasons.codes import PHRASE
from flowtui.model.reasons.http_errors import shortened_http

# What an operating system says of a failed call. The number beside it says nothing more, and is often missing.
_SYSTEM: Final = (
    "Connection refused|No such file or directory|Permission denied|No space left on device|Connection reset by peer|Broken pipe"
    "|Network is unreachable|No route to host|Connection timed out|Is a directory|Not a directory|File exists|Too many open files"
    "|Address already in use|Operation timed out|Read-only file system|Disk quota exceeded|Cannot allocate memory"
    "|Operation not permitted|Device or resource busy|Invalid argument|Input/output error|Resource temporarily unavailable"
    "|Host is unreachable|File name too long|Directory not empty|Connect call failed|No such process|Bad file descriptor|Text file busy"
)
_ITEM: Final = r"(?:'[^'\n]{0,200}'|\"[^\"\n]{0,200}\"|`[^`\n]{0,200}`|«[^»\n]{0,200}»|„[^“”\n]{0,200}[“”]|“[^”\n]{0,200}”)"
_NO_NAME: Final = (
    "Name or service not known|Temporary failure in name resolution|nodename nor servname provided, or not known"
    "|No address associated with hostname|Name does not resolve|getaddrinfo failed"
)
_RULES: Final = tuple(
    (needed, re.compile(pattern, flags), shorter)
    for needed, pattern, shorter, flags in (
        # httpx, requests, aiohttp, urllib
        ("' for url '", r"(?:Client error|Server error|Redirect response|Informational response) '(\d{3}) ?([^'\n]{0,80})' for url '([^'\s]{1,2000})'", r"\1 \2 from \3", 0),
        (" Error: ", r"\b(\d{3}) (?:Client|Server) Error: ([^\n]{0,80}?) for url: (\S{1,2000})", r"\1 \2 from \3", 0),
        ("message=", r"\b(\d{3}), message=['\"]([^'\"\n]{0,200})['\"], url=(?:URL\()?['\"]?([^'\")\s]{1,2000})['\"]?\)?", r"\1 \2 from \3", 0),
        ("HTTP Error", r"\bHTTP Error (\d{3}): ", r"\1 ", 0),
        ("HTTP/", r"\bHTTP/[12](?:\.[01])? ([45]\d\d)\b", r"\1", 0),
        # urllib3 inside requests
        ("", rf"\b(?:HTTP )?(?:status )?(?:code:? )?([45]\d\d)(?:[:,]| [-–])? \(?({PHRASE})\)?(?![a-z])", r"\1 \2", 0),
        ("Unexpected token", r"(Unexpected token '.{1,4}'), (?:\.{3})?\".{0,80}?\"(?:\.{3})? (is not valid JSON)", r"\1 \2", 0),
        ("", r"(?:\b(?:HTTP )?(?:response |request )?headers\s?[:=]\s?)(?:\w{1,40}\()?\{[^{}]{0,4000}\}\)?,?\s?", "", re.IGNORECASE),
        ("***", r"[\w-]{0,40}\*{3,200}[\w-]{0,40}", "#", re.ASCII),
        ("", r"[=_~-]{5,}", " ", 0),
        # aiohttp, asyncpg, urllib3: objects, options, addresses
        (" ssl:", r" ssl:(?:default|True|False|None|<[^>\n]{0,200}>)", "", 0),
        (" at ", r"<[a-z][\w.]{3,80}\.\w{1,60} object at (?:0x[0-9a-f]{1,16}|#)>,\s", "", re.IGNORECASE),
        ("Multiple exceptions", r"Multiple exceptions: (\[Errno [\d-]{1,6}\] [A-Z][^\n(]{3,80}\([^)\n]{0,80}\)).{0,2000}", r"\1", 0),
        # one name of a cause: with and without its number
        ("", rf"(?:\[Errno -?\d{{1,5}}\] |getaddrinfo failed: )?(?:{_NO_NAME})", "Name or service not known", re.IGNORECASE),
        ("E", r"\b(?:read|write) (?:ECONNRESET|EPIPE)\b", "Connection reset by peer", 0),
        ("", rf"(?:\[Errno -?\d{{1,5}}\]|\bE[A-Z]{{4,12}}:) (?=(?:{_SYSTEM})\b)", "", 0),
        ("", rf"((?:{_SYSTEM}))(?: \((?:os error|errno|error|code)[ =:]{{0,2}}-?\d{{1,5}}\)|, errno[ =:]{{1,2}}-?\d{{1,5}})", r"\1", re.IGNORECASE),
        # jsonschema: the value differs from run to run
        (
            "Failed validating",
            r"^[^\n]{1,4000}? ((?:is not|does not|was expected|should|is too|is a|is less|is greater|is shorter)[^\n]{0,200})\n\s*Failed validating '\w{1,40}' in schema((?:\[[^\]\n]{0,80}\]){0,12}):.*",
            r"\1 in \2",
            re.DOTALL,
        ),
        (" in /", r" in /\S{1,300}(?:\.\w{1,5}:[\d#]+| on line [\d#]+)$", "", re.MULTILINE),
        (
            "ConnectionPool(",
            r"HTTPS?ConnectionPool\(host=['\"]([^'\"]{1,255})['\"], port=[\d#]{1,6}\): Max retries exceeded with url: (\S{1,2000}) \(Caused by (?:\w{1,60}\(){1,3}(?:-?\d{1,3}, )?['\"]?(?:<[^>]{0,200}>: |\w{1,60}\([^:]{0,200}\): )?['\"]?(.{1,2000}?)['\"]?\){1,4}\s*$",
            r"\3 (\1\2)",
            re.MULTILINE,
        ),
        ("ConnectionPool(", r"HTTPS?ConnectionPool\(host=['\"]([^'\"]{1,255})['\"], port=[\d#]{1,6}\): (.{1,200}?)\.? ?\((?:read|connect) timeout=[\w#.]{1,20}\)", r"\2 (\1)", 0),
        ("ConnectionPool(", r"HTTPS?ConnectionPool\(host=['\"]([^'\"]{1,255})['\"], port=[\d#]{1,6}\): (Read timed out)\.?", r"\2 (\1)", 0),
        ("ConnectionPool(", r"HTTPS?ConnectionPool\(host=['\"]([^'\"]{1,255})['\"], port=[\d#]{1,6}\): ", r"\1: ", 0),
        ("\\n", r"\\n(?:For (?:troubleshooting|further|more)|Please )[^\n]{0,400}", "", 0),
        (" at ", r"<?\b[a-z][\w.]{3,80}\.\w{1,60} object at (?:0x[0-9a-f]{1,16}|#)>?: ", "", re.IGNORECASE),
        # pydantic: values and their types differ from run to run
        ("input_value=", r", input_value=.{0,1000}?, input_type=\w{1,60}\]", "]", re.DOTALL),
        ("[type=", r"\[type=(\w{1,60})\]", r"(\1)", 0),
        # database drivers: the statement, its values
        ("[SQL: ", r"\s*\[SQL: .*", "", re.DOTALL),
        ("(Background", r"\s*\(Background on this error at: [^)]{0,200}\)", "", 0),
        # Python and databases: the value that could not be read
        ("", (rf"((?:invalid literal for int\(\) with base \d{{1,2}}|could not convert string to \w{{1,20}}|invalid input syntax for (?:type )?[\w ]{{1,40}}|invalid input value for enum \w{{1,60}}|Invalid isoformat string|Unknown string format"
         rf"|unconverted data remains|String does not contain a date|Incorrect \w{{1,20}} value|Truncated incorrect \w{{1,20}} value|date/time field value out of range|Unknown datetime string format, unable to parse|No timezone found with key|Invalid (?:date|time|datetime|number|amount|e-?mail(?: address)?|url|uuid|iban|phone number|postcode|zip code|timestamp)"
         rf"|Cannot parse (?:date|time|number|amount)|ungültiges? (?:datum|zahl|betrag|wert|e-?mail-adresse)|date invalide|nombre invalide|fecha inválida|data inválida|número inválido|日期格式错误|日期无效|无效的日期|日付が不正です)\s?[:：]\s?)(?:{_ITEM}|[^\s'\"\n#][^\n]{{0,200}})"), r"\1#", re.IGNORECASE),
        ("", rf"\b(time data|Duplicate entry|(?:en|de)code character|For input string:|Text|Unparseable date:|Invalid value|invalid date|Unable to parse string|Cannot deserialize value of type `[^`\n]{{1,80}}` from String) {_ITEM}(?= (?:does not|for key|in position|could not|for|as a|:)|:|$)", r"\1 #", re.MULTILINE),
        ("Command ", r"Command ['\"]\[?['\"]?([\w./-]{1,200})[^\n]{0,300}?['\"]?\]?['\"] (?=returned|timed out|died|failed)", r"Command '\1' ", 0),
        ("", rf"\b((?:invalid|wrong|illegal|unexpected|unsupported|ungültige[rs]?|unzulässige[rs]?|falsche[rs]?|valeur invalide|valor (?:inválido|no válido))(?: (?:value|format|type|input|wert|format))?(?: (?:for|of|in|für|im feld|pour|para))?(?: (?:field|parameter|argument|column|feld|champ|campo))? (?:{_ITEM}|[\w.]{{1,60}}))(: | ?= ?|, got |: got )(?:{_ITEM})", r"\1\2#", re.IGNORECASE),
        ("", r"[.,;]? (?:Did you mean|Perhaps you meant|Meinten Sie|Vouliez-vous dire|Quisiste decir|Você quis dizer)\b:?[^\n?]{1,200}\??", "", re.IGNORECASE),
        ("when parsing", r"(when parsing )[^\n]{1,2000}( for \w{1,40})", r"\1…\2", 0),
        # models' services: how many tokens there were, in several wordings
        ("", r"(maximum (?:context|input|prompt) length (?:is|of) [\d#,.]{1,12} tokens)(?:[.,;]\s(?:However|but|and|Requested|You requested)\b[^\n]{0,400}|[.,;]\s[^\n]{0,40}…)", r"\1", re.IGNORECASE),
        # Google
        ("<HttpError", r"<HttpError (\d{3}) when requesting (\S{1,2000}) returned \"([^\"\n]{1,500})\"[^\n]{0,4000}", r"\1 from \2: \3", 0),
        ("Connection aborted", r"\('Connection aborted\.', (\w{1,60}\([^\n]{1,300}\))\)", r"\1", 0),
        ("(", r"\(['\"]([^\n]{1,500}?)['\"], (?:\{['\"]error|['\"]\{)[^\n]{0,2000}\)", r"\1", 0),
        # boto3
        ("An error occurred (", r"\bAn error occurred \((\w{1,80})\) when calling the (\w{1,80}) operation(?: \(reached max retries: [\d#]{1,3}\))?: ", r"\1 from \2: ", 0),
        ("CUDA", r"(CUDA out of memory)\. Tried[^\n]{0,2000}", r"\1", 0),
        ("", r"\bException occurred: ", "", re.IGNORECASE),
    )
)  # fmt: skip
_WRITTEN: Final = re.compile(
    r"((?:output|completion|got|content|answer|input|text)\s?[:=]\s?)"
    r"(?:`[^`]{24,}(?:`|$)|```.*?(?:```|$)|\"[^\"]{40,}(?:\"|$)|'[^']{40,}(?:'|$)|“[^”]{24,}(?:”|$))",
    re.IGNORECASE | re.DOTALL,
)
# What a parser says of a text; after it and after the words below stands only the text that a model wrote.
_PARSER: Final = (
    r"(?:Expecting (?:value|property name|',' delimiter|':' delimiter)|Unterminated string|Extra data|Invalid (?:control character|\\?escape)|Unexpected (?:token|end|non-whitespace|UTF-8)"
    r"|[\w.]{1,60}(?:Error|Exception)\b|\d+ validation error|validation error|line \d+|missing |field |key |# |['\"`][\w.]{1,60}['\"`] (?:is|has|must|does|was|cannot)\b|(?:unknown|no such|invalid|unexpected|unsupported|not|must|expected|cannot|timed out|timeout) )"
)
_MODELS_TEXT: Final = re.compile(
    r"(?P<what>\b(?:Invalid json output|Could not parse (?:LLM|model|the|tool|agent|function)?[ \w]{0,40}?(?:output|response|answer|completion|reply|arguments|call)"
    r"|(?:(?:Failed|Unable|Error|Cannot|could not|couldn't)(?: to)? (?:parse|pars(?:e|ing)|decode|read|interpret) |Error parsing )[ \w']{0,40}(?:output|response|answer|completion|reply|text|generation|arguments|JSON)(?: (?:as|to|into|from)[ \w]{1,40})?"
    r"|(?:LLM|model|agent|assistant)(?:'s)? (?:output|response|answer|reply|completion|returned|wrote|said|replied|answered)(?: (?:is|was|did|does|do|no|not|an?|any|the|invalid|valid|malformed|unparseable|with|contain|return|produce|match|call|tool|schema|format|expected|JSON|text)){0,6}"
    r"|(?:LLM|model|agent) (?:did not|didn't|does not) (?:return|produce|write|answer with|respond with)(?: (?:a|any|the|valid|JSON|tool|call|function|text|in|expected|format)){1,5}|expected (?:valid )?JSON,? (?:but )?(?:got|received)"
    r"|in (?:the )?(?:LLM |model |agent )?(?:output|answer|reply)(?= ?:)"
    r"|(?:blocked|rejected|flagged|refused|filtered|stopped) (?:the |this |an )?(?:model's |agent's )?(?:output|answer|response|prompt|input|message|text|request|reply)(?: (?:of|by|from)[ \w]{1,40})?"
    r"|(?:output|response|answer|reply|completion) (?:is|was) (?:not|no|invalid|malformed)[ \w]{0,30}"
    r"|(?:the )?model refused(?: to [ \w]{1,40})?|refusal|(?:Die )?(?:Antwort|Ausgabe)(?: des (?:Modells|LLM|Agenten))? (?:ist|war|enthält|konnte)[ \w]{1,60}|(?:Das )?Modell hat [ \w]{1,50}|Ungültige[sr]? JSON(?:-Ausgabe| in der Antwort[ \w]{0,30})?"
    r"|(?:La )?(?:réponse|sortie)(?: du modèle)? (?:n'est pas|n’est pas|est|ne)[ \w]{1,60}|Impossible d['’]analyser[ \w']{1,60}|Le modèle a [ \w]{1,50}"
    r"|(?:La )?(?:respuesta|salida)(?: del modelo)? (?:no es|es|no)[ \w]{1,60}|No se pudo (?:analizar|interpretar)[ \w]{1,60}|El modelo [ \w]{1,50}"
    r"|(?:A )?(?:resposta|saída)(?: do modelo)? (?:não é|é|não)[ \w]{1,60}|Não foi possível (?:analisar|interpretar)[ \w]{1,60}|O modelo [ \w]{1,50}"
    r"|(?:无法解析|解析|模型)[^:：\n]{0,20}(?:输出|回复|响应|结果|失败|拒绝|JSON)[^:：\n]{0,12}|(?:モデル|LLM)の?[^:：\n]{0,16}(?:出力|応答|回答|返答|拒否)[^:：\n]{0,24}))"
    rf"\s?(?:[:：]|\n)\s?(?!{_PARSER}|“…”)(?P<text>[^\s].*)",
    re.IGNORECASE | re.DOTALL,
)
_AFTER_PLACE: Final = re.compile(
    r"(\bline \d{1,9},? column \d{1,9}(?: \(char \d{1,9}\))?)\s?(?:(?:in|near|of|for|at)\s|[:,;-]\s|\n|\.\s)(?!\s?line).*",
    re.DOTALL,
)
_STRANGE: Final = re.compile(
    r"Unexpected token '?([^\W_]|[\u3040-\u9fff])'?,? (?:in JSON at position \d{1,9}(?: \(line \d{1,9} column \d{1,9}\))?|is not valid JSON)"
)
# A model's prose where JSON was expected: parsers say it in several ways.
_INVALID_JSON: Final = "The text is not valid JSON"
_NO_JSON: Final = re.compile(
    r"(?<![\w'])(?:(?:Invalid json(?: output| response| reply| text)?|(?:(?:Could not|Failed to|Unable to|Cannot) (?:parse|decode|read)|Error parsing)(?: the)?(?: (?:LLM|model|agent))?(?:'s)?(?: (?:output|response|answer|reply))?(?: (?:as|into|to))? JSON(?: (?:from|in|of))?(?: (?!at )[\w']{1,20}){0,4}"
    r"|(?:the )?(?:(?:LLM|model|agent|planner|assistant)(?:'s)? )?(?:output|response|answer|reply|completion) (?:is|was) (?:(?:not|no)(?: a)?(?: valid)?|invalid) JSON|(?:the )?(?:LLM|model|agent|planner|assistant) (?:did not|didn't|does not) (?:return|produce|output|write|answer with|respond with)(?: a)?(?: valid)? JSON(?: object)?"
    r"|No (?:valid )?JSON(?: object)? (?:could be decoded|(?:was )?found|in)(?: [\w']{1,20}){0,4}|(?:Unexpected|got|received) non-JSON (?:output|response|answer|reply))"
    rf"(?:\s?(?:[:：.\n]|[–—-]\s)\s?(?:(?=Expecting value|{_INVALID_JSON}|Unexpected token)|(?!{_PARSER})).*)?$"
    r"|Expecting value: line [\d#]{1,9},? column [\d#]{1,9}(?: \(char [\d#]{1,9}\))?(?:(?=['\"]\))|.*)|Unexpected token # is not valid JSON)",
    re.IGNORECASE | re.DOTALL,
)
_PYDANTIC: Final = re.compile(
    r"(?:[\d#]{1,5} )?validation errors? for (?P<model>[\w.\[\], -]{1,80}?)(?::)?\s*\n"
)
_PYDANTIC_LINE: Final = re.compile(
    r"(?:[\d#]{1,5} )?validation errors? for (?P<model>[\w.\[\]-]{1,80}):?\s(?P<field>[\w.\[\]`'-]{1,120})\s"
    r"(?P<message>[A-Z][^\[\n]{1,300}?)\s\[type=(?P<type>\w{1,60}),[^\n]{0,4000}"
)
_FIELD_ERROR: Final = re.compile(
    r"^[ \t]*(?P<field>[^\s\n][^\n]{0,200})\n[ \t]+(?P<message>[^\n]{1,400}?)\s[\[(]type=(?P<type>[\w.]{1,60})[^\n]{0,4000}$",
    re.MULTILINE,
)
_INDEX: Final = re.compile(r"(?<![^.])\d+(?![^.])")
_MOST: Final = 3  # fields that are named
# These types say what was wrong; the rest of the sentence depends on the value.
_OWN_WORDS: Final = frozenset(("value_error", "assertion_error", "custom_error"))


def shortened(text: str) -> str:
    """Return a text with the sentences of known libraries in their short form."""
    text = _without_values(text)
    for needed, pattern, shorter in _RULES:
        if needed in text:
            text = pattern.sub(shorter, text)
    text = shortened_http(text)
    return _without_written(_WRITTEN.sub(r"\1“…”", text))


def _without_written(text: str) -> str:
    """Return a text without what a model wrote."""
    if "JSON" in text or "json" in text or "xpecting value" in text:
        text = _NO_JSON.sub(_INVALID_JSON, _STRANGE.sub(_INVALID_JSON, text), count=1)
    if "JSON" in text or "xpecting" in text or "elimiter" in text or "xtra data" in text:
        text = _AFTER_PLACE.sub(r"\1", text)
    return _MODELS_TEXT.sub(r"\g<what>: “…”", text, count=1)


def _without_values(text: str) -> str:
    """Return a text with pydantic's errors as `validation errors for MODEL: FIELD: what is wrong (type)`."""
    head = _PYDANTIC.search(text)
    if head is None:
        return _PYDANTIC_LINE.sub(_flat, text, count=1)
    found = list(_FIELD_ERROR.finditer(text, head.end()))[:50]
    if not found:
        return text
    told = sorted({_told(one["field"], one["message"], one["type"]) for one in found})
    return f"{text[: head.start()]}# validation errors for {head['model'].strip()}: {'; '.join(told[:_MOST])}"


def _flat(found: re.Match[str]) -> str:
    told = _told(found["field"], found["message"], found["type"])
    return f"# validation errors for {found['model']}: {told}"


def _told(field: str, message: str, kind: str) -> str:
    if kind not in _OWN_WORDS:
        message = message.split(", ", 1)[0] if " should be '" not in message else "Input should be one of […]"
    return f"{_INDEX.sub('#', field.strip())}: {message} ({kind})"
