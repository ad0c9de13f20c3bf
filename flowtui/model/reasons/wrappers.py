"""Takes off what layers put around a failure: retries, log lines, an exception as Python writes it, codes. Pure."""

from __future__ import annotations

import re
from typing import Final

from flowtui.model.reasons.codes import PHRASE
from flowtui.model.reasons.telling import repeats, telling_words

_NUMBER: Final = r"[\d#]{1,4}"
# Who tried again says nothing of the failure, if the last error follows.
_RETRIES: Final = re.compile(
    rf"(?:(?:\w{{1,40}} )?(?:failed|gave up|giving up|aborted|stopped|no success|unsuccessful|retried)(?: after)? (?:all )?{_NUMBER} (?:\w{{1,20}} )?(?:attempts?|retries|tries|times)"
    rf"|(?:max(?:imum)?|too many)(?: number of)? (?:retries|attempts|retry attempts|tries)(?: \({_NUMBER}\))?(?: (?:exceeded|reached|exhausted))?(?: \({_NUMBER}\))?|(?:all )?(?:retries|attempts) (?:exhausted|failed)"
    rf"|all {_NUMBER} (?:retries|attempts|tries|retry attempts)(?: have)? (?:failed|exhausted)|(?:retry|attempt|try|versuch|tentative|intento) {_NUMBER}(?:\s?(?:/|of|von|de|sur)\s?{_NUMBER})?(?: (?:failed|fehlgeschlagen|échouée?|fallido))?)"
    rf"(?: \([^()\n]{{0,60}}\))?\s?[.;:,–—-]{{1,2}}\s(?=\S)",
    re.IGNORECASE,
)
_LAST: Final = re.compile(
    r"(?:(?:the )?(?:last|final|latest|original|underlying|root)[ _](?:error|exception|failure|cause)(?: was| is)?|(?:the |this )?(?:error|exception|reason|cause) (?:was|is|message)(?: the error)?|(?:letzter fehler|dernière erreur|último error|último erro))\s?[:=]\s?(?=\S)",
    re.IGNORECASE,
)
_FUTURE: Final = re.compile(
    r"(?:(?:\w{1,40}\.){0,4}RetryError: )?(?:\w{1,40}\.){0,4}RetryError(?:\[|: )<?Future at \S{1,30} state=finished raised (\w{1,80})>?\]?(?:: )?(?= ?(\S?))",
)
_LEVEL: Final = r"(?:ERROR|FATAL|CRITICAL|WARN(?:ING)?|SEVERE|error|fatal|critical|warning|err|Error)"
_TIME: Final = r"(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|\s?[+-]\d\d:?\d\d)?"
_LOG: Final = re.compile(
    rf"(?:\[?{_TIME}\]?[\s|:,-]{{1,4}}(?:\[?[A-Za-z_][\w.-]{{1,60}}\]?[\s|:-]{{1,3}})?\[?{_LEVEL}(?:/[\w-]{{1,60}})?\]?(?:[\s|:-]{{1,3}}\[?[A-Za-z_]\w{{0,40}}(?:\.\w{{1,40}}){{1,6}}(?:\]|:\d{{1,6}})?(?=[\s|:-]))?[\s|:-]{{1,3}}"
    rf"|\[{_LEVEL}\]\s?|(?:ERROR|CRITICAL|WARNING):[A-Za-z_][\w.-]{{1,80}}:\s?|[EWF]\d{{4}} {_TIME}\s{{1,4}}\d{{1,8}} [\w./-]{{1,80}}:\d{{1,6}}\]\s|E\d{{4}} # [\w./-]{{1,80}}:#\]\s)(?=\S)",
)
_LOGFMT: Final = re.compile(
    rf"(?:(?:time|ts|t|timestamp)=\S{{1,60}}\s)?(?:level|lvl|severity)={_LEVEL}\s(?:\w{{1,30}}=[^\s\"]{{1,80}}\s){{0,4}}(?:msg|message|error|err)=\"((?:[^\"\\\n]|\\.){{1,4000}})\"[^\n]{{0,2000}}",
    re.IGNORECASE,
)
# ValueError('…'), <ToolError: …>, [TextContent(type='text', text='…')]
_REPR: Final = re.compile(
    r"(?:[A-Za-z_]\w{0,60}\.){0,6}(?P<class>[A-Z]\w{0,80})\((?:(?P<number>-?[\d#]{1,6}), )?(?:(?:message|msg|detail|args|error)=)?\(?(?P<quote>['\"])(?P<text>[^\n]{0,4000}?)(?P=quote),?\)?,?\)(?P<rest>\s[^\n]{0,400})?"
)
_EMPTY_REPR: Final = re.compile(
    r"(?:[A-Za-z_]\w{0,60}\.){0,6}([A-Z]\w{0,80}(?:Error|Exception|Timeout|Exceeded|Exit|Interrupt))(?:\((?:''|\"\")?,?\)|: (?:''|\"\"))"
)
_ANGLES: Final = re.compile(r"<((?:\w{1,60}\.){0,6}\w{1,80}(?:Error|Exception|Timeout): [^<>\n]{1,2000})>")
# Quotes, marks and tags around all of a text; Rust's and Go's form of an error.
_DECORATED: Final = re.compile(
    r"(?:[❌⚠✗✖✘🚨⛔🔴❗‼🛑💥\ufe0f]{1,3}\s*|`{3}\w{0,10}\s+)(?P<rest>\S.*)|\*\*(?P<bold>\w{1,30}:?)\*\*(?P<after>:?\s.*)|<(?P<tag>[a-z_]{1,30})>(?P<tagged>[^<>]{1,4000})</(?P=tag)>"
    r"|[(\[]?(?P<mark>['\"`])(?P<quoted>(?:(?!(?P=mark)\W)[^\n]){1,4000})(?P=mark)(?:,?[)\]])?"
    r"|&?(?:\w{1,40}\.)?[A-Z]?\w{1,40}\s?\{[^\"'{}\n]{0,200}\b(?:message|error|msg|s|description):\s?(?P<debug>['\"])(?P<said>[^\n]{1,4000}?)(?P=debug)[^\"'{}\n]{0,200}\}"
    r"|(?:called `Result::unwrap\(\)` on an `Err` value: |Err\()(?P<err>\S[^\n]{0,4000}?)\)?|(?P<fenced>\S[^`]{1,4000}?)\s+`{3}",
    re.DOTALL,
)
_MARKS: Final = frozenset("❌⚠✗✖✘🚨⛔🔴❗‼🛑💥`*<'\"([&")
_ERRNO: Final = 3  # digits of a number of an operating system: its sentence says the same
_SOME: Final = 2  # words of a quoted text that is no name
_PARTS: Final = re.compile(
    r"\[?(?:\w{1,20}\.)?TextContent\((?:type='text', )?text=(?P<quote>['\"])(?P<text>[^\n]{1,4000}?)(?P=quote)(?:, [^\n]{0,2000})?\)\]?"
)
_ESCAPED_QUOTE: Final = re.compile(r"\\(['\"])")
# A code of a program before or after its own sentence; without digits: those tell causes apart that share a sentence.
_CODE: Final = r"[A-Z][A-Z]{1,30}(?:_[A-Z]{1,30}){1,6}"
_CODE_BEFORE: Final = re.compile(
    rf"(?:[(\[][\d#]{{1,5}}[)\]]\s(?:(?P<numbered>[A-Z]{{3,30}}):\s)?|[\d#]{{1,4}} (?:\(rc=[\d#]{{1,4}}\))?: ?key=(?P<key>\w{{2,60}}), message=)?(?:(?P<code>{_CODE})\s?[:：]\s?(?:(?P=code)\s?:?\s)?|\[(?P<box>{_CODE})\]:?\s)?(?=[^a-z\s])"
)
_CODE_AFTER: Final = re.compile(
    rf"\s?[(\[](?:(?:error[ _]?)?code|código|codigo|codice|fehlercode|error|reason)?\s?[:=]?\s?(?P<code>{_CODE})[)\]]$",
    re.IGNORECASE,
)
_NUMBERED: Final = re.compile(
    r"(?:\([\d#]{1,5}\)|MCP error -?[\d#]{1,6}:|JSON-?RPC error -?[\d#]{1,6}:)\s(?=\S)"
)
_SETTING: Final = re.compile(
    r"(?:KEY|TOKEN|URL|URI|ID|PATH|DIR|HOST|PORT|SECRET|NAME|USER|PASSWORD|FILE|ENDPOINT)$"
)
# gRPC's codes say more than a client's sentence: a cause is often the same sentence with another of these.
_GRPC: Final = frozenset((
    "NOT_FOUND", "DEADLINE_EXCEEDED", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "OUT_OF_RANGE", "DATA_LOSS", "INVALID_ARGUMENT",
))  # fmt: skip
_STATUS_BEFORE: Final = re.compile(rf"[45]\d\d (?=[A-Z])(?!{PHRASE}\b)(?![A-Z_]{{4}})")
_SAP_END: Final = re.compile(
    r"\s(?:Message [\d#]{1,4} of class \w{1,20} type \w\b|\[MSG: class=\w{1,20}, )[^\n]{0,1000}"
)
_SQL_STATE: Final = re.compile(r"\s?\(SQLSTATE[: ]\s?[0-9A-Z]{5}\)$")
_CLIENT_BEFORE: Final = re.compile(
    r"curl: \([\d#]{1,3}\) (?=\S)|curl: (?=[A-Z])|curl error [\d#]{1,3}: (?=\S)|(?-i:LOADING|OOM|READONLY|MISCONF|NOAUTH|WRONGTYPE|CLUSTERDOWN) (?=[A-Za-z]\w{1,30} \w{1,30} )|(?:pq|pgx|psql|mysql|rpc|graphql(?: error)?|sqlite3?): (?=\S)|SQLSTATE\[\w{5}\](?: \[\d{1,6}\])?: [\w ]{1,60}: (?:[\d#]{1,6} )?(?:ERROR|FATAL): {1,3}",
    re.IGNORECASE,
)
_ENOUGH: Final = 3  # telling words of a sentence beside which a code says nothing more
# A machine is out of these as a whole: which file or call met it is chance.
_SHORTAGE: Final = re.compile(
    r"(?:[^\n:;]{1,120}: ){0,3}(?P<what>No space left on device|Too many open files(?: in system)?|Cannot allocate memory|Disk quota exceeded)"
    r"(?:: (?:'[^'\n]{0,1000}'|\"[^\"\n]{0,1000}\"|[^\s:]{1,400})|, \w{2,12}(?: (?:'[^'\n]{0,1000}'|\S{1,400}))?|: \w{2,12}|\.? \([^()\n]{0,80}\))?\.?",
    re.IGNORECASE,
)
_SHORT_OF: Final = ("no space", "too many open", "cannot allocate", "quota exceeded")
_SPAWN: Final = re.compile(r"(?:spawn(?: \S{1,200})?|fork|mmap|clone) (?P<code>ENOMEM|EMFILE|ENOSPC)\b")
_NODE: Final = {
    "ENOMEM": "Cannot allocate memory",
    "EMFILE": "Too many open files",
    "ENOSPC": "No space left on device",
}
# Node: EACCES: permission denied, open '/a'. Go: open /a: permission denied
_FILE_ERROR: Final = r"(?P<what>permission denied|no such file or directory|file already exists|is a directory|illegal operation on a directory|not a directory|read-only file system|operation not permitted|resource busy or locked)"
_NODE_FILE: Final = re.compile(
    rf"E[A-Z]{{4,12}}: {_FILE_ERROR}, (?:open|read|stat|access)(?: (?P<path>'[^'\n]{{1,1000}}'))?"
)
_GO_FILE: Final = re.compile(rf"\b(?:open|read|stat) (?P<path>[/#][^\s:]{{0,1000}}): {_FILE_ERROR}")
_OCTAL: Final = re.compile(r"(?:\\[23][0-7]{2}){2,8}")
_HEX: Final = re.compile(r"(?:\\x[89a-fA-F][0-9a-fA-F]){2,8}")
_UNICODE: Final = re.compile(r"\\u([0-9a-fA-F]{4})")


