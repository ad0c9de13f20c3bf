"""Splits off what stands before a failure's message: who reported it, at what time, and the class of the exception. Pure."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from flowtui.model.reasons.tokens import fold_token
from flowtui.model.reasons.wrappers import without_wrapper

_NAME: Final = (
    r"[`'\"‘“]?(?P<{}>(?!(?:execution|call|invocation|run|failed|error)\b)[\w.-]{{0,79}}\w)[`'\"’”]?(?:\(\))?"
)
_WITH: Final = r"(?:\swith\s(?:kwargs|args|arguments|input|parameters)\s?:?\s?\{[^{}\n]{0,1000}\}:?)?(?:\s(?:with|and)(?:\s(?:an|the|this))?\s(?:error|exception|message))?"
_TOOL: Final = re.compile(
    r"(?:tool error:\s*(?:(?P<after>[\w.-]{1,80}):\s+(?=\S))?"
    r"|(?:there was )?(?:an? |i |the )?(?:unexpected )?(?:encountered )?(?:an )?(?:error|exception|failure|failed|problem|exception)(?:\s(?:occurred|raised|encountered))?\s(?:while\s|when\s|during\s|by\s)?(?:in|executing|calling|running|invoking|using|trying to use|to execute|to call|to run|to invoke|from|with|execution of)\s(?:the\s|a\s)?"
    r"(?:tool|function|node|step|task|agent)(?:\s(?:call|execution))*(?:\s?:?\s?"
    + _NAME.format("named")
    + r")?"
    + _WITH
    + r"\s?[:.-]\s(?:this was the error:\s|please try again\.\s)?(?=\S)"
    r"|(?:tool|function)(?:\scall)?\s"
    + _NAME.format("first")
    + r"\s(?:execution\s)?(?:(?:failed|raised|errored|error|returned an error|raised an? (?:exception|error)|threw an? (?:exception|error))(?:\swith(?: error)?|\swith an exception)?[:.]\s|raised\s(?=[\w.]{1,80}:\s)|failed with (?=\S))"
    r"|execution of (?:tool|function)\s[`'\"]?[\w.-]{1,80}[`'\"]?\sfailed:\s|agent stopped (?:due to|because of|with)(?: an)? (?:error|exception):\s"
    r"|(?:agent|run|step|node|task|workflow|activity|job|handler|pipeline)(?:\s(?:step|run|node|task))?(?:\s[`'\"]?[\w.#-]{1,60}[`'\"]?)?\s(?:failed|errored|aborted)(?:\swith(?: error| exception)?)?:\s(?=\S)"
    r"|(?:tool|function)(?:\s(?:execution|call|invocation|run))?\s(?:failed|error)[:.]\s(?=\S))",
    re.IGNORECASE,
)
_SAID: Final = re.compile(
    r"(?:\[?\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)?\]?[\s|:-]{1,4}"
    r"|request (?:#|req_\w{1,80}):\s+(?=\S)|error code: [45]\d\d - (?=\S{1,40}\s\S{1,40}\s\S{1,40}\s\S)"
    r"|(?:exception in thread \"[^\"]{0,80}\"|php (?:fatal error|warning|parse error):|node:internal\S{0,80}|(?:runtime )?uncaught \w{1,20}error:)\s+(?=\S)"
    r"|(?-i:\[?(?:ERROR|FATAL|CRITICAL|WARN(?:ING)?|SEVERE)\]?)\s*(?:\[?[A-Za-z_][\w.]*\]?\s?[:|-]\s|[:|-]\s|\s(?![-\d]))"
    r"|(?:uncaught|unhandled)(?:\s(?:exception|error|promise rejection))?(?:\s(?:in|while \w{1,20})\s(?:the\s)?(?:tool|function|agent|step|node|task)(?:\s[\w.-]{1,60})?)?:?\s"
    r"|(?:(?:an?|the|unexpected|internal|fatal|unknown|caught|encountered|unhandled|uncaught|promise|original|tool|function|python|runtime|npm)\s){0,4}"
    r"(?:fatal|err!|stderr|message|exception|error|err|failure|rejection|unhandledpromiserejection|observation|result|output|details?|reason|fehler|fehlermeldung|erreur|erro|errore|ausnahme|excepción|exceção|ошибка|błąd|fout)"
    r"(?:\s(?:has|was|is|occurred|caught|raised|thrown|message|details?|text|description)){0,3}\s?[:：]\s*(?=\S)"
    r"|(?:错误|异常|エラー|例外)\s?[:：]\s*(?=\S)"
    r"|es ist ein fehler aufgetreten:\s|une erreur (?:est survenue|s'est produite)\s?:\s"
    r"|(?:se produjo|ha ocurrido|ocurrió) un error:\s|ocorreu um erro:\s|发生错误[:：]\s?|エラーが発生しました[:：]\s?)",
    re.IGNORECASE,
)
_ENDING: Final = (
    r"(?:Error|Exception|Timeout|Timedout|TimedOut|Violation|Exceeded|Exhausted|Failure|Failed|Fault|Refused|Denied|Detected|NotFound"
    r"|Interrupt|Exit|Warning|Unavailable|Missing|Tripped|Undefined\w{1,40}|Invalid\w{1,40}|Abort|Aborted|Panic|Rejected|Disconnected|Reset)"
)
_CLASS: Final = re.compile(
    rf"\(?(?P<class>(?:[A-Za-z_][\w$]{{0,60}}[.:]{{1,2}}){{0,8}}_?[A-Z][A-Za-z0-9_$]{{0,80}}?(?:{_ENDING}|(?<=\.)[A-Z]\w{{2,80}})?)"
    r"(?P<close>\)?)(?:\s\[(?P<code>[A-Z0-9_]{3,60})\]|\s\((?:0x)?[\da-f#]{1,10}\))?(?P<colon>\s?:\s+|\s-\s|\s)(?=\S)"
)
_CLASS_END: Final = re.compile(rf"(?:\w{{0,80}}{_ENDING}|Undefined\w{{1,40}}|Invalid[A-Z]\w{{1,40}})")
_ALONE: Final = re.compile(r"(?:[A-Za-z_]\w{0,60}\.){1,8}_?[A-Z]\w{0,80}:?")
_GENERIC: Final = frozenset((
    "Exception", "BaseException", "Error", "RuntimeError", "ToolError", "ToolException", "ToolCallError",
    "ToolExecutionError", "Fault", "Failure",
))  # fmt: skip
_ROUNDS: Final = 12
_QUOTED: Final = re.compile(
    r"'[^']{0,200}'|\"[^\"]{0,200}\"|`[^`]{0,200}`|«[^»]{0,200}»|„[^“”]{0,200}[“”]|“[^”]{0,200}”|「[^」]{0,200}」"
)
_WORDS: Final = re.compile(r"[^\W\d_]{2,}")
_HUMPS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_EMPTY_HUMPS: Final = frozenset((
    "error", "exception", "failure", "fault", "the", "is", "operational", "database", "http", "api",
    "status",
))  # fmt: skip
_WIDE: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_STATUS: Final = re.compile(r"(?<![\w#])[45]\d\d(?![\w#])")
_ENOUGH: Final = 3  # words outside quotes that say what happened without the class
_ENOUGH_WIDE: Final = 4  # Chinese, Japanese or Korean characters that do


class Said(NamedTuple):
    """A message and what stood before it."""

    text: str
    tool: str = ""
    """The tool that the prefix names; "" if it names none."""
    is_tool: bool = False
    """Whether the prefix says that a tool failed."""


def last_name(name: str) -> str:
    """Return the last part of an exception's class: `ReadTimeout` of `httpx.ReadTimeout`."""
    return re.split(r"[.:$\\]", name.strip().rstrip(".:"))[-1].lstrip("_") or name


