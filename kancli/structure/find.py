"""All that is claimed of a target and its inputs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kancli.structure.claims import Asked, claims_of
from kancli.structure.shape import influences, signs
from kancli.structure.surrogate import coordinate, of_all
from kancli.structure.value import Claim, Influence, Structure
from kancli.symbolic.noise import chance, chance_of

Array = NDArray[np.float64]

# The chance that anything is claimed of noise.
SIZE = 0.005
# Rows that are looked at.
ROWS = 2000


def find_structure(names: Sequence[str], x: Array, target: str, y: Array, seed: int = 0) -> Structure:
    """What x (n, inputs) and y (n,) say about the law, in the inputs' names."""
    if len(y) > ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(len(y), ROWS, replace=False))
        x, y = x[rows], y[rows]
    p = chance(x, y)
    if p > SIZE:
        nothing = tuple(Influence(name, 0.0, 0.0, 0.0) for name in names)
        whole = Claim("irrelevant", tuple(names), "no input explains any of the target", p=p)
        return Structure(target, len(y), 0.0, p, nothing, (whole,))
    relevant, chances = list(range(len(names))), dict[int, float]()
    z = np.column_stack([coordinate(column) for column in x.T])
    while len(relevant) > 1:
        best = of_all(z[:, relevant], y)
        without = {i: of_all(z[:, [k for k in relevant if k != i]], y) for i in relevant}
        weakest = min(relevant, key=lambda i: without[i].bits)
        if without[weakest].bits >= best.bits:
            break
        left = y - without[weakest].values
        chances[weakest] = chance_of(x[:, relevant], left, {relevant.index(weakest)})
        if chances[weakest] < SIZE:
            break
        relevant.remove(weakest)
    gone = [i for i in range(len(names)) if i not in relevant]
    found = [Claim("irrelevant", (names[i],), f"{names[i]} is irrelevant", p=chances[i]) for i in gone]
    asked = Asked(
        tuple(names[i] for i in relevant), x[:, relevant], z[:, relevant], y, of_all(z[:, relevant], y)
    )
    found += [*claims_of(asked), *signs(asked)]
    shares = {one.column: one for one in influences(asked, seed)}
    return Structure(
        target,
        len(y),
        1 - float(np.var(y - asked.all.values) / np.var(y)),
        p,
        tuple(shares.get(name, Influence(name, 0.0, 0.0, 0.0)) for name in names),
        tuple(found),
    )
