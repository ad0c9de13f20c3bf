"""Faults in the slash at the end of a path: served in one form only, or redirected from one form to the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flowtui.simulator.exchange import FaultUse, Reply
from flowtui.simulator.faults.kinds import ALL, Fault
from flowtui.simulator.faults.statuses import answer


def _only(*, slash: bool) -> Callable[[Reply, FaultUse], Reply]:
    """Return a function that refuses paths of the other form, with the argument as the status (404)."""

    def change(reply: Reply, use: FaultUse) -> Reply:
        if use.path.endswith("/") == slash:
            return reply
        return answer(int(use.number(404)), {"detail": "Not Found"})(reply, use)

    return change


def _redirect(
    place: Callable[[FaultUse, str], str], *, bare: bool = True, slash: bool = False
) -> Callable[[Reply, FaultUse], Reply]:
    """Return a function that redirects to the path in its other form, with the argument as the status (307).

    `place`: returns the Location for a request and this other path.
    `bare`, `slash`: whether paths without, or with, a slash at the end are redirected.
    """

    def change(reply: Reply, use: FaultUse) -> Reply:
        has_slash = use.path.endswith("/")
        if not (slash if has_slash else bare):
            return reply
        other = use.path[:-1] if has_slash else f"{use.path}/"
        return answer(int(use.number(307)), b"", location=place(use, other))(reply, use)

    return change


def _query(use: FaultUse) -> str:
    return f"?{use.query}" if use.query else ""


def _absolute(use: FaultUse, path: str) -> str:
    return f"http://{use.host}{path}{_query(use)}"


def _fault(what: str, reply: Callable[[Reply, FaultUse], Reply]) -> Fault:
    return Fault(what, reply=reply, argument="NUMBER", scope=ALL)


SLASHES: Final[dict[str, Fault]] = {
    "slash-only": _fault("ARG (404) for a path without a slash at its end", _only(slash=True)),
    "bare-only": _fault("ARG (404) for a path with a slash at its end", _only(slash=False)),
    "to-slash": _fault("ARG (307) from a path to the same with a slash at its end", _redirect(_absolute)),
    "to-bare": _fault(
        "ARG (307) from a path with a slash at its end to the same without it",
        _redirect(_absolute, bare=False, slash=True),
    ),
    "to-slash-relative": _fault(
        "as to-slash, with a Location that names no host", _redirect(lambda use, path: path + _query(use))
    ),
    "to-slash-https": _fault(
        "as to-slash, with another scheme in Location, as behind a proxy that ends TLS",
        _redirect(lambda use, path: f"https://{use.host}{path}{_query(use)}"),
    ),
    "slash-circle": _fault(
        "ARG (307) from each form of a path to the other", _redirect(_absolute, slash=True)
    ),
    "to-slash-elsewhere": _fault(
        "as to-slash, on another host",
        _redirect(lambda use, path: f"http://elsewhere.invalid{path}{_query(use)}"),
    ),
    "to-slash-query": _fault(
        "as to-slash, with another query",
        _redirect(lambda use, path: f"http://{use.host}{path}?limit=1&key=x"),
    ),
    "to-slash-double": _fault(
        "as to-slash, with two slashes", _redirect(lambda use, path: f"http://{use.host}{path}/{_query(use)}")
    ),
    "to-slash-user": _fault(
        "as to-slash, with a user name and a password",
        _redirect(lambda use, path: f"http://me:pw@{use.host}{path}{_query(use)}"),
    ),
}
"""These faults, by name on the command line."""