def unescaped_letters(text: str) -> str:
    r"""Return a text with letters in place of `\303\274`, `\xc3\xbc` and `\u00fc`."""
    if "\\" not in text:
        return text
    text = _OCTAL.sub(
        lambda found: _decoded(found[0], bytes(int(one, 8) for one in found[0].split("\\")[1:])), text
    )
    text = _HEX.sub(
        lambda found: _decoded(found[0], bytes(int(one, 16) for one in found[0].split("\\x")[1:])), text
    )
    return _UNICODE.sub(
        lambda found: (
            char if (char := chr(int(found[1], 16))).isprintable() and not char.isascii() else found[0]
        ),
        text,
    )


def _decoded(text: str, raw: bytes) -> str:
    try:
        told = raw.decode("utf-8")
    except UnicodeDecodeError:
        return text
    return told if told.isprintable() else text


def without_wrapper(text: str) -> str:
    """Return a text without one layer around it; as it is if there is none."""
    for pattern in (_RETRIES, _LAST, _LOG, _CLIENT_BEFORE):
        found = pattern.match(text)
        if found is not None and found.end() < len(text):
            return text[found.end() :]
    if "=" in text:
        line = _LOGFMT.fullmatch(text)
        if line is not None:
            return _ESCAPED_QUOTE.sub(r"\1", line[1])
    decorated = (
        _DECORATED.fullmatch(text) if text[:1] in _MARKS or text.endswith(("}", ")", "`", '"')) else None
    )
    if decorated is not None:
        return _bare(decorated, text)
    if "(" in text or "<" in text or "[" in text or text.endswith("''"):
        return as_python(text)
    return text


