"""Rewriting a table and writing a formula back is the identity: on expressions, and on candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from expressions import NAMES, expressions, property_test
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset, from_memory
from kancli.search.candidate import Candidate, quality_of, without_network
from kancli.search.inputs.back import Constants, bring_back
from kancli.search.inputs.rewritten import Rewritten, as_it_is, in_rows, rewritten
from kancli.search.inputs.slopes import KINDS, Combination, Homogeneity
from kancli.search.proposer import Refused
from kancli.search.trained import Shape
from kancli.stages.reading.formulas import Runner, columns_of
from kancli.symbolic.expression import Expression, evaluate
from kancli.symbolic.formula import Formula, write
from kancli.symbolic.text.parser import parse

X = np.random.default_rng(0).uniform(1, 3, (30, 3))
often = settings(property_test, max_examples=60)


def table(y: np.ndarray) -> Dataset:
    return from_memory(X, y, inputs=NAMES, target="t")[0]


START = as_it_is(table(X[:, 0] * np.exp(X[:, 1]) / X[:, 2]))

combinations = st.builds(
    lambda kind, members, factor: Combination(kind, tuple(members), (1.0, factor)),
    st.sampled_from(KINDS),
    st.permutations([0, 1, 2]).map(lambda order: order[:2]),
    st.sampled_from([1.0, 2.0, -0.5, 0.5, 3.0]),
)
ways: st.SearchStrategy[Rewritten | None] = st.one_of(
    combinations.map(lambda one: START.combined([one])),
    st.dictionaries(st.integers(0, 2), st.sampled_from([-2.0, -0.5, 1.0, 1.5]), max_size=2).map(
        START.divided
    ),
    st.builds(
        lambda pair, weight, degree: START.scaled(Homogeneity(*pair, weight, degree)),
        st.permutations([0, 1, 2]).map(lambda order: order[:2]),
        st.sampled_from([1.0, -1.0, 2.0, 0.5]),
        st.sampled_from([0.0, 1.0, -2.0, 0.5]),
    ),
    st.just(START.only(START.inputs[1:])),
    st.just(START),
)


def same(values: np.ndarray, expected: np.ndarray) -> bool:
    fine = np.isfinite(expected) & (abs(expected) < 1e100)
    return bool(np.allclose(values[fine], expected[fine], rtol=1e-9, atol=1e-300))


@often
@given(ways, expressions)
def test_an_expression_for_the_rewritten_table_times_the_factor_has_the_values_of_the_one_written_back(
    one: Rewritten | None, inner: Expression
) -> None:
    assume(one is not None)
    assert one is not None
    x = np.column_stack([one.dataset.x, np.zeros((len(X), 3))])[:, :3]
    with np.errstate(all="ignore"):
        expected = evaluate(inner, x)
        # Where the inner one has a bend or a pole at hand, rounding of the inputs moves it more than our tolerance.
        moved = evaluate(inner, x * (1 + 1e-13))
        assume(same(moved, expected))
        own = [*one.inputs, *([parse("0", ())] * 3)][:3]
        whole = replace(one, inputs=tuple(own)).back(inner)
        assert same(evaluate(whole, X), expected * evaluate(one.factor, X))


@often
@given(ways)
def test_the_rewritten_target_times_the_factor_is_the_target_and_inputs_are_their_expressions(
    one: Rewritten | None,
) -> None:
    assume(one is not None)
    assert one is not None
    assert np.allclose(one.dataset.y * evaluate(one.factor, X), one.table.y, rtol=1e-13)
    for column, expression in zip(one.dataset.x.T, one.inputs, strict=True):
        assert np.array_equal(column, np.broadcast_to(evaluate(expression, X), len(X)))


@often
@given(ways, st.integers(0, 10**6))
def test_an_error_of_the_rewritten_target_weighs_what_it_is_of_the_target(
    one: Rewritten | None, seed: int
) -> None:
    assume(one is not None)
    assert one is not None
    error = np.random.default_rng(seed).normal(size=len(X))
    own = error * evaluate(one.factor, X)
    weight = np.ones(len(X)) if one.dataset.weight is None else one.dataset.weight
    inner = np.sqrt(np.mean(weight * error**2)) / one.dataset.y.std()
    assert inner * one.unit == pytest.approx(np.sqrt(np.mean(own**2)) / one.table.y.std())


def law(text: str, data: Dataset) -> Formula:
    names = [name.replace("*", "_").replace("/", "_") for name in data.inputs]
    return write(parse(text, names), data.x, data.y, **columns_of(data))


def candidate(text: str, others: Sequence[str], data: Dataset) -> Candidate:
    own = law(text, data)
    base = replace(
        without_network("form", data, 7, {}), metadata={"seed": 7, "metrics": {"r2": 1.0}, "inputs": []}
    )
    runners = tuple(Runner(law(other, data), ({"function": other},)) for other in others)
    return Candidate(
        own, quality_of(own, data), "network", Shape("2,1"), base,
        history=(Checkpoint("train", {}, {}),), others=runners, remarks=("first",),
    )  # fmt: skip


def brought_back(one: Candidate, how: Rewritten, constants: Constants = "kept") -> Candidate | Refused:
    return bring_back(
        one, how, constants=constants, snapping=True, seconds=0.1, stage="derive", options={"o": 1},
        remark="second", more={"groups": 3},
    )  # fmt: skip


@pytest.fixture(scope="module")
def product() -> Rewritten:
    """A table with x·y for x and y, and the target divided by z."""
    one = rewritten(table(X[:, 2] * np.exp(X[:, 0] * X[:, 1] / 3)), [parse("x*y", NAMES)], parse("z", NAMES))
    assert one is not None
    return one


def test_a_candidate_comes_back_with_the_same_values_and_its_quality_on_the_table_itself(
    product: Rewritten,
) -> None:
    inner = candidate("exp(0.35*x_y)", ["1 + x_y"], product.dataset)
    found = brought_back(inner, product)
    assert isinstance(found, Candidate)
    expected = X[:, 2] * np.exp(0.35 * X[:, 0] * X[:, 1])
    assert np.allclose(evaluate(found.formula.expression, X), expected, rtol=1e-12)
    assert found.formula.inputs == NAMES
    assert found.quality == quality_of(found.formula, product.table)
    (other,) = found.others
    assert np.allclose(evaluate(other.formula.expression, X), X[:, 2] * (1 + X[:, 0] * X[:, 1]), rtol=1e-12)
    assert other.edges == inner.others[0].edges


def test_constants_are_fitted_to_the_table_or_made_exact_where_that_is_asked_for(product: Rewritten) -> None:
    inner = candidate("exp(0.35*x_y)", [], product.dataset)
    fitted, finished = (brought_back(inner, product, how) for how in ("fitted", "finished"))
    assert isinstance(fitted, Candidate)
    assert isinstance(finished, Candidate)
    assert fitted.error < 1e-9
    assert fitted.formula.free == 1
    assert finished.formula.text == "z*exp(x*y/3)"
    kept = brought_back(inner, product)
    assert isinstance(kept, Candidate)
    assert kept.error > 0.01


def test_the_version_remembers_what_it_was_made_from(product: Rewritten) -> None:
    inner = candidate("exp(0.35*x_y)", [], product.dataset)
    found = brought_back(inner, product)
    assert isinstance(found, Candidate)
    assert found.base.stage == "derive"
    assert found.base.metadata["seed"] == 7
    assert found.base.metadata["options"] == {"o": 1}
    assert found.base.metadata["groups"] == 3
    assert found.remarks == ("first", "second")
    assert [version.stage for version in found.history] == ["train", "form"]
    stages = [(version.stage, data) for version, data in found.road(product.table)]
    assert stages == [("train", product.dataset), ("form", product.dataset), ("derive", product.table)]


def test_figures_of_a_network_are_kept_with_its_constants_only(product: Rewritten) -> None:
    inner = candidate("exp(0.35*x_y)", [], product.dataset)
    kept, fitted = brought_back(inner, product), brought_back(inner, product, "fitted")
    assert isinstance(kept, Candidate)
    assert isinstance(fitted, Candidate)
    assert kept.base.metadata["metrics"] == {"r2": 1.0}
    assert "metrics" not in fitted.base.metadata


def test_a_candidate_that_was_brought_back_already_loses_the_version_between() -> None:
    whole = table(np.exp(X[:, 0] * X[:, 1]))
    some = in_rows(whole, np.arange(20))
    assert some is not None
    product = as_it_is(some.dataset).combined([Combination("product", (0, 1), (1.0, 1.0))])
    assert product is not None
    once = brought_back(candidate("exp(x_y)", [], product.dataset), product)
    assert isinstance(once, Candidate)
    twice = brought_back(once, some)
    assert isinstance(twice, Candidate)
    assert [version.stage for version in twice.history] == ["train", "form"]
    assert twice.made_from is product.dataset
    assert len(twice.road(whole)) == 3


def test_a_formula_without_a_value_on_some_row_is_refused_and_such_a_runner_up_left_out() -> None:
    some = in_rows(table(X[:, 0]), np.flatnonzero(X[:, 0] > 2))
    assert some is not None
    good = brought_back(candidate("x", ["log(x - 2)", "x + 1"], some.dataset), some)
    assert isinstance(good, Candidate)
    assert [other.formula.text for other in good.others] == ["x + 1"]
    every: tuple[Constants, ...] = ("kept", "fitted", "finished")
    for constants in every:
        refused = brought_back(candidate("log(x - 2)", [], some.dataset), some, constants)
        assert isinstance(refused, Refused)
        assert "log(x - 2)" in refused.reason
