"""Each classic of one input is found from data of its own, however their units are chosen."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kancli.search.plain.classics import CLASSICS, Classic, Scales, fit_classic
from kancli.symbolic.forms.form import Bound, read_form

# Constants in the order of each form, for an input between 0.5 and 8.
TRUTHS = {
    "proportional": (2.0,),
    "power law": (2.0, -0.7),
    "power law with offset": (2.0, 0.4, 1.0),
    "logarithm": (2.0, 1.0),
    "reciprocal": (2.0, 0.5),
    "exponential": (3.0, -0.7),
    "exponential approach": (3.0, -0.7, 0.2),
    "two exponentials": (3.0, -0.3, 2.0, -2.5),
    "Arrhenius": (3.0, -4.0),
    "Antoine": (2.0, -8.0, 3.0),
    "Michaelis-Menten": (3.0, 1.4),
    "Hill": (3.0, 2.5, 2.0),
    "logistic": (3.0, -1.5, 4.0),
    "logistic with offset": (1.0, 3.0, -1.5, 4.0),
    "Gaussian": (3.0, 4.0, 1.3),
    "Gaussian with offset": (3.0, 4.0, 1.3, 0.5),
    "sine": (3.0, 1.9, 0.4, 5.0),
    "damped sine": (3.0, 0.3, 4.0, 0.4),
}


def test_every_classic_has_a_case() -> None:
    assert {classic.name for classic in CLASSICS} == set(TRUTHS)


@pytest.mark.parametrize("unit", [1.0, 1e-6, 1e5])
@pytest.mark.parametrize("classic", CLASSICS, ids=lambda classic: classic.name)
def test_a_classic_fits_its_own_data_in_any_unit_of_the_input(classic: Classic, unit: float) -> None:
    form = read_form(classic.form, ("u",))
    u = np.random.default_rng(4).uniform(0.5, 8, 80)
    y = Bound.of(form, u[:, None]).value(np.array(TRUTHS[classic.name]))
    found = fit_classic(classic, u * unit, 7.0 * y)
    assert found is not None
    assert math.sqrt(found[1].sse / len(u)) < 1e-6 * float(np.std(7.0 * y))


def test_no_frequency_is_tried_beyond_what_the_rows_can_tell() -> None:
    u = np.arange(24.0)
    assert max(Scales.of(u, u).frequencies) <= math.pi + 1e-12


def test_constants_need_two_rows_each() -> None:
    u = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    four = next(classic for classic in CLASSICS if classic.name == "two exponentials")
    assert fit_classic(four, u, u**2) is None
