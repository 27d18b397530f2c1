"""The sample tables are what their scripts and sample_data/README.md say."""

from __future__ import annotations

import numpy as np
import pytest
import write_all

from kancli.dataset import Dataset, read_dataset

FOLDER = write_all.FOLDER


def table(name: str) -> Dataset:
    return read_dataset(str(FOLDER / name))


@pytest.mark.parametrize("name", sorted(write_all.TABLES))
def test_the_script_reproduces_the_committed_table(name: str) -> None:
    module = write_all.TABLES[name]
    data = table(name)
    assert (*data.inputs, data.target) == module.COLUMNS
    made = module.make()
    # Inputs to the bit; in the target a libm of another platform may round the last digit differently.
    np.testing.assert_array_equal(data.x, made[:, :-1])
    np.testing.assert_allclose(data.y, made[:, -1], rtol=1e-14, atol=1e-3 if name == "pendulum.csv" else 0)


@pytest.mark.parametrize(
    ("name", "law", "relative_error"),
    [
        ("tutorial.csv", lambda x: np.exp(np.sin(np.pi * x[:, 0]) + x[:, 1] ** 2), 1e-14),
        ("planets.csv", lambda x: x[:, 0] ** 1.5, 0.0007),
        ("boyle.csv", lambda x: 1408 / x[:, 0], 0.009),
        ("lorentz.csv", lambda x: x[:, 0] * (x[:, 1] + x[:, 2] * x[:, 3]), 1e-14),
    ],
)
def test_the_stated_law_holds_as_closely_as_stated(name: str, law, relative_error: float) -> None:
    data = table(name)
    np.testing.assert_allclose(data.y, law(data.x), rtol=relative_error)


def test_the_pendulum_carries_two_percent_of_noise_and_no_bias() -> None:
    data = table("pendulum.csv")
    error = data.y / (2 * np.pi * np.sqrt(data.x[:, 0] / data.x[:, 1])) - 1
    rows = len(error)
    # Four standard errors of a deviation and of a mean.
    assert abs(error.std() - 0.02) < 4 * 0.02 / np.sqrt(2 * rows)
    assert abs(error.mean()) < 4 * 0.02 / np.sqrt(rows)


def test_the_lorentz_factors_change_sign_so_that_no_logarithm_helps() -> None:
    data = table("lorentz.csv")
    assert (data.x.min(axis=0) < -1).all()
    assert (data.x.max(axis=0) > 1).all()


def test_every_table_is_described_in_the_readme_with_its_number_of_rows() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for path in FOLDER.glob("*.csv"):
        rows = len(read_dataset(str(path)).y)
        assert f"| `{path.name}` | {rows:,} |" in readme
        assert f"## {path.name}" in readme
