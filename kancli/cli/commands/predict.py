"""`kan predict`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from kancli.cli.actions.classes import class_model, predict_classes
from kancli.cli.actions.model import (
    ByNetwork,
    Model,
    Table,
    Tally,
    chunks_of,
    open_model,
    predicted,
    remark_on,
    run_and_data,
)
from kancli.cli.commands.arguments import Run
from kancli.cli.frame.command import command
from kancli.cli.frame.session import Session
from kancli.cli.output.files import replacing
from kancli.errors import UsageError
from kancli.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from kancli.cli.output.streams import Streams
    from kancli.dataset import Chunk, Chunks
    from kancli.stages.results.bootstrap import Bootstrap

Append = Annotated[
    bool, typer.Option("--append", help="Write the whole table with the predictions as one more column.")
]
Output = Annotated[
    str | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Write to this file instead of standard output.",
        show_default=False,
    ),
]


Interval = Annotated[
    float | None,
    typer.Option(
        "--interval",
        metavar="SHARE",
        help="Add the ends between which this share of new observations lies, such as 0.95: what the errors of the "
        "constants and those of a row leave open.",
        show_default=False,
    ),
]


Draws = Annotated[
    int | None,
    typer.Option(
        "--bootstrap",
        metavar="N",
        min=20,
        max=10_000,
        help="With --interval: fit the constants to N tables with other errors, drawn from those of the table that "
        "the formula was found in, instead of taking the formula for linear in them.",
        show_default=False,
    ),
]


@command(options=("data.sep", "data.drop_missing"))
def predict(
    session: Session,
    run: Run = None,
    data: Table = None,
    network: ByNetwork = False,
    append: Append = False,
    output: Output = None,
    interval: Interval = None,
    bootstrap: Draws = None,
) -> None:
    """Predict the target for the rows of a table.

    Prints CSV with one column and one row per row of the table. Uses the formula if the version has one, else
    the network. Columns are found by name; tables of any size are read in pieces. Of a classification, prints the
    likeliest label and the probability of each.

    \b
    kan predict last new.csv
    kan predict last#2 new.csv
    kan predict last new.csv --interval 0.95
    kan predict last new.csv --interval 0.95 --bootstrap 200
    kan predict runs/data-001 new.csv --append -o predicted.csv
    kan fit data.csv | kan predict new.csv
    kan predict runs/data-001@refine new.csv --network
    """
    if interval is not None and not 0 < interval < 1:
        raise UsageError(f"--interval {interval:g}: must be between 0 and 1", "0.95 is usual")
    if bootstrap is not None and interval is None:
        raise UsageError("--bootstrap: is for --interval", "--interval 0.95 is usual")
    run, data = run_and_data(run, data)
    run, classes = class_model(session, run)
    if classes is not None:
        if interval is not None:
            raise UsageError("--interval: labels have probabilities instead")
        predict_classes(session, classes, data, append=append, output=output)
        return
    model = open_model(session, run, network=network)
    ends_of = None if interval is None else banded(model, interval, bootstrap)
    chunks, tally = chunks_of(session, data, model), Tally.of(model)
    column = one_line(str(model.metadata["target"]))
    if append:
        column = free_name(column, chunks.columns)
    document = session.streams.json
    predictions: list[float] = []
    ends: dict[str, list[float]] = {"low": [], "high": []}
    with writer(session.streams, output, silent=document) as write:
        several = [column] if ends_of is None else [column, f"{column}_low", f"{column}_high"]
        start = heading(chunks, several, append=append)
        for chunk, values in predicted(model, chunks, tally):
            # Only after the first rows have been read: if they cannot be read, nothing is written.
            low, high = ([], []) if ends_of is None else ends_of(chunk)
            columns = [values.tolist()] + ([] if ends_of is None else [low, high])
            write(start + rows(chunks, chunk, columns, append=append))
            start = ""
            if document and not output:
                predictions += values.tolist()
                ends["low"] += low
                ends["high"] += high
    remark_on(session, data, tally)
    if document:
        session.streams.document(
            {
                "kan": 1,
                "checkpoint": str(model.path),
                "model": model.kind,
                "data": data,
                "column": column,
                "rows": tally.outside.rows,
                "dropped": tally.dropped,
                "outside": tally.outside.counts,
                "undefined": tally.undefined,
                "predictions": None if output else predictions,
                "interval": None if interval is None or output else {"level": interval, **ends},
                "output": output,
            }
        )


def free_name(target: str, columns: tuple[str, ...]) -> str:
    """The target's name, or a similar one where the table already has that column."""
    name, number = target, 1
    while name in columns:
        name = f"{target}_predicted" + (f"_{number}" if number > 1 else "")
        number += 1
    return name


def banded(
    model: Model, level: float, draws: int | None = None
) -> Callable[[Chunk], tuple[list[float], list[float]]]:
    """The ends of the interval for the rows of a chunk, by so many `draws` of the bootstrap if any."""
    import numpy as np

    from kancli.stages.results.interval import band

    if model.kind != "formula":
        raise UsageError("--interval: a network has no errors of its constants", "leave --network out")
    inputs = list(model.metadata["inputs"])
    used = [inputs.index(name) for name in model.inputs]
    drawn = None if draws is None else bootstrapped(model, draws)

    def ends(chunk: Chunk) -> tuple[list[float], list[float]]:
        x = np.zeros((len(chunk.values), len(inputs)))
        x[:, used] = chunk.values[:, : len(used)]
        low, high = band(model.metadata, x, level) if drawn is None else drawn.band(x, level)
        return low.tolist(), high.tolist()

    return ends


def bootstrapped(model: Model, draws: int) -> Bootstrap:
    """The constants fitted again to so many tables; the one that the formula was found in is read for that."""
    from kancli.checkpoint import load
    from kancli.stages.results.bootstrap import Bootstrap
    from kancli.stages.source import reopen

    if model.path is None:
        raise UsageError("--bootstrap: a formula that was typed has no table")
    table, _ = reopen(load(model.path))
    return Bootstrap.of(model.metadata, table, draws, int(model.metadata.get("seed") or 0))


def heading(chunks: Chunks, columns: list[str], *, append: bool) -> str:
    """The first line."""
    separator = (chunks.separator or " ") if append else ","
    names = [quoted(column, separator) for column in columns]
    return separator.join([*([chunks.heading] if append else []), *names]) + "\n"


def rows(chunks: Chunks, chunk: Chunk, columns: list[list[float]], *, append: bool) -> str:
    """The lines of a chunk: predictions alone, or after the table's own line in its notation."""
    separator = (chunks.separator or " ") if append else ","
    texts = [separator.join(map(repr, values)) for values in zip(*columns, strict=True)]
    if not append:
        return "".join(f"{text}\n" for text in texts)
    if chunks.decimal_comma:
        texts = [text.replace(".", ",") for text in texts]
    return "".join(f"{line}{separator}{text}\n" for line, text in zip(chunk.lines(), texts, strict=True))


def quoted(name: str, separator: str) -> str:
    """A column name as a cell."""
    if separator in name or '"' in name or "\n" in name:
        return '"' + name.replace('"', '""') + '"'
    return name


@contextmanager
def writer(streams: Streams, output: str | None, *, silent: bool) -> Iterator[Callable[[str], object]]:
    """Where the lines go: to a file that appears when it is complete, to standard output, or nowhere."""
    if output:
        with replacing(output) as file:
            yield file.write
    elif silent:
        yield lambda text: None
    else:
        yield streams.data
