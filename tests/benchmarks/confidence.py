"""How far the verdict can be believed: searches on tables of known laws, and the logistic regression fitted to them.

    python tests/benchmarks/confidence.py --tables 200 --out evidence.jsonl
    python tests/benchmarks/confidence.py --tables 60 --networks --seconds 10 --first 1000 --out evidence.jsonl
    python tests/benchmarks/confidence.py --fit evidence.jsonl

Each table has a law with constants drawn at random, of one to four inputs, 6 to 1,000 rows, noise from none to 20 %,
additive or of the logarithm, some with outliers, most rounded. A third of the laws are outside the plain forms. A
formula is right if it becomes the law when its constants but whole exponents are fitted to rows without noise.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from kancli.dataset import Dataset, from_memory
from kancli.errors import KanError
from kancli.recipe import FitOptions
from kancli.search import PROPOSERS, Budget, Ledger, Task, find_formula
from kancli.search.plain.proposer import PlainForms
from kancli.search.powers.proposer import SumsOfPowers
from kancli.stages.judging.confidence import EXACT, NOISY, Evidence, parts
from kancli.stages.judging.verdict import DEEP
from kancli.stages.progress import silent
from kancli.symbolic.constants.refit import refit
from kancli.symbolic.expression import Constant, Expression, evaluate, multiply
from kancli.symbolic.expression.tree import Power, children, rebuilt
from kancli.symbolic.text.parser import parse

Array = np.ndarray
RIGHT = 1e-6
RIDGE = 0.3


@dataclass(frozen=True)
class Law:
    """A law of `inputs` inputs in `low` … `high`; `draw` gives its values from the inputs and constants."""

    name: str
    inputs: int
    low: float
    high: float
    draw: Callable[[list[Array], np.random.Generator], Callable[[Array], Array]]


def law(name: str, inputs: int, low: float, high: float, make: Callable[..., Callable[..., Array]]) -> Law:
    """`make(u)` is the law as a function of the columns, with u(low, high) to draw constants."""

    def draw(_: list[Array], rng: np.random.Generator) -> Callable[[Array], Array]:
        f = make(lambda a, b: float(rng.uniform(a, b)))
        return lambda x: np.asarray(f(*x.T))

    return Law(name, inputs, low, high, draw)


def one(
    u: Callable[[float, float], float], f: Callable[..., Array], *ranges: tuple[float, float]
) -> Callable[..., Array]:
    values = [u(*r) for r in ranges]
    return lambda *x: f(*x, *values)


def of(f: Callable[..., Array], *ranges: tuple[float, float]) -> Callable[..., Callable[..., Array]]:
    return lambda u: one(u, f, *ranges)


PLAIN = (
    law("proportion", 1, 0.1, 5, of(lambda x, a: a * x, (1, 9))),
    law("line", 1, -5, 5, of(lambda x, a, b: a * x + b, (1, 9), (3, 9))),
    law("parabola", 1, -5, 5, of(lambda x, a, b, c: a * x**2 + b * x + c, (1, 3), (2, 9), (3, 9))),
    law("power", 1, 0.5, 20, of(lambda x, a, p: a * x**p, (1, 9), (-1.6, 2.6))),
    law("root", 1, 0.1, 20, of(lambda x, a: a * np.sqrt(x), (1, 9))),
    law("decay", 1, 0, 8, of(lambda x, a, r: a * np.exp(-r * x), (1, 90), (0.1, 0.9))),
    law(
        "decay to a floor", 1, 0, 8, of(lambda x, a, r, c: a * np.exp(-r * x) + c, (5, 9), (0.3, 0.9), (1, 3))
    ),
    law("logarithm", 1, 0.1, 20, of(lambda x, a, b: a * np.log(x) + b, (1, 9), (3, 9))),
    law("saturation", 1, 0.05, 5, of(lambda x, a, k: a * x / (k + x), (10, 90), (0.3, 2))),
    law("wave", 1, 0, 20, of(lambda x, a, w, p: a * np.sin(w * x + p), (1, 9), (0.4, 1.5), (0, 6))),
    law(
        "logistic", 1, 0, 10, of(lambda x, a, r, m: a / (1 + np.exp(-r * (x - m))), (5, 90), (0.7, 2), (3, 7))
    ),
    law("bell", 1, 0, 10, of(lambda x, a, m, w: a * np.exp(-(((x - m) / w) ** 2)), (5, 90), (3, 7), (1, 3))),
    law("product", 2, 0.5, 9, of(lambda x, y, a: a * x * y, (1, 9))),
    law("quotient", 3, 0.5, 9, of(lambda x, y, z, a: a * x * y / z**2, (1, 9))),
    law("plane", 3, -3, 3, of(lambda x, y, z, a, b, c: a * x + b * y + c, (1, 3), (1, 3), (1, 3))),
    law("root of a product", 2, 0.5, 9, of(lambda x, y, a: a * np.sqrt(x / y), (1, 9))),
)
OTHER = (
    law(
        "damped wave",
        1,
        0,
        12,
        of(lambda x, a, r, w: a * np.exp(-r * x) * np.sin(w * x), (1, 9), (0.1, 0.3), (0.8, 2)),
    ),
    law(
        "two decays",
        1,
        0,
        8,
        of(lambda x, a, r: a * np.exp(-r * x) + 2 * np.exp(-5 * r * x), (1, 9), (0.1, 0.4)),
    ),
    law("x log x", 1, 0.1, 9, of(lambda x, a, b: a * x * np.log(x) + b, (1, 3), (1, 9))),
    law("root of a square", 1, -4, 4, of(lambda x, a, b: np.sqrt(a + b * x**2), (1, 3), (1, 3))),
    law("sine of a square", 1, -2.5, 2.5, of(lambda x, a: a * np.sin(x**2), (1, 9))),
    law("cubic and wave", 1, -2, 2, of(lambda x, a: x**3 + a * np.sin(3 * x), (1, 3))),
    law("hyperbolic tangent", 1, -3, 3, of(lambda x, a, b: a * np.tanh(b * x) + x, (2, 5), (1, 2))),
    law("sum of products", 4, 0.5, 5, of(lambda w, x, y, z, a: w * x + a * y * z, (1, 3))),
    law("wave and square", 2, -3, 3, of(lambda x, y, a: a * np.sin(x) + y**2, (2, 5))),
    law("product in a decay", 2, 0.2, 3, of(lambda x, y, a: a * x * np.exp(-x * y), (1, 9))),
    law("distance", 2, -4, 4, of(lambda x, y, a: a * np.sqrt(x**2 + y**2), (1, 3))),
    law("quotient of sums", 3, 0.5, 5, of(lambda x, y, z, a: a * x / (y + z), (1, 9))),
)
ROWS = (6, 8, 10, 14, 20, 30, 50, 100, 200, 400, 1000)
NOISE = (0.0, 0.0, 0.01, 0.02, 0.05, 0.1, 0.2)


def drawn(number: int) -> tuple[Law, Dataset, Array, Array]:
    """The table of a number: its law, the dataset, and rows without noise."""
    rng = np.random.default_rng(number)
    chosen = (OTHER if number % 3 == 2 else PLAIN)[
        int(rng.integers(len(OTHER if number % 3 == 2 else PLAIN)))
    ]
    rows = (
        int(ROWS[int(rng.integers(len(ROWS)))])
        if chosen.inputs == 1
        else int(ROWS[int(rng.integers(4, len(ROWS)))])
    )
    f = chosen.draw([], rng)
    x = rng.uniform(chosen.low, chosen.high, (rows, chosen.inputs))
    clean_x = rng.uniform(chosen.low, chosen.high, (400, chosen.inputs))
    y, noise = f(x), float(NOISE[int(rng.integers(len(NOISE)))])
    if (y > 0).all() and rng.random() < 0.5:
        y = y * np.exp(noise * rng.normal(size=rows))
    else:
        y = y + noise * float(y.std()) * rng.normal(size=rows)
    if noise and rows >= 20 and rng.random() < 0.15:
        off = rng.choice(rows, max(1, rows // 25), replace=False)
        y[off] += 8 * float(y.std()) * rng.choice([-1, 1], len(off))
    if rng.random() < 0.6 or noise:
        y = np.array([float(f"{v:.4g}") for v in y])
    names = tuple("abcd"[: chosen.inputs])
    return chosen, from_memory(x, y, inputs=names)[0], clean_x, f(clean_x)


def freed(node: Expression, exponent: bool = False) -> Expression:
    """The expression with all constants free but whole exponents: a factor of 5 for one of 5.1 is of the form."""
    if isinstance(node, Constant):
        whole = node.exact is not None and node.value == round(node.value)
        return node if whole and (exponent or node.value in (0, -1)) else Constant(node.value)
    kids = children(node)
    power = isinstance(node, Power)
    return rebuilt(node, [freed(kid, power and i == 1) for i, kid in enumerate(kids)]) if kids else node


def right(formula: str, names: tuple[str, ...], x: Array, y: Array) -> bool:
    """Whether a formula has the form of the law whose values at x are y."""
    with np.errstate(all="ignore"):
        fitted = refit(multiply(Constant(1.0), freed(parse(formula, names))), x, y, steps=400)
        values = np.broadcast_to(evaluate(fitted.expression, x), len(y))
    error = float(np.sqrt(np.mean((values - y) ** 2)))
    return math.isfinite(error) and error <= RIGHT * float(y.std())


def searched(number: int, seconds: float, networks: bool) -> dict[str, object] | None:
    """One table searched: what is known of its formula, whether it is right, and what the verdict was."""
    chosen, data, x, y = drawn(number)
    budget = Budget.of_seconds(time.monotonic(), seconds)
    task = Task(data, FitOptions(simplify_seconds=0.5), 0, 1, budget, silent)
    try:
        ledger = find_formula(
            task,
            Ledger(),
            None if networks else [p for p in PROPOSERS if isinstance(p, PlainForms | SumsOfPowers)],
        )
    except KanError:
        return None
    facts = ledger.road[-1][0].metadata
    verdict, formula = facts["verdict"], str(facts["formula"])
    share = 1 / (1 + sum(2 ** (-r["bits"] / 2) for r in verdict["rivals"]))
    free = sum(c["snapped"] is None for c in facts["constants"])
    evidence = Evidence(
        share, free, len(data.y), 1 - (facts["r2"] or 0.0),
        "explain some" in verdict["why"], "rounding only" in verdict["why"] and 1 - (facts["r2"] or 0.0) <= DEEP,
    )  # fmt: skip
    return {
        "number": number, "law": chosen.name, "plain": number % 3 != 2, "networks": networks, "formula": formula,
        "right": right(formula, data.inputs, x, y), "kind": verdict["kind"], "confidence": verdict["confidence"],
        "errors": facts["errors"], "why": verdict["why"], **asdict(evidence),
    }  # fmt: skip


def fitted(rows: list[dict[str, object]], names: list[str]) -> dict[str, float]:
    """Logistic regression with a small ridge, by Newton's method."""
    known = [parts(Evidence(**{k: r[k] for k in Evidence.__dataclass_fields__})) for r in rows]  # type: ignore[arg-type]
    a = np.array([[k[name] for name in names] for k in known])
    b = np.array([float(bool(r["right"])) for r in rows])
    w = np.zeros(len(names))
    ridge = RIDGE * np.eye(len(names))
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(a @ w, -30, 30)))
        w = w + np.linalg.solve((a * (p * (1 - p))[:, None]).T @ a + ridge, a.T @ (b - p) - ridge @ w)
    return {name: round(float(v), 2) for name, v in zip(names, w, strict=True)}


