"""A form that is given: its constants, and the version that it becomes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from searching import searched, table, task_on

from kancli.checkpoint import Checkpoint, load, save
from kancli.dataset import Dataset, read_dataset
from kancli.errors import CheckpointError, FitError, UsageError
from kancli.recipe import FitOptions, PruneOptions
from kancli.search.form import fitted_form
from kancli.stages.progress import silent
from kancli.stages.prune import prune


@pytest.fixture(scope="module")
def decay(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """y = 3 exp(-t/2) + 0.71 with noise; a column name that is no identifier, one that is not used."""
    rng = np.random.default_rng(0)
    t = rng.uniform(0, 6, 200)
    y = 3 * np.exp(-t / 2) + 0.71 + rng.normal(0, 0.01, 200)
    path = tmp_path_factory.mktemp("like") / "data.csv"
    rows = np.column_stack([t, rng.uniform(0, 1, 200), y])
    np.savetxt(path, rows, delimiter=",", header="t [s],other,y", comments="", fmt="%.17g")
    return read_dataset(str(path))


def fitted(dataset: Dataset, form: str, **options: object) -> Checkpoint:
    task = task_on(dataset, FitOptions(like=form, **options))  # type: ignore[arg-type]
    return fitted_form(task).version(dataset)


def test_exact_values_and_standard_errors_are_those_of_the_data(decay: Dataset) -> None:
    facts = fitted(decay, "a*exp(-b*t_s) + c", snap=True).metadata
    assert [(p["name"], p["exact"]) for p in facts["parameters"]] == [("a", "3"), ("b", "1/2"), ("c", None)]
    (constant,) = [c for c in facts["constants"] if c["snapped"] is None]
    assert constant["standard_error"] == pytest.approx(0.01 / np.sqrt(200), rel=0.2)
    assert abs(constant["value"] - 0.71) < 4 * constant["standard_error"]
    assert facts["r2"] > 0.999


def test_a_form_is_printed_as_it_was_given_with_the_constants_of_its_table(decay: Dataset) -> None:
    facts = fitted(decay, "c + a*b*exp(-b*t_s)").metadata
    a, b, c = (next(p["value"] for p in facts["parameters"] if p["name"] == name) for name in "abc")
    assert facts["formula"] == f"{c!r} + {a!r}*{b!r}*exp(-{b!r}*t_s)"
    assert {e["name"]: e["value"] for e in facts["constants"]} == {"a": a, "b": b, "c": c}


def test_the_held_out_r2_is_that_of_constants_which_have_not_seen_the_rows(tmp_path: Path) -> None:
    generator = np.random.default_rng(5)
    x = generator.uniform(0, 1, 60)
    data = table(tmp_path, x[:, None], 2 * x + 1 + 0.5 * generator.normal(size=60))
    held = data.validation
    slope, offset = np.polyfit(data.x[~held, 0], data.y[~held], 1)
    left = data.y[held] - slope * data.x[held, 0] - offset
    expected = 1 - np.sum(left**2) / np.sum((data.y[held] - data.y[held].mean()) ** 2)
    facts = searched(data, like="k*a + m").road[-1][0].metadata
    assert facts["r2_validation"] == pytest.approx(expected, rel=1e-6)


def test_forms_beside_each_other_have_the_figures_that_deleting_each_row_gives(tmp_path: Path) -> None:
    generator = np.random.default_rng(6)
    x = np.linspace(0.1, 3, 30)
    data = table(tmp_path, x[:, None], 2 * np.exp(-x) + 0.3 + 0.02 * generator.normal(size=30))
    facts = searched(data, like=("A*exp(-k*a) + c", "m*a + n")).road[-1][0].metadata
    assert [(e["form"], e["chosen"]) for e in facts["forms"]] == [
        ("A*exp(-k*a) + c", True),
        ("m*a + n", False),
    ]
    left = []
    for row in range(30):
        rest = np.delete(np.arange(30), row)
        left.append(data.y[row] - np.polyval(np.polyfit(x[rest], data.y[rest], 1), x[row]))
    press = 1 - np.sum(np.square(left)) / np.sum((data.y - data.y.mean()) ** 2)
    assert facts["forms"][1]["r2_press"] == pytest.approx(press, rel=1e-6)
    slope, offset = np.polyfit(x, data.y, 1)
    rss = float(np.sum((data.y - slope * x - offset) ** 2))
    assert facts["forms"][1]["aicc"] == pytest.approx(30 * np.log(rss / 30) + 6 + 24 / 26, rel=1e-6)


def test_relative_errors_are_mentioned_where_they_describe_the_table_better(tmp_path: Path) -> None:
    generator = np.random.default_rng(2)
    x = np.geomspace(1, 20, 60)
    data = table(tmp_path, x[:, None], 8 * x**1.1 * np.exp(0.2 * generator.normal(size=60)))
    facts = searched(data, like="A*a**p").road[-1][0].metadata
    assert facts["errors"]["model"] == "additive"
    assert any("bits more briefly" in remark for remark in facts["remarks"])
    asked = searched(data, like="A*a**p", errors="log").road[-1][0].metadata
    slope, front = np.polyfit(np.log(x), np.log(data.y), 1)
    values = {p["name"]: p["value"] for p in asked["parameters"]}
    assert values == pytest.approx({"A": np.exp(front), "p": slope}, rel=1e-6)


def test_constants_that_occur_twice_are_one_under_relative_errors(tmp_path: Path) -> None:
    generator = np.random.default_rng(4)
    x = np.geomspace(0.1, 100, 50)
    data = table(tmp_path, x[:, None], 30 * x / (1 + 0.2 * x) * np.exp(0.05 * generator.normal(size=50)))
    facts = searched(data, like="q*b*a/(1+b*a)", errors="log").road[-1][0].metadata
    values = {p["name"]: p["value"] for p in facts["parameters"]}
    assert values == pytest.approx({"q": 150, "b": 0.2}, rel=0.1)
    assert facts["formula"] == "{q!r}*{b!r}*a/(1 + {b!r}*a)".format(**values)


def test_a_wrong_form_has_the_r2_that_it_deserves(decay: Dataset) -> None:
    facts = fitted(decay, "a + b*t_s").metadata
    slope, constant = np.polyfit(decay.x[:, 0], decay.y, 1)
    residual = decay.y - slope * decay.x[:, 0] - constant
    assert facts["r2"] == pytest.approx(1 - residual.var() / decay.y.var(), abs=2e-3)


def test_a_column_misspelt_is_told(decay: Dataset) -> None:
    assert "did you mean other?" in fitted(decay, "a*exp(-b*t_s) + c*othr").metadata["remarks"][0]
    assert fitted(decay, "a*exp(-b*t_s) + c").metadata["remarks"] == []


@pytest.mark.parametrize("form", ["a*exp(", "a*sine(t_s)", "a*t[0]"])
def test_what_is_no_formula_is_a_usage_error(decay: Dataset, form: str) -> None:
    with pytest.raises(UsageError, match="column"):
        fitted(decay, form)


def test_a_form_without_values_on_the_data_is_a_failed_fit(decay: Dataset) -> None:
    with pytest.raises(FitError, match="no constants"):
        fitted(decay, "a*log(-1 - t_s)")


def test_the_version_is_kept_and_is_no_network(decay: Dataset, tmp_path: Path) -> None:
    kept = load(save(fitted(decay, "a*exp(-b*t_s) + c"), tmp_path, None).path)  # type: ignore[arg-type]
    assert kept.stage == "like"
    with pytest.raises(CheckpointError, match="no network"):
        prune(kept, decay, PruneOptions(), seed=0, jobs=1, report=silent)


def test_a_given_form_has_one_set_of_constants_under_relative_errors(tmp_path: Path) -> None:
    generator = np.random.default_rng(2)
    x = np.geomspace(0.01, 1000, 60)
    data = table(tmp_path, x[:, None], 8.37 * x**0.731 * np.exp(0.1 * generator.normal(size=60)))
    facts = searched(data, like="A*a**p").road[-1][0].metadata
    slope, front = np.polyfit(np.log(x), np.log(data.y), 1)
    values = {p["name"]: p["value"] for p in facts["parameters"]}
    assert facts["errors"]["model"] == "log"
    assert values["p"] == pytest.approx(slope, abs=2e-4)
    assert values["A"] == pytest.approx(np.exp(front), rel=1e-3)
    assert sorted(c["value"] for c in facts["constants"]) == pytest.approx(sorted(values.values()), rel=1e-3)


def test_a_given_form_s_constants_do_not_follow_outliers(tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    x = np.linspace(0.1, 5, 100)
    y = 3.1 * np.exp(-0.71 * x) + 0.01 * generator.normal(size=100)
    y[[20, 60]] += 5
    facts = searched(table(tmp_path, x[:, None], y), like="A*exp(-k*a)").road[-1][0].metadata
    values = {p["name"]: p["value"] for p in facts["parameters"]}
    assert values == pytest.approx({"A": 3.1, "k": 0.71}, rel=0.01)
    assert sorted(o["row"] for o in facts["outliers"]) == [21, 61]
