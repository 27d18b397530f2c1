"""Forms with constants per group, against laws with known constants."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.symbolic.forms.form import read_form
from kancli.symbolic.forms.grouped.fit import together
from kancli.symbolic.forms.grouped.model import GroupedModel, GroupedRows
from kancli.symbolic.forms.grouped.sharing import Asked, law_of


def decays(noise: float, groups: int = 6, each: int = 30, seed: int = 0) -> tuple[GroupedRows, np.ndarray]:
    """Rows of a·exp(-k·t) with a per group and one k = 0.7, in mixed order; and a (groups,)."""
    generator = np.random.default_rng(seed)
    amplitude = generator.uniform(1, 4, groups)
    group = generator.permutation(np.repeat(np.arange(groups), each))
    t = generator.uniform(0, 4, len(group))
    y = amplitude[group] * np.exp(-0.7 * t)
    return GroupedRows.of(t[:, None], y + noise * generator.normal(size=len(y)), None, group), amplitude


@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_what_differs_between_groups_is_their_own_and_what_does_not_is_shared(noise: float) -> None:
    rows, amplitude = decays(noise)
    law = law_of(read_form("a*exp(-k*t)", ["t"]), rows, [np.ones(2)], floor=0.0, snapping=False)
    assert law is not None
    assert law.own_names == ("a",)
    assert law.fit.theta[:, 0] == pytest.approx(amplitude, abs=5 * noise + 1e-9)
    assert law.fit.theta[:, 1] == pytest.approx(0.7, abs=noise + 1e-9)


def test_a_shared_constant_becomes_exact_where_the_rows_allow_it() -> None:
    law = law_of(read_form("a*exp(-k*t)", ["t"]), decays(0.0)[0], [np.ones(2)], floor=0.0)
    assert law is not None
    assert law.known[1] is not None
    assert law.known[1].value == 0.7


def test_what_the_user_names_is_free_and_the_rest_shared() -> None:
    rows, _ = decays(0.02)
    form = read_form("a*exp(-k*t)", ["t"])
    law = law_of(form, rows, [np.ones(2)], floor=0.0, asked=Asked(free=("k",)), snapping=False)
    assert law is not None
    assert law.own_names == ("k",)
    both = law_of(form, rows, [np.ones(2)], floor=0.0, asked=Asked(shared=()), snapping=False)
    assert both is not None
    assert both.own_names == ("a", "k")


def test_the_arrow_is_solved_like_the_whole_system() -> None:
    rows, _ = decays(0.05, groups=4)
    form = read_form("a*exp(-k*t)", ["t"])
    free = np.array([True, False])
    fit = together(GroupedModel.of(form, rows), np.ones((4, 2)), free)
    jacobian = np.zeros((len(rows.y), 5))
    values = np.exp(-fit.theta[rows.group, 1] * rows.x[:, 0])
    jacobian[np.arange(len(rows.y)), rows.group] = values
    jacobian[:, 4] = -rows.x[:, 0] * values * fit.theta[rows.group, 0]
    residual = rows.y - fit.theta[rows.group, 0] * values
    assert np.abs(jacobian.T @ residual).max() < 1e-6
    inverse = np.linalg.inv(jacobian.T @ jacobian)
    assert fit.own[:, 0, 0] == pytest.approx(np.diag(inverse)[:4], rel=1e-8)
    assert fit.shared[0, 0] == pytest.approx(inverse[4, 4], rel=1e-8)


def test_a_form_without_a_value_is_no_law() -> None:
    rows, _ = decays(0.0)
    assert law_of(read_form("log(-t*t - a*a)", ["t"]), rows, [np.ones(1)], floor=0.0) is None
