"""Laws that are sums of products of powers, or a power of such a sum: found before any network is trained.

Many laws of physics are: energies, distances, relativistic factors, resistances side by side, and with the cosine of
an angle in a term, forces and interference. As networks they are [d,Kp,1] and [d,Kp,1,1] with a known function on
every edge, so all exponents can be fitted at once.
"""

from __future__ import annotations

import math
import platform
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kancli import __version__
from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.errors import FitError
from kancli.recipe import FitOptions
from kancli.search.attempt import EXACT, Attempt, Effort, even, measured
from kancli.search.lack_of_fit import is_noise
from kancli.search.power_edges import PowerEdge, edge_rows
from kancli.search.shapes import Shape
from kancli.stages.formulas import SHOWN, facts_of_formula
from kancli.symbolic.activation import Step
from kancli.symbolic.assignment import description_bits
from kancli.symbolic.expression import (
    Call,
    Constant,
    Expression,
    Variable,
    add,
    evaluate,
    exact,
    multiply,
    power,
    variables,
)
from kancli.symbolic.formula import finish
from kancli.symbolic.signomial import Signomial, fit_signomials

Array = NDArray[np.float64]

# Powers of the target that may be the sum, and terms of the sum.
ROOTS = (Fraction(1), Fraction(2), Fraction(-1), Fraction(-2), Fraction(1, 2))
MOST_TERMS = 3
# Rows used by the search from many starts, and the fewest that a constant needs.
ROWS = 400
ROWS_EACH = 3
# Share of a target's values that must be above 0 for roots.
MOSTLY = 0.9
# Exponents that are taken for exact, and how far an estimate may be from one to be tried.
DENOMINATORS = (1, 2, 3)
NEAR = 0.25
# An input that varies by less, or is larger than this (radians), is hardly an angle.
LEAST_ANGLE, LARGEST_ANGLE = 0.3, 4 * math.pi
NAMED = {1.0: "x", 2.0: "x^2", -1.0: "1/x", 0.5: "sqrt", -0.5: "1/sqrt", 3.0: "x^3", -2.0: "1/x^2"}
# Steps of a fit that goes on from another.
FEW_STEPS = 12


@dataclass(frozen=True)
class Sum:
    """y^root = `fitted`; the exponents marked in `exact` have exact values. `bits` on the rows of the search."""

    root: Fraction
    basis: Basis
    fitted: Signomial
    exact: NDArray[np.bool_]
    bits: float

    def expression(self) -> Expression:
        """y in the table's columns."""
        terms = []
        for factor, exponents, known, kind in zip(
            self.fitted.raw_factors(), self.fitted.exponents, self.exact, self.fitted.extras, strict=True
        ):
            powers = [
                power(Variable(i), exact(as_fraction(p)) if sure else Constant(float(p)))
                for i, p, sure in zip(self.basis.positive, exponents, known, strict=True)
                if p or not sure
            ]
            extra = [self.basis.extras[kind - 1]] if kind else []
            terms.append(multiply(Constant(float(factor)), *powers, *extra))
        return power(add(*terms), exact(1 / self.root))

    def values(self, x: Array) -> Array:
        """y at x (n, inputs); (n,)."""
        logs = np.log(x[:, list(self.basis.positive)])
        fronts = np.concatenate([np.ones((1, len(x))), self.basis.values(x)])[self.fitted.extras]
        whole: Array = self.fitted.raw_factors() @ (np.exp(self.fitted.exponents @ logs.T) * fronts)
        return whole if self.root == 1 else whole ** (1 / float(self.root))

    def edges(self, x: Array) -> list[PowerEdge]:
        """The edges of the network that it is, at x (n, inputs): powers into products, factors, and the root."""
        fitted, columns = self.fitted, self.basis.positive
        extras = self.basis.values(x)
        factors = fitted.raw_factors()
        products, inner = [], []
        for k, (exponents, known, kind) in enumerate(
            zip(fitted.exponents, self.exact, fitted.extras, strict=True)
        ):
            parts = [
                (i, power_name(p, sure), f"u**({p:.6g})", x[:, i], x[:, i] ** p)
                for i, p, sure in zip(columns, exponents, known, strict=True)
                if p or not sure
            ]
            if kind:
                extra = self.basis.extras[kind - 1]
                name = (
                    extra.function
                    if isinstance(extra, Call)
                    else "x"
                    if isinstance(extra, Variable)
                    else "x^2"
                )
                text = f"{name}(u)" if isinstance(extra, Call) else "u" if name == "x" else "u**2"
                parts.append((variables(extra)[0], name, text, x[:, variables(extra)[0]], extras[kind - 1]))
            product = np.prod([np.ones(len(x)), *(value for *_, value in parts)], axis=0)
            products.append(product)
            inner += [(k, part, product) for part in parts]
        total = np.asarray(factors @ np.stack(products))
        power_of = 1 / float(self.root)
        outer = np.ones_like(total) if self.root == 1 else power_of * total ** (power_of - 1)
        found = []
        for k, (i, name, text, u, value), product in inner:
            rest = np.divide(product, value, out=np.zeros_like(product), where=value != 0)
            found.append(PowerEdge(0, i, k, name, text, 1.0, u, value, outer * factors[k] * rest))
        for k, product in enumerate(products):
            found.append(
                PowerEdge(1, k, 0, "x", "u", float(factors[k]), product, factors[k] * product, outer)
            )
        if self.root != 1:
            name = power_name(power_of, known=True)
            value = total**power_of
            found.append(
                PowerEdge(2, 0, 0, name, f"u**({power_of:.6g})", 1.0, total, value, np.ones_like(total))
            )
        return found


