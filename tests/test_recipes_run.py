"""Every recipe that is shipped runs, from the command in its first line, and ends in the known law."""

from __future__ import annotations

import csv
import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from kit import ROOT, Kan

RECIPES = sorted((ROOT / "recipes").glob("*.yaml"))
TABLES = sorted((ROOT / "sample_data").glob("*.csv"))

# The truth that sample_data/README.md names, and how near a formula can come to it: exactly, unless the
# rows carry noise.
LAWS: dict[str, tuple[Callable[..., float], float]] = {
    "quickstart": (lambda x1, x2: math.exp(math.sin(math.pi * x1) + x2**2), 1e-12),
    "kepler": (lambda a: a**1.5, 1e-12),
    "boyle": (lambda V: 1408 / V, 2e-3),
    "pendulum": (lambda L, g: 2 * math.pi * math.sqrt(L / g), 5e-3),
    "lorentz": (lambda q, E, v, B: q * (E + v * B), 1e-10),
}


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_runs_as_its_first_line_says_and_finds_the_law(recipe: Path, kan: Kan, folder: Path) -> None:
    for name in ("recipes", "sample_data"):
        shutil.copytree(ROOT / name, folder / name)
    first = recipe.read_text().splitlines()[0]
    assert first == f"# kan run recipes/{recipe.name}"
    done = kan(*first.split()[2:], "--json", "-q")
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert document["splines_left"] == 0

    names: dict[str, Callable[..., np.ndarray]] = {}
    exec(kan("export", document["checkpoint"], "-f", "python").out, names)
    law, tolerance = LAWS[recipe.stem]
    table = next(path for path in TABLES if path.name in recipe.read_text())
    rows = [
        [float(field) for field in row[:-1]] for row in list(csv.reader(table.read_text().splitlines()))[1:]
    ]
    truth = np.array([law(*row) for row in rows])
    found = names["predict"](*np.array(rows).T)
    np.testing.assert_allclose(found, truth, rtol=tolerance, atol=tolerance * float(np.abs(truth).max()))


def test_every_table_has_a_recipe() -> None:
    used = "".join(path.read_text() for path in RECIPES)
    for table in TABLES:
        assert f"../sample_data/{table.name}" in used
