"""B-spline bases against identities, scipy and automatic differentiation."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.interpolate import BSpline

from kancli.engine.splines import base_function, basis, change_of_grid, local_weights, spline_basis

ORDERS = [1, 2, 3, 4, 5]
LOW, HIGH, GRID = -1.5, 2.0, 6


def scalar(value: float) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float64)


def on_grid(x: torch.Tensor, order: int, grid: int = GRID) -> tuple[torch.Tensor, torch.Tensor]:
    return spline_basis(x, scalar(LOW), scalar(HIGH), grid, order)


def inside(rows: int = 201) -> torch.Tensor:
    return torch.linspace(LOW, HIGH, rows, dtype=torch.float64)


def beyond() -> torch.Tensor:
    """Points on either side of the grid, up to several widths away."""
    return torch.cat([LOW - inside().square(), HIGH + inside().square()])


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("grid", [1, 2, 7])
def test_basis_is_a_partition_of_unity_inside_and_outside_the_grid(order: int, grid: int) -> None:
    """Both ends included; the slopes then sum to zero."""
    values, slopes = on_grid(torch.cat([inside(), beyond()]), order, grid)
    assert values.shape == (grid + order, 201 + 402)
    torch.testing.assert_close(values.sum(0), torch.ones(603, dtype=torch.float64))
    torch.testing.assert_close(slopes.sum(0), torch.zeros(603, dtype=torch.float64), atol=1e-12, rtol=0)


@pytest.mark.parametrize("order", ORDERS)
def test_basis_equals_scipys_inside_the_grid(order: int) -> None:
    step = (HIGH - LOW) / GRID
    knots = LOW + step * np.arange(-order, GRID + order + 1)
    x = inside()
    values, slopes = on_grid(x, order)
    for i in range(GRID + order):
        spline = BSpline(knots, np.eye(GRID + order)[i], order)
        np.testing.assert_allclose(values[i], spline(x.numpy()), atol=1e-13)
        # A first-order spline's slope jumps at the knots, where the two may take different sides.
        smooth = np.abs((x.numpy() - LOW) / step % 1 - 0.5) < 0.499
        np.testing.assert_allclose(slopes[i][smooth], spline.derivative()(x.numpy()[smooth]), atol=1e-12)


@pytest.mark.parametrize("order", ORDERS)
def test_polynomials_up_to_the_order_are_reproduced(order: int) -> None:
    """… exactly inside the grid, while a polynomial of one degree more is not."""
    x = inside()
    design = on_grid(x, order)[0].T

    def misfit(degree: int) -> float:
        y = x**degree
        c = torch.linalg.lstsq(design, y.unsqueeze(-1)).solution.squeeze(-1)
        return float((design @ c - y).abs().max())

    assert all(misfit(degree) < 1e-11 for degree in range(order + 1))
    assert misfit(order + 1) > 1e-6


@pytest.mark.parametrize("order", ORDERS)
def test_at_most_order_plus_one_functions_are_non_zero_and_none_negative_inside(order: int) -> None:
    values, _ = on_grid(inside(), order)
    assert bool((values >= 0).all())
    assert int((values > 0).sum(0).max()) == order + 1


@pytest.mark.parametrize("order", ORDERS)
def test_slopes_equal_automatic_differentiation(order: int) -> None:
    x = torch.cat([inside(), beyond()]).requires_grad_(True)
    values, slopes = on_grid(x, order)
    for i in range(GRID + order):
        (derivative,) = torch.autograd.grad(values[i].sum(), x, retain_graph=True)
        torch.testing.assert_close(slopes[i].detach(), derivative, atol=1e-11, rtol=1e-11)


@pytest.mark.parametrize("order", ORDERS)
def test_a_spline_goes_on_as_its_tangent_outside_the_grid(order: int) -> None:
    generator = torch.Generator().manual_seed(0)
    c = torch.randn(GRID + order, generator=generator, dtype=torch.float64)
    for end, far in ((LOW, torch.tensor([-2.0, -7.0, -100.0])), (HIGH, torch.tensor([2.5, 9.0, 100.0]))):
        value, slope = (c @ t for t in on_grid(scalar(end).unsqueeze(0), order))
        values, slopes = (c @ t for t in on_grid(far.double(), order))
        torch.testing.assert_close(values, value + slope * (far.double() - end))
        torch.testing.assert_close(slopes, slope.expand(3))


def test_the_written_out_cubic_equals_the_recursion() -> None:
    """One step of Cox and de Boor's recursion from the quadratic, which the general branch computes."""
    t = torch.linspace(0, 1, 51, dtype=torch.float64)
    quadratic, _ = local_weights(t, 2)
    i = torch.arange(4, dtype=torch.float64).unsqueeze(-1)
    zero = torch.zeros(1, 51, dtype=torch.float64)
    left, right = torch.cat([zero, quadratic]), torch.cat([quadratic, zero])
    values, slopes = local_weights(t, 3)
    torch.testing.assert_close(values, left * (t + 3 - i) / 3 + right * (i + 1 - t) / 3)
    torch.testing.assert_close(slopes, left - right)


