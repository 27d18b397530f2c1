"""What every edge of a network became: its function, how well that fits the spline, and the runner-up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kancli.dataset import Scaling
from kancli.stages.reading.formulas import Found
from kancli.symbolic.expression import Constant, Variable, multiply
from kancli.symbolic.graph.clean import line
from kancli.symbolic.graph.graph import Graph, forward, linearise
from kancli.symbolic.graph.to_expression import activation_expression
from kancli.symbolic.library.activation import Activation
from kancli.symbolic.reading.assignment import (
    Data,
    Scored,
)
from kancli.symbolic.reading.second_look import with_its_splines
from kancli.symbolic.text.printer import render


def instead(found: Found, scored: Scored, rows: Data, grid: int) -> Found:
    """What would have been found had `scored` been chosen: on the same splines where its edges are the same."""

    def shape(graph: Graph) -> tuple[object, ...]:
        return graph.products, tuple((e.source, e.target, e.origin) for e in graph.edges)

    if shape(scored.graph) == shape(found.graph):
        return replace(found, best=scored)
    scored, splines = with_its_splines(scored, rows, grid)
    return replace(found, graph=splines, best=scored, choices={})


def edge_table(found: Found, rows: Data, scale: Scaling) -> list[dict[str, Any]]:
    """One entry an edge: what it became, how well that fits the spline, and the runner-up.

    a, b are of the innermost function in the units of what enters the edge (the input's own for the first
    layer), c, d of the whole, which `expression` gives as text in u.
    """
    chosen = found.graph if found.best is None else found.best.graph
    nodes, values = forward(found.graph, rows.x)
    _, sensitivity, _ = linearise(found.graph, rows.x)
    table = []
    for i, edge in enumerate(chosen.edges):
        first, last = edge.origin[0], edge.origin[-1]
        entry: dict[str, Any] = {"layer": first.layer, "source": first.source, "target": last.target}
        if len(edge.origin) > 1:
            entry["merged"] = [list(e) for e in edge.origin]
        candidates = found.choices[i].candidates if i in found.choices else ()
        curve = edge.curve
        if isinstance(curve, Activation):
            unit = scale.input_scale[edge.source] if edge.source < chosen.inputs else 1.0
            fitted = curve.evaluate(nodes[edge.source])
            r2 = 1 - line(fitted, values[i], sensitivity[i] ** 2)[2]
            step = curve.terms[0].steps[0] if curve.terms else None
            entry |= {
                "function": curve.name,
                "r2": r2 if step else 0.0,
                "a": step.a / unit if step else None,
                "b": step.b if step else None,
                "c": curve.terms[0].c if step else None,
                "d": curve.d,
                "complexity": curve.complexity,
                "expression": described_in(curve, unit),
            }
        else:
            entry |= {"function": "spline", "r2": 1.0, **dict.fromkeys("abcd"), "complexity": None}
            entry["expression"] = None
        others = [c for c in candidates if c.activation.name != curve.name]
        entry["next"] = (
            {"function": others[0].activation.name, "r2": 1 - others[0].residual} if others else None
        )
        table.append(entry)
    return table


def described_in(activation: Activation, unit: float) -> str:
    """An activation of the scaled input as text in u, the input in its own unit."""
    argument = Variable(0) if unit == 1.0 else multiply(Constant(1 / unit), Variable(0))
    return render(activation_expression(activation, argument), ["u"])
