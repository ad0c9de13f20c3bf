"""The rule about a slash at the end of a path, without a server."""

import pytest

from flowtui.source.http.slash import (
    PathForms,
    leads_to_other_form,
    may_be_repeated,
    other_form,
    redirect_target,
)

HOST = "https://api.test"
ASKED = f"{HOST}/v1/threads?limit=20&order=desc"
WITH_SLASH = "/v1/threads/?limit=20&order=desc"
LIST = "/v1/threads/{}/runs"


@pytest.mark.parametrize(
    ("url", "location"),
    [
        (ASKED, f"{HOST}{WITH_SLASH}"),
        (ASKED, f"http://api.test{WITH_SLASH}"),  # behind a proxy that ends TLS
        (ASKED, f"https://api.test:443{WITH_SLASH}"),
        (ASKED, f"http://api.test:80{WITH_SLASH}"),
        (ASKED, f"http://api.test:443{WITH_SLASH}"),
        (ASKED, f"HTTPS://API.Test{WITH_SLASH}"),
        (ASKED, f"//api.test{WITH_SLASH}"),
        (ASKED, WITH_SLASH),
        (ASKED, "threads/?limit=20&order=desc"),
        (f"{HOST}/v2/flow/agents/", "/v2/flow/agents"),
        (f"{HOST}/v2/flow/agents/", "../agents"),
        ("http://h:8080/v1/threads", "https://h:8080/v1/threads/"),
        ("http://[::1]:8080/v1/threads", "http://[::1]:8080/v1/threads/"),
        (f"{HOST}/gate/v1/threads", "/gate/v1/threads/"),
        (f"{HOST}/v1/threads/a%3Ab/runs", "/v1/threads/a:b/runs/"),
        (f"{HOST}/v1/threads/a%2Fb/runs", "/v1/threads/a%2fb/runs/"),
        (f"{HOST}/v1/threads?a=b%20c&d=", "/v1/threads/?a=b+c&d="),
    ],
)
def test_a_redirect_to_our_address_but_for_a_slash_leads_to_the_other_form(url, location):
    assert leads_to_other_form(url, location)
    slash = "without" if url.partition("?")[0].endswith("/") else "with"
    assert redirect_target(url, location) == f"the same path {slash} a slash at its end"


@pytest.mark.parametrize(
    ("url", "location", "target"),
    [
        (ASKED, "", "nowhere"),
        (ASKED, ASKED, "the same address"),
        (ASKED, f"https://evil.test{WITH_SLASH}", "evil.test"),
        (ASKED, f"https://api.test.evil{WITH_SLASH}", "api.test.evil"),
        (ASKED, f"https://api.test@evil.test{WITH_SLASH}", "evil.test"),
        (ASKED, f"https://api.test:8443{WITH_SLASH}", "api.test"),
        ("https://api.test:8443/v1/threads", "http://api.test/v1/threads/", "api.test"),
        ("http://h:8080/v1/threads", "http://h:8081/v1/threads/", "h"),
        (ASKED, f"https://me:pw@api.test{WITH_SLASH}", "an address with a user name"),
        (ASKED, f"https://@api.test{WITH_SLASH}", "an address with a user name"),
        (ASKED, f"ftp://api.test{WITH_SLASH}", "api.test"),
        (ASKED, "javascript:alert(1)", "no host"),
        (ASKED, "/v1/threads/", "the same path with another query"),
        (ASKED, "/v1/threads/?limit=20", "the same path with another query"),
        (ASKED, "/v1/threads/?order=desc&limit=20", "the same path with another query"),
        (ASKED, f"{WITH_SLASH}&key=1", "the same path with another query"),
        (ASKED, f"{WITH_SLASH}#here", "the same path with another query"),
        (ASKED, "/v1/threads//?limit=20&order=desc", "another path on the same host"),
        (ASKED, "//v1/threads/?limit=20&order=desc", "v1"),
        (ASKED, "/v1//threads/?limit=20&order=desc", "another path on the same host"),
        (ASKED, "/V1/threads/?limit=20&order=desc", "another path on the same host"),
        (ASKED, "/v1/threads%2F?limit=20&order=desc", "another path on the same host"),
        (ASKED, "/v1/threads/\t?limit=20&order=desc", "the same path with another query"),
        (f"{HOST}/gate/v1/threads", "/v1/threads/", "another path on the same host"),
        (f"{HOST}/v1/threads/a%2Fb/runs", "/v1/threads/a/b/runs/", "another path on the same host"),
        (ASKED, f"https://api.test:x{WITH_SLASH}", "an invalid address"),
        (ASKED, "https://[::1", "an invalid address"),
    ],
)
def test_every_other_redirect_leads_elsewhere(url, location, target):
    assert not leads_to_other_form(url, location)
    assert redirect_target(url, location) == target


