"""From a checkpoint back to the table that it was trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from pydantic import ValidationError

from kancli.checkpoint import Checkpoint
from kancli.dataset import (
    Dataset,
    Encoding,
    apart,
    from_metadata,
    load_table,
    located,
    read_columns,
    read_table,
    save_table,
)
from kancli.errors import CheckpointError, DataError
from kancli.reading import is_special
from kancli.recipe import DataOptions

STANDARD_INPUT = "-"


def read(
    options: DataOptions,
    seed: int,
    stream: IO[bytes] | None = None,
    encodings: Mapping[str, Encoding] | None = None,
) -> Dataset:
    """The table that a recipe's data section names, split with this seed; `stream` stands in for standard input.

    Rows of a test are set apart before anything else.
    """
    table = read_table(
        options.path,
        target=options.target,
        inputs=options.inputs,
        sep=options.sep,
        drop_missing=options.drop_missing,
        validation=options.validation,
        seed=seed,
        sigma=options.sigma,
        weights=options.weights,
        positive=options.positive,
        stream=stream,
        encodings=encodings,
    )
    table = replace(table, positive=options.positive)
    if options.test is None:
        return table
    if isinstance(options.test, str):
        return replace(table, test=rows_of_test(table, options, options.test))
    return apart(table, options.test, options.validation, seed)


def rows_of_test(table: Dataset, options: DataOptions, path: str) -> Dataset:
    """The rows of another file with the columns of a table. Raises DataError where it lacks one."""
    more = [options.sigma] if options.sigma is not None else []
    names = [*table.inputs, table.target, *more]
    values = read_columns(path, names, sep=options.sep, encodings=table.encodings)
    count = len(table.inputs)
    x, y = np.ascontiguousarray(values[:, :count]), values[:, count]
    weight = None
    if more:
        if not (values[:, -1] > 0).all():
            raise DataError(f"{path}: column {options.sigma!r}: standard errors must be above 0")
        weight = values[:, -1] ** -2.0 / np.mean(values[:, -1] ** -2.0)
    held = np.zeros(len(y), dtype=bool)
    return replace(table, x=x, y=y, weight=weight, validation=held, source=path, noise=None, whole=None)


def describe(dataset: Dataset, options: DataOptions, seed: int, run: Path) -> dict[str, Any]:
    """The facts that a checkpoint keeps about its data so that `reopen` finds the same rows again.

    A table from standard input cannot be read twice: its used columns are kept in the run directory.
    """
    facts = facts_of(dataset, options, seed)
    if facts["copy"] is not None and not (run / facts["copy"]).exists():
        save_table(dataset, run / facts["copy"])
    return facts


def facts_of(dataset: Dataset, options: DataOptions, seed: int) -> dict[str, Any]:
    """The same without keeping anything."""
    copy = f"data-{dataset.fingerprint[:12]}.npz" if options.path == STANDARD_INPUT else None
    return {
        "source": dataset.source,
        "path": None if copy else located(options.path),
        "copy": copy,
        "options": _read_options(options),
        "seed": seed,
        "rows": rows_in(dataset),
        "held_out": held_out_of(dataset),
        "fingerprint": dataset.fingerprint,
        "ranges": _ranges(dataset),
        "encodings": {name: one.metadata() for name, one in dataset.encodings.items()},
    }


def describe_derived(dataset: Dataset, table: Mapping[str, Any], run: Path) -> dict[str, Any]:
    """The same for columns that were computed from a table described already: they are kept in the run directory."""
    copy = f"data-{dataset.fingerprint[:12]}.npz"
    if not (run / copy).exists():
        save_table(dataset, run / copy)
    return {
        **table,
        "path": None,
        "copy": copy,
        "fingerprint": dataset.fingerprint,
        "ranges": _ranges(dataset),
    }


def reopen(checkpoint: Checkpoint, path: str | None = None) -> tuple[Dataset, Mapping[str, Any]]:
    """The checkpoint's table, and what to keep about it in the next version.

    `path` names another table: the same one elsewhere, or other rows of the same columns. Raises
    DataError when the table has changed since, or lacks the columns.
    """
    kept = checkpoint.metadata.get("data")
    if not isinstance(kept, Mapping):
        raise CheckpointError(f"{checkpoint.path}: does not name the data it was made from")
    if path is not None:
        return _other(checkpoint, kept, path)
    if kept["copy"] is not None:
        assert checkpoint.path is not None
        return load_table(checkpoint.path.parent / kept["copy"]), kept
    if is_special(kept["path"]):
        # Of a pipe the rows are gone, and one that nobody fills blocks.
        raise DataError(
            f"{kept['path']}: is not a file that can be read again", "name the table to use with --data"
        )
    dataset = read(_options(kept, kept["path"]), kept["seed"])
    if dataset.fingerprint != kept["fingerprint"]:
        raise DataError(
            f"{kept['path']}: has changed since {checkpoint.path} was made from it",
            "train again, or name the table to use with --data",
        )
    return dataset, kept


def _other(checkpoint: Checkpoint, kept: Mapping[str, Any], path: str) -> tuple[Dataset, Mapping[str, Any]]:
    inputs, target = list(checkpoint.metadata["inputs"]), checkpoint.metadata["target"]
    options = _options({"options": {**kept["options"], "inputs": inputs, "target": target}}, path)
    dataset = read(options, kept["seed"], encodings=from_metadata(kept.get("encodings")))
    if list(dataset.inputs) != inputs:
        missing = ", ".join(name for name in inputs if name not in dataset.inputs)
        raise DataError(f"{path}: {missing} never changes, but the network was trained on it")
    same = dataset.fingerprint == kept["fingerprint"]
    described = {
        **kept,
        "source": path,
        "path": located(path),
        "copy": None,
        "options": kept["options"] if same else _read_options(options),
        "rows": rows_in(dataset),
        "held_out": held_out_of(dataset),
        "fingerprint": dataset.fingerprint,
        "ranges": _ranges(dataset),
    }
    return dataset, described


def _ranges(dataset: Dataset) -> dict[str, list[float]]:
    """Lowest and highest value of each input: beyond them, predictions extrapolate."""
    low, high = dataset.x.min(0).tolist(), dataset.x.max(0).tolist()
    if dataset.whole is not None:
        low, high = dataset.whole.low, dataset.whole.high
    limits = zip(dataset.inputs, low, high, strict=True)
    return {name: [low, high] for name, low, high in limits}


def rows_in(dataset: Dataset) -> int:
    """How many rows the table has, of which the dataset may hold a sample."""
    return len(dataset.y) if dataset.whole is None else dataset.whole.rows


def held_out_of(dataset: Dataset) -> int:
    """How many of them are held out."""
    return int(dataset.validation.sum()) if dataset.whole is None else dataset.whole.held_out


def _options(kept: Mapping[str, Any], path: str) -> DataOptions:
    try:
        options = DataOptions.model_validate({**kept["options"], "path": path})
        # A file of test rows may be gone: nothing but the formula that it judged needed it.
        return options.model_copy(update={"test": None}) if isinstance(options.test, str) else options
    except ValidationError:
        raise CheckpointError(f"{path}: the version does not say how it was read") from None


def _read_options(options: DataOptions) -> dict[str, Any]:
    kept = options.model_dump(mode="json", by_alias=True, exclude={"path"})
    return {**kept, "test": str(Path(kept["test"]).resolve())} if isinstance(kept["test"], str) else kept
