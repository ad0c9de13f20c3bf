"""The body of a message to a webhook: JSON that Slack, Microsoft Teams and programs of the user read. Pure.

Text of a server is never markup there: `&`, `<` and `>` are escaped in `text`, Slack reads it as plain text, and the card for
Teams has text runs, which know no Markdown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_SLACK: Final = ("slack.com", "slack-gov.com")
_TEAMS: Final = (
    "logic.azure.com",
    "logic.azure.us",
    "powerplatform.com",
    "powerautomate.com",
    "webhook.office.com",
)
_LONGEST: Final = 3_000  # characters of a text; Slack and Teams cut or refuse much longer ones


def service_of(host: str) -> str:
    """Return `slack`, `teams`, or "" for any other host."""
    name = host.lower().rstrip(".")
    if _belongs(name, _SLACK):
        return "slack"
    return "teams" if _belongs(name, _TEAMS) else ""


def webhook_body(notice: Mapping[str, Any], host: str) -> dict[str, Any]:
    """Return the body for a notice, given as its JSON object with `title`, `text`, `reason` and `link`.

    Slack gets only the fields that it knows, Teams a card and the object without the runs: it takes at most 28 KB. All others
    get the whole object.
    """
    text = _whole(notice)
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    service = service_of(host)
    if service == "slack":
        return {"text": escaped, "mrkdwn": False, "unfurl_links": False, "unfurl_media": False}
    body = {**notice, "text": escaped}
    if service == "teams":
        body.pop("runs", None)
        body |= {"type": "message", "attachments": [_card(notice)]}
    return body


def _whole(notice: Mapping[str, Any]) -> str:
    """Return title, text and link, the link on a line of its own. A title whose subject the text names is left out."""
    title, text, link = str(notice.get("title") or ""), str(notice["text"]), notice.get("link")
    subject = title.partition(": ")[2]
    text = _cut(f"{title}: {text}" if title and not (subject and subject in text) else text)
    return f"{text}\n{link}" if link else text


def _card(notice: Mapping[str, Any]) -> dict[str, Any]:
    """Return an adaptive card without Markdown."""
    lines = [(str(notice.get("title") or ""), True), (_cut(str(notice["text"])), False)]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {
                "type": "RichTextBlock",
                "inlines": [{"type": "TextRun", "text": text, "weight": "Bolder" if bold else "Default"}],
            }
            for text, bold in lines
            if text
        ],
    }
    if notice.get("link"):
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Open the run", "url": notice["link"]}]
    return {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _belongs(name: str, domains: tuple[str, ...]) -> bool:
    return any(name == domain or name.endswith(f".{domain}") for domain in domains)
