"""A model with all its polynomials eliminated: what is left to fit are the constants inside its atoms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from kancli.search.lowrank.atoms import Kind
from kancli.symbolic.constants.refit import minimised
from kancli.symbolic.expression import (
    Constant,
    Expression,
    Variable,
    add,
    exact,
    multiply,
    power,
)
from kancli.symbolic.least_squares.single import QR
from kancli.work import spend

Array = NDArray[np.float64]

# A relative step of a numerical derivative.
STEP = 1e-6
# A direction this much shorter than the longest is rounding.
FLAT = 1e-13


@dataclass(frozen=True)
class Atom:
    """A function of input `i` with constants inside."""

    kind: Kind
    i: int
    theta: tuple[float, ...]

    def values(self, x: Array, theta: Array | None = None) -> Array:
        """Its values (n,) at x (n, inputs)."""
        own = np.array(self.theta) if theta is None else theta
        found: Array = self.kind.values(x[:, self.i], own[None])[:, 0]
        return found

    def slopes(self, x: Array, theta: Array) -> list[Array]:
        """The derivative (n,) by each constant."""
        found = []
        for k, value in enumerate(theta):
            step = np.zeros(len(theta))
            step[k] = STEP * (abs(value) or 1.0)
            found.append((self.values(x, theta + step) - self.values(x, theta - step)) / (2 * step[k]))
        return found


@dataclass(frozen=True)
class Column:
    """A monomial (the exponent of each input) times atoms, by their places in the model."""

    monomial: tuple[int, ...]
    atoms: tuple[int, ...] = ()


@dataclass(frozen=True)
class Model:
    """y as a linear combination of columns."""

    atoms: tuple[Atom, ...]
    columns: tuple[Column, ...]

    @property
    def theta(self) -> Array:
        return np.array([t for atom in self.atoms for t in atom.theta])

    def with_theta(self, theta: Array) -> Model:
        """The same with other constants inside."""
        atoms, at = [], 0
        for atom in self.atoms:
            atoms.append(replace(atom, theta=tuple(map(float, theta[at : at + len(atom.theta)]))))
            at += len(atom.theta)
        return replace(self, atoms=tuple(atoms))

    @property
    def terms(self) -> tuple[int, ...]:
        """The places of columns with atoms."""
        return tuple(k for k, c in enumerate(self.columns) if c.atoms)

    def with_term(self, atoms: Sequence[Atom], known: tuple[int, ...], monomial: tuple[int, ...]) -> Model:
        """The same with a term more: new atoms, some of those that there are, and a monomial."""
        places = tuple(len(self.atoms) + k for k in range(len(atoms)))
        return Model((*self.atoms, *atoms), (*self.columns, Column(monomial, (*known, *places))))

    def without(self, column: int) -> Model:
        """The same without one of its columns, and the atoms that only this one needs."""
        columns = [*self.columns[:column], *self.columns[column + 1 :]]
        used = sorted({atom for c in columns for atom in c.atoms})
        place = {atom: k for k, atom in enumerate(used)}
        return Model(
            tuple(self.atoms[k] for k in used),
            tuple(replace(c, atoms=tuple(place[a] for a in c.atoms)) for c in columns),
        )

    def matrix(self, x: Array) -> Array:
        """Its columns (n, columns) at x (n, inputs)."""
        values = [atom.values(x) for atom in self.atoms]
        return np.stack([product_of(c, values, x) for c in self.columns], axis=1)


def product_of(column: Column, values: Sequence[Array], x: Array, but: int | None = None) -> Array:
    """A column's values, `but` for one atom."""
    own = monomial_values(column.monomial, x)
    for atom in column.atoms:
        if atom != but:
            own = own * values[atom]
    return own


def monomial_values(monomial: tuple[int, ...], x: Array) -> Array:
    """(n,)"""
    own = np.ones(len(x))
    for i, p in enumerate(monomial):
        if p:
            own = own * x[:, i] ** p
    return own


def monomials(inputs: int, degree: int) -> list[tuple[int, ...]]:
    """All up to a total degree, the constant first."""
    return [
        tuple(chosen.count(i) for i in range(inputs))
        for total in range(degree + 1)
        for chosen in combinations_with_replacement(range(inputs), total)
    ]


