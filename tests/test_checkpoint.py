"""The .kan file: what goes in comes out, the same value gives the same bytes, and damage is noticed."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from safetensors import safe_open

from kancli.checkpoint import Checkpoint, load, read_header, save
from kancli.checkpoint.value import canonical, plain
from kancli.errors import CheckpointError


def example(stage: str = "train", **metadata: object) -> Checkpoint:
    generator = np.random.default_rng(3)
    return Checkpoint(
        stage=stage,
        tensors={
            "coefficients": generator.standard_normal((2, 3, 4)),
            "mask": np.array([[True, False]]),
            "grid": np.array([5, 10], dtype=np.int64),
            "scale": np.array(2.5),
            "empty": np.zeros((0, 3)),
        },
        metadata={"metrics": {"r2": 0.5, "r2_validation": None}, "inputs": ["T [K]", "λ"], **metadata},
    )


def test_a_checkpoint_comes_back_as_it_was(tmp_path: Path) -> None:
    original = example(options={"steps": 40, "lamb": 1e-3, "grid": (10, 20)})
    saved = save(original, tmp_path, None)
    back = load(saved.path)
    assert (back.stage, back.number, back.parent, back.path) == ("train", 1, None, saved.path)
    assert back.sha256 == saved.sha256
    assert back.metadata == saved.metadata
    assert back.metadata["options"] == {"steps": 40, "lamb": 1e-3, "grid": [10, 20]}
    assert set(back.tensors) == set(original.tensors)
    for name, array in original.tensors.items():
        assert back.tensors[name].dtype == array.dtype
        assert back.tensors[name].shape == array.shape
        assert back.tensors[name].tobytes() == array.tobytes()
        assert back.tensors[name].flags.writeable


def test_saving_leaves_the_checkpoint_as_it_was(tmp_path: Path) -> None:
    original = example()
    before = {name: array.copy() for name, array in original.tensors.items()}
    save(original, tmp_path, None)
    assert (original.path, original.number) == (None, None)
    for name, array in before.items():
        np.testing.assert_array_equal(original.tensors[name], array)


def test_the_layout_of_an_array_in_memory_does_not_matter(tmp_path: Path) -> None:
    values = np.arange(12.0).reshape(3, 4)
    one = save(Checkpoint("train", {"w": values}, {}), tmp_path / "1", None)
    for i, same in enumerate(
        [np.asfortranarray(values), values.astype(">f8"), np.repeat(values, 2, 1)[:, ::2]]
    ):
        other = save(Checkpoint("train", {"w": same}, {}), tmp_path / f"other{i}", None)
        assert other.path.read_bytes() == one.path.read_bytes()


def test_the_same_checkpoint_gives_the_same_bytes_in_any_order_and_process(tmp_path: Path) -> None:
    one = save(example(b=1, a={"y": 1, "x": 2}), tmp_path / "1", None)
    turned = example(a={"x": 2, "y": 1}, b=1)
    turned = Checkpoint(turned.stage, dict(reversed(turned.tensors.items())), turned.metadata)
    assert save(turned, tmp_path / "2", None).path.read_bytes() == one.path.read_bytes()
    code = (
        "from kancli.checkpoint import load, save; import sys; from pathlib import Path;"
        "save(load(sys.argv[1]), Path(sys.argv[2]), None)"
    )
    for seed in ("1", "2"):
        target = tmp_path / f"seed{seed}"
        subprocess.run(
            [sys.executable, "-c", code, str(one.path), str(target)], check=True, env={"PYTHONHASHSEED": seed}
        )
        assert (target / "0001-train.kan").read_bytes() == one.path.read_bytes()


def test_the_file_is_safetensors_with_one_canonical_json_string(tmp_path: Path) -> None:
    saved = save(example(), tmp_path, None)
    with safe_open(saved.path, framework="numpy") as file:
        metadata = file.metadata()
    assert list(metadata) == ["kancli"]
    document = json.loads(metadata["kancli"])
    assert canonical(document) == metadata["kancli"]
    assert document["format"] == 1
    assert document["sha256"] == saved.sha256


def test_the_parent_is_named_with_its_hash(tmp_path: Path) -> None:
    first = save(example(), tmp_path, None)
    second = save(example("prune"), tmp_path, first)
    parent = load(second.path).parent
    assert (parent.number, parent.file, parent.sha256) == (1, "0001-train.kan", first.sha256)
    elsewhere = save(example("prune"), tmp_path / "other", first)
    assert elsewhere.parent.file == "../0001-train.kan"


def test_the_hash_covers_tensors_metadata_and_ancestors(tmp_path: Path) -> None:
    base = example()
    changed = dict(base.tensors, scale=np.array(2.5000000000000004))
    first = save(base, tmp_path / "a", None)
    variants = [
        first,
        save(Checkpoint(base.stage, changed, base.metadata), tmp_path / "b", None),
        save(example(seed=1), tmp_path / "c", None),
        save(example("prune"), tmp_path / "d", None),
    ]
    variants += [save(example("prune"), tmp_path / f"e{i}", parent) for i, parent in enumerate(variants)]
    assert len({variant.sha256 for variant in variants}) == len(variants)


def test_a_metric_that_is_not_finite_costs_nothing_but_itself(tmp_path: Path) -> None:
    saved = save(
        example(bad=[math.nan, math.inf, np.float64(1.5), np.int64(2), np.bool_(True)]), tmp_path, None
    )
    assert load(saved.path).metadata["bad"] == [None, None, 1.5, 2, True]


@pytest.mark.parametrize("value", [object(), {1, 2}, 1j, b"x"])
def test_what_is_not_json_is_refused(value: object, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="cannot be part of a checkpoint"):
        save(example(bad=value), tmp_path, None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("array", [np.array(["text"]), np.array([1j]), np.array([None])])
def test_an_array_of_another_kind_is_refused(array: np.ndarray, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="cannot hold"):
        save(Checkpoint("train", {"w": array}, {}), tmp_path, None)
    assert list(tmp_path.iterdir()) == []


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON_VALUES)
@settings(deadline=None)
def test_canonical_json_comes_back(value: object) -> None:
    assert json.loads(canonical(plain(value))) == value
    assert canonical(json.loads(canonical(plain(value)))) == canonical(plain(value))


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=5).filter(lambda name: name != "__metadata__"),
        st.sampled_from([np.float64, np.int64, np.bool_]).flatmap(
            lambda kind: arrays(kind, array_shapes(min_dims=0, max_dims=3, max_side=3))
        ),
        max_size=3,
    ),
    st.dictionaries(st.text(), JSON_VALUES, max_size=2),
)
@settings(deadline=None, max_examples=50)
def test_any_arrays_and_metadata_come_back(tmp_path_factory, tensors: dict, metadata: dict) -> None:
    saved = save(Checkpoint("train", tensors, metadata), tmp_path_factory.mktemp("run"), None)
    back = load(saved.path)
    assert back.metadata == metadata
    assert {n: (a.dtype, a.shape, a.tobytes()) for n, a in back.tensors.items()} == {
        n: (a.dtype, a.shape, a.tobytes()) for n, a in tensors.items()
    }


# Damage.


@pytest.fixture
def intact(tmp_path: Path) -> Path:
    return save(example(), tmp_path, None).path


@pytest.mark.parametrize("bits", [0x01, 0x20, 0x80, 0xFF])
def test_a_change_of_any_byte_is_noticed(intact: Path, bits: int) -> None:
    content = bytearray(intact.read_bytes())
    unnoticed = []
    for position in range(0, len(content), 3):
        content[position] ^= bits
        intact.write_bytes(content)
        content[position] ^= bits
        try:
            load(intact)
        except CheckpointError as error:
            assert str(intact) in error.message  # noqa: PT017
            assert "\n" not in error.message  # noqa: PT017
        else:
            unnoticed.append(position)
    assert unnoticed == []


def test_a_file_cut_short_anywhere_is_noticed(intact: Path) -> None:
    content = intact.read_bytes()
    for length in range(0, len(content), 7):
        intact.write_bytes(content[:length])
        with pytest.raises(CheckpointError, match=r"0001-train\.kan: "):
            load(intact)


def test_bytes_appended_are_noticed(intact: Path) -> None:
    intact.write_bytes(intact.read_bytes() + b"\0")
    with pytest.raises(CheckpointError, match="damaged checkpoint"):
        load(intact)


@pytest.mark.parametrize(
    "content", [b"", b"x", b"a,b\n1,2\n", b"PK\x03\x04" + b"\0" * 100, b"\xff" * 100, b"{}" * 50]
)
def test_a_file_of_another_kind_is_no_checkpoint(intact: Path, content: bytes) -> None:
    intact.write_bytes(content)
    with pytest.raises(CheckpointError, match="not a checkpoint of kancli"):
        load(intact)


def test_a_safetensors_file_of_another_program_is_no_checkpoint(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    path = tmp_path / "model.safetensors"
    save_file({"w": np.zeros(3)}, path, metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match="not a checkpoint of kancli"):
        load(path)


def test_a_newer_format_is_named_as_such(intact: Path) -> None:
    content = intact.read_bytes().replace(rb"\"format\":1", rb"\"format\":7")
    intact.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"format 7, but kancli .* reads formats up to 1") as caught:
        load(intact)
    assert caught.value.hint == "it was written by a newer kancli: pip install --upgrade kancli"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for path, message in [(tmp_path / "no.kan", "no such checkpoint"), (tmp_path, "is a directory")]:
        with pytest.raises(CheckpointError, match=message):
            load(path)


def test_a_header_is_read_without_the_tensors(intact: Path) -> None:
    content = intact.read_bytes()
    end = 8 + int.from_bytes(content[:8], "little")
    intact.write_bytes(content[:end])
    assert read_header(intact).metadata["inputs"] == ["T [K]", "λ"]


def test_reading_a_checkpoint_imports_no_torch(intact: Path) -> None:
    code = (
        "import sys; from kancli.checkpoint import load; load(sys.argv[1]);"
        "sys.exit(bool({'torch', 'pandas', 'sympy', 'scipy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code, str(intact)], check=False).returncode == 0
