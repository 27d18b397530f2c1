"""What `from kancli import fit, load` promises."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from kit import Kan

import kancli
from kancli import Fitted, fit, load
from kancli.errors import CheckpointError, DataError, KanError, UsageError

QUICK = {"lib": ["x", "x^2", "x^3"], "compositions": False, "restarts": 4, "grid": 2, "refine": [5]}


def area(rows: int = 40) -> pd.DataFrame:
    """r² + h with a constant column between them and a name that cannot stand in a formula."""
    random = np.random.default_rng(1)
    frame = pd.DataFrame({"r [m]": random.uniform(1, 3, rows), "k": 7.0, "h": random.uniform(-2, 2, rows)})
    return frame.assign(A=frame["r [m]"] ** 2 + frame["h"])


@pytest.fixture(scope="module")
def law() -> Fitted:
    return fit(area(), target="A", hidden=(), **QUICK)


def test_the_search_finds_the_law_behind_a_frame() -> None:
    random = np.random.default_rng(2)
    frame = pd.DataFrame({"a": random.uniform(1, 2, 40)}).assign(y=lambda f: 3 * f.a**2)
    found = fit(frame, time_limit=60, jobs=1, **QUICK)
    assert (found.formula, found.target, found.r2) == ("3*a**2", "y", 1.0)
    assert [member.formula for member in found.front if member.chosen] == ["3*a**2"]


def test_a_formula_tells_what_it_is(law: Fitted) -> None:
    assert str(law) in ("A = r_m**2 + h", "A = h + r_m**2")
    assert law.symbols == {"r_m": "r [m]"}
    assert law.inputs == ("r [m]", "h")
    assert law.columns == ("r [m]", "k", "h")
    assert law.r2 == law.r2_validation == 1
    assert law.rmse is not None
    assert law.rmse < 1e-12
    assert "'k' is always 7" in law.remarks[0]
    assert str(law._repr_latex_()) == f"$\\displaystyle A = {law.latex}$"
    assert "def " in law.export("python")


def test_a_formula_tells_how_far_it_is_to_be_believed(law: Fitted) -> None:
    assert law.verdict is not None
    assert law.verdict["kind"] == "exact"
    assert law.errors is not None
    assert law.errors["model"] == "additive"
    assert law.outliers == ()


def test_predictions_are_the_same_by_name_and_by_position(law: Fitted) -> None:
    frame = area(5)
    truth = frame.pop("A").to_numpy()
    shuffled = frame[["h", "r [m]", "k"]]
    for table in (frame, shuffled, dict(frame), frame.to_numpy(), frame[["r [m]", "h"]].to_numpy()):
        assert law.predict(table) == pytest.approx(truth, rel=1e-12)


def test_what_is_saved_is_loaded_again(law: Fitted, folder: Path, kan: Kan) -> None:
    for path in ("law.kan", "runs/mine"):
        kept = law.save(path)
        for again in (kept, load(path)):
            assert str(again) == str(law)
            assert again.columns == law.columns
            assert (again.predict(area()) == law.predict(area())).all()
        assert kan("export", path).out == f"{law.formula}\n"
    assert str(load()) == str(load("mine@symbolify")) == str(law)
    assert kan("show", "law.kan").code == 0


def test_stages_go_on_from_a_saved_run(law: Fitted, folder: Path, kan: Kan) -> None:
    law.save("runs/mine")
    done = kan("symbolify", "mine@refine", "-q")
    assert (done.code, done.err) == (0, "")


def test_a_loaded_version_can_be_saved_elsewhere(law: Fitted, folder: Path) -> None:
    law.save("law.kan")
    assert (
        str(load("law.kan").save("copy.kan"))
        == str(load("law.kan").save("run"))
        == str(load("run"))
        == str(law)
    )


def test_a_version_of_splines_predicts_by_its_network(law: Fitted, folder: Path) -> None:
    law.save("runs/mine")
    splines = load("mine@refine")
    assert splines.formula is None
    assert splines.front == ()
    assert splines.predict(area()) == pytest.approx(area()["A"], abs=0.1)


def test_a_formula_survives_pickling(law: Fitted) -> None:
    again = pickle.loads(pickle.dumps(law))
    assert (again.predict(area()) == law.predict(area())).all()


def test_the_same_seed_gives_the_same_version_and_leaves_global_state_alone(law: Fitted) -> None:
    torch.manual_seed(5)
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    frame = area()
    again = fit(frame, target="A", hidden=(), **QUICK)
    assert again.checkpoint.metadata == law.checkpoint.metadata
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_num_threads() == threads
    pd.testing.assert_frame_equal(frame, area())


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: fit(area(), target="B"), DataError, "no column 'B'"),
        (lambda: fit(area(), target="A", tim_limit=3), UsageError, "did you mean time_limit"),
        (lambda: fit(area(), target="A", lib=["sinus"], hidden=()), KanError, "sinus"),
        (lambda: fit(np.ones((5, 2))), UsageError, "needs y"),
        (lambda: load("nowhere"), CheckpointError, "nowhere"),
    ],
)
def test_a_mistake_is_an_error_that_says_what(call: object, error: type[KanError], words: str) -> None:
    assert callable(call)
    with pytest.raises(error, match=words):
        call()


def test_the_package_names_its_door_and_nothing_else() -> None:
    assert set(kancli.__all__) <= set(dir(kancli))
    with pytest.raises(AttributeError, match="no attribute 'fitt'"):
        _ = kancli.fitt  # type: ignore[attr-defined]
