"""Spans of time that were watched, as rows of the table `watched`."""

from __future__ import annotations

from collections.abc import Iterable

from flowtui.model.history.past import UNANSWERED
from flowtui.store.coverage import Span
from flowtui.store.sqlite import Database


def write_spans(
    database: Database, spans: Iterable[Span], threads: int, forgotten: float | None
) -> list[tuple[Span, int, float]]:
    """Write spans; return each with its number in the table, and until when it reaches there.

    Of time that the user has forgotten meanwhile nothing is known any more, so it stays unwatched. `threads`: how many threads
    are watched at present. `forgotten`: runs that ended before this time are gone. Raises as the database does.
    """
    found = []
    for span in spans:
        if span.how != UNANSWERED:
            span.threads = threads
        until = span.until  # the event loop may prolong it at any time
        values = (span.since, until, span.how, span.why, span.threads, span.complete)
        number = span.id
        if number is None or not database.run(
            "UPDATE watched SET since=max(since, ?), until=?, how=?, why=?, threads=?, complete=? WHERE id=?",
            (*values, number),
        ):
            if number is not None and forgotten is not None:  # its row was forgotten
                values = (min(until, max(span.since, forgotten)), *values[1:])
            number = database.insert(
                "INSERT INTO watched(since, until, how, why, threads, complete) VALUES(?,?,?,?,?,?)", values
            )
        found.append((span, number, until))
    return found
