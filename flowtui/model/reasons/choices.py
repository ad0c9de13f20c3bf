"""Folds lists of what would have been valid, and the value that was not: they differ, the mistake does not. Pure."""

from __future__ import annotations

import re
from typing import Final

_ITEM: Final = r"(?:'[^'\n]{0,80}'|\"[^\"\n]{0,80}\"|`[^`\n]{0,80}`|«[^»\n]{0,80}»|„[^“”\n]{0,80}[“”]|“[^”\n]{0,80}”|「[^」\n]{0,80}」)"
_WORD: Final = r"[^\s,;:()\[\]{}'\"|.]{1,60}(?:\.[^\s,;:()\[\]{}'\"|.]{1,60}){0,4}"
_BETWEEN: Final = (
    r"(?:\s?[,|/、，;]\s?(?:and |or |und |oder |et |ou |y |o |e )?|\s(?:and|or|und|oder|et|ou|y|o|e|或|和)\s)"
)
_BRACKETS: Final = r"(?:\[[^\]\n]{0,1500}(?:\]|$)|\{[^}\n]{0,1500}(?:\}|$)|\((?=['\"])[^)\n]{0,1500}(?:\)|$)|<enum[^>\n]{0,200}>)"
_BEFORE: Final = (
    r"(?:(?:not |must be |should be |expected |expects |be |try |use |choose |pick |is )?(?:any |either |one )of(?: the following| these| the(?: known| valid| allowed)?)?(?: \w{1,20})?"
    r"|(?:choose|select|pick|choices?|options?) (?:from|are|is)|choices|invalid choice"
    r"|(?:known|available|valid|allowed|permitted|supported|possible|accepted|existing|registered|recognized|legal|configured)"
    r" (?:\w{1,20} )?(?:tools|functions|values|options|columns|fields|names|models|types|choices|keys|formats|commands|methods|agents|tables|arguments|parameters|members|units|currencies|languages|codes|states|statuses|nodes|scopes|roles)(?: (?:are|is|include|for \w{1,40}))?"
    r"|(?:gültige|erlaubte|mögliche|bekannte|verfügbare|zulässige) (?:\w{1,20})(?: sind)?|(?:erlaubt|gültig|zulässig|möglich|verfügbar) sind|(?:einer|eine|eines) (?:von|der folgenden)(?: \w{1,20})?"
    r"|valeurs? (?:autorisées?|possibles?|acceptées?|valides?)|(?:outils|options) (?:disponibles|connus)|l['’]une? des(?: \w{1,20})?(?: suivantes?)?"
    r"|(?:valores|opciones|herramientas|opções|ferramentas) (?:permitid[oa]s|válid[oa]s|posibles|possíveis|disponibles|disponíveis|aceptados|aceitos)|un[oa] de|um[a]? de"
    r"|(?:可选值|有效值|允许值|允许的值|可用的?工具|可用值|支持的值|取值范围)(?:为|有|是|包括)?|(?:有効な値|使用可能な値|利用可能なツール|許可された値)(?:は)?)"
)
_LISTS: Final = re.compile(
    rf"\b(?P<before>{_BEFORE})(?!\w)\s?(?P<colon>[:：]?)\s{{0,2}}(?:{_BRACKETS}|(?:{_ITEM}|{_WORD})(?:{_BETWEEN}(?:{_ITEM}|{_WORD})){{1,80}}|{_ITEM})(?:\s?(?:,|\.\.\.|…)\s?(?:\.\.\.|…)?\s?(?:\(?\+?\d{{1,4}} more\)?)?)?",
    re.IGNORECASE,
)
_QUOTED: Final = re.compile(
    rf"\b(?P<before>(?:[Ii]nput should be|[Ee]xpected|erwartet|attendu|esperado|must be|should be|muss))\s?:?\s(?:{_ITEM}(?:{_BETWEEN}{_ITEM}){{1,80}}|(?:{_ITEM}|{_WORD})(?:, (?:{_ITEM}|{_WORD})){{1,80}},? or (?:{_ITEM}|{_WORD}))"
)
_RECEIVED: Final = re.compile(
    rf"\b(?P<before>(?:but )?(?:received|got|was given|given|found|actual|erhalten|reçu|recibido|recebido)):?\s(?:value )?(?:{_ITEM}|(?<=eceived: )\[[^\]\n]{{0,300}}\])",
    re.IGNORECASE,
)
_VALUE: Final = re.compile(
    rf"(?P<start>(?:^|[:;]\s))(?:{_ITEM}|-?[\d#][\d.,#]{{0,20}}|None|null|True|False|\{{[^{{}}\n]{{0,300}}\}}|\[[^\[\]\n]{{0,300}}\])"
    r"(?=\s(?:is not one of|is not (?:of|any of the) types? |does not match|is too (?:long|short|large|small)|is not a multiple of|is not a ['\"](?:date|date-time|time|email|uri|uuid|ipv4|ipv6|hostname|regex)"
    r"|is not valid under|is (?:less|greater) than the|is not a valid (?:choice|option|enum|value|\w{1,30}\b)|is an invalid|has non-unique|was expected|should be non-empty|ist kein|ist keine?[rs]? gültige|n['’]est pas une? |no es un[oa]? |não é um[a]? ))"
)
_ENUM: Final = re.compile(
    rf"(?P<before>\binvalid (?:enum |choice |option |input )?value(?: for \w{{1,60}})?:?|\binvalid choice:|\bungültiger wert:?|\bvaleur invalide ?:|\bvalor inválido:)\s{_ITEM}",
    re.IGNORECASE,
)
# Other quoted words name a part of the program, and another one is another mistake.
_PARTS: Final = (
    r"(?:tool|column|field|key|function|parameter|param|argument|model|table|attribute|property|keyword|option|method|agent|endpoint|header|action|variable|schema|type|command|flag|setting|scope"
    r"|locator|selector|url|path|token|character|escape|operator|cursor|operation|format|grant|reference|index|relation|constraint|syntax"
    r"|feld|spalte|werkzeug|tabelle|schlüssel|champ|colonne|outil|paramètre|clé|campo|columna|herramienta|parámetro|clave|coluna|ferramenta|parâmetro|chave)"
)
_BAD: Final = re.compile(
    rf"\b(?P<before>(?:invalid|ungültige[rsn]?|unzulässige[rsn]?|invalide|inválid[oa])\s(?!{_PARTS}\b)[^\W\d_]{{2,30}})\s{_ITEM}",
    re.IGNORECASE,
)
_IS_BAD: Final = re.compile(
    rf"\b(?!{_PARTS}\b)(?P<before>[^\W\d_]{{2,30}})\s{_ITEM}(?=\s(?:est (?:invalide|inconnue?)|ist (?:ungültig|unzulässig|unbekannt)|is (?:invalid|not valid)|no es válid[oa]|é inválid[oa]|non è valid[oa]))",
    re.IGNORECASE,
)
_WIDE_BAD: Final = re.compile(
    rf"(?<!字段)(?<!参数)(?<!工具)(?<!列){_ITEM}(?=\s?(?:无效|不合法|不正确|は無効|は不正))"
)
_WAS: Final = re.compile(
    r"\s?[(\[](?:(?:value )?was|got|received|given|found|actual|erhalten|war|reçu|recibido|recebido)[:=]?\s[^()\[\]\n]{1,80}[)\]]",
    re.IGNORECASE,
)


def fold_choices(text: str) -> str:
    """Return one line with `[…]` for lists of alternatives and `#` for the value that was none of them."""
    text = _LISTS.sub(r"\g<before>\g<colon> […]", text)
    text = _QUOTED.sub(r"\g<before> one of […]", text)
    text = _RECEIVED.sub(r"\g<before> #", text)
    text = _ENUM.sub(r"\g<before> #", text)
    text = _BAD.sub(r"\g<before> #", text)
    if not text.isascii() or any(mark in text for mark in "'\"`"):
        text = _WIDE_BAD.sub("#", _IS_BAD.sub(r"\g<before> #", text))
    text = _WAS.sub("", text)
    return _VALUE.sub(r"\g<start>#", text)
