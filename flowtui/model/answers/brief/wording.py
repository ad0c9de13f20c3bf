"""The words of the sentences. No word names a cause. Pure; times are in the zone of the reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import tzinfo
from functools import partial
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.formatting import count, percent, plural
from flowtui.model.answers.brief.chance import at_least
from flowtui.model.answers.brief.inputs import BriefInput
from flowtui.model.answers.brief.moments import between, length_words, short_time
from flowtui.model.answers.brief.sentence import (
    AGENT,
    EMPTY,
    GAP,
    MORE,
    NEW_AGENT,
    OUTAGE,
    QUIET,
    REASON,
    RELEASE,
    SLOW,
    WAITED,
    Kind,
    Sentence,
)
from flowtui.model.history.coverage import remembered_words, time_words
from flowtui.text import shorten_cells

_NAMED: Final = 2  # agents that a sentence names
_REQUEST: Final = re.compile(r"^[A-Z]{3,7} \S+: ")  # which request failed: there were many
_NAME: Final = 30  # most cells of a name, of a reason and of why the API did not answer
_REASON: Final = 110
_WHY: Final = 60
_PERHAPS: Final = 0.1  # how improbable so many failures by chance must be, so that it is not called quiet


class Told(NamedTuple):
    """A sentence in words: what it is about, when, the number, and remarks."""

    tone: str
    """`bad`, `look`, or `good`: which sign is before it."""
    head: str
    when: str
    number: str
    remarks: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The sentence as one text."""
        when = f" {self.when}" if self.when else ""
        return f"{self.head}{when}: {'; '.join((self.number, *self.remarks))}"


def told(one: Sentence, data: BriefInput, zone: tzinfo | None) -> Told:
    """Return a sentence in words."""
    return _WORDS[one.kind](one, data, zone)


def agent_words(names: Sequence[str]) -> str:
    """Return some agents: `checkout`, `checkout and billing`, `checkout, billing and 3 more`."""
    shown = [short_name(name) for name in names[:_NAMED]]
    if len(names) <= _NAMED:
        return " and ".join(shown)
    return f"{', '.join(shown)} and {count(len(names) - _NAMED)} more"


def short_name(name: str) -> str:
    """Return the name of an agent or a release, not longer than a sentence bears."""
    return shorten_cells(name, _NAME)


def _of(one: Sentence) -> str:
    share = f", {percent(one.count / one.runs)}" if one.count else ""
    return f"{count(one.count)} of {plural(one.runs, 'run')} failed{share}"


def _reason(one: Sentence) -> str:
    if one.reason is None:
        return "no known reason yet"
    more = f" and {plural(one.more, 'other reason')}" if one.more else ""
    return f"{shorten_cells(one.reason.text, _REASON)}{more}"


def _apart(one: Sentence) -> str:
    if not one.apart:
        return ""
    reasons = one.apart_reasons
    why = (
        shorten_cells(reasons[0].text, _WHY) if len(reasons) == 1 else f"{count(len(reasons))} other reasons"
    )
    return f"{count(one.apart)} more failed for {why}"


def _release(one: Sentence, data: BriefInput, zone: tzinfo | None) -> Told:
    when = between(one.since, one.until, data.now, zone)
    if one.until is None:
        when = f"of {short_time(one.since, data.now, zone)}"
    when += f", until {short_name(one.following)}" if one.following else ""
    before = f"{percent(one.share)} before" if one.share is not None else ""
    remarks = (before, _reason(one), f"in {agent_words(one.agents)}", _apart(one))
    return Told("bad", f"Since {short_name(one.name)}", when, _of(one), tuple(filter(None, remarks)))


def _came(one: Sentence, data: BriefInput, zone: tzinfo | None) -> Told:
    names = short_name(one.agents[0]) if len(one.agents) == 1 else plural(len(one.agents), "agent")
    number = f"{count(one.count)} of {plural(one.runs, 'run')} failed in {names}"
    if one.until is None:
        later = "it may go on"
    elif one.after_count:
        later = f"{count(one.after_count)} of {plural(one.after, 'run')} since"
    else:
        later = f"none of {plural(one.after, 'run')} since"
    only = f"all on {short_name(one.model)}" if one.model else ""
    return Told(
        "bad",
        _reason(one),
        between(one.since, one.until, data.now, zone),
        number,
        tuple(filter(None, (only, later))),
    )


