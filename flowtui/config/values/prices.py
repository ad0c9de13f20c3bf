"""Prices of tokens by model, from `[prices]` in the config file. `model/run/cost.py` computes costs from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple

from flowtui.config.values.kinds import Kind
from flowtui.config.values.tables import TableError, entries, fields, nonnegative_number

DEFAULT_CURRENCY: Final = "USD"
_KNOWN_MAX: Final = 1024  # most models whose prices are cached, as a server may send any number of names


class Price(NamedTuple):
    """The prices of 1,000,000 prompt tokens and of 1,000,000 completion tokens."""

    prompt: float
    completion: float


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices by model. A name in `by_model` may be a pattern with `*`, `?` and `[...]`. Capitals do not matter."""

    by_model: Mapping[str, Price]
    currency: str = DEFAULT_CURRENCY
    _found: dict[str, Price | None] = field(default_factory=dict, repr=False, compare=False)

    def of(self, model: str) -> Price | None:
        """Return the price of a model; None if it has none.

        The exact name wins, or else the longest pattern that matches. Of a name such as `meta/llama-3`, the part after the
        last `/` is tried as well.
        """
        if model not in self._found:
            if len(self._found) >= _KNOWN_MAX:
                self._found.clear()
            self._found[model] = self._find(model.lower())
        return self._found[model]

    def _find(self, model: str) -> Price | None:
        names = dict.fromkeys((model, model.rpartition("/")[2]))
        by_name = {pattern.lower(): price for pattern, price in self.by_model.items()}
        patterns = sorted(by_name, key=lambda pattern: (-len(pattern), pattern))
        for name in names:
            if name in by_name:
                return by_name[name]
        for pattern in patterns:
            if any(name and fnmatchcase(name, pattern) for name in names):
                return by_name[pattern]
        return None


def _price(written: Any) -> Price:
    found = fields(written, {"prompt": nonnegative_number, "completion": nonnegative_number})
    for name in Price._fields:
        if name not in found:
            raise TableError(f"{name} is missing", hint="Write it as { prompt = 0.20, completion = 0.60 }")
    return Price(**found)


def _shown(value: Prices) -> dict[str, dict[str, float]]:
    return {name: price._asdict() for name, price in value.by_model.items()}


PRICES: Final = Kind(dict[str, Any], lambda written: Prices(entries(written, _price)), show=_shown)
"""`[prices]`, a table of model -> `Price`."""


def _currency(written: Any) -> str:
    text = str(written).strip()
    if not 1 <= len(text) <= 3 or not text.isprintable() or any(c.isdigit() or c.isspace() for c in text):
        raise ValueError('it must be a code or a sign, such as "USD" or "€"')
    return text


CURRENCY: Final = Kind(str, _currency)
"""A currency: a code such as USD or a sign such as €."""
