"""The key is masked in every usual encoding, also if line breaks split it; other text is not changed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.config.key.key_encodings import key_encodings
from flowtui.source.http.key_mask import MASK, mask_body, mask_text

KEY = 'sk-7Qz"w+/x%y=&<4Vb9'
KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=32)


@pytest.mark.parametrize("form", key_encodings(KEY))
def test_each_encoding_of_the_key_is_masked(form):
    assert mask_text(f"before {form} after", KEY) == f"before {MASK} after"
    assert mask_body(f"before {form} after".encode(), KEY) == f"before {MASK} after".encode()


@pytest.mark.parametrize("between", ["\n", "\r\n    ", "\\n", "\\\n", '"\n"', "' + '", "%0A", "&#10;"])
def test_a_key_split_over_lines_is_masked_in_texts(between):
    assert mask_text(f"a {KEY[:6]}{between}{KEY[6:]} b", KEY) == f"a {MASK} b"


def test_a_partly_escaped_key_is_masked_in_bodies():
    partly = KEY.replace("z", "\\u007A").replace("Q", "\\u0051").replace('"', '\\"')
    body = json.dumps({"a": "é", "b": 1})[:-1].encode() + b', "c": "' + partly.encode() + b'"}'
    assert KEY in json.loads(body)["c"]
    assert json.loads(mask_body(body, KEY)) == {"a": "é", "b": 1, "c": MASK}


def test_a_very_long_body_is_searched_for_json_forms_only():
    body = json.dumps({"fill": "x" * (1 << 20), "echo": f"<{KEY}>"}).encode()
    assert json.loads(mask_body(body, KEY))["echo"] == f"<{MASK}>"


def test_a_key_in_another_case_is_not_masked():
    assert mask_text(KEY.swapcase(), KEY) == KEY.swapcase()


def test_a_short_key_is_masked_in_texts_only():
    assert mask_text("a k b", "k") == f"a {MASK} b"
    assert mask_body(b'{"key": "k"}', "k") == b'{"key": "k"}'


@given(KEYS, st.text(), st.text())
def test_no_text_holds_the_key_afterwards(key, before, after):
    assert key not in mask_text(f"{before}{key}{after}", key).replace(MASK, "\n") or key in MASK


@given(KEYS, st.dictionaries(st.text(max_size=5), st.text()))
def test_a_masked_body_is_still_json_and_its_values_lack_the_key(key, fields):
    body = json.dumps({**fields, "echo": f"<{key}>"}).encode()
    found = json.loads(mask_body(body, key))
    assert key not in found["echo"]
