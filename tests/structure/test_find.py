"""Claims about laws whose structure is known."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.structure import Structure, find_structure


def structure(x: np.ndarray, y: np.ndarray, noise: float = 0.01) -> Structure:
    """Of columns a, b, … with some noise."""
    y = y + noise * y.std() * np.random.default_rng(9).normal(size=len(y))
    return find_structure("abcd"[: x.shape[1]], x, "y", y)


def texts(found: Structure) -> list[str]:
    """The claims as they are printed."""
    return [claim.text for claim in found.claims]


X = np.random.default_rng(0).uniform(-1, 1, (500, 3))
A, B, C = X.T
POSITIVE = np.random.default_rng(1).uniform(1, 3, (500, 3))


@pytest.mark.parametrize(
    ("x", "y", "claim"),
    [
        (X, np.exp(A) + np.sin(2 * B * C + B), "f1(a) + f2(b, c)"),
        (X, (1.5 + A) * np.sin(2 * B + C), "f1(a)*f2(b, c)"),
        (X, np.exp(A) * np.sin(2 * B), "c is irrelevant"),
        (X, np.exp(A - B) + C * (A - B), "only by a - b"),
        (X, np.exp(A**2 + B**2) + C, "only by a**2 + b**2"),
        (POSITIVE, POSITIVE[:, 2] * np.exp(POSITIVE[:, 0] / POSITIVE[:, 1]), "only by a/b"),
        (
            POSITIVE[:, :2],
            POSITIVE[:, 0] ** 2 * np.exp(POSITIVE[:, 1] / POSITIVE[:, 0]),
            "of degree 2 in a, b",
        ),
        (X[:, :2], np.exp(A) + B**2, "increases with a"),
        (X[:, :2], np.exp(A) + B**2, "convex in b"),
        (X[:, :2], -A - A**3 + B, "decreases with a"),
    ],
)
def test_a_true_claim_is_made(x: np.ndarray, y: np.ndarray, claim: str) -> None:
    assert claim in texts(structure(x, y))


def test_a_period_is_found_with_its_length() -> None:
    (claim,) = (
        c for c in structure(X[:, :2], np.sin(3 * np.pi * A) * (2 + B)).claims if c.kind == "periodic"
    )
    assert claim.columns == ("a",)
    assert claim.value == pytest.approx(2 / 3, rel=0.02)


def test_nothing_is_claimed_of_noise_but_that_no_input_matters() -> None:
    for seed in range(20):
        generator = np.random.default_rng(seed)
        found = find_structure("abc", generator.normal(size=(150, 3)), "y", generator.standard_t(3, 150))
        assert [claim.kind for claim in found.claims] == ["irrelevant"]


def test_nothing_false_is_claimed_of_a_law_without_structure() -> None:
    y = np.sin(2 * A * B + C) + np.exp(A * C) + B * C**2
    kinds = {claim.kind for claim in structure(X, y).claims}
    assert kinds <= {"monotonic", "convex"}


def test_shares_of_a_sum_are_those_of_its_terms() -> None:
    found = structure(X, 2 * A + B)
    a, b, c = found.influence
    assert a.low <= 0.8 <= a.high
    assert b.low <= 0.2 <= b.high
    assert c.share < 0.01
    assert found.explained > 0.99
