"""Screens for the oracle: frames of the right width, and the dashboard of a simulated world at a moment."""

from __future__ import annotations

from flowtui import formatting
from flowtui.model.timeline.phases import duration_text

SIGNS = {"queued": "○", "running": "●", "completed": "✓", "failed": "×", "cancelled": "–"}


def frame(title, lines, bottom="", *, cells):
    inner = [f"│{line.ljust(cells)}│" for line in lines]
    return [f"╭─ {title} ".ljust(cells + 1, "─") + "╮", *inner, "╰" + f" {bottom} ".rjust(cells, "─") + "╯"]


def dashboard(api, now, *, only=None, rows=12, promise=""):
    """Return the screen of a dashboard that shows a world correctly at `now` (epoch seconds).

    With `only`, a status, it has the rows with that status. `promise` is the text below the list of threads.
    """
    facts = sorted(api.facts(now), key=lambda fact: -fact.created)
    status = {fact.id: next(iter(fact.statuses(now, now))) for fact in facts}
    active = [fact for fact in facts if status[fact.id] in ("queued", "running")]
    failed = [fact for fact in facts if status[fact.id] == "failed"]
    clock = formatting.clock(now, formatting.parse_zone("utc"))
    head = f" flowtui  default  ● live next 2s     {len(active)} active  {len(failed)} failed of {len(facts)} known runs  {clock} "
    threads = [
        f"  {thread} {'■' if busy else ' '}     {f'{busy}●' if busy else '  '} {f'{wrong}×' if wrong else '  '}"
        for thread in api.threads()
        for busy in [sum(fact.thread == thread for fact in active)]
        for wrong in [sum(fact.thread == thread for fact in failed)]
    ]
    shown = [fact for fact in facts if only in (None, status[fact.id])][:rows]
    table = [
        " STATUS       RUN         THREAD      AGENT            AGE ▼   TIME          TOKENS",
        *(_row(api, fact, status[fact.id], now) for fact in shown),
        *([""] if len(shown) < rows else []),
    ]
    title = "Runs · all threads" + (f' · "status:{only}"' if only else "")
    return [
        head.ljust(116),
        *frame(f"Threads {len(threads)} · known runs", threads, promise, cells=26),
        *frame(title, table, cells=90),
        *(
            frame(f"{shown[0].id} · agent", ["", _card(shown[0], status[shown[0].id], now)], cells=90)
            if shown
            else []
        ),
    ]


def _card(fact, status, now):
    """Return the head of a run's card."""
    utc = formatting.parse_zone("utc")
    if status in ("queued", "running"):
        since = fact.created if status == "queued" else fact.started
        lasted = formatting.span(now - since) if status == "queued" else formatting.duration(now - since)
        return f" {SIGNS[status]} {status}  {lasted}      since {formatting.clock(since, utc)}"
    taken = "" if fact.started is None else duration_text(fact.ended - fact.started)
    words = {"completed": f"in {taken}", "cancelled": f"after {taken}" if taken else "before it started"}
    ended = f"{formatting.clock(fact.ended, utc)}  {formatting.age(now - fact.ended)} ago"
    return f" {SIGNS[status]} {status}  {words.get(status, 'out of money')}      {ended}"


def _row(api, fact, status, now):
    until = min(now, fact.ended)
    taken = None if fact.started is None or status == "queued" else until - fact.started
    used = api.tokens(fact, now)
    tokens = "—" if used is None else f"{used:,}" + ("+" if status == "running" else "")
    end = "" if tokens.endswith("+") else " "
    bar = "━─────" if status == "running" else ""
    return (
        f" {SIGNS[status]} {status:10} {fact.id}  {fact.thread}  {fact.agent[:16].encode('ascii', 'replace').decode():16}"
        f"{formatting.age(now - fact.created):>6}  {formatting.duration(taken):>5} {bar:6}{tokens + end:>10}"
    )
