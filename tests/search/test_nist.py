"""NIST's certified nonlinear regressions: their forms are fitted without a first guess."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from searching import searched

from kancli.dataset import read_dataset
from kancli.symbolic.expression import evaluate
from kancli.symbolic.forms.form import read_form
from kancli.symbolic.text.parser import parse

FOLDER = Path(__file__).parent / "nist"
CERTIFIED = json.loads((FOLDER / "certified.json").read_text())


@pytest.mark.parametrize("known", CERTIFIED, ids=lambda known: known["id"])
def test_a_form_has_its_certified_constants_and_standard_errors_without_a_first_guess(
    known: dict[str, Any],
) -> None:
    data = read_dataset(str(FOLDER / known["data"]))
    facts = searched(data, like=known["form"]).road[-1][0].metadata
    constants = {entry["name"]: entry for entry in facts["constants"]}
    values = {name: entry["value"] for name, entry in constants.items()}
    errors = {name: entry["standard_error"] for name, entry in constants.items()}
    assert values == pytest.approx(known["params"], rel=1e-6)
    assert errors == pytest.approx(known["stderr"], rel=1e-4)
    # What is printed is the form at these constants, and those of its table.
    form = read_form(known["form"], ["x"])
    printed = evaluate(parse(facts["formula"], ["x"]), data.x)
    at_certified = evaluate(form.free([known["params"][name] for name in form.names]), data.x)
    np.testing.assert_allclose(printed, at_certified, atol=1e-6 * float(data.y.std()), rtol=0)
    assert {entry["name"]: entry["value"] for entry in facts["parameters"]} == values
