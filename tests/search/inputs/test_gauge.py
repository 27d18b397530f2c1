"""The plainest way of writing a law in one number."""

import numpy as np
import pytest

from kancli.dataset import Dataset, from_memory
from kancli.search.inputs.gauge import simplest
from kancli.search.inputs.rewritten import as_it_is
from kancli.search.inputs.single_index import OneNumber
from kancli.search.inputs.slopes import Combination
from kancli.symbolic.library.functions import library


def table(law) -> Dataset:  # type: ignore[no-untyped-def]
    x = np.random.default_rng(0).uniform(1, 3, (300, 2))
    return from_memory(x, law(*x.T), inputs=("a", "b"))[0]


@pytest.mark.parametrize("exponents", [(1.0, -1.0), (-1.0, 1.0)])
@pytest.mark.parametrize("powers", [{0: -1.0}, {1: -1.0}, {0: 1.0, 1: -2.0}])
def test_a_gaussian_of_a_quotient_over_its_width(
    exponents: tuple[float, float], powers: dict[int, float]
) -> None:
    law = table(lambda a, b: np.exp(-((a / b) ** 2) / 2) / b)
    found = OneNumber(Combination("product", (0, 1), exponents), powers)
    simple = simplest(found, as_it_is(law), library())
    assert simple is not None
    assert simple.dataset.inputs == ("a/b",)
    np.testing.assert_allclose(simple.dataset.y, np.exp(-(simple.dataset.x[:, 0] ** 2) / 2))


def test_nothing_is_divided_by_an_input_that_is_zero_somewhere() -> None:
    law = table(lambda a, b: np.sin(a * b))
    law.x[0, 0] = 0.0
    simple = simplest(OneNumber(Combination("product", (0, 1), (1.0, 1.0)), {}), as_it_is(law), library())
    assert simple is not None
    assert simple.dataset.inputs == ("a*b",)
