"""The environment: as flowtui passes it around, without showing it, and as other programs get it, without the key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

SEEKR_KEY = "SEEKR_API_KEY"


class Environment(Mapping[str, str]):
    """Variables that show nothing of themselves: tools that print what functions hold would print the key otherwise."""

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
    """Return an environment without the variables that hold `key` ("": none is known), in whatever form.

    Nor are those in it that are named for a key: `names`, and SEEKR_API_KEY.
    """
    from flowtui.config.key.key_encodings import key_encodings  # noqa: PLC0415  not at every start

    forms = key_encodings(key)
    hidden = {SEEKR_KEY, *names}
    return {
        name: value
        for name, value in environ.items()
        if name not in hidden and not any(form in value for form in forms)
    }
