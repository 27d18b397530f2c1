"""An additive model read: a function of the library for each of its splines."""

from __future__ import annotations

import math

import numpy as np

from kancli.dataset import Dataset
from kancli.engine.architecture import Edge
from kancli.errors import FitError
from kancli.recipe import FitOptions
from kancli.search.additive.fit import GRIDS, Additive, additive_models
from kancli.search.candidate import Candidate, quality_of, without_network
from kancli.search.effort import symbolify_options
from kancli.search.factors.read import holds
from kancli.search.proposer import with_network
from kancli.search.trained import Shape
from kancli.stages.reading.formulas import columns_of
from kancli.symbolic.expression import Constant, Expression, Variable, add, multiply, substitute
from kancli.symbolic.formula import finish
from kancli.symbolic.graph.clean import line
from kancli.symbolic.graph.curve import fit_spline
from kancli.symbolic.graph.graph import Graph, GraphEdge
from kancli.symbolic.library.functions import library
from kancli.symbolic.reading.assignment import Data, Search
from kancli.symbolic.reading.read import read

# Half the grid errs, in the mean square, some 200 times as much on smooth curves, and 8 times at a root.
COARSER = 8.0
# Models that are read, those with the fewest blocks first.
MOST_READ = 2
ORDER = 3


def read_models(dataset: Dataset, options: FitOptions, seed: int) -> list[Candidate]:
    """Candidates read off the additive models that hold, up to the first that explains everything and is plain."""
    made: list[Candidate] = []
    for model in additive_models(dataset.x, dataset.y, options)[:MOST_READ]:
        candidate = read_additive(model, dataset, options, seed)
        if candidate is not None:
            made.append(candidate)
            if candidate.explains and candidate.plain:
                break
    return made


def read_additive(model: Additive, dataset: Dataset, options: FitOptions, seed: int) -> Candidate | None:
    """The candidate that a model is read as; None where no functions of the library are found for it,
    or held-out rows do not show it."""
    y = dataset.y[model.rows]
    theta = model.response.value(y)
    centre, unit = float(theta.mean()), float(theta.std()) or 1.0
    scale = np.abs(model.z).max(axis=0)
    z, target = model.z / scale, (theta - centre) / unit
    # What an error of θ is worth in y.
    weight = 1 / model.response.slope(y) ** 2
    weight = weight / weight.mean()
    if dataset.weight is not None:
        weight = weight * dataset.weight[model.rows]
    blocks = len(model.arguments)
    edges = [
        GraphEdge(k, blocks, fit_spline(z[:, k], model.functions[:, k], GRIDS[-1], ORDER), (Edge(0, k, 0),))
        for k in range(blocks)
    ]
    floors = {
        Edge(0, k, 0): line(model.coarser[:, k], model.functions[:, k], weight)[2] / COARSER
        for k in range(blocks)
    }
    functions = library(options.lib, options.exclude, options.functions)
    reading = symbolify_options(options)
    search = Search(functions, reading.compositions, reading.top, floors, {})
    graph = Graph(blocks, blocks + 1, frozenset(), tuple(edges))
    data = Data(np.ascontiguousarray(z.T), target, None if np.ptp(weight) == 0 else weight)
    try:
        best = read(graph, data, search, grid=GRIDS[-1], tell=lambda text: None).best
        if best is None:
            return None
        arguments: dict[Expression, Expression] = {
            Variable(k): multiply(Constant(1 / float(s)), a.expression)
            for k, (a, s) in enumerate(zip(model.arguments, scale, strict=True))
        }
        inner = add(multiply(Constant(unit), substitute(best.expression, arguments)), Constant(centre))
        how = columns_of(dataset)
        formula = finish(
            model.response.back(inner),
            dataset.x,
            dataset.y,
            snapping=options.snap,
            seconds=options.simplify_seconds,
            **how,
        )
    except FitError:
        return None
    if not (quality := quality_of(formula, dataset)).bits < math.inf:
        return None
    made = Candidate(
        formula,
        quality,
        "form",
        Shape(f"{len(dataset.inputs)},1"),
        without_network("additive", dataset, seed, {"response": model.response.name}),
        remarks=(f"fitted as an additive model of {model.response.name}",),
        effort="first",
    )
    return with_network(made, dataset) if not model.noise or holds(made) else None
