"""Which formula of the front is taken."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from searching import candidate, searched

from kancli.dataset import Dataset, read_dataset
from kancli.recipe import FitOptions
from kancli.search.candidate import Candidate
from kancli.search.choice.front import Selected, choose, knee, members, pareto, select

ROWS = np.linspace(1, 3, 50)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """y = x² + 0.3·sin(5x), with noise of 0.001."""
    path = tmp_path_factory.mktemp("select") / "data.csv"
    y = ROWS**2 + 0.3 * np.sin(5 * ROWS) + np.random.default_rng(0).normal(0, 0.001, len(ROWS))
    path.write_text(
        "x,y\n" + "".join(f"{a!r},{b!r}\n" for a, b in zip(ROWS.tolist(), y.tolist(), strict=True))
    )
    return read_dataset(str(path))


def facts_of(selected: Selected, dataset: Dataset) -> dict[str, Any]:
    """The metadata of the version with the chosen formula."""
    return dict(selected.road(dataset)[-1][0].metadata)


@pytest.fixture
def candidates(dataset: Dataset) -> list[Candidate]:
    """Two shapes: one with a parabola, one with the law itself beside a straight line and a fat formula."""
    return [
        candidate("1,1", dataset, ("x**2", 3, 0.1), ("3*x", 3, 0.3)),
        candidate("1,2,1", dataset, ("x**2 + 0.3*sin(5*x)", 10, 0.0005), ("x + exp(x)*cos(x)", 9, 0.2)),
    ]


def test_the_front_holds_what_no_shorter_formula_equals(
    candidates: list[Candidate], dataset: Dataset
) -> None:
    front = pareto(members(candidates, dataset))
    assert [m.formula.text for m in front] == ["x**2", "x**2 + 0.3*sin(5*x)"]


@pytest.mark.parametrize(
    ("options", "formula"),
    [
        ({}, "x**2 + 0.3*sin(5*x)"),
        ({"select": "error"}, "x**2 + 0.3*sin(5*x)"),
        ({"select": "complexity<=9"}, "x**2"),
        ({"max_complexity": 9}, "x**2"),
        ({"select": "error", "max_complexity": 3}, "x**2"),
    ],
)
def test_each_criterion_takes_its_formula(
    candidates: list[Candidate], dataset: Dataset, options: dict[str, object], formula: str
) -> None:
    chosen = select(candidates[1], candidates, dataset, FitOptions(**options))
    assert facts_of(chosen, dataset)["formula"] == formula
    assert [e["formula"] for e in facts_of(chosen, dataset)["front"] if e["chosen"]] == [formula]


def test_what_is_saved_is_the_chosen_formula_s_own_road(
    candidates: list[Candidate], dataset: Dataset
) -> None:
    chosen = select(candidates[1], candidates, dataset, FitOptions(max_complexity=4))
    assert [version.metadata.get("width") for version, _ in chosen.road(dataset)][:3] == ["1,1"] * 3
    assert facts_of(chosen, dataset)["edges"] == [{"function": "x**2"}]


def test_a_formula_tried_on_the_way_gets_its_own_edges_and_figures(dataset: Dataset) -> None:
    slope = float(dataset.x[:, 0] @ dataset.y / (dataset.x[:, 0] @ dataset.x[:, 0]))
    error = float(np.sqrt(np.mean((dataset.y - slope * dataset.x[:, 0]) ** 2)))
    line = f"{slope:.6f}*x", 3, error / float(dataset.y.std())
    only = candidate("1,1", dataset, ("x**2 + 0.3*sin(5*x)", 10, 0.0005), line)
    facts = facts_of(select(only, [only], dataset, FitOptions(max_complexity=5)), dataset)
    assert facts["constants"][0]["value"] == pytest.approx(slope, rel=1e-4)
    assert facts["rmse"] == pytest.approx(error, rel=1e-6)
    assert facts["edges"] == [{"function": line[0]}]


def test_where_nothing_is_short_enough_the_shortest_is_taken_and_said_so(
    candidates: list[Candidate], dataset: Dataset
) -> None:
    chosen = select(candidates[1], candidates, dataset, FitOptions(max_complexity=2))
    assert facts_of(chosen, dataset)["formula"] == "x**2"
    assert "complexity 2" in facts_of(chosen, dataset)["remarks"][-1]


def test_a_formula_with_faults_comes_last(candidates: list[Candidate], dataset: Dataset) -> None:
    chosen = select(
        candidates[1],
        candidates,
        dataset,
        FitOptions(),
        faults=lambda f: ("sin of m",) if "sin" in f.text else (),
    )
    assert facts_of(chosen, dataset)["formula"] == "x**2"
    assert "faults" not in next(e for e in facts_of(chosen, dataset)["front"] if e["chosen"])


def test_the_knee_is_where_length_stops_to_pay(dataset: Dataset) -> None:
    steps = [
        ("1.0*x", 3, 0.5),
        ("x**2", 5, 0.01),
        ("x**2 + 1.0", 9, 0.009),
        ("x**2 + 1.0*x + 3.0", 20, 0.008),
    ]
    front = pareto(members([candidate("1,1", dataset, steps[0], *steps[1:])], dataset))
    assert len(front) == 4
    assert knee(front).formula.text == "x**2"


def test_among_equal_errors_the_shortest_formula_counts_as_the_least(dataset: Dataset) -> None:
    all_ = members([candidate("1,1", dataset, ("x**2", 3, 0.1), ("x**2 + 1e-9*x", 9, 0.0999))], dataset)
    assert choose(all_, "error").formula.text == "x**2"


@pytest.mark.parametrize("text", ["best", "complexity<12", "complexity<=-1", "knee "])
def test_an_unknown_criterion_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        FitOptions(select=text)


def test_another_member_of_a_real_front_brings_its_own_edges(dataset: Dataset) -> None:
    options: dict[str, Any] = {
        "compositions": False, "simplify_seconds": 0.5, "restarts": 4, "lib": ("x", "x^2", "sin"),
    }  # fmt: skip
    ledger = searched(dataset, **options)
    best, cosine = ledger.best, lambda f: () if "cos" in f.text else ("no",)
    chosen = select(best, ledger.candidates, dataset, FitOptions(**options), faults=cosine)
    other = facts_of(chosen, dataset)
    assert "sin" not in {edge["function"] for edge in best.edges}
    assert "cos" in other["formula"]
    assert [edge["function"] for edge in other["edges"]] == ["sin"]
