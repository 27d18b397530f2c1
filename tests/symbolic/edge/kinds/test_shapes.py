"""The curves that products are put together from: usable, scaled, and as many as the library allows."""

from __future__ import annotations

import numpy as np
import pytest
from edges import edge_of, rows

from kancli.symbolic.edge.chains.problems import PER_STEP, Curve, values
from kancli.symbolic.edge.kinds.shapes import FLAT, Shapes, shapes_of
from kancli.symbolic.library.functions import library

OMEGA = np.array([2.0, 5.0])
FUNCTIONS = library()


def sample(low: float, high: float) -> Curve:
    x = rows(low, high, count=60)
    return edge_of(x, np.sin(x)).curve


def shapes(low: float = -1.0, high: float = 2.0, names: list[str] | None = None, **how: object) -> Shapes:
    return shapes_of(FUNCTIONS if names is None else library(names), sample(low, high), OMEGA, **how)  # type: ignore[arg-type]


def curves(found: Shapes) -> set[str]:
    """Names without what is free."""
    return {name.split(" ")[0] for name in found.names()}


@pytest.mark.parametrize(("low", "high"), [(-1, 2), (0.1, 3), (-3, -1), (50, 52)])
def test_all_shapes_are_finite_of_size_one_and_not_flat(low: float, high: float) -> None:
    found, curve = shapes(low, high), sample(low, high)
    assert np.isfinite(found.values).all()
    assert np.allclose(np.max(np.abs(found.values), axis=1), 1.0)
    variance = (found.values - (found.values @ curve.w)[:, None]) ** 2 @ curve.w
    assert (variance > FLAT * (found.values**2 @ curve.w)).all()


def test_values_are_those_of_the_problems() -> None:
    found = shapes()
    column = values(found.problems, sample(-1, 2).t)
    assert np.allclose(column / np.max(np.abs(column), axis=1, keepdims=True), found.values)


def test_shapes_can_be_taken_by_row_with_their_names() -> None:
    found = shapes()
    some = found.take(np.array([3, 1]))
    assert np.array_equal(some.values, found.values[[3, 1]])
    assert some.names() == (found.names()[3], found.names()[1])
    assert np.array_equal(some.problems.theta, found.problems.theta[[3, 1]])


def test_shapes_are_made_of_the_library_only() -> None:
    found = shapes(names=["sin", "exp"])
    used = {found.problems.functions[k].name for k in np.unique(found.problems.chain)}
    assert used <= {"x", "sin", "exp"}
    assert {"sin(x)", "exp(x)", "x(x)"} <= curves(found)


def test_where_the_origin_lies_outside_functions_of_one_side_are_tied_to_it() -> None:
    def tied(found: Shapes, name: str) -> int:
        one = found.problems
        own = np.array([one.functions[outer].name == name for outer in one.chain[:, 1]])
        return int(np.sum(own & ~one.free[:, PER_STEP + 1] & (one.theta[:, PER_STEP + 1] == 0.0)))

    assert tied(shapes(0.5, 3), "sqrt") > 0
    assert tied(shapes(-1, 3), "sqrt") == 0


def test_waves_of_given_chirps_are_among_the_shapes() -> None:
    x = rows(-1, 2, count=60)
    edge = edge_of(x, np.sin(x))
    s = edge.curve.t - edge.curve.origin
    found = shapes_of(library(["x", "x^2", "sin", "cos"]), edge.curve, OMEGA, [(9.0, 4.0)])
    for phase in (0.0, np.pi / 2):
        wave = np.sin(9 * s**2 + 4 * s + phase)
        assert np.min(np.max(np.abs(found.values - wave / np.max(np.abs(wave))), axis=1)) < 1e-9
