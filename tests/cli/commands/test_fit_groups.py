"""kan fit --groups and what comes after it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from processes import kan

FORM = ("--like", "Vm*c/(K + c)", "--groups", "species", "--time-limit", "20")


def trees(folder: Path) -> Path:
    """v = V·c/(0.7 + c) with V per species."""
    generator = np.random.default_rng(3)
    lines = ["species,c,v"]
    for species, top in (("ash", 2.0), ("beech", 3.5), ("fir", 1.2)):
        for c in generator.uniform(0.1, 5, 15).round(4).tolist():
            lines.append(f"{species},{c},{top * c / (0.7 + c) + 0.01 * generator.normal():.5f}")
    path = folder / "trees.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_law_of_several_groups_is_printed_predicted_shown_and_exported(tmp_path: Path) -> None:
    path = trees(tmp_path)
    document = json.loads(kan(tmp_path, "fit", path, *FORM, "--json").stdout)
    assert document["groups"]["by"] == ["species"]
    for species, top in (("ash", 2.0), ("beech", 3.5), ("fir", 1.2)):
        value, error = document["groups"]["constants"][species]["Vm"]
        assert abs(value - top) < 5 * error < 0.1
    assert "Vm" in document["formula"]
    assert abs(document["groups"]["shared"]["K"][0] - 0.7) < 0.05

    shown = kan(tmp_path, "show", "last").stdout
    assert "species\tVm\terror of Vm\trows" in shown
    (tmp_path / "two.csv").write_text("v,species,c\n0,fir,0.7\n0,ash,0.7\n")
    predicted = [float(line) for line in kan(tmp_path, "predict", "last", "two.csv").stdout.split()[1:]]
    assert np.allclose(predicted, [0.6, 1.0], atol=0.02)
    source = kan(tmp_path, "export", "last", "-f", "python").stdout
    space: dict[str, object] = {}
    exec(source, space)
    assert abs(space["predict"](0.7, 2.0) - 1.0) < 0.02  # type: ignore[operator]


def test_a_group_never_seen_is_refused_with_those_that_were(tmp_path: Path) -> None:
    kan(tmp_path, "fit", trees(tmp_path), *FORM)
    (tmp_path / "oak.csv").write_text("species,c\noak,1.0\n")
    refused = kan(tmp_path, "predict", "last", "oak.csv", check=3)
    assert "oak" in refused.stderr
    assert "ash, beech, fir" in refused.stderr


def test_free_without_a_form_is_a_usage_error(tmp_path: Path) -> None:
    done = kan(tmp_path, "fit", trees(tmp_path), "--groups", "species", "--free", "Vm", check=2)
    assert "--like" in done.stderr
