"""A network of two layers of splines, u(x) = Σⱼ Φⱼ(Σᵢ φᵢⱼ(xᵢ)), with its derivatives up to the second.

The splines have degree 5, so that second derivatives are smooth and the Jacobian, which contains a third one, exists.
All derivatives are written out: of u with respect to coordinates, and of those with respect to coefficients.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline

from kancli.equations.problem import Jet
from kancli.symbolic.least_squares.linear import lstsq

Array = NDArray[np.float64]

DEGREE = 5
# Room of the outer splines beside the values that enter them, as a share of their range.
ROOM = 0.1


@dataclass(frozen=True, eq=False)
class Network:
    """`inner` (coordinates, nodes, G + k) and `outer` (nodes, G + k): coefficients; `box` (coordinates, 2) and
    `reach` (nodes, 2): the ends of their grids of `grid` intervals."""

    inner: Array
    outer: Array
    box: Array
    reach: Array
    grid: int

    @property
    def size(self) -> int:
        """How many coefficients there are."""
        return self.inner.size + self.outer.size

    def moved(self, step: Array) -> Network:
        """With coefficients moved by `step` (size,), the inner ones first."""
        inner = self.inner + step[: self.inner.size].reshape(self.inner.shape)
        return replace(
            self, inner=inner, outer=self.outer + step[self.inner.size :].reshape(self.outer.shape)
        )


def basis(x: Array, ends: Array, grid: int, derivatives: int) -> list[Array]:
    """The basis (n, G + k) on a uniform grid between two ends and its derivatives, as many as asked for."""
    low, high = float(ends[0]), float(ends[1])
    width = (high - low) / grid
    knots = low + width * np.arange(-DEGREE, grid + DEGREE + 1)
    spline = BSpline(knots, np.eye(grid + DEGREE), DEGREE)
    inside = np.clip(x, low, high)
    return [np.asarray(spline(inside, nu=order)) for order in range(derivatives + 1)]


def random_network(box: Array, nodes: int, grid: int, rng: np.random.Generator) -> Network:
    """Smooth random inner functions, the outer ones zero; the values that enter nodes fill [-1, 1]."""
    count = len(box)
    centres = np.linspace(-1, 1, grid + DEGREE)
    inner = np.zeros((count, nodes, grid + DEGREE))
    for i in range(count):
        for j in range(nodes):
            inner[i, j] = rng.normal() * centres + 0.7 * rng.normal() * centres**2
    size = np.abs(inner).sum(axis=0).max(axis=1)
    inner /= size[None, :, None]
    outer = 0.3 * rng.normal(size=(nodes, grid + DEGREE)) / np.sqrt(nodes)
    return Network(inner, outer, box, np.tile([-1.0, 1.0], (nodes, 1)), grid)


def jets_and_jacobian(
    network: Network, x: Array, jets: Sequence[Jet], jacobian: bool = True
) -> tuple[Array, list[Array]]:
    """The jets (n, jets) at x (n, coordinates), and for each its derivatives (n, size) with respect to the
    coefficients."""
    count, nodes, _ = network.inner.shape
    edges = [basis(x[:, i], network.box[i], network.grid, 2) for i in range(count)]
    values = np.zeros((len(x), len(jets)))
    slopes = [np.zeros((len(x), network.size)) for _ in jets] if jacobian else []
    width, offset = network.grid + DEGREE, network.inner.size
    for j in range(nodes):
        phi = [[b @ network.inner[i, j] for b in edges[i]] for i in range(count)]
        s = sum((phi[i][0] for i in range(count)), np.zeros(len(x)))
        bases = basis(s, network.reach[j], network.grid, 3)
        outer = [b @ network.outer[j] for b in bases]
        for n, jet in enumerate(jets):
            first, second = _chain(jet, phi)
            # u's jet is Φ^(order) times these factors of the inner derivatives.
            values[:, n] += first * outer[len(jet)] if jet else outer[0]
            if second is not None:
                values[:, n] += second * outer[1]
            if not jacobian:
                continue
            own = slice(offset + j * width, offset + (j + 1) * width)
            slopes[n][:, own] += (first[:, None] * bases[len(jet)]) if jet else bases[0]
            if second is not None:
                slopes[n][:, own] += second[:, None] * bases[1]
            for i in range(count):
                place = slice((i * nodes + j) * width, (i * nodes + j + 1) * width)
                slopes[n][:, place] += _inner(jet, i, phi, outer, edges[i])
    return values, slopes


def _chain(jet: Jet, phi: list[list[Array]]) -> tuple[Array, Array | None]:
    """The factors of the highest derivative of Φ and, for a second derivative in one coordinate, of Φ'."""
    if len(jet) == 2:
        a, b = jet
        return phi[a][1] * phi[b][1], (phi[a][2] if a == b else None)
    return (phi[jet[0]][1] if jet else np.ones_like(phi[0][0])), None


