"""Symbolify: the law to the last digit, what is chosen by hand, and honesty about what is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from laws import HOW, Table, same

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.errors import UsageError
from kancli.recipe import PruneOptions, RefineOptions, SymbolifyOptions, TrainOptions
from kancli.stages.common import network_of, scaling_of
from kancli.stages.prune import prune
from kancli.stages.reading.formulas import r_squared
from kancli.stages.refine import refine
from kancli.stages.symbolify import symbolify
from kancli.stages.train import train
from kancli.symbolic.graph.graph import forward, graph_of

LAW = "exp(sin(pi*x1) + x2**2)"


def refined_on(data: Dataset, width: str, *, grid: tuple[int, ...] = (10, 20)) -> Checkpoint:
    checkpoint = train(data, TrainOptions(width=width), **HOW)
    checkpoint = prune(checkpoint, data, PruneOptions(), **HOW)
    return refine(checkpoint, data, RefineOptions(grid=grid), **HOW)


def found(data: Dataset, width: str, **options: Any) -> dict[str, Any]:
    return dict(symbolify(refined_on(data, width), data, SymbolifyOptions(**options), **HOW).metadata)


def edge(metadata: dict[str, Any], layer: int, source: int) -> dict[str, Any]:
    (entry,) = [e for e in metadata["edges"] if (e["layer"], e["source"]) == (layer, source)]
    return entry  # type: ignore[no-any-return]


def test_the_tutorial_is_found_to_the_last_digit(symbolified: Checkpoint) -> None:
    facts = symbolified.metadata
    assert same(facts["formula"], LAW)
    assert facts["r2"] == pytest.approx(1.0, abs=1e-14)
    assert facts["splines_left"] == 0
    assert {c["snapped"] for c in facts["constants"]} >= {"pi"}
    assert [c for c in facts["constants"] if c["snapped"] is None] == []
    assert [e["function"] for e in facts["edges"]] == ["sin", "x^2", "exp"]
    assert all(e["r2"] > 1 - 1e-8 for e in facts["edges"])


def test_the_edge_table_is_in_the_inputs_own_units(table: Table) -> None:
    data = table(lambda a, b: np.sin(0.3 * a) + b, low=-10.0, high=10.0)
    entry = edge(found(data, "2,1"), 0, 0)
    assert entry["function"] == "sin"
    assert abs(entry["a"]) == pytest.approx(0.3, abs=1e-4)


def test_the_front_has_the_choice_among_formulas_none_of_which_beats_another(symbolified: Checkpoint) -> None:
    front = symbolified.metadata["front"]
    assert [e["formula"] for e in front if e["chosen"]] == [symbolified.metadata["formula"]]
    for one in front:
        for other in front:
            assert one is other or one["complexity"] < other["complexity"] or one["rmse"] < other["rmse"]


def test_symbolify_leaves_its_input_bit_equal_and_repeats_itself(
    refined: Checkpoint, symbolified: Checkpoint, tutorial: Dataset
) -> None:
    before = {k: v.copy() for k, v in refined.tensors.items()}
    again = symbolify(refined, tutorial, SymbolifyOptions(), **{**HOW, "jobs": 2})
    assert all(np.array_equal(before[k], refined.tensors[k]) for k in before)
    assert again.metadata == symbolified.metadata


def test_a_function_fixed_by_hand_is_used(refined: Checkpoint, tutorial: Dataset) -> None:
    hidden = network_of(refined).architecture.edges[1][0][0]
    options = SymbolifyOptions(fix={f"0,1,{hidden}": "cosh"})
    facts = dict(symbolify(refined, tutorial, options, **HOW).metadata)
    assert edge(facts, 0, 1)["function"] == "cosh"
    assert "sin" in edge(facts, 0, 0)["function"]
    assert "cosh(" in facts["formula"]


def test_a_users_own_function_is_found_and_may_be_fixed(table: Table) -> None:
    data = table(lambda a, b: 2 * (1 / np.tanh(3 * a) - 1 / (3 * a)) + b**2)
    checkpoint = refined_on(data, "2,1")
    mine = {"langevin": "1/tanh(x) - 1/x"}
    law = "2*(1/tanh(3*x1) - 1/(3*x1)) + x2**2"
    for options in (
        SymbolifyOptions(functions=mine),
        SymbolifyOptions(functions=mine, fix={"0,0,0": "langevin"}),
    ):
        facts = dict(symbolify(checkpoint, data, options, **HOW).metadata)
        assert edge(facts, 0, 0)["function"] == "langevin"
        assert same(facts["formula"], law)


def test_a_spline_that_is_to_stay_stays_and_the_formula_says_so(table: Table) -> None:
    data = table(lambda a, b: np.sin(3 * a) + b**2)
    facts = found(data, "2,1", keep_spline=["0,1,0"])
    assert facts["splines_left"] == 1
    assert edge(facts, 0, 1)["function"] == "spline"
    assert edge(facts, 0, 0)["function"] == "sin"
    assert "spline_0_1_0(x2)" in facts["formula"]
    assert any("0,1,0 stays a spline" in remark for remark in facts["remarks"])
    assert facts["r2"] > 0.99999


def test_the_r2_of_a_formula_with_a_spline_is_that_of_what_is_printed(table: Table) -> None:
    data = table(lambda a, b: np.sin(3 * a) + np.exp(b))
    checkpoint = refined_on(data, "2,1")
    facts = dict(
        symbolify(
            checkpoint, data, SymbolifyOptions(keep_spline=["0,1,0"], lib=["x^2"], compositions=False), **HOW
        ).metadata
    )
    # x1² cannot be sin(3·x1): what is printed explains no more than exp(x2) and a parabola do.
    assert facts["r2"] < 0.95
    best = np.column_stack([data.x[:, 0] ** 2, data.x[:, 0], np.exp(data.x[:, 1]), np.ones(len(data.y))])
    rows = ~data.validation
    fit = best @ np.linalg.lstsq(best[rows], data.y[rows], rcond=None)[0]
    limit = r_squared(fit[rows], data.y[rows])
    assert limit is not None
    assert facts["r2"] < limit + 0.02


def test_an_edge_below_the_least_r2_stays_a_spline(table: Table) -> None:
    data = table(lambda a, b: np.sin(3 * a) + b**2)
    checkpoint = refined_on(data, "2,1")
    options = SymbolifyOptions(lib=["x", "x^2"], compositions=False, min_r2=0.99)
    facts = dict(symbolify(checkpoint, data, options, **HOW).metadata)
    assert edge(facts, 0, 0)["function"] == "spline"
    assert edge(facts, 0, 1)["function"] == "x^2"
    assert "spline_0_0_0(x1)" in facts["formula"]
    assert facts["splines_left"] == 1


def test_only_the_library_asked_for_is_used(refined: Checkpoint, tutorial: Dataset) -> None:
    options = SymbolifyOptions(lib=["x", "x^2", "tanh", "exp"], compositions=False)
    facts = symbolify(refined, tutorial, options, **HOW).metadata
    assert {e["function"] for e in facts["edges"]} <= {"x", "x^2", "tanh", "exp", "constant"}
    excluded = symbolify(refined, tutorial, SymbolifyOptions(exclude=["sin"]), **HOW).metadata
    assert not any(
        "sin" in e["function"].replace("arcsin", "").replace("sinh", "") for e in excluded["edges"]
    )


def test_a_formula_that_misses_the_network_is_called_an_approximation(
    refined: Checkpoint, tutorial: Dataset
) -> None:
    options = SymbolifyOptions(lib=["x", "x^2"], compositions=False)
    facts = symbolify(refined, tutorial, options, **HOW).metadata
    assert facts["verdict"]["kind"] == "approximation"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fix": {"0,7,0": "sin"}}, "0,7,0"),
        ({"fix": {"1,0,0": "sine"}}, "sine"),
        ({"keep_spline": ["3,0,0"]}, "3,0,0"),
        ({"lib": ["sine"]}, "sine"),
    ],
)
def test_edges_and_functions_that_are_not_there_are_named(
    refined: Checkpoint, tutorial: Dataset, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        symbolify(refined, tutorial, SymbolifyOptions(**options), **HOW)


@pytest.mark.parametrize(
    ("law", "text", "width"),
    [
        (lambda a, b: a * b, "x1*x2", "2,1p,1"),
        (lambda a, b: a * b, "x1*x2", "2,3,1"),
        (lambda a, b: a * np.sin(2 * b), "x1*sin(2*x2)", "2,1p,1"),
        (lambda a, b: (1 - a) * (2 + b) / 3, "(1 - x1)*(2 + x2)/3", "2,1p,1"),
    ],
    ids=["product", "product from sums", "product with sin", "product of sums"],
)
def test_products_are_found(table: Table, law: Callable[..., np.ndarray], text: str, width: str) -> None:
    assert same(found(table(law), width)["formula"], text)


def test_noise_leaves_the_form_and_its_constants_clean(table: Table) -> None:
    data = table(lambda a, b: np.sin(3 * a) + b**2, noise=0.01, count=400)
    facts = found(data, "2,1")
    assert same(facts["formula"], "sin(3*x1) + x2**2")


def test_noise_is_not_explained(table: Table) -> None:
    data = table(lambda a, b: np.sin(3 * a) + b**2, noise=0.1, count=400)
    facts = found(data, "2,1")
    assert facts["complexity"] <= 14
    assert facts["r2_validation"] > 0.98


@pytest.mark.parametrize("size", [1e-20, 1e20])
def test_units_change_nothing_but_the_power_of_ten(table: Table, size: float) -> None:
    data = table(lambda a, b: size * a**2 / b, low=0.5, high=2.0)
    facts = found(data, "2,1p,1")
    assert abs(1 - facts["r2"]) < 1e-12
    wide = table(lambda a, b: a**2 / b / size, low=0.5 * size, high=2.0 * size)
    assert same(found(wide, "2,1p,1")["formula"], f"x1**2/(x2*{size!r})", low=0.5 * size, high=2.0 * size)


def test_the_network_is_kept_with_its_formula(refined: Checkpoint, symbolified: Checkpoint) -> None:
    assert all(np.array_equal(symbolified.tensors[k], refined.tensors[k]) for k in refined.tensors)


def test_the_splines_of_the_network_are_the_functions_found(
    symbolified: Checkpoint, tutorial: Dataset
) -> None:
    graph = graph_of(network_of(symbolified))
    scale = np.array(scaling_of(symbolified.metadata).input_scale)
    values = forward(graph, np.ascontiguousarray((tutorial.x / scale).T))[1]
    sine = np.sin(np.pi * tutorial.x[:, 0])
    assert abs(np.corrcoef(values[0], sine)[0, 1]) > 1 - 1e-8


@pytest.mark.parametrize("lib", [("x",), ("x^2",), ("exp",)])
def test_a_library_of_one_function_is_enough(
    refined: Checkpoint, tutorial: Dataset, lib: tuple[str, ...]
) -> None:
    version = symbolify(refined, tutorial, SymbolifyOptions(lib=lib), **HOW)
    assert version.metadata["formula"]
