"""Bodies of answers are reduced to their message."""

from __future__ import annotations

import json

import pytest

from flowtui.model.reasons.bodies import message_of_body
from flowtui.model.reasons.folding import fold_text
from flowtui.model.reasons.loose_json import read_value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no body", "no body"),
        ("an {odd} text, {}", "an {odd} text, {}"),
        ('{"message": "no such row"}', "no such row"),
        ("{'error': {'message': 'no such row', 'param': None}}", "no such row"),
        ('API said: {"detail": "no such row"}', "API said: no such row"),
        (
            '422 Unprocessable Entity: {"detail":[{"loc":["body","prio"],"msg":"bad","type":"enum"}]}',
            "422 Unprocessable Entity: prio: bad",
        ),
        ('{"errors":{"Email":["is required"]},"title":"Not valid."}', "Not valid: Email: is required"),
        (
            '{"message":"Not valid","details":[{"field":"tax","message":"too high"}]}',
            "Not valid: tax: too high",
        ),
        ('{"status":500,"error":"Internal Server Error","path":"/a/9"}', "500 Internal Server Error"),
        (
            '{"error":"invalid_grant","error_description":"The token has expired."}',
            "invalid_grant: The token has expired.",
        ),
        ('{"success":false,"code":1042,"msg":"库存不足"}', "code 1042: 库存不足"),
        (
            '{"code":"CARD_DECLINED","message":"The payment was not made"}',
            "CARD_DECLINED: The payment was not made",
        ),
        ('{"Code":"AccessDenied","Message":"Access denied"}', "Access denied"),
        ('{"message":"Not valid","field":"tax"}', "Not valid (tax)"),
        ('{"status":403,"message":"Limit exceeded"}', "HTTP 403: Limit exceeded"),
        # a well-known service: the code says nothing more than the message, and is not in every form of it
        (
            "Error code: 429 - {'error': {'message': 'Rate limit reached for this model', 'code': 'rate_limit_exceeded'}}",
            "Rate limit reached for this model",
        ),
        (
            "Error code: 429 - {'error': {'message': 'Rate limit reached for this model', 'cod",
            "Rate limit reached for this model",
        ),
        ("Error code: 500 - {'error': {'message': 'no', 'code': None}}", "Error code: 500 - no"),
        # no known message: names in order
        ('{"step":"tax","ok":false,"a":{"b":"c"}}', "b: c, ok: False, step: tax"),
        # what a model or caller wrote is no error body
        ('cannot parse output: {"message": "hello"} at all', "cannot parse output {…} at all"),
        ("<html><head><title>502 Bad Gateway</title></head><body>x</body></html>", "502 Bad Gateway"),
        ("HTTP 502: <html><head><title>502 Bad Gateway</title></head></html>", "502 Bad Gateway"),
        ("<!DOCTYPE html><title>Error</title><h1>No &amp; never</h1></html>", "No & never"),
        (
            "<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Message>It is gone</Message></Error>",
            "NoSuchKey: It is gone",
        ),
        ("<html><body><p>Only <b>this</b></p></body></html>", "Only this"),
        (
            "Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
            "Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
        ),
    ],
)
def test_a_body_is_reduced_to_its_message(text, message):
    assert message_of_body(text) == message


def test_the_order_of_values_does_not_matter():
    body = {"ts": "2026-11-24T12:00:03Z", "step": "tax", "order": 8812, "ok": False}
    turned = dict(reversed(body.items()))
    assert fold_text(json.dumps(body)) == fold_text(json.dumps(turned)) == fold_text(str(body))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, {"b": "c\\n\\u00e4"}], "d": null} rest', {"a": ["1", {"b": "c\nä"}], "d": None}),
        ("{'a': True, 'b': (1, 2)}", {"a": True, "b": ["1", "2"]}),
        ('{"a": {"b": "cut of', {"a": {"b": "cut of"}}),
        ('{"a": 1, "b', {"a": "1"}),
        ("{'a': datetime.date(2026, 1, 2), 'b': 3}", {"a": "datetime.date", "b": "3"}),
        ("{a b", None),
        ("{}", None),
        ("{" * 50, None),
    ],
)
def test_json_and_dicts_are_read_even_if_cut_off(text, value):
    found = read_value(text, 0)
    assert (None if found is None else found[0]) == value
