"""Keep a dataset whose source cannot be read again, such as standard input."""

from __future__ import annotations

import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from kancli.dataset.text.encodings import from_metadata
from kancli.dataset.value import Dataset, fingerprint
from kancli.errors import DataError
from kancli.reading import TooLargeError, largest_table, open_regular, size
from kancli.writing import replacing


def save_table(dataset: Dataset, path: str | Path) -> None:
    """Write all of a dataset to a NumPy .npz file, bit for bit and complete or not at all."""
    path = Path(path)
    # Of a large table the sample is kept: its own fingerprint is the one that can be checked.
    kept = dataset.fingerprint
    if dataset.whole is not None:
        kept = fingerprint(dataset.inputs, dataset.target, dataset.x, dataset.y, dataset.weight)
    about = {
        "inputs": dataset.inputs,
        "target": dataset.target,
        "constant": dict(dataset.constant),
        "source": dataset.source,
        "remarks": dataset.remarks,
        "fingerprint": kept,
        "noise": dataset.noise,
        "encodings": {name: one.metadata() for name, one in dataset.encodings.items()},
    }
    columns: dict[str, Any] = {"x": dataset.x, "y": dataset.y, "validation": dataset.validation}
    if dataset.weight is not None:
        columns["weight"] = dataset.weight
    encoded = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
    with replacing(path) as file:
        np.savez_compressed(file, **columns, about=encoded)


def load_table(path: str | Path) -> Dataset:
    """The dataset that `save_table` wrote. Raises DataError where the file is missing, damaged or too large."""
    try:
        # Opened here, as np.load leaves a file open that turns out to be damaged.
        with open_regular(path) as file, zipfile.ZipFile(file) as archive:
            if sum(member.file_size for member in archive.infolist()) > (most := largest_table()):
                raise TooLargeError(None, f"is larger than {size(most)}, a quarter of this machine's memory")
            file.seek(0)
            with np.load(file, allow_pickle=False) as arrays:
                about = json.loads(arrays["about"].tobytes())
                x, y, validation = arrays["x"], arrays["y"], arrays["validation"]
                weight = arrays.get("weight")
    except FileNotFoundError:
        raise DataError(f"{path}: no such file", hint="the data of this run are gone: train again") from None
    except (OSError, ValueError, KeyError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: not a table of kancli, or damaged: {error}") from None
    found = fingerprint(about["inputs"], about["target"], x, y, weight)
    if found != about["fingerprint"]:
        raise DataError(f"{path}: damaged: the numbers do not match their fingerprint")
    return Dataset(
        inputs=tuple(about["inputs"]),
        target=about["target"],
        x=x,
        y=y,
        validation=validation,
        constant=about["constant"],
        source=about["source"],
        fingerprint=found,
        remarks=tuple(about["remarks"]),
        weight=weight,
        noise=about.get("noise"),
        encodings=from_metadata(about.get("encodings")),
    )
