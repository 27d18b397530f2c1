"""Which constants of a form the groups share: the shortest description of formula, constants and data.

From all constants of the groups' own one after another is shared, and from all shared one after another becomes the
groups' own, as long as that makes the description shorter; the shorter of the two ends is taken. Then shared
constants become exact where that is shorter still.

The price of a constant of the groups' own: one number that they lie about, priced like any other, and per group its
distance from that in standard errors. So constants that hardly differ are cheap, and still dearer than a shared one
where the data do not tell them apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kancli.symbolic.constants.length import exact_bits, nodes_of
from kancli.symbolic.constants.proposals import Proposal, proposals
from kancli.symbolic.description import MOST_DIGITS, RESOLUTION, carried, described, free_bits
from kancli.symbolic.expression.algebra import negate
from kancli.symbolic.expression.tree import Constant, Expression, Variable, exact, substitute
from kancli.symbolic.forms.form import Form
from kancli.symbolic.forms.grouped.fit import GroupedFit, Mask, apart, together
from kancli.symbolic.forms.grouped.model import Array, GroupedModel, GroupedRows
from kancli.symbolic.rewrite.canonical import canonical

# What a constant of a group costs beside its digits: the sign of its distance from the others.
SIGN = 1.0
# Constants that are nearer to each other than this share of their variance are equal.
LEAST_RATIO = 1e-6
# Bits that an exact value must save, as for other constants.
MARGIN = 2.0


@dataclass(frozen=True, eq=False)
class GroupedLaw:
    """A form with its constants: `fit`, the exact values `known` (None: fitted), and its description length."""

    form: Form
    fit: GroupedFit
    known: tuple[Proposal | None, ...]
    bits: float

    @property
    def free(self) -> Mask:
        """Which of the names have a value per group, (names,)."""
        return self.fit.free

    def expression(self, shared: Sequence[float]) -> Expression:
        """The formula over the columns and, after them, one variable per constant of the groups' own; `shared`
        (names,): the values to write for the others."""
        columns, own = len(self.form.columns), iter(range(len(self.form.names)))
        leaves: list[Expression] = []
        for name, proposal in enumerate(self.known):
            if self.free[name]:
                leaves.append(Variable(columns + next(own)))
            else:
                leaves.append(Constant(shared[name]) if proposal is None else exact(proposal.number))
        return self.form.with_values(leaves)

    @property
    def own_names(self) -> tuple[str, ...]:
        """The names of the constants that have a value per group."""
        return tuple(name for name, own in zip(self.form.names, self.free, strict=True) if own)


@dataclass(frozen=True)
class Asked:
    """What the user fixes by name: constants of the groups' own, and shared ones; None: not said."""

    free: tuple[str, ...] | None = None
    shared: tuple[str, ...] | None = None

    def settled(self, names: Sequence[str]) -> dict[int, bool]:
        """By position of a name, whether it is of the groups' own; undecided names are not there."""
        found: dict[int, bool] = {}
        for position, name in enumerate(names):
            if name in (self.free or ()) or name in (self.shared or ()):
                found[position] = name in (self.free or ())
            elif (self.free is None) != (
                self.shared is None
            ):  # only one of the two was given: the rest is the other
                found[position] = self.free is None
        return found


def law_of(
    form: Form,
    rows: GroupedRows,
    starts: Sequence[Array],
    *,
    floor: float,
    asked: Asked | None = None,
    snapping: bool = True,
    most: float = math.inf,
    expired: Callable[[], bool] = lambda: False,
) -> GroupedLaw | None:
    """The form fitted to all groups; None where it has no value on some row, or cannot be shorter than `most` bits.

    `starts`: constants (names,) to begin with. `floor`: the mean square error below which there is only rounding.
    """
    model, names = GroupedModel.of(form, rows), len(form.names)
    fixed = {} if asked is None else asked.settled(form.names)
    theta, each = apart(model, starts)
    seen = np.isfinite(each)
    if not seen.any():
        return None
    theta[~seen] = np.median(theta[seen], axis=0)
    judge = Judge(form, model, floor)
    if seen.all() and judge.at_best(float(each.sum())) > most:
        return None
    undecided = [k for k in range(names) if k not in fixed]

    def mask(own: Sequence[int]) -> Mask:
        return np.array([fixed.get(k, k in own) for k in range(names)], dtype=bool)

    def step(best: GroupedLaw, changes: Iterator[Mask]) -> GroupedLaw:
        trials = [judge.law(together(model, started(best.fit.theta, m), m)) for m in changes]
        shortest = min(trials, key=lambda one: one.bits, default=best)
        return shortest if shortest.bits < best.bits else best

    ends: list[GroupedLaw] = []
    for begin in [undecided, []] if undecided else [[]]:
        now = mask(begin)
        current = judge.law(together(model, started(theta, now), now))
        towards = begin == []
        for _ in undecided:
            changes = [k for k in undecided if bool(current.free[k]) != towards]
            following = step(current, (flipped(current.free, k) for k in changes))
            if following is current or expired():
                break
            current = following
        ends.append(current)
    best = min(ends, key=lambda one: one.bits)
    if not math.isfinite(best.fit.sse):
        return None
    return judge.snapped(best) if snapping else best


