"""KANRegressor is what scikit-learn expects of an estimator."""

from __future__ import annotations

import pytest

pytest.importorskip("sklearn", reason="pip install 'kancli[sklearn]'")

from sklearn.base import clone
from sklearn.utils.estimator_checks import estimator_checks_generator

from kancli.sklearn import KANRegressor

# Sums of parabolas, in milliseconds: scikit-learn fits some seventy times.
SMALL = KANRegressor(hidden=(), lib=("x", "x^2"), compositions=False, restarts=4, grid=2, refine=(4,))
CHECKS = [check for _, check in estimator_checks_generator(SMALL)]


@pytest.mark.filterwarnings("ignore::UserWarning:sklearn")
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: str(getattr(check, "func", check).__name__))
def test_a_check_of_scikit_learn_passes(check: object) -> None:
    assert callable(check)
    check(clone(SMALL))
