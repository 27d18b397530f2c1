"""The laws that come with kancli can be sampled, and the samples follow the laws."""

from __future__ import annotations

import json

import numpy as np
import pytest
from kit import Kan

from kancli.dataset import read_dataset
from kancli.errors import UsageError
from kancli.examples import Law, law, laws, sample
from kancli.symbolic.expression.names import is_safe

LAWS = list(laws().values())


@pytest.mark.parametrize("known", LAWS, ids=lambda entry: entry.name)
def test_every_law_has_a_value_on_its_ranges_and_needs_each_input(known: Law) -> None:
    x, y = sample(known, 300)
    assert np.isfinite(y).all()
    assert y.std() > 0
    assert all(is_safe(name) for name in (*known.inputs, known.target))
    for column, (low, high) in enumerate(known.ranges.values()):
        assert low <= x[:, column].min() < x[:, column].max() <= high
        # Written down by hand, a law may lack an input that its ranges have.
        pinned = {
            name: limits if i != column else (low, low)
            for i, (name, limits) in enumerate(known.ranges.items())
        }
        same_rows = Law(known.name, known.about, known.target, known.formula, pinned)
        assert not np.allclose(sample(same_rows, 300)[1], y)


def test_numbers_follow_the_law() -> None:
    x, y = sample(law("feynman-I.6.2"), 50)
    sigma, theta = x.T
    expected = np.exp(-((theta / sigma) ** 2) / 2) / np.sqrt(2 * np.pi * sigma**2)
    np.testing.assert_allclose(y, expected, rtol=1e-12)


def test_noise_has_the_share_asked_for_and_leaves_the_inputs() -> None:
    x, y = sample(law("pendulum"), 20_000)
    noisy_x, noisy_y = sample(law("pendulum"), 20_000, noise=0.1)
    assert (x == noisy_x).all()
    assert (noisy_y - y).std() / y.std() == pytest.approx(0.1, rel=0.03)


def test_the_seed_decides_the_rows() -> None:
    first, again, other = (sample(law("kepler"), 20, seed=seed)[0] for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).all()


def test_a_name_is_found_whatever_its_case_and_a_wrong_one_named() -> None:
    assert law("Feynman-i.6.2").name == "feynman-I.6.2"
    with pytest.raises(UsageError) as raised:
        law("feynman-I.6.3")
    assert "feynman-I.6.2" in str(raised.value.hint)


def test_the_command_prints_a_table_that_kan_reads_back_to_the_last_bit(
    kan: Kan, tmp_path_factory: pytest.TempPathFactory
) -> None:
    done = kan("example", "feynman-I.10.7", "--rows", "30", "--seed", "4")
    path = tmp_path_factory.mktemp("made") / "data.csv"
    path.write_text(done.out)
    dataset = read_dataset(str(path))
    x, y = sample(law("feynman-I.10.7"), 30, seed=4)
    assert (dataset.inputs, dataset.target) == (("m0", "v", "c"), "m")
    assert (dataset.x == x).all()
    assert (dataset.y == y).all()


def test_without_a_name_all_laws_are_listed(kan: Kan) -> None:
    lines = kan("example").out.splitlines()
    assert [line.split("\t")[0] for line in lines[1:]] == [entry.name for entry in LAWS]
    assert len(json.loads(kan("example", "--json").out)["examples"]) == len(LAWS)


def test_a_table_as_json_is_one_document(kan: Kan) -> None:
    document = json.loads(kan("example", "kepler", "--rows", "3", "--json").out)
    assert document["columns"] == ["a", "T"]
    assert [row[1] for row in document["rows"]] == pytest.approx([row[0] ** 1.5 for row in document["rows"]])