def flipped(free: Mask, name: int) -> Mask:
    changed = free.copy()
    changed[name] = not changed[name]
    return changed


def started(now: Array, free: Mask) -> Array:
    """θ (G, names) to begin with: shared ones at the median of the present values, own ones where they are."""
    return np.where(free, now, np.median(now, axis=0))


@dataclass(frozen=True, eq=False)
class Judge:
    """Description lengths of one form on one set of rows."""

    form: Form
    model: GroupedModel
    floor: float

    @property
    def spread(self) -> float:
        """The deviation of the target."""
        return float(self.model.rows.y.std()) or 1.0

    def mse(self, sse: float) -> float:
        """The mean square in units of the target's deviation, rounding included."""
        rows = self.model.rows
        return (sse / len(rows.y) + self.floor) / self.spread**2 + RESOLUTION**2

    def at_best(self, sse: float) -> float:
        """No law of this form is described in fewer bits, if the groups by themselves leave so much."""
        rows = len(self.model.rows.y)
        return described(
            self.mse(sse), rows, [], exact_bits(self.form.expression), nodes_of(self.form.expression)
        )

    def law(self, fit: GroupedFit, known: tuple[Proposal | None, ...] | None = None) -> GroupedLaw:
        """The law with its length: infinite where the rows do not carry its constants."""
        known = (None,) * self.model.names if known is None else known
        return GroupedLaw(self.form, fit, known, self.bits(fit, known))

    def bits(self, fit: GroupedFit, known: Sequence[Proposal | None]) -> float:
        rows, number = len(self.model.rows.y), fit.constants
        if not math.isfinite(fit.sse) or not carried(rows, number):
            return math.inf
        mse = self.mse(fit.sse)
        level = mse * self.spread**2 * rows / max(rows - number, 1)
        free: list[float] = []
        shared = np.flatnonzero(fit.moving & ~fit.free)
        for name, deviation in zip(shared, given_before(fit.shared[None], level)[0], strict=True):
            free.append(free_bits(float(fit.theta[0, name]), float(deviation)))
        own = np.flatnonzero(fit.moving & fit.free)
        spreads = given_before(held(fit.given * level, fit.theta[:, own]), 1.0)
        for position, name in enumerate(own):
            values, deviation = fit.theta[:, name], np.maximum(spreads[:, position], 1e-300)
            centre = float(np.median(values))
            free.append(free_bits(centre, float(np.median(deviation))))
            far = np.minimum(np.abs(values - centre) / deviation, MOST_DIGITS)
            free.extend((SIGN + np.log2(1 + far)).tolist())
        written = self.written(known)
        return described(mse, rows, free, exact_bits(written), nodes_of(written))

    def written(self, known: Sequence[Proposal | None]) -> Expression:
        """The form with its exact constants in: an added 0 and a factor 1 are gone."""
        columns = len(self.form.columns)
        leaves = [Variable(columns + k) if p is None else exact(p.number) for k, p in enumerate(known)]
        written = self.form.with_values(leaves)
        return written if all(p is None for p in known) else canonical(written)

    def snapped(self, law: GroupedLaw) -> GroupedLaw:
        """Shared constants exact, one after another, the one that saves most first."""
        refused: set[tuple[int, str]] = set()
        while True:
            offers = [offer for offer in self.offers(law) if (offer[1], offer[2].number.text) not in refused]
            if not offers:
                return law
            _, name, proposal = max(offers, key=lambda one: (one[0], -one[1]))
            theta = law.fit.theta.copy()
            theta[:, name] = proposal.value
            moving = law.fit.moving.copy()
            moving[name] = False
            known = tuple(proposal if k == name else one for k, one in enumerate(law.known))
            trial = self.law(together(self.model, theta, law.free, moving), known)
            if trial.bits < law.bits - MARGIN:
                law = trial
            else:
                refused.add((name, proposal.number.text))

    def offers(self, law: GroupedLaw) -> Iterator[tuple[float, int, Proposal]]:
        """(bits saved to second order, name, exact value) for each shared constant."""
        rows, fit = len(self.model.rows.y), law.fit
        level = self.mse(fit.sse) * self.spread**2
        for position, name in enumerate(np.flatnonzero(fit.moving & ~fit.free)):
            value = float(fit.theta[0, name])
            variance = max(float(fit.shared[position, position]), 0.0)
            deviation = math.sqrt(variance * level)
            if not math.isfinite(deviation):
                continue
            worth = free_bits(value, deviation)
            for proposal in proposals(value, deviation, worth):
                gap = (value - proposal.value) ** 2 / max(variance * level, 1e-300)
                gain = worth - proposal.bits - 0.5 * rows * math.log2(1 + gap / rows)
                if gain > 0:
                    yield gain, int(name), proposal


