"""Combinations of inputs, seen in the slopes of known functions."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.search.inputs.slopes import Combination, factors_in, found_in, homogeneous_in, snapped
from kancli.search.networks.separability import clusters, disagreement
from kancli.symbolic.expression import Variable, evaluate

RNG = np.random.default_rng(0)
X = RNG.uniform(1, 3, (4, 400))


def slopes_of(f: object, x: np.ndarray) -> np.ndarray:
    """∂f/∂x by central differences, (d, n)."""
    found = []
    for i in range(len(x)):
        step = np.zeros_like(x)
        step[i] = 1e-6
        found.append((f(x + step) - f(x - step)) / 2e-6)  # type: ignore[operator]
    return np.array(found)


def values(combination: Combination, x: np.ndarray) -> np.ndarray:
    return evaluate(combination.expression([Variable(i) for i in range(len(x))]), x.T)


CASES = [
    ("product", lambda x: np.sin(x[0] * x[1] ** 2) + x[2] * x[3], (0, 1), lambda x: x[0] * x[1] ** 2),
    ("product", lambda x: x[2] + np.exp(-x[0] / x[1]) * x[3], (0, 1), lambda x: x[0] / x[1]),
    ("sum", lambda x: np.cos(x[1] - x[3]) * x[0] + x[2] ** 2, (1, 3), lambda x: x[1] - x[3]),
    (
        "squares",
        lambda x: np.sqrt(x[0] ** 2 + x[2] ** 2) * x[1] + x[3],
        (0, 2),
        lambda x: x[0] ** 2 + x[2] ** 2,
    ),
    ("inverses", lambda x: np.log(1 / x[0] + 1 / x[1]) * x[2] + x[3], (0, 1), lambda x: 1 / x[0] + 1 / x[1]),
]


@pytest.mark.parametrize(("kind", "law", "members", "combined"), CASES)
def test_each_kind_is_recognised(kind: str, law: object, members: tuple[int, ...], combined: object) -> None:
    found = {c.members: c for c in found_in(slopes_of(law, X), X)}
    assert found[members].kind == kind
    assert np.allclose(values(found[members], X), combined(X), rtol=1e-12)  # type: ignore[operator]


def test_three_inputs_of_one_product_come_together() -> None:
    found = found_in(slopes_of(lambda x: x[3] + np.exp(x[0] * x[1] / x[2]), X), X)
    assert [c.members for c in found] == [(0, 1, 2)]
    assert found[0].factors == (1.0, 1.0, -1.0)


def test_inputs_that_do_not_belong_together_are_left_alone() -> None:
    law = lambda x: np.sin(x[0]) * x[1] + np.exp(x[1] - x[0] * x[2]) + x[3] ** 2 * x[0]  # noqa: E731
    assert found_in(slopes_of(law, X), X) == []


def test_powers_that_the_target_holds_as_factors() -> None:
    law = lambda x: x[0] ** 2 / x[3] ** 3 * np.cos(x[1] * x[2])  # noqa: E731
    assert factors_in(slopes_of(law, X), X, law(X)) == {0: 2.0, 3: -3.0}


@pytest.mark.parametrize(
    ("k", "exact"), [(1.04, 1.0), (-0.98, -1.0), (0.51, 0.5), (2.98, 3.0), (1.42, None), (0.2, 0.2)]
)
def test_exponents_are_quotients_of_small_numbers(k: float, exact: float | None) -> None:
    assert snapped(k, "product", positive=True) == exact


def test_a_root_of_what_may_be_negative_is_not_proposed() -> None:
    assert snapped(0.5, "product", positive=False) is None
    assert snapped(0.5, "sum", positive=True) is None


def test_inputs_that_enter_through_one_sum_of_functions_of_each() -> None:
    law = lambda x: np.exp(np.sin(x[0]) + x[1] ** 3 / 9) * x[2] + x[3] * x[2]  # noqa: E731
    disagree = disagreement(slopes_of(law, X), X)
    assert clusters(disagree) == [(0, 1)]
    assert disagree[0, 1] < 1e-4 < disagree[0, 2]


def test_a_law_that_scales_with_two_inputs_is_seen_as_one_of_their_quotient() -> None:
    law = lambda x: x[0] / (np.exp(x[0] / x[1]) - 1) * np.cos(x[2])  # noqa: E731
    found = homogeneous_in(slopes_of(law, X[:3]), X[:3], law(X[:3]))
    assert found is not None
    assert {found.scale, found.other} == {0, 1}
    assert (found.weight, found.degree) == (1.0, 1.0)


def test_a_law_without_scale_is_not_called_homogeneous() -> None:
    law = lambda x: np.exp(-x[0]) * np.sin(x[1] + x[2] ** 2) + x[2]  # noqa: E731
    assert homogeneous_in(slopes_of(law, X[:3]), X[:3], law(X[:3])) is None
