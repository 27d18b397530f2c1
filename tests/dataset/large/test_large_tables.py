"""Tables of more rows than are kept: a sample, and passes over all rows."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from kancli.dataset import Dataset, load_table, read_dataset, read_table, save_table
from kancli.dataset.draw import Sample, held_rows
from kancli.dataset.large import read as large
from kancli.dataset.large import rows as stored
from kancli.dataset.large.read import dataset_of
from kancli.dataset.large.rows import Rows, in_blocks
from kancli.dataset.tables.text import TextTable
from kancli.errors import DataError

ROWS = 70_000


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    generator = np.random.default_rng(0)
    x = generator.uniform(0.5, 3.0, (ROWS, 2))
    y = 2.0 * x[:, 0] * x[:, 1] + 0.01 * generator.standard_normal(ROWS)
    path = tmp_path_factory.mktemp("large") / "data.csv"
    np.savetxt(path, np.column_stack([x, y]), fmt="%.17g", delimiter=",", header="a,b,y", comments="")
    return path


def cut_into(path: Path, size: int) -> Dataset:
    return dataset_of(TextTable(str(path), size=size), source=str(path), once=False, seed=3)


def test_the_same_rows_are_drawn_and_held_out_however_the_file_is_cut(table: Path) -> None:
    whole, pieces = cut_into(table, 1 << 24), cut_into(table, 10_007)
    np.testing.assert_array_equal(whole.x, pieces.x)
    np.testing.assert_array_equal(whole.validation, pieces.validation)
    assert whole.fingerprint == pieces.fingerprint
    assert whole.whole is not None
    assert pieces.whole is not None
    assert (whole.whole.low, whole.whole.mean) == (pieces.whole.low, pieces.whole.mean)


def test_standard_input_gives_the_sample_that_the_file_gives(table: Path) -> None:
    piped = read_table("-", stream=io.BytesIO(table.read_bytes()), seed=3)
    np.testing.assert_array_equal(piped.x, read_table(str(table), seed=3).x)


def test_ranges_and_counts_are_those_of_all_rows(table: Path) -> None:
    sample, every = read_table(str(table)), read_dataset(str(table))
    assert sample.whole is not None
    assert len(sample.y) == large.SAMPLE
    assert sample.whole.rows == ROWS
    assert sample.whole.low == tuple(every.x.min(axis=0))
    assert sample.whole.high == tuple(every.x.max(axis=0))
    assert sample.whole.mean == pytest.approx(every.y.mean(), rel=1e-13)
    assert sample.whole.deviation == pytest.approx(every.y.std(), rel=1e-13)
    assert abs(sample.whole.held_out / ROWS - 0.2) < 0.01


def test_a_pass_has_every_row_once_in_its_order_with_the_mask_of_the_sample(table: Path) -> None:
    sample, every = read_table(str(table)), read_dataset(str(table))
    assert sample.whole is not None
    blocks = list(sample.whole.blocks())
    np.testing.assert_array_equal(np.concatenate([b.x for b in blocks]), every.x)
    np.testing.assert_array_equal(np.concatenate([b.y for b in blocks]), every.y)
    held = np.concatenate([b.held for b in blocks])
    assert int(held.sum()) == sample.whole.held_out
    place = {tuple(row): i for i, row in enumerate(every.x.tolist())}
    numbers = [place[tuple(row)] for row in sample.x.tolist()]
    assert numbers == sorted(numbers)
    np.testing.assert_array_equal(sample.validation, held[numbers])


def test_a_table_that_is_not_large_is_the_one_that_read_dataset_gives(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large, "MANY", ROWS)
    one, other = read_table(str(table)), read_dataset(str(table))
    assert one.whole is None
    assert (one.fingerprint, one.remarks) == (other.fingerprint, other.remarks)
    np.testing.assert_array_equal(one.validation, other.validation)


def test_weights_have_a_mean_of_one_over_all_rows(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    values = np.column_stack([generator.uniform(1, 2, (ROWS, 2)), generator.uniform(0.1, 0.3, ROWS)])
    path = tmp_path / "errors.csv"
    np.savetxt(path, values, fmt="%.17g", delimiter=",", header="a,y,s", comments="")
    sample, every = read_table(str(path), sigma="s"), read_dataset(str(path), sigma="s")
    assert sample.whole is not None
    assert every.weight is not None
    weights = np.concatenate([b.weight for b in sample.whole.blocks() if b.weight is not None])
    np.testing.assert_allclose(weights, every.weight, rtol=1e-12)
    assert sample.noise == pytest.approx(every.noise, rel=1e-12)


def test_a_wrong_cell_far_down_is_named_with_its_line_and_the_number_of_all(
    table: Path, tmp_path: Path
) -> None:
    lines = table.read_text().splitlines()
    lines[60_000] = "1,zwei,3"
    lines[60_500] = "1,drei,3"
    path = tmp_path / "bad.csv"
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(DataError, match=r"bad\.csv:60001:2: column 'b': not a number: 'zwei' \(and 1 more\)"):
        read_table(str(path))


def test_numbers_are_read_again_where_they_have_no_room(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "MOST_KEPT", 1000)
    reads = []

    def read() -> list[np.ndarray]:
        reads.append(1)
        return [np.ones((5000, 2)), np.ones((5000, 2))]

    rows = Rows(read)
    assert [[len(b) for b in rows.blocks()] for _ in range(2)] == [[4096, 4096, 1808]] * 2
    assert len(reads) == 2
    assert not rows.kept


def test_blocks_have_one_size_whatever_the_parts() -> None:
    values = np.arange(1000.0).reshape(500, 2)
    for step in (1, 7, 64, 100, 500):
        blocks = list(in_blocks([values[i : i + step] for i in range(0, 500, step)], size=64))
        assert [len(b) for b in blocks] == [64] * 7 + [52]
        np.testing.assert_array_equal(np.concatenate(blocks), values)


def test_a_sample_is_spread_evenly_over_the_table() -> None:
    sample = Sample(4000, seed=5)
    for first in range(0, 400_000, 1000):
        sample.show(first, np.arange(first, first + 1000.0)[:, None])
    numbers, values = sample.drawn()
    np.testing.assert_array_equal(values[:, 0], numbers)
    counts = np.histogram(numbers, bins=20, range=(0, 400_000))[0]
    assert np.sum((counts - 200) ** 2 / 200) < 45.0  # χ² of 19 degrees of freedom, one in a thousand


def test_held_rows_depend_on_the_seed() -> None:
    one, other = held_rows(0, 10_000, 0.2, 1), held_rows(0, 10_000, 0.2, 2)
    assert 1800 < one.sum() < 2200
    assert 300 < (one & other).sum() < 500


def test_the_copy_of_a_large_standard_input_can_be_opened_again(table: Path, tmp_path: Path) -> None:
    piped = read_table("-", stream=io.BytesIO(table.read_bytes()))
    save_table(piped, tmp_path / "copy.npz")
    np.testing.assert_array_equal(load_table(tmp_path / "copy.npz").x, piped.x)