def split_prefix(text: str, tool: str = "") -> Said:
    """Return the message without what stands before it.

    `tool`: the tool that failed, if known: its name in front of the message leaves it too. The class of an exception
    stays where the rest would not say what happened, as in `KeyError: 'tax_rate'`.
    """
    named, is_tool = "", False
    for _ in range(_ROUNDS):
        text = text.strip()
        found = _TOOL.match(text)
        if found is not None and found.end() < len(text):
            said = found[0].casefold()
            if "tool" not in said and "function" not in said:
                text = text[found.end() :]  # an agent, a step of a workflow
                continue
            is_tool = True
            name = found["after"] or found["named"] or found["first"] or ""
            if fold_token(name, name, 0, len(name)) != name:
                text = text[found.end() :]  # the id of a call
                continue
            if found["after"] and (_CLASS_END.fullmatch(last_name(name)) or (tool and name != tool)):
                text = text[found.start("after") :]  # a class in place of a name
            else:
                named, text = named or name, text[found.end() :]
            continue
        rest = _without_one(text, tool or named)
        if rest == text:
            break
        text = rest
    return Said(text, named, is_tool)


def _without_one(text: str, tool: str) -> str:
    if tool and text[: len(tool) + 2].casefold() == f"{tool}: ".casefold():
        return text[len(tool) + 2 :]
    shorter = without_wrapper(text)
    if shorter != text:
        return shorter
    said = _SAID.match(text)
    if said is not None and said.end() < len(text):
        return text[said.end() :]
    return _without_class(text)


def _without_class(text: str) -> str:
    if _ALONE.fullmatch(text) and _CLASS_END.fullmatch(last_name(text)):
        return last_name(text)
    found = _CLASS.match(text)
    if found is None:
        return text
    in_brackets = text.startswith("(")
    name = last_name(found["class"])
    if in_brackets != bool(found["close"]) or (not in_brackets and found["colon"] == " "):
        return text
    if not (_CLASS_END.fullmatch(name) or name in _GENERIC or (in_brackets and "." in found["class"])):
        return (
            text
            if "." not in found["class"] or not found["class"][0].islower()
            else _kept(name, text[found.end() :], text)
        )
    rest = text[found.end() :]
    if found["code"]:
        rest = f"{found['code']}: {rest}"
    return _kept(name, rest, text)


def _kept(name: str, rest: str, text: str) -> str:
    """Return the message with the class in its short form, or without it."""
    if not adds(name, rest):
        return rest
    short = f"{name}: {rest}"
    return short if len(short) < len(text) else text


def adds(name: str, text: str) -> bool:
    """Return whether the class of an exception says something that the message does not say by itself."""
    if name in _GENERIC:
        return False
    inner = _CLASS.match(text)
    if inner is not None and ":" in inner["colon"] and _CLASS_END.fullmatch(last_name(inner["class"])):
        return False  # another class stands there already
    if name == "KeyError":
        return True  # its message is only the key
    bare = _QUOTED.sub(lambda quoted: quoted[0] if len(_WORDS.findall(quoted[0])) > _ENOUGH else " ", text)
    words = [word.casefold() for word in _WORDS.findall(bare)]
    if len(words) >= _ENOUGH or len(_WIDE.findall(bare)) >= _ENOUGH_WIDE or _STATUS.search(bare):
        return False
    humps = [hump.casefold() for hump in _HUMPS.findall(name)]
    said = "".join(words).replace("timedout", "timeout")
    return not all(hump in said for hump in humps if hump not in _EMPTY_HUMPS)