def _bare(found: re.Match[str], text: str) -> str:
    if found["bold"]:
        return f"{found['bold']}{found['after']}"
    inner = next(found[name] for name in ("rest", "tagged", "quoted", "said", "err", "fenced") if found[name])
    return str(inner) if found["rest"] or len(inner.split()) > _SOME else text


def as_python(text: str) -> str:
    """Return the class and message of an exception as Python writes it, such as `ValueError('…')`."""
    text = _FUTURE.sub(lambda found: f"{found[1]}: " if found[2] else found[1], text, count=1)
    empty = _EMPTY_REPR.fullmatch(text)
    if empty is not None:
        return empty[1]
    angles = _ANGLES.fullmatch(text)
    if angles is not None:
        return angles[1]
    parts = _PARTS.fullmatch(text)
    if parts is not None:
        return _ESCAPED_QUOTE.sub(r"\1", parts["text"])
    found = _REPR.fullmatch(text)
    if found is None or not found["text"].strip():
        return text
    told = found["text"]
    if len(told.split()) == 1:
        told = f"{found['quote']}{told}{found['quote']}"  # a key, such as KeyError('tax_rate')
    if found["number"] and len(found["number"]) > _ERRNO:
        return (
            f"{found['class']}: ({found['number']}, {found['quote']}{told}{found['quote']})"  # of a database
        )
    told = _ESCAPED_QUOTE.sub(r"\1", told).replace("\\n", " ")
    return f"{found['class']}: {told}{found['rest'] or ''}"


