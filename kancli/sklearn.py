"""A scikit-learn estimator (extra: kancli[sklearn])."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kancli.door import Fitted, fit
from kancli.errors import DataError, UsageError

try:
    from sklearn.base import BaseEstimator, RegressorMixin
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as problem:
    raise ImportError(
        "kancli.sklearn needs scikit-learn 1.6 or newer: pip install 'kancli[sklearn]'"
    ) from problem


class KANRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A formula as an estimator: what `kancli.fit` finds in X (rows, inputs) and y (rows,).

    Parameters
    ----------
    time_limit : float
        Seconds that a search may take. The result is reproducible if the search ends earlier.
    hidden : sequence of int, optional
        Hidden layers of one network to fit in place of the search, such as (5,), or () for a sum of functions of
        one input each. By default the architecture is searched for.
    lib, exclude : sequence of str, optional
        The functions that an edge may become, and those that it may not; see `kan functions`.
    compositions : bool
        Whether a composition of two functions may replace an edge.
    grid, restarts : int
        Intervals of the splines while architectures are compared, and random starts of each architecture.
    refine : sequence of int
        Intervals of the splines before they are replaced by functions, one grid after another.
    validation : float
        Share of the held-out rows, which show how much accuracy a simpler formula costs.
    options : mapping, optional
        Further options of `kan fit` under their names, such as {"select": "knee"}.
    random_state : int or None
        The seed; None is 0, so that a formula can always be found again.
    n_jobs : int or None
        Processes of the search; None is one, -1 one per core.

    Attributes
    ----------
    fitted_ : kancli.Fitted
        The formula with its front, exports and so on.
    formula_ : str
        The formula over the columns of X, or over x1, x2, … where these have no names.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where X had names.
    """

    def __init__(
        self,
        *,
        time_limit: float = 120.0,
        hidden: Sequence[int] | None = None,
        lib: Sequence[str] | None = None,
        exclude: Sequence[str] = (),
        compositions: bool = True,
        grid: int = 3,
        restarts: int = 16,
        refine: Sequence[int] = (10, 20),
        validation: float = 0.2,
        options: Mapping[str, Any] | None = None,
        random_state: int | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.time_limit = time_limit
        self.hidden = hidden
        self.lib = lib
        self.exclude = exclude
        self.compositions = compositions
        self.grid = grid
        self.restarts = restarts
        self.refine = refine
        self.validation = validation
        self.options = options
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, X: ArrayLike, y: ArrayLike) -> KANRegressor:
        """Find the formula. Raises ValueError for data that cannot be fitted, FitError if nothing was found."""
        x, goal = validate_data(self, X, y, dtype=np.float64, y_numeric=True, ensure_min_samples=2)
        names = getattr(self, "feature_names_in_", [f"x{i + 1}" for i in range(x.shape[1])])
        names = [str(name) for name in names]
        try:
            self.fitted_: Fitted = fit(
                x,
                goal,
                inputs=names,
                target=free_name("y", names),
                seed=0 if self.random_state is None else self.random_state,
                jobs={None: 1, -1: None}.get(self.n_jobs, self.n_jobs),
                hidden=self.hidden,
                validation=self.validation,
                time_limit=self.time_limit,
                lib=self.lib,
                exclude=self.exclude,
                compositions=self.compositions,
                grid=self.grid,
                restarts=self.restarts,
                refine=self.refine,
                **(self.options or {}),
            )
        except (DataError, UsageError) as problem:  # what scikit-learn's callers expect
            raise ValueError(problem.message) from problem
        self.formula_ = self.fitted_.formula
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """The target (rows,) of X (rows, inputs); nan where the formula has no value."""
        check_is_fitted(self)
        return self.fitted_.predict(validate_data(self, X, dtype=np.float64, reset=False))


def free_name(name: str, taken: Sequence[str]) -> str:
    """The name, or one near it where a column has it."""
    while name in taken:
        name += "_"
    return name
