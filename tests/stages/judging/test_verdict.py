"""Whether a formula is to be believed: each kind of verdict from a table that calls for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from kancli.dataset import Dataset, from_memory
from kancli.stages.judging.told import lines, verdict_line
from kancli.stages.judging.verdict import Judged, Verdict, verdict_on
from kancli.stages.reading.bits import final_bits
from kancli.stages.reading.formulas import columns_of
from kancli.symbolic.constants.refit import refit
from kancli.symbolic.formula import write
from kancli.symbolic.text.parser import parse

RNG = np.random.default_rng(0)


def table(law: Callable[[np.ndarray], np.ndarray], rows: int = 100, noise: float = 0.0) -> Dataset:
    """A table of x in 1 … 4 and a law with noise of this size."""
    x = np.sort(np.random.default_rng(1).uniform(1, 4, rows))
    y = law(x) + noise * np.random.default_rng(2).normal(size=rows)
    return from_memory(x[:, None], y, inputs=("x",))[0]


def judged(text: str, data: Dataset, *free: float) -> Judged:
    """A formula whose decimal numbers are fitted."""
    fitted = refit(parse(text, ("x",)), data.x, data.y).expression
    formula = write(fitted, data.x, data.y, **columns_of(data))
    return Judged(formula, final_bits(formula, data))


def verdict(data: Dataset, chosen: str, *others: str, network: float | None = None) -> Verdict:
    return verdict_on(judged(chosen, data), [judged(other, data) for other in others], data, network)


def test_what_leaves_rounding_only_is_exact() -> None:
    found = verdict(table(lambda x: 3 * x**2), "3*x**2", "1.5*x + 2.5")
    assert found.kind == "exact"
    assert found.confidence > 0.9


def test_rounding_is_also_that_of_the_table_s_digits() -> None:
    data = table(lambda x: np.round(3 * x**2, 2))
    assert verdict(data, "3*x**2").kind == "exact"


def test_a_formula_with_noise_far_ahead_of_the_next_form_is_a_law() -> None:
    data = table(lambda x: 3 * x**2, noise=0.3)
    found = verdict(data, "3*x**2", "8.5*x + 2.5", "2.5*exp(0.5*x)")
    assert found.kind == "law_with_noise"


def test_residuals_that_the_inputs_explain_make_it_an_approximation() -> None:
    data = table(lambda x: np.exp(x), noise=0.3)
    found = verdict(data, "2.5*x + 1.5", "1.5*exp(1.1*x)")
    assert found.kind == "approximation"
    assert found.rivals[0].bits < 0  # the exponential is shorter, and it is named


def test_forms_that_describe_the_data_equally_well_are_not_decided_between() -> None:
    data = table(lambda x: 2 * x**1.5, rows=12, noise=0.6)
    found = verdict(data, "2.1*x**1.5", "1.5*x + 0.2*x**2", "4.5*x - 2.5")
    assert found.kind == "undecided"
    assert found.rivals


def test_more_constants_than_half_the_rows_decide_nothing() -> None:
    data = table(lambda x: np.sin(x), rows=6, noise=0.1)
    found = verdict(data, "0.5 + 1.5*x - 0.7*x**2 + 0.1*x**3")
    assert found.kind == "undecided"
    assert "6 rows" in found.why


@pytest.mark.parametrize("formula", ["0.5", "0.3*x + 0.2"])
def test_a_target_of_noise_is_explained_by_nothing(formula: str) -> None:
    data = table(lambda x: 0 * x, noise=1.0)
    assert verdict(data, formula).kind == "nothing"


def test_a_network_that_explains_more_makes_it_an_approximation() -> None:
    data = table(lambda x: 3 * x**2, noise=3.0)
    left = 1 - (judged("3*x**2", data).formula.r2_validation or 0.0)
    assert verdict(data, "3*x**2", network=0.8 * left).kind != "approximation"
    assert verdict(data, "3*x**2", network=0.1 * left).kind == "approximation"


def test_one_function_in_two_writings_is_not_its_own_rival() -> None:
    data = table(lambda x: 3 * x**2, noise=0.3)
    assert verdict(data, "3*x**2", "3.1*exp(2*log(x))", "3.2*(x - 1)*x + 3.2*x").rivals == ()


def test_the_line_for_the_reader_names_the_rivals_of_what_is_not_decided() -> None:
    data = table(lambda x: np.exp(x), noise=0.3)
    line = verdict_line(verdict(data, "2.5*x + 1.5", "1.5*exp(1.1*x)").metadata())
    assert line.startswith("approximation, confidence")
    assert "exp" in line


def test_errors_and_outliers_are_told_where_there_is_more_than_additive_errors() -> None:
    plain = {"errors": {"model": "additive", "loss": "squares", "scale": 0.1}, "outliers": []}
    assert lines(plain) == []
    told = dict(lines({
        "errors": {"model": "log", "loss": "t", "scale": 0.1},
        "outliers": [{"row": 18, "line": 19, "residual": 70.0}],
    }))  # fmt: skip
    assert told["errors"].startswith("of the logarithm, 0.1; long tails")
    assert told["outliers"] == "row 18 (70 σ)"


def test_a_target_of_few_values_has_no_noise() -> None:
    data = table(lambda x: np.floor(x), rows=200)
    found = verdict(data, "0.9*x - 0.3")
    assert found.kind == "approximation"
    assert "3 values" in found.why


def test_outliers_do_not_hide_what_the_inputs_explain_of_the_other_rows() -> None:
    data = table(lambda x: np.sin(2 * x), rows=200, noise=0.05)
    data.y[[20, 60, 90, 150]] += 30
    assert verdict(data, "0.5*x - 1.5").kind == "approximation"