def test_a_get_is_repeated_after_four_statuses_and_a_post_after_two():
    statuses = (300, 301, 302, 303, 304, 305, 307, 308)
    assert [status for status in statuses if may_be_repeated("GET", status)] == [301, 302, 307, 308]
    assert [status for status in statuses if may_be_repeated("POST", status)] == [307, 308]


def test_the_other_form_has_or_lacks_one_slash():
    assert (other_form("/v1/threads"), other_form("/v2/flow/agents/")) == ("/v1/threads/", "/v2/flow/agents")


def test_the_form_that_worked_is_kept_for_the_endpoint_only():
    forms = PathForms()
    assert forms.answered(LIST, "/v1/threads/a/runs/", b"[]")
    assert forms.chosen(LIST, "/v1/threads/b/runs") == "/v1/threads/b/runs/"
    assert forms.chosen("/v1/threads", "/v1/threads") == "/v1/threads"
    assert forms.answered(LIST, "/v1/threads/a/runs", b' {"data": []}')
    assert forms.chosen(LIST, "/v1/threads/b/runs") == "/v1/threads/b/runs"


@pytest.mark.parametrize("body", [b"", b"<html>", b"null", b"ok", b" " * 64 + b"[]"])
def test_an_answer_that_is_no_list_or_object_settles_nothing(body):
    forms = PathForms()
    assert not forms.answered(LIST, "/v1/threads/a/runs/", body)
    assert forms.chosen(LIST, "/v1/threads/b/runs") == "/v1/threads/b/runs"


def test_the_other_form_is_tried_once_for_each_path_until_one_form_has_worked():
    forms = PathForms()
    assert forms.worth_trying(LIST, "/v1/threads/a/runs", 404)
    assert forms.worth_trying(LIST, "/v1/threads/a/runs", 405)
    assert not any(
        forms.worth_trying(LIST, "/v1/threads/a/runs", status) for status in (400, 401, 403, 422, 500)
    )
    forms.tried("/v1/threads/a/runs")
    assert not forms.worth_trying(LIST, "/v1/threads/a/runs", 404)
    assert forms.worth_trying(LIST, "/v1/threads/b/runs", 404)
    forms.answered(LIST, "/v1/threads/c/runs", b"\xef\xbb\xbf[]")
    assert not forms.worth_trying(LIST, "/v1/threads/b/runs", 404)


def test_a_request_sent_before_the_other_form_worked_is_asked_again():
    forms = PathForms()
    forms.answered(LIST, "/v1/threads/a/runs/", b"[]")
    assert forms.worth_trying(LIST, "/v1/threads/b/runs", 404)
    assert not forms.worth_trying(LIST, "/v1/threads/b/runs/", 404)


def test_unknown_ids_without_end_are_not_remembered_without_end():
    forms = PathForms()
    paths = [f"/v1/threads/{number}/runs" for number in range(2000)]
    tried = [path for path in paths if forms.worth_trying(LIST, path, 404) and not forms.tried(path)]
    assert len(tried) == 1000
