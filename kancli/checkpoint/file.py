"""The .kan format: one safetensors file whose only metadata entry is a canonical JSON document.

The document holds format, stage, number, parent, metadata, the SHA-256 of the tensors, and the SHA-256
of all this. With a single metadata entry the bytes are a function of the checkpoint alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kancli import __version__
from kancli.checkpoint.shape import Facts, facts_of
from kancli.checkpoint.value import FORMAT, JSON, Checkpoint, Parent, canonical, plain
from kancli.errors import CheckpointError
from kancli.reading import open_regular

_KEY = "kancli"
# safetensors' own bound on its header.
_LARGEST_HEADER = 100_000_000
_KINDS = frozenset({"float64", "float32", "int64", "int32", "uint8", "bool"})


@dataclass(frozen=True)
class Header:
    """A checkpoint without its tensors."""

    stage: str
    number: int
    parent: Parent | None
    metadata: Mapping[str, JSON]
    sha256: str
    tensors_sha256: str


def encode(checkpoint: Checkpoint, number: int, parent: Parent | None) -> tuple[bytes, Header]:
    """The file's bytes: equal for equal checkpoints, numbers and parents."""
    from safetensors.numpy import save

    tensors = {name: _little_endian(name, array) for name, array in sorted(checkpoint.tensors.items())}
    document: dict[str, JSON] = {
        "format": FORMAT,
        "stage": checkpoint.stage,
        "number": number,
        "parent": None if parent is None else vars(parent),
        "metadata": plain(checkpoint.metadata),
        "tensors_sha256": _tensors_hash(tensors),
    }
    document["sha256"] = hashlib.sha256(canonical(document).encode()).hexdigest()
    header = Header(
        checkpoint.stage,
        number,
        parent,
        Facts(document["metadata"]),
        document["sha256"],
        document["tensors_sha256"],
    )
    return save(tensors, metadata={_KEY: canonical(document)}), header


def load(path: str | Path) -> Checkpoint:
    """Read a checkpoint and verify every part of it.

    Raises CheckpointError if the file is missing, not a checkpoint, damaged or of a newer format. The
    arrays are the caller's own.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load as load_tensors

    path = Path(path)
    header = read_header(path)
    try:
        tensors = {name: array.copy() for name, array in load_tensors(path.read_bytes()).items()}
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise _damaged(path, str(error)) from None
    except OSError as error:
        raise _unreadable(path, error) from None
    if _tensors_hash(tensors) != header.tensors_sha256:
        raise _damaged(path, "the tensors do not match their checksum")
    return Checkpoint(
        stage=header.stage,
        tensors=tensors,
        metadata=header.metadata,
        path=path,
        number=header.number,
        parent=header.parent,
        sha256=header.sha256,
    )


def read_header(path: str | Path) -> Header:
    """Read and verify everything except the tensors, whose bytes are not read. Errors as in `load`."""
    path = Path(path)
    try:
        with open_regular(path) as file:
            length = int.from_bytes(file.read(8), "little")
            text = file.read(length) if 2 <= length <= _LARGEST_HEADER else b""
    except OSError as error:
        raise _unreadable(path, error) from None
    if not text.startswith(b"{"):
        raise CheckpointError(f"{path}: not a checkpoint of kancli", hint="a .kan file is expected")
    if len(text) < length:
        raise _damaged(path, "the file is cut short")
    try:
        outer = json.loads(text)
    except (ValueError, RecursionError):
        raise _damaged(path, "the header cannot be read") from None
    try:
        written = outer["__metadata__"][_KEY]
    except (KeyError, TypeError):
        raise CheckpointError(
            f"{path}: not a checkpoint of kancli, or damaged", hint="it has no metadata of kancli"
        ) from None
    try:
        document = json.loads(written)
        version = document["format"]
        if isinstance(version, int) and version > FORMAT:
            raise CheckpointError(
                f"{path}: format {version}, but kancli {__version__} reads formats up to {FORMAT}",
                hint="it was written by a newer kancli: pip install --upgrade kancli",
            )
        stated = document.pop("sha256")
        # Canonical text again, so that a change which is invisible in JSON is still detected.
        whole = canonical({**document, "sha256": stated})
        intact = whole == written and hashlib.sha256(canonical(document).encode()).hexdigest() == stated
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        intact = False
    if not intact:
        raise _damaged(path, "the metadata do not match their checksum")
    try:
        return _header({**document, "sha256": stated})
    except (KeyError, TypeError) as error:
        raise _damaged(path, f"the metadata are not those of a checkpoint: {error}") from None


def _header(document: Mapping[str, JSON]) -> Header:
    """Raises KeyError and TypeError where the document, though intact, is none that kancli has written."""
    parent, metadata = document["parent"], document["metadata"]
    stage, number = document["stage"], document["number"]
    if not (isinstance(stage, str) and isinstance(number, int)):
        raise TypeError("they name no stage")
    return Header(
        stage=stage,
        number=number,
        parent=None if parent is None else _parent(**parent),
        metadata=facts_of(metadata),
        sha256=document["sha256"],
        tensors_sha256=document["tensors_sha256"],
    )


def _parent(number: JSON, file: JSON, sha256: JSON) -> Parent:
    if not (isinstance(number, int) and isinstance(file, str) and isinstance(sha256, str)):
        raise TypeError("they name no parent")
    return Parent(number, file, sha256)


def _little_endian(name: str, array: NDArray[Any]) -> NDArray[Any]:
    array = np.asarray(array)
    if array.dtype.name not in _KINDS:
        raise TypeError(f"tensor {name!r}: a checkpoint cannot hold {array.dtype}")
    # Not ascontiguousarray, which turns a scalar into a vector.
    return np.array(array, dtype=array.dtype.newbyteorder("<"), order="C")


def _tensors_hash(tensors: Mapping[str, NDArray[Any]]) -> str:
    digest = hashlib.sha256()
    for name, array in sorted(tensors.items()):
        digest.update(canonical([name, array.dtype.name, list(array.shape)]).encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _damaged(path: Path, why: str) -> CheckpointError:
    return CheckpointError(
        f"{path}: damaged checkpoint: {why}", hint="go back to an earlier version of the run: kan log"
    )


def _unreadable(path: Path, error: OSError) -> CheckpointError:
    if isinstance(error, FileNotFoundError):
        return CheckpointError(f"{path}: no such checkpoint", hint="kan runs lists the runs")
    if isinstance(error, IsADirectoryError):
        return CheckpointError(f"{path}: is a directory, not a checkpoint")
    return CheckpointError(f"{path}: cannot be read: {(error.strerror or str(error)).lower()}")