def summary(rows: list[dict[str, object]]) -> None:
    """Shares of claims that are right, and the regression."""

    def share(some: list[dict[str, object]]) -> str:
        return f"{sum(bool(r['right']) for r in some)} of {len(some)}"

    claims = [r for r in rows if r["kind"] in ("exact", "law_with_noise")]
    sure = [r for r in rows if float(r["confidence"]) >= 0.9]  # type: ignore[arg-type]
    good = [r for r in rows if r["right"]]
    clean = [r for r in good if r["exact"]]
    print(f"right: {share(rows)}; claims right: {share(claims)}; with confidence 0.9: {share(sure)}")
    for name, some in (("exact", clean), ("noisy", [r for r in good if not r["exact"]])):
        claimed = sum(r["kind"] in ("exact", "law_with_noise") for r in some)
        print(f"right {name} ones claimed: {claimed} of {len(some)}")
    for low, high in ((0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 0.9), (0.9, 0.97), (0.97, 1.01)):
        some = [r for r in rows if low <= float(r["confidence"]) < high]  # type: ignore[arg-type]
        print(f"confidence {low}-{high}: {share(some)}")
    for kind, weights in ((True, EXACT), (False, NOISY)):
        some = [r for r in rows if r["exact"] == kind]
        print("exact" if kind else "noisy", len(some), fitted(some, list(weights)))


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--tables", type=int, default=100)
    ap.add_argument("--first", type=int, default=0)
    ap.add_argument("--seconds", type=float, default=10.0)
    ap.add_argument(
        "--networks", action="store_true", help="the whole search; else plain forms and powers only"
    )
    ap.add_argument("--out", type=Path, default=Path("evidence.jsonl"))
    ap.add_argument("--fit", type=Path, help="only the regression on such a file")
    a = ap.parse_args()
    if a.fit is None:
        with a.out.open("a") as file:
            for number in range(a.first, a.first + a.tables):
                found = searched(number, a.seconds, a.networks)
                if found is not None:
                    file.write(json.dumps(found) + "\n")
                    file.flush()
    rows = [json.loads(line) for line in (a.fit or a.out).read_text().splitlines()]
    for row in rows:  # by the rule of today
        _, data, x, y = drawn(row["number"])
        row["right"] = right(row["formula"], data.inputs, x, y)
    summary(rows)


if __name__ == "__main__":
    main()
