import numpy as np
import pytest
import torch

from kancli.engine.splines import BASES
from kancli.engine.splines import basis as of_tensors
from kancli.symbolic.graph.basis import basis

X = np.concatenate([np.linspace(-1.5, 2.5, 101), [-1.0, 2.0, np.nan]])


@pytest.mark.parametrize("order", [1, 2, 3, 5])
@pytest.mark.parametrize("base", BASES)
def test_the_basis_of_arrays_is_that_of_tensors_inside_and_outside_of_the_grid(order: int, base: str) -> None:
    low, high = torch.tensor(-1.0, dtype=torch.float64), torch.tensor(2.0, dtype=torch.float64)
    expected = of_tensors(torch.from_numpy(X), low, high, 7, order, base)
    for ours, theirs in zip(basis(X, -1.0, 2.0, 7, order, base), expected, strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-12, atol=1e-13)


def test_a_base_function_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown base function 'relu'"):
        basis(X, -1.0, 2.0, 7, 3, "relu")
