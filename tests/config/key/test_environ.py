"""The environment: its repr hides the values, and other programs get it without keys in any form."""

import base64
import traceback
from urllib.parse import quote

import pytest

from flowtui.config.key.environ import Environment, environ_without_key
from flowtui.config.key.key_encodings import key_encodings

KEY = "sk-7Qz+w/x=4Vb9"


def test_variables_that_hold_or_name_a_key_are_removed():
    environ = {
        "SEEKR_API_KEY": "other",
        "STAGING_KEY": "other still",
        "HEADER": f"Authorization: {KEY}",
        "ADDRESS": f"https://x/?key={quote(KEY, safe='')}",
        "LOGIN": base64.b64encode(f"user:{KEY}".encode()).decode(),
        "PATH": "/bin",
    }
    assert environ_without_key(environ, KEY, "STAGING_KEY") == {"PATH": "/bin"}
    assert set(environ_without_key(environ, "")) == set(environ) - {"SEEKR_API_KEY"}


def test_an_environment_is_a_mapping_whose_repr_hides_its_values():
    environ = Environment({"SEEKR_API_KEY": KEY, "A": "b"})
    assert dict(environ) == {"SEEKR_API_KEY": KEY, "A": "b"}
    assert environ.get("A") == "b"
    assert "B" not in environ
    assert repr(environ) == "<2 variables>"

    def fails(held):
        raise ValueError(len(held))

    with pytest.raises(ValueError, match="2") as caught:
        fails(environ)
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert KEY not in "".join(shown.format())


@pytest.mark.parametrize("before", ["", "u:", "Bearer ", "x"])
@pytest.mark.parametrize("after", ["", "\n", "&more"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_is_found_at_any_offset(before, after, encode):
    written = encode(f"{before}{KEY}{after}".encode()).decode()
    assert any(form in written for form in key_encodings(KEY))


def test_longer_forms_come_first_and_a_short_key_has_no_encoded_ones():
    forms = key_encodings(KEY)
    assert list(forms) == sorted(forms, key=len, reverse=True)
    assert KEY in forms
    assert key_encodings("k") == ("k",)
    assert key_encodings("") == ()
