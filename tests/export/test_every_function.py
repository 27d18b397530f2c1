"""Every elementary function in every format: written so that it runs and is right, or clearly refused."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from sources import NAMES, ROWS, metadata
from tools import TOOLS

from kancli.errors import UsageError
from kancli.export import export, formats
from kancli.export.spelling import definitions, unwritable
from kancli.recipe.export_formats import known_as
from kancli.symbolic.elementary import FUNCTIONS, Elementary
from kancli.symbolic.expression import evaluate
from kancli.symbolic.text.parser import parse


def calls(entry: Elementary) -> tuple[str, ...]:
    """The function at arguments inside its domain: x is in [-0.9, 0.9], y in [0.2, 0.9]."""
    if entry.low >= 0.0:
        return (f"{entry.name}({round(entry.low)} + y)", f"{entry.name}(1 + 5*y)")
    if entry.low > -np.inf and entry.high == np.inf:
        return (f"{entry.name}(3*y)", f"{entry.name}({entry.low:.3f}*y)")
    if entry.high < np.inf and entry.low == -np.inf:
        return (f"{entry.name}(x)", f"{entry.name}(x/1000)", f"{entry.name}(-7*y)")
    if entry.low > -np.inf:
        return (f"{entry.name}(x)", f"{entry.name}(y/100)")
    return (f"{entry.name}(x)", f"{entry.name}(x/1000)", f"{entry.name}(3*y)", f"{entry.name}(-7*y)")


def of_like_size(call: str) -> str:
    """The call divided by its largest value: a digit that is wrong then shows in a sum of many."""
    size = np.nanmax(np.abs(evaluate(parse(call, NAMES), ROWS)))
    return f"{call}/{size or 1.0:.3g}"


def runs(source: str, format: str, folder: Path) -> bool:
    folder.mkdir()
    return TOOLS[format].execute(source, folder)[0] == 0


@pytest.mark.parametrize("format", formats())
def test_every_function_is_written_or_refused(format: str) -> None:
    refused = unwritable(known_as(format))
    for name, entry in FUNCTIONS.items():
        document = metadata(calls(entry)[0])
        if name in refused:
            with pytest.raises(UsageError, match=rf"{re.escape(format)} cannot write {name}"):
                export(document, format)
        else:
            assert export(document, format)


@pytest.mark.parametrize("format", TOOLS)
def test_a_sum_of_all_functions_is_computed(format: str, tmp_path: Path) -> None:
    known = [entry for name, entry in FUNCTIONS.items() if name not in unwritable(known_as(format))]
    text = " + ".join(of_like_size(call) for entry in known for call in calls(entry))
    assert runs(export(metadata(text), format, with_test=True), format, tmp_path / "all")


# Each function is a process of its own, and importing torch takes seconds.
@pytest.mark.parametrize(
    "format", [pytest.param(name, marks=pytest.mark.slow) if name == "torch" else name for name in TOOLS]
)
def test_what_a_language_lacks_is_right_to_the_last_digits_alone(format: str, tmp_path: Path) -> None:
    own = definitions(known_as(format))
    for name, entry in FUNCTIONS.items():
        written = entry.exports.get(known_as(format))
        if written is None or written.name not in own:
            continue
        text = " + ".join(map(of_like_size, calls(entry)))
        assert runs(export(metadata(text), format, with_test=True), format, tmp_path / name), text
