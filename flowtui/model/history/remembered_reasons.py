"""Reasons of failures as they may be shown today: folded by the present rules, and hidden if `--redact` says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flowtui.model.history.past import Past
from flowtui.model.messages.redaction import hidden_reason, named_tool
from flowtui.model.reasons.reason import VERSION, Reason, refold
from flowtui.model.run.row import RunKey


def remembered_reasons(past: Past, runs: Iterable[RunKey], hide: bytes | None) -> Mapping[RunKey, Reason]:
    """Return why these runs failed, as far as it is remembered. Reads a file. `hide`: see `shown_reasons`."""
    return shown_reasons(past.reasons(runs), hide)


def explained_runs(past: Past, since: float, until: float, hide: bytes | None) -> Mapping[RunKey, Reason]:
    """Return why runs failed that ended in this time, as far as it is remembered. Reads a file. `hide`: see `shown_reasons`."""
    return shown_reasons(past.explained(since, until), hide)


def with_equal_words(found: Mapping[RunKey, Reason]) -> dict[RunKey, Reason]:
    """Return reasons of which equal ones have equal texts, also if some are from the history and some from the API.

    A hidden reason from the history names only the tool, one from the API also the type of exception; that one is kept.
    """
    words: dict[Reason, Reason] = {}
    for reason in found.values():
        known = words.get(reason)
        if known is None or len(reason.text) > len(known.text):
            words[reason] = reason
    return {key: words[reason] for key, reason in found.items()}


def shown_reasons(found: Mapping[RunKey, Reason], hide: bytes | None) -> Mapping[RunKey, Reason]:
    """Return reasons as they may be shown.

    `hide`: the installation's key, if texts are to be hidden; None: they are not. A reason of older rules is folded again;
    one of newer rules stays as it is, so that no other reason equals it. A text that was hidden when it was written is left
    out unless texts are hidden, as it can be fetched.
    """
    told = {reason: _shown(reason, hide) for reason in set(found.values())}
    return {key: shown for key, reason in found.items() if (shown := told[reason]) is not None}


def _shown(reason: Reason, hide: bytes | None) -> Reason | None:
    told = reason if reason.version == VERSION else refold(reason) or reason
    if told.hidden_id:
        return None if hide is None else named_tool(told)
    return told if hide is None else hidden_reason(told, hide)
