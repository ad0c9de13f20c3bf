"""The shape of a list of runs that the API promises, as far as rows need it. Other shapes are refused.

The schema is written for pydantic's core: a model of pydantic takes 50 ms to import and 25 ms to build, and the first
rows wait for both.
"""

from __future__ import annotations

from typing import Final

from pydantic_core import CoreSchema, SchemaValidator
from pydantic_core.core_schema import (
    bool_schema,
    int_schema,
    list_schema,
    nullable_schema,
    str_schema,
    typed_dict_field,
    typed_dict_schema,
)

from flowtui.model.run.json_body import MAX_INT_DIGITS

_LONGEST: Final = 10_000
"""Most characters of a text: one emoji makes each character of a str take four bytes."""

_LIMIT: Final = 10**MAX_INT_DIGITS


def _object(**fields: CoreSchema) -> CoreSchema:
    """Return the schema of an object that may lack any of these fields, and may have others, which are left out."""
    return typed_dict_schema(
        {name: typed_dict_field(schema, required=False) for name, schema in fields.items()},
        strict=True,
        extra_behavior="ignore",
        config={"strict": True},
    )


_TEXT: Final = str_schema(max_length=_LONGEST)
_MAYBE: Final = nullable_schema(_TEXT)
_COUNT: Final = nullable_schema(int_schema(gt=-_LIMIT, lt=_LIMIT))
_USAGE: Final = _object(prompt_tokens=_COUNT, completion_tokens=_COUNT, total_tokens=_COUNT)
_RUN: Final = _object(
    id=_TEXT,
    thread_id=_MAYBE,
    agent_id=_MAYBE,
    status=_MAYBE,
    model=_MAYBE,
    is_active=nullable_schema(bool_schema()),
    created_at=_MAYBE,
    started_at=_MAYBE,
    expires_at=_MAYBE,
    cancelled_at=_MAYBE,
    failed_at=_MAYBE,
    completed_at=_MAYBE,
    usage=nullable_schema(_USAGE),
)
# `fail_fast`, because otherwise each invalid element of a huge body becomes an error object
LIGHT_RUNS: Final = SchemaValidator(list_schema(_RUN, fail_fast=True))
"""Validates the body of a list of runs."""
