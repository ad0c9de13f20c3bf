"""Reads from the history what it says of the base of a watch's gate, so that the API is asked only for what is missing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from flowtui.errors import HistoryError
from flowtui.model.columns.volatility import STABLE
from flowtui.model.gate.past_base import NO_PAST, PastBase, from_api, past_base
from flowtui.model.gate.tree import asks_base

if TYPE_CHECKING:
    from flowtui.config.files.plain_key import Secret
    from flowtui.config.settings import Settings
    from flowtui.watch.options import Options


async def remembered_base(settings: Settings, key: Secret, options: Options) -> PastBase:
    """Return what the history says of the base. A gate that asks for no base reads nothing; no file is ever made.

    A history that cannot be read is no error: the base comes from the API then.
    """
    plan, since = options.gate, options.since
    if not settings.remember or plan is None or since is None:
        return NO_PAST
    if not any(asks_base(each.limit) for each in plan.gate.comparisons):
        return NO_PAST
    if options.labels.given:
        return from_api("--group and --label ask for what the history does not keep")
    if options.filter is not None and options.filter.volatility.volatility != STABLE:
        return from_api("--filter asks for more than the history keeps of a run")

    def read() -> PastBase:
        from flowtui.store.history import read_history  # noqa: PLC0415  imports sqlite3

        try:
            past = read_history(settings, key)
            if past is None:
                return NO_PAST
            return past_base(past, since - plan.compare, since, since, threads=options.threads or None)
        except HistoryError as error:
            return from_api(str(error))

    return await asyncio.to_thread(read)
