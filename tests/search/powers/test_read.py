"""Laws that are sums of products of powers, found without a network."""

from fractions import Fraction

import numpy as np
import pytest

from kancli.dataset import Dataset, from_memory
from kancli.recipe import FitOptions
from kancli.search.edges import PowerEdge, edge_rows
from kancli.search.powers.read import ROOTS, beyond_doubt, read_plain_powers, read_powers, roots, suits
from kancli.symbolic.expression import evaluate
from kancli.symbolic.text.parser import parse

X = np.random.default_rng(0).uniform(1, 3, (300, 3))


def table(law, noise: float = 0.0, x=X) -> Dataset:  # type: ignore[no-untyped-def]
    y = law(*x.T)
    y = y + noise * y.std() * np.random.default_rng(1).normal(size=len(y))
    return from_memory(x, y, inputs=("a", "b", "c"))[0]


def formulas(data: Dataset, root: Fraction = Fraction(1)) -> list[str]:
    """That with the shortest description, if there is one."""
    found = sorted(read_powers(data, FitOptions(), 0, root), key=lambda a: a.bits)
    return [a.formula.text for a in found[:1]]


@pytest.mark.parametrize("noise", [0.0, 0.01])
@pytest.mark.parametrize(
    ("law", "root", "formula"),
    [
        (lambda a, b, c: a * b**2 / (2 * c), 1, "a*b**2/(2*c)"),
        (lambda a, b, c: np.sqrt(a**2 + b**2), 2, "sqrt(a**2 + b**2)"),
        (lambda a, b, c: 1 / (1 / a + c / b), -1, "a*b/(a*c + b)"),
        (lambda a, b, c: a / np.sqrt(4 - b / c), -2, "a/sqrt(4 - b/c)"),
        (lambda a, b, c: (np.sqrt(a) + b) ** 2, Fraction(1, 2), "(sqrt(a) + b)**2"),
    ],
)
def test_a_power_of_a_sum(law, root, formula: str, noise: float) -> None:  # type: ignore[no-untyped-def]
    assert formulas(table(law, noise), Fraction(root)) == [formula]


def test_a_sum_that_bends_to_another_law_is_none() -> None:
    # Free exponents and terms that all but cancel follow the sine of two theta within what noise hides.
    rng = np.random.default_rng(4)
    x = rng.uniform(1, 3, (300, 7))
    y = x[:, 1] * np.sin(2 * x[:, 0]) / x[:, 2] ** 3 + 1e-3 * rng.normal(size=300)
    data = from_memory(x, y, inputs=tuple("abcdefg"))[0]
    assert read_powers(data, FitOptions(lib=("power",)), 0, Fraction(1)) == []


def test_what_is_no_such_sum_is_left_to_the_networks() -> None:
    data = table(lambda a, b, c: np.sin(3 * a) * b + c)
    assert [f for root in ROOTS for f in formulas(data, root)] == []


def test_noise_alone_gives_nothing_longer_than_a_constant_explains() -> None:
    y = np.random.default_rng(2).normal(size=len(X))
    data = from_memory(X, y, inputs=("a", "b", "c"))[0]
    (constant,) = read_powers(data, FitOptions(), 0, Fraction(1))
    assert constant.formula.r2 is not None
    assert constant.formula.r2 < 0.1


@pytest.mark.parametrize(
    ("law", "root", "formula"),
    [
        (lambda a, b, c: a + b - 2 * np.sqrt(a * b) * np.cos(c), 1, "a - 2*sqrt(a*b)*cos(c) + b"),
        (lambda a, b, c: np.sqrt(a**2 + b**2 - 2 * a * b * np.cos(c)), 2, "sqrt(a**2 - 2*a*b*cos(c) + b**2)"),
        (lambda a, b, c: a / b * np.sin(c), 1, "a*sin(c)/b"),
    ],
)
def test_a_term_may_hold_the_cosine_of_an_angle(law, root, formula: str) -> None:  # type: ignore[no-untyped-def]
    assert formulas(table(law), Fraction(root)) == [formula]


def test_inputs_of_both_signs_enter_as_they_are_or_squared() -> None:
    x = X - np.array([0, 0, 2])
    assert formulas(table(lambda a, b, c: a * c**2 / b + c, x=x)) == ["a*c**2/b + c"]


