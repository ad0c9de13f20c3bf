"""The environment variables: a mapping whose repr hides them, and a copy without the key for other programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowtui.config.values.notify import WEBHOOK_ENV

SEEKR_KEY = "SEEKR_API_KEY"


class Environment(Mapping[str, str]):
    """The environment variables. The repr does not show them: a traceback with local variables would print the key."""

    __slots__ = ("_variables",)

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def __getitem__(self, name: str) -> str:
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)

    def __repr__(self) -> str:
        return f"<{len(self)} variables>"


def environ_without_key(environ: Mapping[str, str], key: str, *names: str) -> dict[str, str]:
    """Return the environment for another program: without the key, the webhook's address, `names`, and what holds `key`.

    `key` is searched for in every form of `key_encodings`. If it is "", no key is known, and only names count.
    """
    from flowtui.config.key.key_encodings import key_encodings  # noqa: PLC0415  few commands need it

    forms = key_encodings(key)
    hidden = {SEEKR_KEY, WEBHOOK_ENV, *names}
    return {
        name: value
        for name, value in environ.items()
        if name not in hidden and not any(form in value for form in forms)
    }
