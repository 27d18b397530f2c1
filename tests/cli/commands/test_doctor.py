"""`kan doctor` finds what is wrong with an installation, and says so in its exit code."""

from __future__ import annotations

import json

import pytest
import torch
from kit import Kan

from kancli.cli.actions import health
from kancli.cli.actions.health import Finding
from kancli.errors import FitError

torch.set_num_threads(1)


@pytest.fixture
def without_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The self-test takes a second: for tests of something else it is well."""
    monkeypatch.setattr("kancli.cli.commands.doctor.self_test", lambda: Finding("self-test", "ok", "y = x"))


def states(text: str) -> dict[str, str]:
    return {finding["what"]: finding["state"] for finding in json.loads(text)["findings"]}


def test_a_good_installation_fits_the_known_law(kan: Kan) -> None:
    done = kan("doctor")
    assert done.code == 0, done.err
    rows = {row[0]: row[1:] for row in (line.split("\t") for line in done.out.splitlines())}
    assert rows["what"] == ["state", "detail"]
    assert rows["self-test"][0] == "ok"
    assert rows["self-test"][1].startswith("T = 2*pi*")
    assert rows["torch"][1].startswith(torch.__version__.partition("+")[0])  # without the build
    assert rows["torch threads"][1].startswith("1;")


def test_a_self_test_that_fails_exits_1_after_the_report(kan: Kan, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(folder: object) -> str:
        raise FitError("found T = L, which is not the law")

    monkeypatch.setattr(health, "fit_known_law", broken)
    done = kan("doctor", "--json")
    assert done.code == 1
    assert states(done.out)["self-test"] == "failed"
    assert json.loads(done.out)["well"] is False
    assert "found T = L" in done.err


def test_whatever_breaks_in_the_self_test_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(folder: object) -> str:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(health, "fit_known_law", broken)
    assert health.self_test() == Finding("self-test", "failed", "RuntimeError: two lines")


def test_a_wrong_formula_fails_the_self_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kancli.stages.results.predict.by_formula", lambda metadata: lambda x: x[:, 0])
    found = health.self_test()
    assert found.state == "failed"
    assert "which is not 2*pi*sqrt(L/g)" in found.detail


def test_a_package_that_is_missing_exits_8_and_nothing_is_fitted(
    kan: Kan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "requirements", lambda: [("numpy", None), ("no-such-package", None)])
    done = kan("doctor", "--json")
    assert done.code == 8
    found = states(done.out)
    assert (found["numpy"], found["no-such-package"]) == ("ok", "missing")
    assert "self-test" not in found


def test_an_optional_part_may_be_absent_unless_it_is_required(
    kan: Kan, without_fit: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = [("numpy", "fast"), ("no-such-package", "rare"), ("pytest", "test")]
    monkeypatch.setattr(health, "requirements", lambda: declared)
    done = kan("doctor", "--json", "--require", "fast")
    assert done.code == 0
    found = states(done.out)
    assert (found["extra fast"], found["extra rare"]) == ("ok", "absent")
    assert "extra test" not in found
    assert kan("doctor", "--require", "rare").code == 8
    done = kan("doctor", "--require", "raer")
    assert done.code == 2
    assert "there are: fast, rare" in done.err


def test_requirements_are_those_that_the_package_declares() -> None:
    declared = dict(health.requirements())
    assert declared["torch"] is None
    assert declared["pytest"] == "test"
