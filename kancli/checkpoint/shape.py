"""What the facts of a version look like: checked once when it is read, so that whatever uses them may rely on it.

A file of somebody else may have a right checksum and wrong contents. Facts that are not listed here may be anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kancli.checkpoint.value import JSON
from kancli.errors import CheckpointError

Check = Callable[[JSON], str | None]
"""None, or what is wrong, as the end of a sentence that begins with the place: ` is no text`."""


class MissingFactError(CheckpointError, KeyError):
    """A fact that the command needs and the version does not have."""

    def __str__(self) -> str:
        return self.message


class Facts(dict[str, JSON]):
    """The metadata of a version that was read: asking for a fact that it does not have is an error of the file."""

    def __missing__(self, key: str) -> JSON:
        raise MissingFactError(
            f"the version does not say its {key!r}", "it was not made by kancli, or by a stage that has none"
        )


def wrong_fact(metadata: Mapping[str, JSON]) -> str | None:
    """The first fact of another shape than kancli writes, such as `edges[0].layer is no whole number`; or None."""
    for name, value in metadata.items():
        if said := _FACTS.get(name, _anything)(value):
            return f"{name}{said}"
    inputs, network, scale = (metadata.get(name) for name in ("inputs", "architecture", "scaling"))
    if inputs is not None and network is not None and network["width"][:1] != [len(inputs)]:
        return "architecture.width does not begin with the number of inputs"
    if inputs is not None and scale is not None and len(scale["input_scale"]) != len(inputs):
        return "scaling.input_scale is not one number per input"
    return None


def _text(value: JSON) -> str | None:
    return None if isinstance(value, str) else " is no text"


def _whole(value: JSON) -> str | None:
    return None if isinstance(value, int) and not isinstance(value, bool) else " is no whole number"


def _number(value: JSON) -> str | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 1e308:
        return None
    return " is no number"


def _truth(value: JSON) -> str | None:
    return None if isinstance(value, bool) else " is neither true nor false"


def _anything(value: JSON) -> str | None:
    return None


def _maybe(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def _list(check: Check) -> Check:
    def of_list(value: JSON) -> str | None:
        if not isinstance(value, list):
            return " is no list"
        return next((f"[{i}]{said}" for i, entry in enumerate(value) if (said := check(entry))), None)

    return of_list


def _table(check: Check) -> Check:
    def of_table(value: JSON) -> str | None:
        if not isinstance(value, dict):
            return " is no section"
        return next((f".{name}{said}" for name, entry in value.items() if (said := check(entry))), None)

    return of_table


def _record(optional: Mapping[str, Check] | None = None, /, **fields: Check) -> Check:
    """A section with these keys, and perhaps the optional ones."""
    every = {**fields, **(optional or {})}

    def of_record(value: JSON) -> str | None:
        if not isinstance(value, dict):
            return " is no section"
        for name, check in every.items():
            if name not in value and name in fields:
                return f".{name} is missing"
            if name in value and (said := check(value[name])):
                return f".{name}{said}"
        return None

    return of_record


def _pair(value: JSON) -> str | None:
    said = _list(_number)(value)
    return said or (None if len(value) == 2 else " is no pair")


_figure = _maybe(_number)
_figures: dict[str, Check] = {"r2": _figure, "r2_validation": _figure, "rmse": _figure}
_function = _record({"function": _text, "r2": _figure})
_edge = _record(
    dict.fromkeys(("r2", "a", "b", "c", "d"), _figure) | {"next": _maybe(_function), "expression": _maybe(_text)},
    layer=_whole, source=_whole, target=_whole, function=_text,
)  # fmt: skip
_formula = _record(
    _figures | {"edges": _maybe(_list(_edge))}, formula=_text, complexity=_whole, chosen=_truth, r2=_figure
)
_network = _record(
    width=_list(_whole), products=_list(_list(_whole)), edges=_list(_list(_list(_whole))), grid=_list(_whole),
    order=_whole, base=_text,
)  # fmt: skip
_data = _record(
    {"held_out": _maybe(_whole), "ranges": _table(_pair)},
    source=_text, rows=_whole, path=_maybe(_text), copy=_maybe(_text), seed=_whole, fingerprint=_text,
    options=_table(_anything),
)  # fmt: skip
_parameter = _record(name=_text, value=_figure, standard_error=_figure, exact=_maybe(_text))
_constant = _record({"snapped": _maybe(_text)}, value=_figure, standard_error=_figure)
_verdict = _record(
    {"rivals": _list(_record(formula=_text, bits=_figure))}, kind=_text, why=_text, confidence=_number
)

_recipe = _record(
    {
        **dict.fromkeys(("data", "train", "prune", "refine", "symbolify", "fit", "units"), _table(_anything)),
        "stages": _list(_text),
    }
)

_uncertainty = _record(
    covariance=_list(_list(_number)), left=_whole, target=_record(rms=_number, median=_number)
)

_FACTS: Mapping[str, Check] = {
    "inputs": _list(_text),
    "target": _text,
    "constant": _table(_number),
    "seed": _whole,
    "data": _data,
    "architecture": _network,
    "scaling": _record(input_scale=_list(_number), target_shift=_number, target_scale=_number),
    "metrics": _maybe(_record(_figures | {"rmse_validation": _figure})),
    "influence": _maybe(_list(_record(input=_text, influence=_number))),
    "edges": _maybe(_list(_edge)),
    "splines_left": _maybe(_whole),
    "remarks": _list(_text),
    "removed": _list(_list(_whole)),
    "recipe": _recipe,
    "options": _table(_anything),
    "versions": _table(_text),
    "ended_after": _list(_whole),
    "formula": _maybe(_text),
    "latex": _maybe(_text),
    "unsnapped": _maybe(_text),
    "symbols": _table(_text),
    "complexity": _maybe(_whole),
    "reduced_chi2": _figure,
    "front": _maybe(_list(_formula)),
    "constants": _list(_constant),
    "parameters": _maybe(_list(_parameter)),
    "verdict": _maybe(_verdict),
    "uncertainty": _maybe(_uncertainty),
    "errors": _maybe(_record({"loss": _text}, model=_text, scale=_number)),
    "outliers": _maybe(_list(_record(row=_whole, residual=_number))),
    "grids": _list(_record(grid=_whole, error=_figure)),
    **_figures,
}


def facts_of(metadata: Any) -> Facts:
    """The facts of a version. Raises TypeError with what is wrong where they are not those of one."""
    if not isinstance(metadata, dict):
        raise TypeError("they are no section")
    if said := wrong_fact(metadata):
        raise TypeError(said)
    return Facts(metadata)
