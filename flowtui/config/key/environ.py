"""The environment variables: a view whose repr hides them, and a copy without the key for other programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

SEEKR_KEY = "SEEKR_API_KEY"


class Environment(Mapping[str, str]):
    """Environment variables whose repr hides them: a traceback with locals would print the key otherwise."""

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
    """Return the environment for another program: without SEEKR_API_KEY, the variables `names`, and any that holds `key`.

    Finds `key` in every form of `key_encodings`; "" means that no key is known.
    """
    from flowtui.config.key.key_encodings import key_encodings  # noqa: PLC0415  few commands need it

    forms = key_encodings(key)
    hidden = {SEEKR_KEY, *names}
    return {
        name: value
        for name, value in environ.items()
        if name not in hidden and not any(form in value for form in forms)
    }
