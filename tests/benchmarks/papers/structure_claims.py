"""How many claims of `kan structure` are wrong on noise, and how many true ones are made of laws with 1 % noise.

python tests/benchmarks/papers/structure_claims.py --tables 100
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable

import numpy as np

from kancli.structure import find_structure

Array = np.ndarray
ROWS = 600


def curve(generator: np.random.Generator) -> Callable[[Array], Array]:
    """A random smooth function of one variable that is not linear."""
    a, b = generator.uniform(0.5, 1.5, 2)
    several: list[Callable[[Array], Array]] = [
        lambda u: np.exp(a * u), lambda u: a * u**2 + b * u, lambda u: np.sin(1.5 * a * u + b),
        lambda u: 1 / (2.5 + a * u), lambda u: np.tanh(a * u) + b * u**2,
    ]  # fmt: skip
    return several[generator.integers(len(several))]


def law(kind: str, generator: np.random.Generator) -> tuple[Array, Array, set[tuple[str, str]]]:
    """Inputs (n, d), target (n,), and claims (kind, part of the text) that are true of it."""
    f, g = curve(generator), curve(generator)
    x = generator.uniform(-1, 1, (ROWS, 3))
    a, b, c = x.T
    if kind == "additive":
        return x, f(a) + g(b * c + b), {("additive", "f1(a) + f2(b, c)")}
    if kind == "multiplicative":
        return x, (f(a) + 0.3) * g(b + c * b), {("multiplicative", "f1(a)*f2(b, c)")}
    if kind == "difference":
        return x, f(a - b) + g(c) * (a - b), {("symmetry", "a - b")}
    if kind == "ratio":
        x = generator.uniform(1, 3, (ROWS, 3))
        return x, f(x[:, 0] / x[:, 1]) * x[:, 2], {("symmetry", "a/b")}
    if kind == "circle":
        return x, f(a**2 + b**2) + c, {("symmetry", "a**2 + b**2")}
    if kind == "homogeneous":
        x = generator.uniform(1, 3, (ROWS, 2))
        return x, x[:, 0] ** 2 * np.exp(x[:, 1] / x[:, 0]), {("homogeneous", "of degree 2")}
    if kind == "irrelevant":
        return x, f(a) * g(b), {("irrelevant", "c")}
    if kind == "periodic":
        x = generator.uniform(-1, 1, (ROWS, 2))
        return x, np.sin(3 * np.pi * x[:, 0] + 1) * (2 + x[:, 1]), {("periodic", "in a, period 0.66")}
    if kind == "monotonic":
        return x[:, :2], np.exp(a) + b**2, {("monotonic", "increases with a"), ("convex", "convex in b")}
    raise ValueError(kind)


KINDS = [
    "additive",
    "multiplicative",
    "difference",
    "ratio",
    "circle",
    "homogeneous",
    "irrelevant",
    "periodic",
    "monotonic",
]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tables", type=int, default=100)
    parser.add_argument("--noise", type=float, default=0.01)
    tables = parser.parse_args()
    wrong = false = 0
    for seed in range(tables.tables):
        generator = np.random.default_rng(seed)
        x, y = generator.uniform(-1, 1, (200, 3)), generator.normal(size=200)
        found = find_structure("abc", x, "y", y)
        wrong += any(claim.kind != "irrelevant" for claim in found.claims)
        y = np.sin(2 * x[:, 0] * x[:, 1] + x[:, 2]) + np.exp(x[:, 0] * x[:, 2]) + x[:, 1] * x[:, 2] ** 2
        y = y + tables.noise * y.std() * generator.normal(size=200)
        found = find_structure("abc", x, "y", y)
        false += any(claim.kind not in ("monotonic", "convex") for claim in found.claims)
    print(f"a law without structure: claims in {false} of {tables.tables} tables")
    print(f"noise: claims in {wrong} of {tables.tables} tables")
    made, true = Counter[str](), Counter[str]()
    for seed in range(tables.tables):
        generator = np.random.default_rng(1000 + seed)
        kind = KINDS[seed % len(KINDS)]
        x, y, claims = law(kind, generator)
        y = y + tables.noise * y.std() * generator.normal(size=len(y))
        found = find_structure("abc"[: x.shape[1]], x, "y", y)
        for name, part in claims:
            true[name] += 1
            hit = any(c.kind == name and part in c.text for c in found.claims)
            made[name] += hit
            if not hit:
                print(f"  missed {name} {part} ({kind}, seed {seed}): {[c.text for c in found.claims]}")
    for name in true:
        print(f"{name}: {made[name]} of {true[name]} true claims made")
    print(f"all: {sum(made.values())} of {sum(true.values())}")


if __name__ == "__main__":
    main()