def without_codes(text: str) -> str:
    """Return one line without codes beside a sentence that says what happened by itself."""
    found = _CODE_BEFORE.match(text)
    code = next((group for group in found.groups() if group), "") if found is not None else ""
    if found is not None and code and not _keeps(code, text[found.end() :]):
        text = text[found.end() :]
    numbered = _NUMBERED.match(text)
    if numbered is not None and telling_words(text[numbered.end() :]) > 1:
        text = text[numbered.end() :]
    status = _STATUS_BEFORE.match(text)
    if status is not None and " from " not in text and telling_words(text) >= _ENOUGH:
        text = text[status.end() :]
    found = _CODE_AFTER.search(text, max(0, len(text) - 80))
    if found is not None and not _keeps(found["code"], text[: found.start()]) and found["code"].isupper():
        text = text[: found.start()]
    if "essage " in text or "[MSG" in text:
        text = _SAP_END.sub("", text)
    state = _SQL_STATE.search(text)
    return text[: state.start()] if state is not None and telling_words(text[: state.start()]) > 1 else text


def _keeps(code: str, sentence: str) -> bool:
    if repeats(code, sentence):
        return code in _GRPC
    return code in _GRPC or _SETTING.search(code) is not None or telling_words(sentence) < _ENOUGH


def says_enough(code: str, sentence: str) -> bool:
    """Return whether a sentence says what happened without the code beside it."""
    return not any(map(str.isdigit, code)) and code not in _GRPC and telling_words(sentence) >= _ENOUGH


def of_the_system(text: str) -> str:
    """Return what an operating system says in one form: without the call, and without the file if any had met it."""
    lower = text.casefold()
    if "enom" in lower or "emfile" in lower or "enospc" in lower:
        spawn = _SPAWN.search(text)
        text = _NODE[spawn["code"]] if spawn is not None else text
    found = _SHORTAGE.fullmatch(text) if any(words in lower for words in _SHORT_OF) else None
    if found is not None:
        return found["what"].capitalize()
    if "E" in text and ", " in text:
        text = _NODE_FILE.sub(_file_error, text)
    if ": " in text and "/" in text:
        text = _GO_FILE.sub(_file_error, text)
    return text


def _file_error(found: re.Match[str]) -> str:
    what, path = found["what"].capitalize(), found["path"]
    return what if not path else f"{what}: {path}" if path.startswith("'") else f"{what}: '{path}'"