def test_tables_with_rows_enough_suit() -> None:
    law = lambda a, b, c: a * b * c  # noqa: E731
    assert suits(table(law), FitOptions())
    assert not suits(table(law, x=X[:8]), FitOptions())


@pytest.mark.parametrize("options", [{"lib": ("sin", "exp")}, {"exclude": ("power",)}])
def test_powers_are_not_used_where_the_library_has_none(options: dict[str, tuple[str, ...]]) -> None:
    assert not suits(table(lambda a, b, c: a * b * c), FitOptions(**options))


def test_roots_of_targets_that_are_negative_are_not_tried() -> None:
    assert roots(table(lambda a, b, c: a - b)) == ROOTS[:1]
    assert roots(table(lambda a, b, c: a * b)) == ROOTS


def test_the_version_has_no_network_and_says_how_it_came() -> None:
    (attempt,) = read_powers(table(lambda a, b, c: np.sqrt(a**2 + b**2)), FitOptions(), 0, Fraction(2))
    assert str(attempt.shape) == "3,2p,1,1"
    assert attempt.base.stage == "powers"
    assert list(attempt.remarks) == ["fitted without splines, as y^2 = a sum of 2 products of powers"]


def test_edges_are_measured_against_splines_of_their_own() -> None:
    (attempt,) = read_powers(
        table(lambda a, b, c: np.sqrt(a**2 + b**2 - 2 * a * b * np.cos(c)), 0.05),
        FitOptions(),
        0,
        Fraction(2),
    )
    edges = attempt.edges
    found = {(e["layer"], e["source"], e["target"]): e["function"] for e in edges}
    assert sorted(found.values()) == sorted(["x^2", "x^2", "x", "x", "cos", "x", "x", "x", "sqrt"])
    assert found[2, 0, 0] == "sqrt"
    # Noise of 5 % is seen on every edge, and no function contradicts its data.
    assert all(0.9 < e["r2"] < 1 - 1e-6 for e in edges)


def test_an_edge_whose_data_ask_for_another_function_shows_it() -> None:
    u = np.linspace(1, 3, 400)
    right = PowerEdge(0, 0, 0, "x^2", "u**2", 1.0, u, u**2, np.ones_like(u))
    wrong = PowerEdge(0, 0, 0, "x", "u", 1.0, u, u, np.ones_like(u))
    assert edge_rows([right], np.zeros_like(u), None)[0]["r2"] > 1 - 1e-9
    assert edge_rows([wrong], np.sin(3 * u) - u, None)[0]["r2"] < 0.9


@pytest.mark.parametrize(
    ("law", "root", "formula"),
    [
        (lambda a, b, c: a**2 * b**2 * (a + b) / c, 1, "a**2*b**2*(a + b)/c"),
        (lambda a, b, c: 1 / np.sqrt(a * (b + c)), -2, "1/sqrt(a*(b + c))"),
        (lambda a, b, c: a * (1 + b) * c, 1, "a*c*(b + 1)"),
    ],
)
def test_a_law_is_found_in_noise_that_leaves_its_exponents_open(law, root, formula: str) -> None:  # type: ignore[no-untyped-def]
    x = np.random.default_rng(7).uniform(1, 4, (800, 3))
    clean = law(*x.T)
    share = 0.1 * float(np.sqrt(np.mean(clean**2)) / clean.std())
    data = table(law, share, x)
    found = sorted(read_plain_powers(data, FitOptions(), 0, Fraction(root)), key=lambda a: a.bits)
    names = ("a", "b", "c")
    best = evaluate(parse(found[0].formula.text, names), x)
    assert np.allclose(best, evaluate(parse(formula, names), x), rtol=0.03)
    assert len(found[0].formula.constants) <= 4
    free = sorted(read_powers(data, FitOptions(), 0, Fraction(root)), key=lambda a: a.bits)
    assert not free or found[0].bits <= free[0].bits


def test_only_a_short_formula_without_free_constants_is_beyond_doubt() -> None:
    def attempts(law):  # type: ignore[no-untyped-def]
        return read_powers(table(law, 0.05), FitOptions(), 0, Fraction(1))

    assert any(beyond_doubt(a) for a in attempts(lambda a, b, c: a * b / c))
    assert not any(beyond_doubt(a) for a in attempts(lambda a, b, c: 1.2345 * a * b / c))
