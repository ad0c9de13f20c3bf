"""Brings what HTTP and gRPC clients say of a bad answer to one form: `502 Bad Gateway from HOST/PATH`. Pure."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

from flowtui.model.reasons.codes import PHRASE
from flowtui.model.reasons.telling import telling_words

_METHOD: Final = r"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)"
_URL: Final = r"(?P<url>https?://[^\s'\"<>`\]),;]{1,2000}[^\s'\"<>`\]),;.:])"
_STATUS: Final = r"(?P<status>[45]\d\d)"
_REASON: Final = rf"(?:[ :,-]{{0,3}}\(?['\"]?(?i:{PHRASE})['\"]?\)?)?"
_RULES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        # GET URL -> 502 Bad Gateway; `GET URL` resulted in a `502 Bad Gateway` response; POST "URL": 502 Bad Gateway
        (
            rf"(?:(?:Server|Client) error: )?(?:[Rr]equest )?[`'\"(\[]?(?:{_METHOD}|Get|Post|Put|Delete|Patch)[`'\"\])]? [`'\"\[]?{_URL}[`'\"\]):]{{0,2}}\s?"
            r"(?:->|=>|→|returned|returns|failed|failed with|resulted in an?|responded with|got|:|-|–|—)?\s?(?:an? )?(?:unexpected )?(?:HTTP )?"
            rf"(?:error )?(?:response )?(?:status )?(?:code )?[:`]?\s?`?{_STATUS}\b{_REASON}`?(?: response)?"
        ),
        rf"[`'\"\[]?{_URL}[`'\"\]]? (?:->|=>|→|returned|returns|failed with|responded with|answered with|answered) (?:an? )?(?:HTTP )?(?:error )?(?:response )?(?:status )?(?:code )?{_STATUS}\b{_REASON}",
        # 502 Bad Gateway on GET request for "URL"; [502 Bad Gateway] during [GET] to [URL] [Client#get(String)]
        (
            rf"(?:(?:[Uu]nexpected|[Bb]ad|[Gg]ot|[Rr]eceived) )?(?:[Rr]esponse )?(?:(?:HTTP )?[Rr]equest failed with (?:status code )?|HTTP (?:error |status )?(?:code )?|(?:error )?(?:status )?(?:code )?)?\[?{_STATUS}\b{_REASON}\]?:?"
            rf" (?:on|during|for|from|at|to|in|while calling|when calling|calling|returned by|response from)?\s?\[?{_METHOD}?\]?\s?(?:request )?(?:for |to |from |on )?(?:url )?:?\s?"
            rf"[\"'`\[(]?{_URL}[\"'`\])]?(?: \[[^\]\n]{{1,200}}\])?"
        ),
    )
)
_ALONE: Final = re.compile(
    r"(?:(?:HTTP(?: error| status)?(?: code)?|HTTP error! status|non-(?:2xx|ok|200) (?:response|status)(?: code)?|bad (?:HTTP )?(?:status|response)(?: code)?|(?:received|got)(?: an?)?(?: HTTP)?(?: status)?(?: code)?|status(?: code)?|(?:the )?(?:request|call) failed with(?: HTTP)?(?: status)?(?: code)?"
    r"|the server responded with status|response (?:status )?code|Response status code does not indicate success|unexpected status(?: code)?)\s?[:=]?\s?)?"
    rf"(?P<status>[45]\d\d)\b{_REASON}(?: from server)?[.!]?",
    re.IGNORECASE,
)
_PHRASES: Final = {code.value: code.phrase for code in HTTPStatus} | {
    413: "Payload Too Large", 416: "Range Not Satisfiable", 422: "Unprocessable Entity", 529: "Overloaded",
}  # fmt: skip
_OTHER_PHRASE: Final = re.compile(rf"(?P<status>[45]\d\d):? (?P<phrase>{PHRASE})(?![ \w]*[a-z])")
_MORE: Final = re.compile(r"\n(?:For more information|Redirect location)[^\n]{0,2000}")
_PAGE: Final = re.compile(
    r"([45]\d\d [A-Z][\w -]{2,40} from \S{1,2000}?):?\s{1,3}\[?['\"`]?<(?:!doctype|html|head|body)\b.*",
    re.DOTALL | re.IGNORECASE,
)
# A status and address say what happened; of a body only a sentence of its own says more.
_BODY: Final = re.compile(
    r"(?P<head>(?<![\w.])(?P<status>[45]\d\d)(?: (?P<phrase>[A-Z][A-Za-z '-]{2,40}?))? from [^\s'\"<>`]{1,2000}?)[.,;:]?\s{0,3}(?:[-–—|]\s)?"
    r"(?P<label>[(\[]?(?:with |the )?(?:server |full |raw |error )?(?:response|reply|answer|body|content|text|antwort|réponse|respuesta|resposta)(?:[ _]?(?:body|text|content|data|was|said))?\s?[:=]\s?|(?<=: )|(?<=[-–—|] )|\n)['\"`]?(?P<body>\S.*)",
    re.DOTALL | re.IGNORECASE,
)
_OUTAGES: Final = frozenset(("429", "502", "503", "504"))
_REFUSALS: Final = frozenset(
    ("400", "402", "403", "409", "412", "422")
)  # of many kinds: any word of the body tells them apart
_OWN_SENTENCE: Final = 2  # telling words of a body that says more than another status
# gRPC: the same status as Go, Node, .NET and Python write it
_GRPC: Final = re.compile(
    r"(?:rpc error: code = (?P<go>[A-Z][A-Za-z]{1,30}) desc = |(?<![\w.])(?:1[0-6]|[1-9]) (?P<node>[A-Z_]{5,30}): (?=\S)"
    r"|Status\(StatusCode=\"?(?P<net>[A-Z][A-Za-z]{1,30})\"?, Detail=\"(?P<detail>[^\"\n]{0,2000})\"[^)\n]{0,2000}\)"
    r"|(?<![\w.])StatusCode\.(?P<python>[A-Z_]{5,30})\b(?=[:,]))"
)
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def shortened_http(text: str) -> str:
    """Return a text with status, phrase and address in one form."""
    if "://" in text:
        for rule in _RULES:
            text = rule.sub(_told, text, count=2)
        text = _MORE.sub("", text)
        text = _PAGE.sub(r"\1", text)
    text = _GRPC.sub(_grpc, text)
    alone = _ALONE.fullmatch(text.strip())
    if alone is not None:
        return _named(alone["status"])
    return _OTHER_PHRASE.sub(lambda found: _named(found["status"], found[0]), text)


def without_body(text: str) -> str:
    """Return a text without the body of an answer after its status and address, unless the body says more."""
    found = _BODY.search(text) if " from " in text else None
    if found is None:
        return text
    body = found["body"].rstrip(" '\"`)]")
    words = re.sub(re.escape(found["phrase"] or body), " ", body, flags=re.IGNORECASE)
    enough = 1 if found["status"] in _REFUSALS else _OWN_SENTENCE
    if found["status"] in _OUTAGES or telling_words(words) < enough:
        return text[: found.start()] + found["head"].rstrip(".,;:")
    return f"{text[: found.start()]}{found['head'].rstrip('.,;:')}: {body}"


def _named(status: str, default: str = "") -> str:
    phrase = _PHRASES.get(int(status))
    return f"{status} {phrase}" if phrase else default or f"HTTP {status}"


def _told(found: re.Match[str]) -> str:
    return f"{_named(found['status'])} from {found['url']}"


def _grpc(found: re.Match[str]) -> str:
    name = found["go"] or found["net"]
    if name:
        name = _HUMP.sub("_", name).upper()
    name = name or found["node"] or found["python"]
    if found["python"]:
        return str(name)
    return f"{name}: {found['detail'] or ''}"