def test_every_restart_and_node_has_its_own_range() -> None:
    generator = torch.Generator().manual_seed(0)
    low = -1 - torch.rand(2, 3, generator=generator, dtype=torch.float64)
    high = 1 + torch.rand(2, 3, generator=generator, dtype=torch.float64)
    x = torch.randn(2, 3, 20, generator=generator, dtype=torch.float64)
    values, slopes = spline_basis(x, low, high, 5, 3)
    for r in range(2):
        for n in range(3):
            one, slope = spline_basis(x[r, n], low[r, n], high[r, n], 5, 3)
            torch.testing.assert_close(values[r, n], one)
            torch.testing.assert_close(slopes[r, n], slope)


def test_the_base_function_is_the_last_row() -> None:
    x = inside()
    values, slopes = basis(x, scalar(LOW), scalar(HIGH), GRID, 3, "silu")
    torch.testing.assert_close(values[-1], torch.nn.functional.silu(x))
    torch.testing.assert_close(values[:-1], on_grid(x, 3)[0])
    identity, one = (t[-1] for t in basis(x, scalar(LOW), scalar(HIGH), GRID, 3, "identity"))
    torch.testing.assert_close(identity, x)
    torch.testing.assert_close(one, torch.ones_like(x))
    z = x.clone().requires_grad_(True)
    (derivative,) = torch.autograd.grad(torch.nn.functional.silu(z).sum(), z)
    torch.testing.assert_close(slopes[-1], derivative)


def test_an_unknown_base_function_is_refused() -> None:
    with pytest.raises(ValueError, match="relu"):
        base_function(inside(), "relu")


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_nested_grid_holds_the_same_spline(order: int, times: int) -> None:
    generator = torch.Generator().manual_seed(0)
    c = torch.randn(GRID + order, generator=generator, dtype=torch.float64)
    change = change_of_grid(scalar(LOW), scalar(HIGH), GRID, scalar(LOW), scalar(HIGH), times * GRID, order)
    x = torch.cat([inside(), beyond()])
    torch.testing.assert_close(
        (change @ c) @ on_grid(x, order, times * GRID)[0], c @ on_grid(x, order)[0], atol=1e-10, rtol=1e-10
    )


@pytest.mark.parametrize("order", ORDERS)
def test_polynomials_survive_a_move_of_the_range(order: int) -> None:
    """On a smaller range the spline is a polynomial if it was one, so nothing may be lost."""
    x = inside()
    c = torch.linalg.lstsq(on_grid(x, order)[0].T, (x**order).unsqueeze(-1)).solution.squeeze(-1)
    change = change_of_grid(scalar(LOW), scalar(HIGH), GRID, scalar(-0.7), scalar(1.1), GRID + 3, order)
    z = torch.linspace(-0.7, 1.1, 50, dtype=torch.float64)
    moved = (change @ c) @ spline_basis(z, scalar(-0.7), scalar(1.1), GRID + 3, order)[0]
    torch.testing.assert_close(moved, z**order, atol=1e-10, rtol=1e-10)
