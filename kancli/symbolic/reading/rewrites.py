"""Other ways to write the same graph, for when the first one cannot be read.

exp of a sum is a product: where the edge out of a sum node begins with exp, its factors exp(φ_i) are
often simpler than the φ_i (sin instead of log∘sin). A sum of logarithms is a monomial, and what leaves it
is one function shallower, from the monomial or from its inverse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kancli.symbolic.expression.exact import small_fraction
from kancli.symbolic.graph.clean import exponentiate
from kancli.symbolic.graph.curve import Array
from kancli.symbolic.graph.graph import Graph
from kancli.symbolic.library.activation import Activation
from kancli.symbolic.reading.assignment import EdgeChoice

# Candidates this many times the floor, or the best one's residual, still count as possible.
POSSIBLE = 30.0


def rewrites(graph: Graph, choices: Mapping[int, EdgeChoice], x: Array, grid: int) -> Iterator[Graph]:
    """Graphs with one sum node turned into a product node, likeliest first."""
    for node in range(graph.inputs, graph.output):
        if node in graph.products:
            continue
        rates = [r for i in graph.out_of(node) for r in leading_exponentials(graph, choices, i)]
        rates += monomial_rates(graph, choices, node)
        seen: list[float] = []
        for rate in rates:
            if any(abs(rate - s) <= 1e-3 * abs(s) for s in seen):
                continue
            seen.append(rate)
            other = exponentiate(graph, node, x, rate, grid)
            if other is not None:
                yield other


def possible(choice: EdgeChoice) -> list[Activation]:
    """The single-term candidates that the edge's accuracy does not rule out."""
    limit = POSSIBLE * max(choice.floor, choice.candidates[0].residual)
    within = [c.activation for c in choice.candidates if c.residual <= limit]
    return [activation for activation in within if is_chain(activation)]


def is_chain(activation: Activation) -> bool:
    """Is it a single term that is no product."""
    return len(activation.terms) == 1 and not activation.terms[0].factors


def leading_exponentials(graph: Graph, choices: Mapping[int, EdgeChoice], edge: int) -> list[float]:
    """a of every possible f(exp(a·u + b)) on the edge."""
    curve = graph.edges[edge].curve
    options = [curve] if isinstance(curve, Activation) else possible(choices[edge]) if edge in choices else []
    inner = [o.terms[0].steps[0] for o in options if is_chain(o)]
    return [step.a for step in inner if step.function == "exp" and not step.higher][:2]


def monomial_rates(graph: Graph, choices: Mapping[int, EdgeChoice], node: int) -> list[float]:
    """±λ such that λ·Σ c_i log(x_i) has small fractions as exponents, if every edge in can be a logarithm."""
    slopes = []
    for i in graph.into(node):
        curve = graph.edges[i].curve
        options = [curve] if isinstance(curve, Activation) else possible(choices[i]) if i in choices else []
        logs = [o.terms[0].c for o in options if is_chain(o) and o.terms[0].steps[-1].function == "log"]
        if not logs:
            return []
        slopes.append(logs[0])

    def misfit(rate: float) -> float:
        return sum(
            abs(c * rate - float(small_fraction(c * rate))) + 0.01 * small_fraction(c * rate).denominator
            for c in slopes
        )

    best = min((1 / c for c in slopes if c), key=misfit, default=None)
    return [] if best is None else [best, -best]
