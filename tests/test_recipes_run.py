"""Every recipe that is shipped runs, from the command in its first line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from kit import ROOT, Kan

RECIPES = sorted((ROOT / "recipes").glob("*.yaml"))
TABLES = sorted((ROOT / "sample_data").glob("*.csv"))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_opens_with_the_command_that_runs_it(recipe: Path, kan: Kan, folder: Path) -> None:
    first = recipe.read_text().splitlines()[0]
    assert first == f"# kan run recipes/{recipe.name}"
    for name in ("recipes", "sample_data"):
        shutil.copytree(ROOT / name, folder / name)
    done = kan(*first.split()[2:], "--json", "-q")
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert document["splines_left"] == 0
    assert document["r2"] > 0.99


def test_every_table_has_a_recipe() -> None:
    used = "".join(path.read_text() for path in RECIPES)
    for table in TABLES:
        assert f"../sample_data/{table.name}" in used
