"""The dataset of a table of any size: all of it where that is small, else a sample and the way to all rows."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from kancli.dataset.assemble import assemble
from kancli.dataset.columns import choose_columns, find_column
from kancli.dataset.draw import Sample, held_rows
from kancli.dataset.large.rows import Rows
from kancli.dataset.moments import Moments
from kancli.dataset.reader import notes_on
from kancli.dataset.roles import Roles
from kancli.dataset.tables.table import Table
from kancli.dataset.text.encodings import Encoding
from kancli.dataset.text.layout import Layout
from kancli.dataset.value import Block, Dataset, Whole
from kancli.dataset.weights import Weighting, row_weights, weighting
from kancli.errors import DataError, UsageError

Array = NDArray[np.float64]

# A table of more rows is large: what is made of all its rows at once would take a gigabyte.
MANY = 1 << 16
# Rows in which the formula of a large table is searched for. EXPERIMENTS: large-tables
SAMPLE = 1 << 13


@dataclass(frozen=True)
class Wanted:
    """Columns of a table (from 0): inputs, target, and the one of errors or weights."""

    inputs: tuple[int, ...]
    target: int
    kind: Weighting | None
    aside: int | None

    @property
    def columns(self) -> tuple[int, ...]:
        """All, in the order in which they are read."""
        return (*self.inputs, self.target, *(() if self.aside is None else (self.aside,)))


@dataclass(frozen=True)
class Split:
    """The share of the rows that is held out, and the seed of all draws."""

    fraction: float
    seed: int


def wanted_of(
    layout: Layout,
    roles: Roles,
    label: str,
    target: str | None,
    inputs: Sequence[str] | None,
    sigma: str | None,
    weights: str | None,
) -> Wanted:
    """The columns that a table is asked for. Raises as `choose_columns` does."""
    kind = weighting(sigma, weights)
    name = None if kind is None else kind.column
    chosen, aim = choose_columns(layout, target, inputs, label, name, roles)
    return Wanted(chosen, aim, kind, None if name is None else find_column(layout, name, label))


def positive_of(wanted: Wanted, layout: Layout, label: str, names: Sequence[str]) -> list[tuple[int, str]]:
    """The columns that must be above 0, each with the reason. Raises UsageError where one is not used."""
    found: list[tuple[int, str]] = []
    if wanted.kind is not None and wanted.aside is not None:
        what = "standard errors" if wanted.kind.errors else "weights"
        found.append((wanted.aside, f"{what} must be above 0"))
    for name in names:
        column = find_column(layout, name, label)
        if column not in wanted.columns:
            raise UsageError(f"--positive {name}: not among the columns used", "name inputs or the target")
        found.append((column, f"--positive requires {name} to be above 0 in every row"))
    return found


def dataset_of(
    table: Table,
    *,
    source: str,
    once: bool,
    target: str | None = None,
    inputs: Sequence[str] | None = None,
    drop_missing: bool = False,
    validation: float = 0.2,
    seed: int = 0,
    sigma: str | None = None,
    weights: str | None = None,
    positive: Sequence[str] = (),
    encodings: Mapping[str, Encoding] | None = None,
) -> Dataset:
    """The dataset of a table: see `read_dataset`. `once`: it cannot be read again."""
    layout, label = table.layout, table.label
    wanted = wanted_of(layout, table.roles, label, target, inputs, sigma, weights)
    above = positive_of(wanted, layout, label, positive)
    used = [*wanted.inputs, wanted.target]
    encoded = encoded_of(layout, table.roles, wanted, encodings or {})
    aside = None if wanted.kind is None else wanted.kind.column
    notes = notes_on(layout, table.roles, used, named=inputs is not None, aside=aside)
    dropped = 0

    def values() -> Iterator[Array]:
        nonlocal dropped
        dropped = 0
        for part in table.parts(wanted.columns, drop_missing=drop_missing, positive=above, encodings=encoded):
            dropped += part.dropped
            yield part.values

    rows = Rows(values, once)
    began = time.monotonic()
    scanned = scan(rows, wanted, seed)
    seconds = time.monotonic() - began
    count = scanned.rows
    if dropped:
        what = "row" if dropped == 1 else "rows"
        scanned.remarks.append(f"{label}: {dropped} {what} with missing values left out, {count} used")
    if count < 2:
        left = " left after dropping those with missing values" if dropped else ""
        raise DataError(f"{label}: {'one row' if count else 'no rows'}{left}, but at least two are needed")
    names = [layout.names[column] for column in wanted.inputs]
    aim = layout.names[wanted.target]
    remarks = (*table.remarks, *(f"{label}: {note}" for note in notes), *scanned.remarks)
    if count > MANY:
        found = sampled_dataset(
            rows, scanned, wanted, names, aim, Split(validation, seed), label, source, remarks, seconds
        )
    else:
        every = np.concatenate(list(rows.blocks()))
        weight, noise = (None, None) if wanted.kind is None else row_weights(every[:, -1], wanted.kind)
        split = len(wanted.inputs)
        found = assemble(
            names,
            aim,
            every[:, :split],
            every[:, split],
            label=label,
            source=source,
            validation=validation,
            seed=seed,
            remarks=remarks,
            weight=weight,
            noise=noise,
        )
    named = {layout.names[column]: one for column, one in encoded.items()}
    return replace(found, encodings=named, notes=tuple(notes))


def encoded_of(
    layout: Layout, roles: Roles, wanted: Wanted, kept: Mapping[str, Encoding]
) -> dict[int, Encoding]:
    """How the columns that are read are encoded: as a model has `kept` it, else as their cells say."""
    own = {layout.names.index(name): one for name, one in kept.items() if name in layout.names}
    return {column: one for column, one in {**roles.encodings, **own}.items() if column in wanted.columns}


@dataclass
class Scanned:
    """What one pass has gathered. `powers`: the moments of 1/σ² or of the weights."""

    sample: Sample
    moments: Moments | None
    powers: Moments | None
    digest: str
    remarks: list[str]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return 0 if self.moments is None else self.moments.rows


def scan(rows: Rows, wanted: Wanted, seed: int) -> Scanned:
    """The first pass."""
    sample, digest = Sample(SAMPLE, seed), hashlib.sha256()
    moments: Moments | None = None
    powers: Moments | None = None
    first = 0
    for block in rows.blocks():
        sample.show(first, block)
        first += len(block)
        here = Moments.of(block)
        moments = here if moments is None else moments.merged(here)
        if wanted.kind is not None:
            column = block[:, -1:]
            one = Moments.of(column**-2.0 if wanted.kind.errors else column)
            powers = one if powers is None else powers.merged(one)
        digest.update(block.astype("<f8", copy=False).tobytes())
    return Scanned(sample, moments, powers, digest.hexdigest(), [])


def sampled_dataset(
    rows: Rows,
    scanned: Scanned,
    wanted: Wanted,
    names: Sequence[str],
    target: str,
    split: Split,
    label: str,
    source: str,
    remarks: Sequence[str],
    seconds: float,
) -> Dataset:
    """The sample of a large table with the way to all of its rows."""
    assert scanned.moments is not None
    numbers, values = scanned.sample.drawn()
    inputs = len(wanted.inputs)
    shift, unit = weights_of(wanted, scanned)
    weight, noise = (None, None) if unit is None else (weight_of(values[:, -1], wanted, unit), shift)
    everything = f"{label}: {scanned.rows} rows: searched in {len(values)} of them, constants fitted to all"
    seen = assemble(
        names,
        target,
        values[:, :inputs],
        values[:, inputs],
        label=label,
        source=source,
        validation=0.0,
        seed=split.seed,
        remarks=(*remarks, everything),
        weight=weight,
        noise=noise,
    )
    mask = np.array(
        [bool(held_rows(int(number), 1, split.fraction, split.seed)[0]) for number in numbers], dtype=bool
    )
    kept = [names.index(name) for name in seen.inputs]
    named = "\0".join([*seen.inputs, target]).encode()
    blocks = partial(blocks_of, rows, kept, wanted, split, unit)
    whole = Whole(
        rows=scanned.rows,
        held_out=held_count(scanned.rows, split),
        low=tuple(scanned.moments.low[kept].tolist()),
        high=tuple(scanned.moments.high[kept].tolist()),
        mean=float(scanned.moments.mean[inputs]),
        deviation=float(np.sqrt(scanned.moments.squares[inputs] / scanned.rows)),
        seconds=seconds,
        blocks=blocks,
    )
    digest = hashlib.sha256(named + scanned.digest.encode()).hexdigest()
    return replace(seen, validation=mask, fingerprint=digest, whole=whole)


def held_count(rows: int, split: Split) -> int:
    """How many rows are held out."""
    step = 1 << 20
    starts = range(0, rows, step)
    return sum(
        int(held_rows(start, min(step, rows - start), split.fraction, split.seed).sum()) for start in starts
    )


def weights_of(wanted: Wanted, scanned: Scanned) -> tuple[float | None, float | None]:
    """The σ of a row of weight 1, if errors are given; and what 1/σ², or the weights, are to be divided by so that
    their mean is 1: None where all rows are equal."""
    if wanted.kind is None or scanned.powers is None or scanned.moments is None:
        return None, None
    mean = float(scanned.powers.mean[0])
    return (mean**-0.5 if wanted.kind.errors else None), mean


def weight_of(values: Array, wanted: Wanted, unit: float) -> Array | None:
    """Weights (n,) of the rows, of mean 1 over the whole table."""
    assert wanted.kind is not None
    found: Array = (values**-2.0 if wanted.kind.errors else values) / unit
    return found


def blocks_of(
    rows: Rows, kept: Sequence[int], wanted: Wanted, split: Split, unit: float | None
) -> Iterator[Block]:
    """A pass over all rows."""
    first, target = 0, len(wanted.inputs)
    for block in rows.blocks():
        weight = None if unit is None else weight_of(block[:, -1], wanted, unit)
        held = held_rows(first, len(block), split.fraction, split.seed)
        yield Block(first, np.ascontiguousarray(block[:, list(kept)]), block[:, target].copy(), weight, held)
        first += len(block)
