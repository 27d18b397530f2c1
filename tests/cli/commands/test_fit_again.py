"""A search made again from the recipe that it left."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from kit import Kan

QUICK = ("--no-compositions", "--simplify-seconds", "0.5", "--restarts", "4", "--lib", "x,x^2,sin,exp")


@pytest.fixture
def data(folder: Path) -> Path:
    """y = 2 sin(3x) with noise, and its errors."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, 150)
    sigma = rng.uniform(0.01, 0.2, 150)
    y = 2 * np.sin(3 * x) + rng.normal(0, sigma)
    path = folder / "data.csv"
    np.savetxt(path, np.column_stack([x, y, sigma]), delimiter=",", header="x,y,e", comments="", fmt="%.17g")
    return path


def test_the_stored_recipe_of_a_search_gives_the_same_bytes(kan: Kan, folder: Path, data: Path) -> None:
    first = kan("fit", data, "--run", "one", "--sigma", "e", "--seed", "3", *QUICK)
    assert first.code == 0, first.err
    recipe = kan("show", "one", "--recipe").out
    (folder / "again.yaml").write_text(recipe)
    again = kan("run", "again.yaml", "--run", "two")
    assert again.code == 0, again.err
    assert again.out == first.out.replace("one/", "two/")
    for version in sorted(path.name for path in (folder / "one").glob("*.kan")):
        assert (folder / "two" / version).read_bytes() == (folder / "one" / version).read_bytes(), version


def test_a_recipe_with_a_fit_section_needs_no_train_section(kan: Kan, folder: Path, data: Path) -> None:
    (folder / "r.yaml").write_text(
        "data: {path: data.csv, inputs: [x], target: y}\nfit: {lib: [x, sin], compositions: false, restarts: 4}\n"
    )
    assert kan("run", "r.yaml").out.startswith("y = 2*sin(3*x)\n")
    assert kan("fit", "data.csv", "--recipe", "r.yaml").out.startswith("y = 2*sin(3*x)\n")


def test_stages_after_the_search_go_on_from_its_formula(kan: Kan, folder: Path, data: Path) -> None:
    (folder / "r.yaml").write_text(
        "data: {path: data.csv, inputs: [x], target: y}\nfit: {lib: [x, sin], compositions: false, restarts: 4}\n"
        "symbolify: {lib: [x], compositions: false}\nstages: [fit, symbolify]\n"
    )
    assert "sin" not in kan("run", "r.yaml", "--run", "two").out.splitlines()[0]
    log = kan("log", "two").out.splitlines()
    assert [line.split("\t")[1:3] for line in log[1:]] == [
        ["train", "-"], ["prune", "1"], ["refine", "2"], ["symbolify", "3"], ["symbolify", "4"],
    ]  # fmt: skip
    assert "stages: [fit, symbolify]" in kan("show", "two", "--recipe").out


def test_a_version_on_the_road_has_the_recipe_of_its_stages(kan: Kan, data: Path) -> None:
    kan("fit", data, "--run", "one", "--inputs", "x", "--target", "y", *QUICK)
    recipe = kan("show", "one@prune", "--recipe").out
    assert "stages: [train, prune]" in recipe
    assert 'width: "1,1"' in recipe
    assert kan("refine", "one@prune", "--grid", "7").code == 0


def test_without_a_fit_section_the_width_is_still_asked_for(kan: Kan, folder: Path, data: Path) -> None:
    (folder / "r.yaml").write_text("data: {path: data.csv}\n")
    failed = kan("run", "r.yaml")
    assert failed.code == 4
    assert "train.width: is missing" in failed.err


def test_a_given_form_is_kept_shown_exported_and_made_again(kan: Kan, folder: Path, data: Path) -> None:
    first = kan("fit", data, "--run", "one", "--sigma", "e", "--like", "A*sin(w*x + p)", "--snap")
    lines = first.out.splitlines()
    assert lines[0] == "y = 2*sin(3*x)"
    assert lines[1].split("\t") == ["constant", "value", "standard error", "exact"]
    assert lines[2].split("\t") == ["A", "2.0", "-", "2"]
    assert lines[-1] == "# checkpoint: one/0001-like.kan"
    assert kan("show", "one").out.startswith("y = 2*sin(3*x)\n")
    assert "like" in kan("log", "one").out
    assert kan("export", "one", "-f", "sympy").code == 0
    assert kan("symbolify", "one").code == 5
    (folder / "again.yaml").write_text(kan("show", "one", "--recipe").out)
    kan("run", "again.yaml", "--run", "two")
    assert (folder / "two/0001-like.kan").read_bytes() == (folder / "one/0001-like.kan").read_bytes()


def test_an_interrupted_search_keeps_the_best_formula_so_far(
    kan: Kan, folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*args: object, **how: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kancli.search.schedule.select", interrupted)
    result = kan("fit", data, "--run", "one", "--sigma", "e", *QUICK)
    assert result.code == 130
    assert result.out == ""
    assert "kept: one/0004-symbolify.kan\n" in result.err
    assert kan("show", "one").out.startswith("y = 2*sin(3*x)\n")
