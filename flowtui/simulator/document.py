"""The simulator's OpenAPI document, and the validation of requests against it.

Implements the JSON Schema keywords that the document uses; problems have the form of the `detail` in a 422 reply.
Contains no HTTP.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

Problem = dict[str, Any]
Location = tuple[str | int, ...]

_DATE_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)?")
_TYPES: Final = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}


@cache
def text() -> bytes:
    """Return the document as the server sends it: JSON bytes."""
    return (files(__package__) / "openapi.json").read_bytes()


@cache
def document() -> dict[str, Any]:
    """Return the parsed document."""
    loaded: dict[str, Any] = json.loads(text())
    return loaded


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    """Return the schema that the `$ref` of `node` names; `node` if it has none."""
    reference = node.get("$ref")
    if reference is None:
        return node
    for step in reference.removeprefix("#/").split("/"):
        node = node[step] if step in node else document()[step]
    return resolve(node)


@cache
def query_parameters(path: str) -> dict[str, dict[str, Any]]:
    """Return the schemas of the query parameters of GET `path` (as in the document), by parameter name."""
    parameters = map(resolve, document()["paths"][path]["get"]["parameters"])
    return {each["name"]: resolve(each["schema"]) for each in parameters if each["in"] == "query"}


def read_query(path: str, given: dict[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    """Return the values of all query parameters, with the default for absent ones; and what is wrong with the given ones."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, schema in query_parameters(path).items():
        if name not in given:
            values[name] = schema.get("default")
            continue
        values[name] = value = _from_text(given[name], schema)
        problems += check(value, schema, ("query", name))
    return values, problems


def _from_text(text: str, schema: dict[str, Any]) -> Any:
    """Convert a query value to its schema's type. Text that cannot be converted stays text, and `check` rejects it."""
    if schema["type"] == "integer" and re.fullmatch(r"-?[0-9]{1,4000}", text):
        return int(text)
    if schema["type"] == "boolean" and text in {"true", "false"}:
        return text == "true"
    return text


def check(value: Any, schema: dict[str, Any], where: Location) -> list[Problem]:
    """Return what is wrong with the value at `where`; an empty list if the value matches the schema."""
    schema = resolve(schema)
    problems: list[Problem] = []
    for part in schema.get("allOf", ()):
        problems += check(value, part, where)
    if "anyOf" in schema:
        tries = [check(value, part, where) for part in schema["anyOf"]]
        if all(tries):
            problems += tries[0]
    if "type" in schema and not _has_type(value, schema["type"]):
        wanted = schema["type"] if isinstance(schema["type"], str) else " or ".join(schema["type"])
        return [*problems, _problem(where, f"{wanted}_type", f"Input should be a valid {wanted}")]
    if "enum" in schema and value not in schema["enum"]:
        options = " or ".join(f"'{option}'" for option in schema["enum"])
        problems.append(_problem(where, "enum", f"Input should be {options}"))
    problems += _check_number(value, schema, where)
    if schema.get("format") == "date-time" and isinstance(value, str) and read_date(value) is None:
        problems.append(_problem(where, "datetime_parsing", "Input should be a valid datetime"))
    if isinstance(value, dict):
        problems += _check_object(value, schema, where)
    return problems


def _has_type(value: Any, wanted: str | list[str]) -> bool:
    names = [wanted] if isinstance(wanted, str) else wanted
    if isinstance(value, bool):
        return "boolean" in names
    if isinstance(value, float) and value.is_integer() and "integer" in names:
        return True
    return any(isinstance(value, _TYPES[name]) for name in names)


def _check_number(value: Any, schema: dict[str, Any], where: Location) -> list[Problem]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return []
    problems = []
    if "minimum" in schema and not value >= schema["minimum"]:
        text = f"Input should be greater than or equal to {schema['minimum']}"
        problems.append(_problem(where, "greater_than_equal", text))
    if "maximum" in schema and not value <= schema["maximum"]:
        text = f"Input should be less than or equal to {schema['maximum']}"
        problems.append(_problem(where, "less_than_equal", text))
    return problems


def _check_object(value: dict[str, Any], schema: dict[str, Any], where: Location) -> list[Problem]:
    problems = [
        _problem((*where, name), "missing", "Field required")
        for name in schema.get("required", ())
        if name not in value
    ]
    properties = schema.get("properties", {})
    rest = schema.get("additionalProperties", True)
    for name, item in value.items():
        if name in properties:
            problems += check(item, properties[name], (*where, name))
        elif isinstance(rest, dict):
            problems += check(item, rest, (*where, name))
    return problems


def _problem(where: Location, kind: str, message: str) -> Problem:
    return {"loc": list(where), "msg": message, "type": kind}


def read_date(text: str) -> float | None:
    """Return the epoch seconds of an ISO 8601 date and time (UTC without an offset); None for any other text."""
    if not _DATE_TIME.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text if text[-1] in "Zz" or text[-6] in "+-" else f"{text}Z")
    except ValueError:
        return None
    return moment.timestamp()


def read_json(body: bytes, schema: str) -> tuple[Any, list[Problem]]:
    """Return a request's parsed body (None if it is not JSON) and its problems. `schema`: a name in `components.schemas`."""
    try:
        value = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        return None, [_problem(("body",), "json_invalid", f"JSON decode error: {error}")]
    return value, check(value, document()["components"]["schemas"][schema], ("body",))


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")
