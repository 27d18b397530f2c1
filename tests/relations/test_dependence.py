"""Which columns depend on each other, and how often the test is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.relations.dependence import dependence, groups_of, holm

SIZE = 0.05


def grouped(values: np.ndarray, seed: int = 0) -> list[tuple[int, ...]]:
    """Groups of the columns whose tests are significant."""
    found = dependence(values, SIZE, seed)
    linked = [j for j in range(values.shape[1]) if holm(found.p)[j] <= SIZE]
    return groups_of([found.links[j] if j in linked else () for j in range(values.shape[1])], linked)


def test_independent_columns_are_called_dependent_as_rarely_as_the_size_says() -> None:
    # Among 100 tables 5 are expected; 12 or more have a chance of 0.4 %.
    wrong = 0
    for seed in range(100):
        values = np.random.default_rng(seed).standard_cauchy((60, 4))
        wrong += bool((holm(dependence(values, SIZE, seed).p) <= SIZE).any())
    assert wrong < 12


def test_columns_that_take_few_values_are_tested_as_well() -> None:
    generator = np.random.default_rng(1)
    free = generator.integers(0, 3, (3, 300)).astype(float)
    assert grouped(free.T) == []
    assert grouped(np.column_stack([*free, free[0] == free[1]])) == [(0, 1, 3)]


def test_a_circle_and_a_sign_of_a_product_are_dependence() -> None:
    generator = np.random.default_rng(2)
    angle, free = generator.uniform(0, 2 * np.pi, 200), generator.normal(size=200)
    assert grouped(np.column_stack([np.cos(angle), free, np.sin(angle)])) == [(0, 2)]
    a, b = generator.normal(size=(2, 300))
    assert grouped(np.column_stack([a, b, np.sign(a * b), generator.normal(size=300)])) == [(0, 1, 2)]


def test_two_groups_stay_apart() -> None:
    generator = np.random.default_rng(3)
    x1, x2, x4, x6 = generator.uniform(-1, 1, (4, 500))
    table = np.column_stack([x1, x2, np.exp(np.sin(np.pi * x1) + x2**2), x4, x4**3, x6])
    assert grouped(table) == [(0, 1, 2), (3, 4)]


def test_adjusted_p_values_are_those_of_holm() -> None:
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])