@dataclass(frozen=True)
class Eliminated:
    """The best fit of a model to y as a function of the constants inside its atoms, Kaufman's form (BIT 15, 1975).

    `q` (n, r) is a basis of the columns without atoms.
    """

    model: Model
    x: Array
    y: Array
    q: Array

    @staticmethod
    def of(model: Model, x: Array, y: Array) -> Eliminated:
        plain = [product_of(c, (), x) for c in model.columns if not c.atoms]
        q = orthogonal(np.stack(plain, axis=1), y)[0] if plain else np.empty((len(y), 0))
        return Eliminated(model, x, y, q)

    def value(self, theta: Array) -> Array:
        return self.solved(theta)[0]

    def value_and_jacobian(self, theta: Array) -> tuple[Array, Array]:
        fit, q, factors, model, values = self.solved(theta)
        columns = [c for c in model.columns if c.atoms]
        slopes: list[Array] = []
        at = 0
        for place, atom in enumerate(model.atoms):
            count = len(atom.theta)
            weight = np.zeros(len(self.y))
            for factor, column in zip(factors, columns, strict=True):
                if place in column.atoms:
                    weight += factor * product_of(column, values, self.x, place)
            slopes += [weight * own for own in atom.slopes(self.x, theta[at : at + count])]
            at += count
        whole = np.stack(slopes, axis=1)
        for basis in (self.q, q):
            whole = whole - basis @ (basis.T @ whole)
        return fit, whole

    def solved(self, theta: Array) -> tuple[Array, Array, Array, Model, list[Array]]:
        """The fit, a basis of the columns with atoms beside `q`, their coefficients, the model, its atoms' values."""
        model = self.model.with_theta(theta)
        values = [atom.values(self.x) for atom in model.atoms]
        matrix = np.stack([product_of(c, values, self.x) for c in model.columns if c.atoms], axis=1)
        if not np.isfinite(matrix).all():
            return np.full(len(self.y), np.nan), matrix, theta, model, values
        inside = matrix - self.q @ (self.q.T @ matrix)
        inside = inside - self.q @ (self.q.T @ inside)
        q, along, factors = orthogonal(inside, self.y)
        return self.q @ (self.q.T @ self.y) + q @ along, q, factors, model, values


def orthogonal(matrix: Array, y: Array) -> tuple[Array, Array, Array]:
    """An orthonormal basis (n, p) of the columns (n, p), y along it (p,), and the coefficients (p,)."""
    norms = np.sqrt(np.einsum("ij,ij->j", matrix, matrix))
    norms[norms == 0] = 1.0
    spend(QR * matrix.size * matrix.shape[1], calls=4)
    q, r = np.linalg.qr(matrix / norms)
    along = q.T @ y
    factors = np.linalg.lstsq(r, along, rcond=FLAT)[0] / norms
    return q, along, factors


@dataclass(frozen=True)
class Fit:
    """A model with its constants fitted, the coefficients of its columns, and the root mean square that it leaves."""

    model: Model
    factors: Array
    error: float


def fitted(model: Model, x: Array, y: Array, steps: int = 0) -> Fit:
    """The best fit from a model's own constants on; `error` is infinite where it has no values."""
    if steps and len(model.theta):
        theta = minimised(Eliminated.of(model, x, y), model.theta, y, None, steps, 1e-6)[0]
        model = model.with_theta(theta)
    matrix = model.matrix(x)
    if not np.isfinite(matrix).all():
        return Fit(model, np.zeros(len(model.columns)), np.inf)
    q, along, factors = orthogonal(matrix, y)
    left = y - q @ along
    left = left - q @ (q.T @ left)
    return Fit(model, factors, float(np.sqrt(np.mean(left**2))))


def expression_of(fit: Fit, x: Array) -> Expression:
    """The formula, all its constants free."""
    written = [
        atom.kind.expression(atom.i, atom.theta, bool(x[:, atom.i].min() < 0)) for atom in fit.model.atoms
    ]
    terms = []
    for factor, column in zip(fit.factors, fit.model.columns, strict=True):
        powers = [power(Variable(i), exact(p)) for i, p in enumerate(column.monomial) if p]
        terms.append(multiply(Constant(float(factor)), *powers, *(written[a] for a in column.atoms)))
    return add(*terms)
