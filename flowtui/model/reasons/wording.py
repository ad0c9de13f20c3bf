"""Makes one line of a failure's lines; leaves out advice, ids of requests, and signs of a cut end. Pure."""

from __future__ import annotations

import re
from typing import Final

# Lines that only repeat the statement, name values, or give advice.
_LINES: Final = re.compile(
    r"\s*(?:DETAIL:|HINT:|CONTEXT:|QUERY:|STATEMENT:|LINE \d+:|\[parameters:|\[SQL:|\^+\s*$|For further information visit|For more information|Process \d+ waits for"
    r"|Is the server running (?:on|locally)|Redirect location:|CUDA kernel errors might be|For debugging consider|Compile with `|During task with name|Browser logs:|Session info:|Troubleshooting:|(?:Documentation|Docs|Help|Tip|Hint|Note|Suggestion|More info(?:rmation)?|Request[ -]?ID|Trace[ -]?ID|Timestamp|Correlation ID)s?\s?:|Visit https?:|Learn more|If you believe|If this persists"
    r"|Require stack:|\(Session info: |Stacktrace:\s*$|Please (?:fix|correct|try|retry|check|rephrase|use) [^'\"`\n]{0,80}$|You should only use this tool|error_str: |`{3}\s*$|- /\S+$|For troubleshooting|See https?://|… \(the rest is left out\)|\.\.\.\s*$|-{3,}\s*$|={3,}\s*$)"
)
# All after these lines is a log, or what led there.
_TRAILERS: Final = re.compile(
    r"\s*(?:Call log:|={2,}\s?logs\s?={2,}|Browser logs:|Stack ?trace:|Backtrace:|Response headers:|Full response:|Debug info(?:rmation)?:|Logs?:)\s*",
    re.IGNORECASE,
)
_STATUS_END: Final = re.compile(r"(?<![\w.])[45]\d\d$")
_NUMBERS: Final = re.compile(r"\d+(?:[.:]\d+)*")
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+(?=\S)|(?<=[。！？])")
_ADVICE: Final = re.compile(
    r"(?:please [a-z]|you should only use this tool"
    r"|try again|retry|see [\w.]+/|see https?:|see the|see also|if (?:the|this|you)"
    r"|contact |consider |check (?:your|the|that|out)|make sure|did you mean"
    r"|bitte |versuchen sie|wenden sie|prüfen sie|überprüfen sie|warten sie|melden sie|verifique|compruebe|revise|contate|aguarde|riprova|si prega|contatta|vérifiez|patientez|contactez|essayez|probeer|spróbuj|попробуйте|повторите|обратитесь|veuillez|réessayez|merci de|por favor|inténtelo|intente|vuelva|tente |contacte|entre em contato"
    r"|请|稍後|稍后|確認してください|サポート|管理者に|時間をおいて|しばらく|もう一度|再度|後ほど|お手数)",
    re.IGNORECASE,
)
_CLAUSE: Final = re.compile(
    r"(?<=[\w#)\]'\"》」》])\s?(?:[,;，；、]|\s[–—-]|\.)\s?(?:please [a-z]|try again|retry(?:ing)? (?:after|in|later)|retrying\b|giving up\b|and try again"
    r"|bitte (?:versuchen|warten|wenden|später|prüfen|erneut)|veuillez|réessayez|merci de|por favor|inténtelo|tente novamente|riprova"
    r"|请(?:稍后|检查|联系|重试|重新|确认|等待|先)|稍后|more info at|see https?|for more info)[^.!?。！？'\"]{0,200}[.。!！]?$",
    re.IGNORECASE,
)
_ALWAYS_ADVICE: Final = re.compile(
    r"(?:visit |giving up|retrying|aborting|see (?:the )?(?:logs?|server log)\b|for (?:more|further|details)|for troubleshooting|(?:to )?learn more|read more|(?:you can )?find out more|you can |read the docs|more info)",
    re.IGNORECASE,
)
_HOLDS_NAMES: Final = re.compile(r"['\"`«„「][\w.# -]{1,60}['\"`»“」]")
_ID: Final = r"(?<![\w-])(?:x[-_])?(?:request|trace|correlation|cf-ray|ray|log|event|incident|error|reference|support)[-_ ]?(?:id|ref)?[\"']?\s?[:=]\s?[\"']?#[\"']?(?!\svalidation)"
_REQUEST_ID: Final = re.compile(rf"[\s,;]*(?:\({_ID}\)|\[{_ID}\]|(?<![(\[]){_ID})", re.IGNORECASE)
_STOP: Final = re.compile(r"[.!?;,:](?=\s)|\s[(\[]|[。！？，；]")
_WORDS: Final = re.compile(r"[^\W\d_]{2,}|[\u3040-\u30ff\u3400-\u9fff]{2}")
_ENOUGH: Final = 5  # words of a text that was cut off
_CUT: Final = re.compile(r"(?:\s*(?:…|\.{3}|\[?\(?<?truncated>?\)?\]?|\[cut\]))+$", re.IGNORECASE)


def one_line(text: str) -> str:
    """Return the lines that say what happened as one line."""
    lines = [line.strip() for line in text.replace("␊", "\n").replace("␍", "").split("\n")]
    trailer = next((n for n, line in enumerate(lines) if n and _TRAILERS.fullmatch(line)), len(lines))
    told = [line for n, line in enumerate(lines[:trailer]) if line and (n == 0 or not _LINES.match(line))]
    # What is said again of another address or number is said once.
    told = list({_NUMBERS.sub("#", line): line for line in reversed(told)}.values())[::-1]
    # A status at the end of a line is one only there: `crm 502` of `crm 502 retry` could count something.
    return " ".join(f"{line};" if _STATUS_END.search(line) else line for line in told).removesuffix(";")


def without_advice(text: str) -> str:
    """Return a folded text without advice, ids of requests, and signs of cut ends."""
    text = _REQUEST_ID.sub("", text)
    text = _CLAUSE.sub("", text)
    first, *others = _SENTENCE.split(text)
    kept = [
        one
        for one in others
        if one and not _ALWAYS_ADVICE.match(one) and (not _ADVICE.match(one) or _HOLDS_NAMES.search(one))
    ]
    return " ".join([first, *kept]) if len(kept) < len(others) else text


def without_rest(text: str) -> str:
    """Return a line without the sentence or clause in which it was cut off, if enough stands before that."""
    found = _CUT.search(text)
    if found is None:
        return text
    whole = text[: found.start()].rstrip()
    ends = [one.end() for one in _STOP.finditer(whole)]
    if not ends or whole.endswith((".", "!", "?", "。")):
        return whole
    kept = whole[: ends[-1]].rstrip(" ,;:([")
    return kept if len(_WORDS.findall(kept)) >= _ENOUGH else whole


def without_cut(text: str) -> str:
    """Return a text without signs that its end was cut off, and without a stop at its end."""
    return _CUT.sub("", text).rstrip(" .;,:。!！")
