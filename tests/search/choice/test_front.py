"""Which formula of the front is taken."""

from __future__ import annotations

import time
from dataclasses import fields

import numpy as np
import pytest
from pydantic import ValidationError

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset, read_dataset
from kancli.recipe import FitOptions
from kancli.search.attempt import Attempt
from kancli.search.choice.front import choose, knee, members, pareto, select
from kancli.search.schedule import fit
from kancli.stages.progress import silent

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


def entry(formula: str, complexity: int, error: float, spread: float, **more: object) -> dict[str, object]:
    r2 = 1 - error**2
    return {
        "formula": formula, "complexity": complexity, "r2": r2, "r2_validation": r2, "rmse": error * spread,
        "chosen": False, "edges": [{"function": formula}], **more,
    }  # fmt: skip


def attempt(
    width: str, dataset: Dataset, own: tuple[str, int, float], *others: tuple[str, int, float]
) -> Attempt:
    spread = float(dataset.y.std())
    facts = {**entry(*own, spread), "constants": [], "edges": [{"function": own[0]}], "metrics": {"r2": 1.0}}
    facts["front"] = [{**facts, "chosen": True}, *(entry(*o, spread) for o in others)]
    tensors = {"w": np.zeros(1)}
    versions = {name: Checkpoint(name, tensors, {"width": width}) for name in ("train", "prune", "refine")}
    known = {
        "checkpoints": {**versions, "symbolify": Checkpoint("symbolify", tensors, facts)},
        "error": own[2],
    }
    # What else the search keeps of an attempt is not looked at here.
    return Attempt(**{f.name: known.get(f.name, 0) for f in fields(Attempt)})  # type: ignore[arg-type]


@pytest.fixture
def attempts(dataset: Dataset) -> list[Attempt]:
    """Two shapes: one with a parabola, one with the law itself beside a straight line and a fat formula."""
    return [
        attempt("1,1", dataset, ("x**2", 3, 0.1), ("3*x", 3, 0.3)),
        attempt("1,2,1", dataset, ("x**2 + 0.3*sin(5*x)", 10, 0.0005), ("x + exp(x)*cos(x)", 9, 0.2)),
    ]


def test_the_front_holds_what_no_shorter_formula_equals(attempts: list[Attempt], dataset: Dataset) -> None:
    front = pareto(members(attempts, dataset))
    assert [m.formula for m in front] == ["x**2", "x**2 + 0.3*sin(5*x)"]


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
    attempts: list[Attempt], dataset: Dataset, options: dict[str, object], formula: str
) -> None:
    chosen = select(attempts[1], attempts, dataset, FitOptions(**options))
    assert chosen.attempt.facts["formula"] == formula
    assert [e["formula"] for e in chosen.attempt.facts["front"] if e["chosen"]] == [formula]


def test_what_is_saved_is_the_chosen_formula_s_own_road(attempts: list[Attempt], dataset: Dataset) -> None:
    chosen = select(attempts[1], attempts, dataset, FitOptions(max_complexity=4)).attempt
    assert chosen.checkpoints["refine"].metadata["width"] == "1,1"
    assert chosen.facts["edges"] == [{"function": "x**2"}]


def test_a_formula_tried_on_the_way_gets_its_own_edges_and_figures(dataset: Dataset) -> None:
    slope = float(dataset.x[:, 0] @ dataset.y / (dataset.x[:, 0] @ dataset.x[:, 0]))
    error = float(np.sqrt(np.mean((dataset.y - slope * dataset.x[:, 0]) ** 2)))
    line = f"{slope:.6f}*x", 3, error / float(dataset.y.std())
    only = attempt("1,1", dataset, ("x**2 + 0.3*sin(5*x)", 10, 0.0005), line)
    facts = select(only, [only], dataset, FitOptions(max_complexity=5)).attempt.facts
    assert facts["constants"][0]["value"] == pytest.approx(slope, rel=1e-4)
    assert facts["rmse"] == pytest.approx(error, rel=1e-6)
    assert facts["edges"] == [{"function": line[0]}]


def test_where_nothing_is_short_enough_the_shortest_is_taken_and_said_so(
    attempts: list[Attempt], dataset: Dataset
) -> None:
    chosen = select(attempts[1], attempts, dataset, FitOptions(max_complexity=2))
    assert chosen.attempt.facts["formula"] == "x**2"
    assert "complexity 2" in chosen.attempt.facts["remarks"][-1]


def test_a_formula_with_faults_comes_last(attempts: list[Attempt], dataset: Dataset) -> None:
    chosen = select(
        attempts[1], attempts, dataset, FitOptions(), faults=lambda f: ("sin of m",) if "sin" in f else ()
    )
    assert chosen.attempt.facts["formula"] == "x**2"
    assert "faults" not in next(e for e in chosen.attempt.facts["front"] if e["chosen"])


def test_the_knee_is_where_length_stops_to_pay(dataset: Dataset) -> None:
    steps = [
        ("1.0*x", 3, 0.5),
        ("x**2", 5, 0.01),
        ("x**2 + 1.0", 9, 0.009),
        ("x**2 + 1.0*x + 3.0", 20, 0.008),
    ]
    front = pareto(members([attempt("1,1", dataset, steps[0], *steps[1:])], dataset))
    assert len(front) == 4
    assert knee(front).formula == "x**2"


def test_among_equal_errors_the_shortest_formula_counts_as_the_least(dataset: Dataset) -> None:
    all_ = members([attempt("1,1", dataset, ("x**2", 3, 0.1), ("x**2 + 1e-9*x", 9, 0.0999))], dataset)
    assert choose(all_, "error").formula == "x**2"


@pytest.mark.parametrize("text", ["best", "complexity<12", "complexity<=-1", "knee "])
def test_an_unknown_criterion_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        FitOptions(select=text)


def test_another_member_of_a_real_front_brings_its_own_edges(dataset: Dataset) -> None:
    options = FitOptions(compositions=False, simplify_seconds=0.5, restarts=4, lib=("x", "x^2", "sin"))
    best, attempts = fit(dataset, options, seed=0, jobs=1, deadline=time.monotonic() + 100, report=silent)
    other = select(best, attempts, dataset, options, faults=lambda f: () if "cos" in f else ("no",)).attempt
    assert best.facts["edges"][0]["function"] == "x^2"
    assert "cos" in other.facts["formula"]
    assert other.facts["edges"][0]["function"] == "sin"
    assert other.facts["edges"][0]["r2"] > best.facts["edges"][0]["r2"]
