"""Reads `--gate` and the options that belong to it: `--since`, `--compare`, `--min-runs`, `--by`."""

from __future__ import annotations

from argparse import Namespace

from flowtui.errors import QueryError, UsageError
from flowtui.model.state.marks import MIN_RUNS
from flowtui.watch.options import GatePlan


def gate_plan(given: Namespace) -> GatePlan | None:
    """Return the gate that the options describe; None without `--gate`.

    Raises:
        UsageError: an option is missing, or may not be used with `--gate`, or only with `--gate`.
        QueryError: the expression of `--gate` is wrong.
    """
    if given.gate is None:
        for option, value in (
            ("--compare", given.compare),
            ("--min-runs", given.min_runs),
            ("--by", given.by),
        ):
            if value is not None:
                raise UsageError(f"{option} needs --gate", hint="See `flowtui help gate`")
        return None
    if given.since is None or given.compare is None:
        missing = "--since" if given.since is None else "--compare"
        raise UsageError(
            f"--gate needs {missing}",
            hint="Such as --since mark:release-42 --compare 2h; see `flowtui help gate`",
        )
    if given.until is not None:
        raise UsageError(
            "--gate and --for exclude each other: with a gate the watch ends when the gate is decided",
            hint="Leave out --for",
        )
    if not given.gate.strip():
        raise UsageError("--gate: it is empty", hint="See `flowtui help gate`")
    from flowtui.model.gate import parse_gate  # noqa: PLC0415  only with a gate

    try:
        gate = parse_gate(given.gate)
    except QueryError as error:
        error.message = f"--gate: {error.message}"
        raise
    return GatePlan(
        gate, given.gate.strip(), given.compare, given.min_runs or MIN_RUNS, by_agent=given.by == "agent"
    )
