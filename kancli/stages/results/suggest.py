"""Suggest: the functions that could replace the spline of one edge, best first. Nothing is changed or saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.engine.architecture import Edge
from kancli.recipe import SymbolifyOptions
from kancli.stages.common import check_columns, named_edge, network_of, scaling_of, split
from kancli.stages.prune import sample
from kancli.stages.reading.read import SEARCH_ROWS, arrays, known_to
from kancli.symbolic.edge.fit import fit_edge
from kancli.symbolic.expression import Constant, Variable, multiply
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.graph.curve import Array
from kancli.symbolic.graph.graph import forward, graph_of, linearise
from kancli.symbolic.graph.to_expression import activation_expression
from kancli.symbolic.library.activation import Activation
from kancli.symbolic.library.functions import library
from kancli.symbolic.text.printer import render


@dataclass(frozen=True)
class Suggestion:
    """One candidate: c·f(a·x + b) + d with x in the input's own units (u, for an edge inside the network).

    `a`, `b` are the innermost function's, `c` the first term's; None for a constant. `text` is all of it.
    """

    function: str
    r2: float
    complexity: int
    a: float | None
    b: float | None
    c: float | None
    d: float
    text: str


@dataclass(frozen=True)
class Suggestions:
    """`x`, `y` (n,): input and output of the edge, sorted by x; `best` (n,): the first
    candidate there. `variable` names x. `known`: the r² of the spline itself, above which
    fits cannot be distinguished."""

    edge: Edge
    variable: str
    x: Array
    y: Array
    best: Array
    known: float
    candidates: tuple[Suggestion, ...]


def suggest(
    checkpoint: Checkpoint, dataset: Dataset, edge: str, options: SymbolifyOptions, *, top: int
) -> Suggestions:
    """At most `top` candidates for an edge (`layer,from,to`) of the checkpoint's network.

    Of the options lib, exclude, functions and compositions count. Raises UsageError for an edge or a
    function that is not there.
    """
    check_columns(checkpoint, dataset)
    scale = scaling_of(checkpoint.metadata)
    data = split(dataset, scale)
    network = network_of(checkpoint)
    wanted = named_edge(edge, network)
    functions = library(options.lib, options.exclude, options.functions)
    fine, floors = known_to(network, data)
    rows = arrays(sample(data.everything, SEARCH_ROWS))
    graph = graph_of(fine)
    nodes, values = forward(graph, rows.x)
    position = next(i for i, e in enumerate(graph.edges) if e.origin == (wanted,))
    sensitivity = linearise(graph, rows.x)[1][position]
    more: Literal["auto", False] = "auto" if options.compositions else False
    u, v = nodes[graph.edges[position].source], values[position]
    found = fit_edge(
        u,
        v,
        sensitivity**2 if np.any(sensitivity) else None,
        functions,
        floor=max(floors[wanted], np.finfo(np.float64).eps),
        compositions=more,
        sums=more,
        top=top,
    )
    unit = scale.input_scale[wanted.source] if wanted.layer == 0 else 1.0
    variable = safe_names(dataset.inputs)[wanted.source] if wanted.layer == 0 else "u"
    order = np.argsort(u, kind="stable")
    return Suggestions(
        wanted,
        variable,
        u[order] * unit,
        v[order],
        found[0].activation.evaluate(u[order]) if found else np.full(len(u), np.nan),
        1 - floors[wanted],
        tuple(described(c.activation, 1 - c.residual, c.complexity, unit, (variable,)) for c in found),
    )


def described(
    activation: Activation, r2: float, complexity: int, unit: float, names: Sequence[str]
) -> Suggestion:
    """An activation of the scaled input as a candidate in the input's own unit."""
    first = activation.terms[0] if activation.terms else None
    argument = Variable(0) if unit == 1.0 else multiply(Constant(1 / unit), Variable(0))
    return Suggestion(
        activation.name,
        r2,
        complexity,
        first.steps[0].a / unit if first else None,
        first.steps[0].b if first else None,
        first.c if first else None,
        activation.d,
        render(activation_expression(activation, argument), list(names)),
    )