def power_name(exponent: float, known: bool) -> str:
    """x^2, x^(3/2), sqrt, 1/x …: as the library calls them."""
    if known and (named := NAMED.get(exponent)) is not None:
        return named
    return Step("power", 1.0, 0.0, float(exponent)).name


@dataclass(frozen=True)
class Basis:
    """What terms are made of: powers of the inputs `positive`, and one of the expressions `extras`, at most."""

    positive: tuple[int, ...]
    extras: tuple[Expression, ...]

    @staticmethod
    def of(dataset: Dataset, options: FitOptions) -> Basis:
        """Powers of inputs above 0; the others as they are or squared; sine and cosine of what may be an angle."""
        positive = tuple(i for i, own in enumerate(dataset.x.T) if (own > 0).all())
        extras: list[Expression] = []
        for i, own in enumerate(dataset.x.T):
            if i not in positive:
                extras += [Variable(i), power(Variable(i), exact(2))]
            if float(np.ptp(own)) >= LEAST_ANGLE and float(abs(own).max()) <= LARGEST_ANGLE:
                extras += [Call(name, Variable(i)) for name in ("cos", "sin") if allowed(name, options)]
        return Basis(positive, tuple(extras))

    def values(self, x: Array) -> Array:
        """The extra factors at x (n, inputs); (extras, n)."""
        if not self.extras:
            return np.empty((0, len(x)))
        return np.stack([np.broadcast_to(evaluate(extra, x), len(x)) for extra in self.extras])


def allowed(name: str, options: FitOptions) -> bool:
    """Whether a function may be used."""
    return name not in options.exclude and (options.lib is None or name in options.lib)


def suits(dataset: Dataset, options: FitOptions) -> bool:
    """Whether sums of products of powers can be fitted to a table, and are wanted."""
    inputs = len(dataset.inputs)
    enough = len(dataset.y) >= ROWS_EACH * (inputs + 1)
    return allowed("power", options) and enough and inputs > 1


def read_powers(dataset: Dataset, options: FitOptions, seed: int, root: Fraction) -> list[Attempt]:
    """The attempt with y^root as a sum, if there is one whose residuals are noise or rounding."""
    best: Sum | None = None
    whole = Basis.of(dataset, options)
    # Sines and cosines follow noise better than powers: only where powers alone do not do.
    kinds = [replace(whole, extras=()), whole] if whole.extras else [whole]
    for terms, basis in product(range(1, MOST_TERMS + 1), kinds):
        if root != 1 and terms == 1 and not basis.extras:  # the same as without the root
            continue
        found = sum_of(dataset, basis, root, terms, seed)
        if found is None:
            break
        if best is None or found.bits < best.bits:
            best = found
        if explains(best, dataset):
            break
    if best is None or not explains(best, dataset):
        return []
    attempt = attempt_of(best, dataset, options, seed)
    return [attempt] if attempt is not None and attempt.explains else []


def explains(found: Sum, dataset: Dataset) -> bool:
    """Whether rounding or noise is all that is left of the target."""
    with np.errstate(all="ignore"):
        residual = dataset.y - found.values(dataset.x)
    if not np.isfinite(residual).all():
        return False
    error = float(np.sqrt(np.mean(residual**2))) / (float(dataset.y.std()) or 1.0)
    return error <= EXACT or is_noise(dataset.x, even(residual, dataset))


def sum_of(dataset: Dataset, basis: Basis, root: Fraction, terms: int, seed: int) -> Sum | None:
    """The best sum of so many terms for y^root, exponents exact where that describes the data more briefly.

    None where the rows are too few.
    """
    y = dataset.y
    rows = np.flatnonzero(~dataset.validation)
    if len(rows) < ROWS_EACH * terms * (len(dataset.inputs) + 1):
        return None
    weight = np.ones_like(y) if dataset.weight is None else dataset.weight
    some = rows[np.linspace(0, len(rows) - 1, min(len(rows), ROWS)).astype(np.intp)]
    x, extras = dataset.x[:, list(basis.positive)], basis.values(dataset.x)
    how: dict[str, Any] = {"seed": seed, "root": float(root)}
    starts = fit_signomials(x[some], y[some], weight[some], terms, extras=extras[:, some], **how)
    spread = float(y.std()) or 1.0
    table = Rows(x[rows], y[rows], weight[rows], extras[:, rows])
    sums = [
        Sum(root, basis, start, np.zeros(start.exponents.shape, dtype=bool), math.inf) for start in starts
    ]
    return min((with_exact_exponents(one, table, spread, dataset) for one in sums), key=lambda one: one.bits)


