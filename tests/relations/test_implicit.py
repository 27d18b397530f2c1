"""Polynomials that vanish on every row."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.relations.implicit import fraction_of, implicit_relation
from kancli.symbolic.text.printer import render

GENERATOR = np.random.default_rng(4)
ANGLE = GENERATOR.uniform(0, 2 * np.pi, 200)
A, B = GENERATOR.uniform(-2, 2, (2, 200))
U, V = np.cos(ANGLE), np.sin(ANGLE)


def equation(*columns: np.ndarray) -> str | None:
    """The relation of columns called a, b, …"""
    found = implicit_relation(np.column_stack(columns), np.random.default_rng(0))
    return None if found is None else f"{render(found.left, 'abcd')} = {render(found.right, 'abcd')}"


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ((U, V), "b**2 + a**2 = 1"),
        ((3 * U, 3 * V), "b**2 + a**2 = 9"),
        ((A, B, A + 2 * B), "2*b - c + a = 0"),
        ((U + V, U - V / 2), "9/4"),
    ],
)
def test_a_curve_is_written_in_plain_numbers(columns: tuple[np.ndarray, ...], text: str) -> None:
    found = implicit_relation(np.column_stack(columns), np.random.default_rng(0))
    assert found is not None
    x = np.column_stack(columns)
    value = sum(c * np.prod(x[:, list(m)], axis=1) for m, c in found.terms)
    assert np.abs(value).max() < 1e-9
    assert all(fraction_of(c) is not None for _, c in found.terms)
    if "=" in text:
        assert equation(*columns) == text


def test_columns_without_a_relation_or_with_noise_have_none() -> None:
    assert equation(A, B) is None
    assert equation(U, V + GENERATOR.normal(0, 1e-6, 200)) is None


def test_columns_that_hardly_vary_have_none() -> None:
    assert equation(1e6 + 1e-2 * A, 1e6 + 1e-2 * B) is None
