"""The single number behind a function with factors, from its slopes."""

import numpy as np
import pytest

from kancli.search.inputs.single_index import numbers_in

X = np.random.default_rng(3).uniform(1, 5, (5, 300))


def found(law, x=X, error=0.0):  # type: ignore[no-untyped-def]
    """Exponents by input, and powers of the factors; None where there is no number."""
    step = 1e-6
    slopes = np.stack(
        [(law(x + step * e[:, None]) - law(x - step * e[:, None])) / (2 * step) for e in np.eye(5)]
    )
    slopes = slopes + error * slopes.std() * np.random.default_rng(0).normal(size=slopes.shape)
    one = next(numbers_in(slopes, x, law(x)), None)
    return (
        None
        if one is None
        else (dict(zip(one.number.members, one.number.factors, strict=True)), dict(one.powers))
    )


@pytest.mark.parametrize("error", [0.0, 0.03, 0.06])
def test_a_number_and_two_factors(error: float) -> None:
    law = lambda x: x[0] * x[1] * np.tanh(x[1] * x[2] / (4 * x[3] * x[4]))  # noqa: E731
    number, powers = found(law, error=error)
    assert number == {1: 1.0, 2: 1.0, 3: -1.0, 4: -1.0}
    assert powers == {0: 1.0, 1: 1.0}


def test_a_function_that_changes_sign() -> None:
    assert found(lambda x: x[0] ** 2 * np.cos(x[1] / x[2])) == ({1: 1.0, 2: -1.0}, {0: 2.0})


def test_inputs_that_say_nothing_are_in_neither() -> None:
    assert found(lambda x: x[3] * np.exp(-(x[0] ** 2))) == ({0: 1.0}, {3: 1.0})


def test_a_function_of_one_input_alone_is_no_number() -> None:
    assert found(lambda x: np.sin(x[0])) is None


def test_two_numbers_are_not_one() -> None:
    assert found(lambda x: np.sin(x[0] * x[1] / 9) + x[2] * x[3] / 9) is None
    assert found(lambda x: x[0] * np.sin(x[1]) * np.cos(x[2] * x[3] / 3)) is None


def test_roots_of_what_is_not_positive_are_not_taken() -> None:
    x = X.copy()
    x[1] -= 3
    law = lambda x: np.exp(x[0] ** 2 * x[1] / 20)  # noqa: E731
    assert found(law, x) == ({0: 2.0, 1: 1.0}, {})