@dataclass(frozen=True)
class Rows:
    """Inputs (n, positive), target (n,), weight (n,), extra factors (extras, n)."""

    x: Array
    y: Array
    weight: Array
    extras: Array


def with_exact_exponents(first: Sum, table: Rows, spread: float, dataset: Dataset) -> Sum:
    """Exponents near a small fraction made exact, all together or one by one, as long as that saves bits.

    They are left as they are where even the best ones do not explain the target.
    """
    none = first.exact

    def fitted(start: Signomial, exponents: Array, known: NDArray[np.bool_]) -> Sum:
        (again,) = fit_signomials(
            table.x,
            table.y,
            table.weight,
            len(exponents),
            seed=0,
            root=float(first.root),
            extras=table.extras,
            start=replace(start, exponents=exponents),
            fixed=known,
            steps=FEW_STEPS,
        )
        error = float(np.sqrt(again.sse / len(table.y))) / spread
        free = int((~known).sum()) + len(exponents)
        nodes = 2 * int((again.exponents != 0).sum()) + int((again.extras > 0).sum()) + len(exponents)
        bits = description_bits(error, len(table.y), free, nodes)
        return replace(first, fitted=again, exact=known, bits=bits)

    best = fitted(first.fitted, first.fitted.exponents, none)
    if not explains(best, dataset):
        return best
    together = fitted(best.fitted, nearest(best.fitted.exponents), ~none)
    if together.bits < best.bits:
        return together
    tried = none.copy()
    while not tried.all():
        target = nearest(best.fitted.exponents)
        away = np.where(tried, np.inf, np.abs(best.fitted.exponents - target))
        place = np.unravel_index(int(np.argmin(away)), away.shape)
        if away[place] > NEAR:
            break
        tried[place] = True
        start, known = best.fitted.exponents.copy(), best.exact.copy()
        start[place], known[place] = target[place], True
        trial = fitted(best.fitted, start, known)
        if trial.bits < best.bits:
            best = trial
    return best


def nearest(exponents: Array) -> Array:
    """The nearest fraction with a small denominator to each exponent."""
    choices = np.stack([np.round(exponents * d) / d for d in DENOMINATORS])
    # A third must be nearer than a half, and that nearer than a whole number, to be meant.
    away = np.abs(choices - exponents) * np.array(DENOMINATORS)[:, None, None] ** 2
    taken: Array = np.take_along_axis(choices, np.argmin(away, axis=0)[None], axis=0)[0]
    return taken


def as_fraction(value: float) -> Fraction:
    return Fraction(float(value)).limit_denominator(max(DENOMINATORS))


def attempt_of(found: Sum, dataset: Dataset, options: FitOptions, seed: int) -> Attempt | None:
    """The sum as a formula, its constants fitted on all rows and made exact; a version without a network.

    None where it has no value in some row.
    """
    try:
        formula = finish(
            found.expression(),
            dataset.x,
            dataset.y,
            inputs=dataset.inputs,
            target=dataset.target,
            validation=dataset.validation,
            weight=dataset.weight,
            snapping=options.snap,
            seconds=options.simplify_seconds,
        )
    except (FitError, AssertionError):
        return None
    facts = facts_of_formula(formula, dataset)
    metadata: dict[str, Any] = {
        **facts,
        "inputs": list(dataset.inputs),
        "constant": dict(dataset.constant),
        "seed": seed,
        "versions": {"kancli": __version__, "python": platform.python_version()},
        "width": str(shape_of(found, len(dataset.inputs))),
        "options": {"root": str(found.root), "terms": len(found.fitted.factors)},
        "edges": edge_rows(found.edges(dataset.x), dataset.y - found.values(dataset.x), dataset.weight),
        "splines_left": 0,
        "front": [{**{key: facts[key] for key in SHOWN}, "chosen": True}],
        "remarks": [f"fitted without splines, as {described(found, dataset.target)}"],
    }
    error, bits, noise = measured(metadata, dataset)
    checkpoints = {"symbolify": Checkpoint("powers", {}, metadata)}
    effort: Effort = "sum" if len(found.fitted.factors) > 1 else "first"
    return Attempt(shape_of(found, len(dataset.inputs)), checkpoints, error, bits, noise, effort)


def described(found: Sum, target: str) -> str:
    """`y^2 = a sum of 2 products of powers`."""
    terms = len(found.fitted.factors)
    whole = f"a sum of {terms} products of powers" if terms > 1 else "a product of powers"
    return whole if found.root == 1 else f"{target}^{found.root} = {whole}"


def shape_of(found: Sum, inputs: int) -> Shape:
    """The network that it is, with a power on every edge."""
    tail = "1" if found.root == 1 else "1,1"
    return Shape(f"{inputs},{len(found.fitted.factors)}p,{tail}")


def roots(dataset: Dataset) -> Sequence[Fraction]:
    """The powers of the target that may be a sum: only itself where more than noise makes it negative."""
    return ROOTS if float(np.mean(dataset.y > 0)) >= MOSTLY else ROOTS[:1]
