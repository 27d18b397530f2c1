"""The single number behind a wave of many periods, without a network."""

import numpy as np
import pytest

from kancli.search.inputs.neighbours import number_by_neighbours

X = np.random.default_rng(3).uniform(1, 5, (3, 1000))


def found(x, y, most=1e-2):  # type: ignore[no-untyped-def]
    """Exponents by input, and powers of the factor; None where there is no number."""
    one = number_by_neighbours(x, y, most)
    return (
        None
        if one is None
        else (dict(zip(one.number.members, one.number.factors, strict=True)), dict(one.powers))
    )


def test_a_wave_in_one_product() -> None:
    assert found(X, np.sin(4 * X[0] * X[1] / X[2])) == ({0: 1.0, 1: 1.0, 2: -1.0}, {})


def test_a_wave_with_a_factor_before_it() -> None:
    assert found(X, X[0] ** 2 * (1 - np.cos(X[1] * X[2]))) == ({1: 1.0, 2: 1.0}, {0: 2.0})


def test_the_factor_may_be_part_of_the_number() -> None:
    x = X[:2]
    # Over x0 or over x1: the two differ by a power of the number.
    assert found(x, np.sin(3 * x[0] * x[1]) / x[1]) in [
        ({0: 1.0, 1: 1.0}, {1: -1.0}),
        ({0: 1.0, 1: 1.0}, {0: 1.0}),
    ]


def test_a_target_with_a_long_tail_is_judged_by_its_ranks() -> None:
    x = np.random.default_rng(3).uniform(1, 5, (4, 1000))
    law = 1 / np.expm1(x[0] * x[1] / (6 * x[2] * x[3]))
    assert found(x, law, most=1e-9) == ({0: 1.0, 1: 1.0, 2: -1.0, 3: -1.0}, {})


def test_inputs_of_both_signs() -> None:
    x = X[:2] - 3
    assert found(x, np.cos(5 * x[0] * x[1])) == ({0: 1.0, 1: 1.0}, {})


def test_an_input_that_says_nothing_is_in_neither() -> None:
    assert found(X, X[2] * np.tanh(X[0])) == ({0: 1.0}, {2: 1.0})


@pytest.mark.parametrize("share", [0.05, 0.3])
def test_what_depends_on_more_than_one_number_is_left_alone(share: float) -> None:
    assert found(X, np.sin(4 * X[0] * X[1]) + share * X[2], most=1e-4) is None


def test_noise_is_left_alone() -> None:
    assert found(X, np.random.default_rng(1).normal(size=1000)) is None


def test_too_many_inputs_or_too_few_rows_are_not_tried() -> None:
    assert found(np.tile(X, (3, 1)), X[0] * X[1]) is None
    assert found(X[:, :20], (X[0] * X[1])[:20]) is None


def test_columns_that_have_nothing_to_do_with_it_do_no_harm() -> None:
    x = np.concatenate([X, np.random.default_rng(5).normal(size=(3, 1000))])
    assert found(x, X[0] * (1 - np.cos(X[1] * X[2]))) == ({1: 1.0, 2: 1.0}, {0: 1.0})