def _inner(jet: Jet, i: int, phi: list[list[Array]], outer: list[Array], edge: list[Array]) -> Array:
    """The derivatives (n, G + k) of a jet with respect to the coefficients of φᵢⱼ."""
    b, slope, curve = edge
    if not jet:
        return np.asarray(outer[1][:, None] * b)
    if len(jet) == 1:
        (a,) = jet
        found = (outer[2] * phi[a][1])[:, None] * b
        return np.asarray(found + outer[1][:, None] * slope if a == i else found)
    a, c = jet
    through = outer[3] * phi[a][1] * phi[c][1]
    if a == c:
        through = through + outer[2] * phi[a][2]
    found = through[:, None] * b
    if a == i:
        found = found + (outer[2] * phi[c][1])[:, None] * slope
    if c == i:
        found = found + (outer[2] * phi[a][1])[:, None] * slope
    if a == c == i:
        found = found + outer[1][:, None] * curve
    return np.asarray(found)


def nodes_at(network: Network, x: Array) -> Array:
    """The values (n, nodes) that enter the outer splines."""
    count = len(network.inner)
    return sum(
        (basis(x[:, i], network.box[i], network.grid, 0)[0] @ network.inner[i].T for i in range(count)),
        np.zeros((len(x), network.inner.shape[1])),
    )


def with_reach(network: Network, x: Array) -> Network:
    """With outer grids that hold what enters them at x: where they do not, moved and refitted."""
    entering = nodes_at(network, x)
    reach, outer = network.reach.copy(), network.outer.copy()
    for j in range(len(reach)):
        low, high = float(entering[:, j].min()), float(entering[:, j].max())
        narrow = (high - low) < 0.5 * (reach[j, 1] - reach[j, 0])
        if low < reach[j, 0] or high > reach[j, 1] or narrow:
            room = ROOM * max(high - low, 1e-6)
            new = np.array([low - room, high + room])
            at = np.linspace(new[0], new[1], 6 * (network.grid + DEGREE))
            old = basis(at, reach[j], network.grid, 0)[0] @ outer[j]
            outer[j] = lstsq(basis(at, new, network.grid, 0)[0], old, rcond=None)
            reach[j] = new
    return replace(network, reach=reach, outer=outer)


def finer(network: Network, grid: int) -> Network:
    """The same function on more intervals."""

    def spread(coefficients: Array, ends: Array) -> Array:
        at = np.linspace(ends[0], ends[1], 6 * (grid + DEGREE))
        old = basis(at, ends, network.grid, 0)[0] @ coefficients
        return np.asarray(lstsq(basis(at, ends, grid, 0)[0], old, rcond=None))

    inner = np.array(
        [[spread(c, network.box[i]) for c in network.inner[i]] for i in range(len(network.inner))]
    )
    outer = np.array([spread(c, network.reach[j]) for j, c in enumerate(network.outer)])
    return replace(network, inner=inner, outer=outer, grid=grid)