def given_before(inverse: Array, level: float) -> Array:
    """Standard errors (K, m) from inverses (K, m, m) at a mean square, each given the constants before it.

    As `constants.length.deviations`, of many at once; 0 where nothing is known, so that a constant costs its all.
    """
    count = inverse.shape[-1]
    good = np.isfinite(inverse).all(axis=(1, 2))
    found = np.zeros(inverse.shape[:2])
    if not count or not good.any():
        return found
    some = inverse[good]
    variance = np.maximum(np.einsum("kii->ki", some), 0.0)
    scale = np.sqrt(np.where(variance > 0, variance, 1.0))
    correlation = some / scale[:, :, None] / scale[:, None, :]
    values, vectors = np.linalg.eigh((correlation + correlation.transpose(0, 2, 1)) / 2)
    root = vectors * np.sqrt(np.maximum(values, np.finfo(np.float64).eps))[:, None, :]
    triangle = np.linalg.qr(root.transpose(0, 2, 1), mode="r")
    found[good] = scale * np.abs(np.einsum("kii->ki", triangle)) * math.sqrt(level)
    return found


def held(covariance: Array, theta: Array) -> Array:
    """Covariances (G, m, m) of constants θ (G, m) that are known to lie about their median as they do.

    V − V (V + T)⁻¹ V with the mean squares T of the distances: constants that are equal in all groups do not make the
    others less certain, as they would if each could be anything.
    """
    good = np.isfinite(covariance).all(axis=(1, 2))
    if not theta.shape[1] or not good.any():
        return covariance
    some = covariance[good]
    variance = np.maximum(np.einsum("kii->ki", some), 1e-300)
    scale = np.sqrt(variance)
    unit = some / scale[:, :, None] / scale[:, None, :]
    away = np.mean((theta - np.median(theta, axis=0)) ** 2, axis=0)
    ratio = np.clip(away / variance, LEAST_RATIO, 1 / LEAST_RATIO)
    both = unit + ratio[:, :, None] * np.eye(theta.shape[1])
    less = unit - unit @ np.linalg.solve(both, unit)
    found = covariance.copy()
    found[good] = less * scale[:, :, None] * scale[:, None, :]
    return found


def positive(law: GroupedLaw) -> GroupedLaw:
    """The law with constants of the groups' own that are all negative written with a minus: exp(-k*t), k above 0."""
    form, theta = law.form, law.fit.theta.copy()
    expression = form.expression
    for name in np.flatnonzero(law.free):
        if (theta[:, name] < 0).all():
            expression = negated(form, expression, int(name))
            theta[:, name] *= -1
    return replace(law, form=replace(form, expression=expression), fit=replace(law.fit, theta=theta))


def negated(form: Form, expression: Expression, name: int) -> Expression:
    """The expression with a constant replaced by its negative."""
    leaf = Variable(len(form.columns) + name)
    return substitute(expression, {leaf: negate(leaf)})