def _agents(one: Sentence, data: BriefInput, zone: tzinfo | None) -> Told:
    verb = "fails" if len(one.agents) == 1 else "fail"
    usual = f"usual {percent(one.share)}"
    return Told(
        "bad",
        f"{agent_words(one.agents)} {verb} more than usual",
        f"first {short_time(one.since, data.now, zone)}",
        _of(one),
        (usual, _reason(one)),
    )


def _parts(one: Sentence, data: BriefInput, zone: tzinfo | None) -> str:
    if one.parts == 1:
        return f"{between(one.since, one.until, data.now, zone)}, {time_words(one.seconds)}"
    when = between(one.since, one.until, data.now, zone)
    return f"{count(one.parts)} times, {when}, {time_words(one.seconds)} in all"


def _gap(one: Sentence, data: BriefInput, zone: tzinfo | None) -> Told:
    number = f"{plural(one.count, 'run')} ended unseen"
    if one.read:
        return Told("look", "Nobody watched", _parts(one, data, zone), number, ("all read since",))
    known = f"{plural(one.count, 'known run')} ended unseen"
    return Told("look", "Nobody watched", _parts(one, data, zone), known, ("there may be more",))


def _outage(one: Sentence, data: BriefInput, zone: tzinfo | None) -> Told:
    number = f"{plural(one.count, 'run')} ended in this time"
    remarks = (shorten_cells(_REQUEST.sub("", one.why), _WHY), "read since" if one.read else "not read yet")
    head = "The API did not answer"
    return Told("look", head, _parts(one, data, zone), number, tuple(filter(None, remarks)))


def _slow(one: Sentence, data: BriefInput, zone: tzinfo | None, verb: str = "took") -> Told:
    del data, zone
    least = formatting.span(one.limit)
    of = f" of {short_name(one.agents[0])}" if len(one.agents) > 1 else ""
    return Told(
        "look",
        f"{agent_words(one.agents)} {verb} longer than usual",
        "",
        f"{count(one.count)} of {plural(one.runs, 'run')}{of} {verb} more than {least}, usually 1 in 20",
        (f"median {formatting.span(one.median)}, usual {formatting.span(one.usual)}",),
    )


def _new_agent(one: Sentence, data: BriefInput, zone: tzinfo | None) -> Told:
    failed = f"{count(one.count)} failed" if one.count else "none failed"
    return Told(
        "look",
        f"New: {agent_words(one.agents)}",
        f"first run {short_time(one.since, data.now, zone)}",
        f"{plural(one.runs, 'run')} ended, {failed}",
        (f"first {remembered_words(data.begin, data.now)}",) if data.begin is not None else (),
    )


def _quiet(one: Sentence, data: BriefInput, zone: tzinfo | None) -> Told:
    share = one.share
    usual = ("usual not known" if share is None else f"usual {percent(share)}",)
    tone, what = "good", "Quiet now" if one.more else "Failures as usual"
    if share is None and one.count:  # nobody knows whether so many failures are few
        tone, what = "look", "Failures"
    elif share is None and not one.more:
        what = "No failures"
    elif share is not None and at_least(one.count, one.runs, share) < _PERHAPS:
        tone, what = "look", "Perhaps more failures than usual"
    if not one.more:
        return Told(tone, what, "", _of(one), usual)
    time = "hour" if one.seconds >= 3599 else time_words(one.seconds)
    number = f"{_of(one)} in the last {time}" if one.runs else f"no run ended in the last {time}"
    return Told(tone, what, f"since {short_time(one.since, data.now, zone)}", number, usual)


def _more(one: Sentence, data: BriefInput, zone: tzinfo | None) -> Told:
    del data, zone
    time = f"in the last {time_words(one.seconds)}"
    return Told("bad", "More runs failed than usual", time, _of(one), (f"usual {percent(one.share)}",))


def _empty(one: Sentence, data: BriefInput, zone: tzinfo | None) -> Told:
    del zone
    active = f"{plural(len(data.active), 'run')} active" if data.active else "none is active"
    return Told("look", "No run ended", f"in {length_words(one.since, data.until)}", active)


_WORDS: Final[dict[Kind, Callable[[Sentence, BriefInput, tzinfo | None], Told]]] = {
    RELEASE: _release,
    REASON: _came,
    AGENT: _agents,
    OUTAGE: _outage,
    GAP: _gap,
    SLOW: _slow,
    WAITED: partial(_slow, verb="waited"),
    NEW_AGENT: _new_agent,
    MORE: _more,
    QUIET: _quiet,
    EMPTY: _empty,
}
