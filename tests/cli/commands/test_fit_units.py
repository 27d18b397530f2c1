"""Units in kan fit: checked, taken out, and given in several ways."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from kit import Kan

QUICK = ("--no-compositions", "--simplify-seconds", "0.5", "--restarts", "4")


def write(path: Path, header: str, *columns: np.ndarray) -> Path:
    np.savetxt(path, np.column_stack(columns), delimiter=",", header=header, comments="", fmt="%.17g")
    return path


@pytest.fixture
def pendulum(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    length, g = rng.uniform(0.2, 2, 100), rng.uniform(3, 12, 100)
    return write(folder / "data.csv", "L [cm],g,T", 100 * length, g, 2 * np.pi * np.sqrt(length / g))


def test_the_table_is_fitted_in_dimensionless_numbers_and_written_back(
    kan: Kan, folder: Path, pendulum: Path
) -> None:
    (folder / "r.yaml").write_text(
        f"data: {{path: {pendulum}}}\nunits: {{g: m/s^2, T: s}}\nfit: {{units: reduce}}\nrun: {{directory: one}}\n"
    )
    first = kan("run", "r.yaml")
    assert first.out.splitlines()[0] == "T = pi*sqrt(L_cm)/(5*sqrt(g))"
    assert "T/(sqrt(L)/sqrt(g)) = a number" in first.err
    (folder / "again.yaml").write_text(kan("show", "one", "--recipe").out)
    assert "g: m/s^2" in (folder / "again.yaml").read_text()
    kan("run", "again.yaml", "--run", "two")
    assert (folder / "one/0001-units.kan").read_bytes() == (folder / "two/0001-units.kan").read_bytes()


def test_the_road_in_dimensionless_numbers_can_be_gone_again(kan: Kan, folder: Path) -> None:
    rng = np.random.default_rng(1)
    m0, v, c = rng.uniform(1, 5, 120), rng.uniform(1, 9, 120), rng.uniform(10, 20, 120)
    write(
        folder / "data.csv",
        "m0 [kg],v [km/s],c [km/s],E [kg*km^2/s^2]",
        m0,
        v,
        c,
        m0 * v**2 * (np.sin(3 * v / c) + np.exp(v / c)),
    )
    document = json.loads(
        kan("fit", "data.csv", "--units", "reduce", "--run", "one", "--json", *QUICK[1:]).out
    )
    assert document["r2"] > 1 - 1e-12
    assert set(document["symbols"]) == {"m0_kg", "v_km_s", "c_km_s"}
    log = [line.split("\t")[1] for line in kan("log", "one").out.splitlines()[1:]]
    assert log == ["train", "prune", "refine", "symbolify", "units"]
    (folder / "data.csv").unlink()  # the numbers themselves are kept in the run
    again = kan("symbolify", "one@refine", "--no-compositions")
    assert again.code == 0, again.err


def test_headers_alone_give_a_remark(kan: Kan, folder: Path) -> None:
    x = np.linspace(1, 2, 40)
    write(folder / "data.csv", "x [m],y [s]", x, x**2)
    result = kan("fit", "data.csv", *QUICK)
    assert result.out.startswith("y [s] = x_m**2\n")
    assert "units: the formula does not add up: the formula is in m^2, the target in s" in result.err
    assert "units:" not in kan("fit", "data.csv", "--units", "ignore", *QUICK).err


def test_units_given_put_formulas_that_add_up_first(kan: Kan, folder: Path) -> None:
    rng = np.random.default_rng(2)
    x = rng.uniform(0.2, 1, 60)
    write(folder / "data.csv", "x,y", x, np.sin(x) + rng.normal(0, 1e-3, 60))
    plain = json.loads(kan("fit", "data.csv", "--json", *QUICK).out)
    assert plain["formula"] == "sin(x)"
    checked = json.loads(kan("fit", "data.csv", "--unit", "x=m", "--unit", "y=m", "--json", *QUICK).out)
    assert checked["formula"] != "sin(x)"
    faulty = [entry for entry in checked["front"] if entry.get("faults")]
    assert any(entry["formula"] == "sin(x)" for entry in faulty)
    assert not any(entry["chosen"] for entry in faulty)


def test_units_that_are_none_are_refused(kan: Kan, pendulum: Path) -> None:
    assert kan("fit", pendulum, "--unit", "g=nonsense").code == 2
    missing = kan("fit", pendulum, "--units", "reduce")
    assert missing.code == 2
    assert "the unit of g is not known" in missing.err
