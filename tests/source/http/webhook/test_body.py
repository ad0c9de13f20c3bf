"""The body for Slack, for Teams and for other programs: text of a server is markup nowhere."""

from __future__ import annotations

import json

import pytest

from flowtui.cli.handlers.help_topics import TOPICS
from flowtui.source.http.webhook import body as body_module
from flowtui.source.http.webhook.body import service_of, webhook_body

EVIL = "<!channel> *bold* <https://evil.example|click> & [x](https://evil.example)"
NOTICE = {
    "v": 1,
    "title": "Watched reason: a<b",
    "text": EVIL,
    "reason": "a<b",
    "link": "https://h.example/?a=1&b=2",
    "runs": [],
}


@pytest.mark.parametrize(
    ("host", "service"),
    [
        ("hooks.slack.com", "slack"),
        ("HOOKS.SLACK.COM.", "slack"),
        ("prod-12.westus.logic.azure.com", "teams"),
        ("default0.aa.environment.api.powerplatform.com", "teams"),
        ("acme.webhook.office.com", "teams"),
        ("slack.com.evil.example", ""),
        ("notslack.com", ""),
        ("", ""),
    ],
)
def test_the_host_tells_the_service(host, service):
    assert service_of(host) == service


def test_the_help_names_each_host_that_is_recognised():
    text = TOPICS["notices"].text()
    assert [name for name in (*body_module._SLACK, *body_module._TEAMS) if name not in text] == []


def test_slack_gets_plain_text_and_only_fields_that_it_knows():
    body = webhook_body(NOTICE, "hooks.slack.com")
    assert set(body) == {"text", "mrkdwn", "unfurl_links", "unfurl_media"}
    assert body["text"] == (
        "Watched reason: a&lt;b: &lt;!channel&gt; *bold* &lt;https://evil.example|click&gt; &amp; "
        "[x](https://evil.example)\nhttps://h.example/?a=1&amp;b=2"
    )
    assert body["mrkdwn"] is False


def test_teams_also_gets_a_card_without_markdown():
    body = webhook_body(NOTICE, "x.logic.azure.com")
    assert body["type"] == "message"
    assert "runs" not in body
    (attached,) = body["attachments"]
    card = attached["content"]
    assert attached["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert [block["type"] for block in card["body"]] == ["RichTextBlock"] * 2
    assert [block["inlines"][0]["text"] for block in card["body"]] == ["Watched reason: a<b", EVIL]
    assert card["actions"][0]["url"] == NOTICE["link"]
    assert (
        "actions"
        not in webhook_body({**NOTICE, "link": None}, "x.logic.azure.com")["attachments"][0]["content"]
    )


def test_others_get_everything_with_the_text_escaped():
    body = webhook_body({**NOTICE, "title": ""}, "127.0.0.1")
    assert body["text"].startswith("&lt;!channel&gt;")
    assert body["reason"] == "a<b"
    assert {**body, "text": ""} == {**NOTICE, "title": "", "text": ""}


def test_a_long_text_is_cut_before_it_is_escaped():
    body = webhook_body({"text": "<" * 9_000, "title": "", "link": None}, "")
    assert body["text"] == "&lt;" * 2_999 + "…"
    assert len(json.dumps(body)) < 20_000
