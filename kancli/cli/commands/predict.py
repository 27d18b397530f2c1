"""`kan predict`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kancli.cli.actions.classes import class_model, predict_classes
from kancli.cli.actions.model import (
    ByNetwork,
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
from kancli.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from kancli.cli.output.streams import Streams
    from kancli.dataset import Chunk, Chunks

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


@command(options=("data.sep", "data.drop_missing"))
def predict(
    session: Session,
    run: Run = None,
    data: Table = None,
    network: ByNetwork = False,
    append: Append = False,
    output: Output = None,
) -> None:
    """Predict the target for the rows of a table.

    Prints CSV with one column and one row per row of the table. Uses the formula if the version has one, else
    the network. Columns are found by name; tables of any size are read in pieces. Of a classification, prints the
    likeliest label and the probability of each.

    \b
    kan predict last new.csv
    kan predict runs/data-001 new.csv --append -o predicted.csv
    kan fit data.csv | kan predict new.csv
    kan predict runs/data-001@refine new.csv --network
    """
    run, data = run_and_data(run, data)
    run, classes = class_model(session, run)
    if classes is not None:
        predict_classes(session, classes, data, append=append, output=output)
        return
    model = open_model(session, run, network=network)
    chunks, tally = chunks_of(session, data, model), Tally.of(model)
    column = one_line(str(model.metadata["target"]))
    if append:
        column = free_name(column, chunks.columns)
    document = session.streams.json
    predictions: list[float] = []
    with writer(session.streams, output, silent=document) as write:
        start = heading(chunks, column, append=append)
        for chunk, values in predicted(model, chunks, tally):
            # Only after the first rows have been read: if they cannot be read, nothing is written.
            write(start + rows(chunks, chunk, values.tolist(), append=append))
            start = ""
            if document and not output:
                predictions += values.tolist()
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


def heading(chunks: Chunks, column: str, *, append: bool) -> str:
    """The first line."""
    if not append:
        return quoted(column, ",") + "\n"
    separator = chunks.separator or " "
    return f"{chunks.heading}{separator}{quoted(column, separator)}\n"


def rows(chunks: Chunks, chunk: Chunk, values: list[float], *, append: bool) -> str:
    """The lines of a chunk: predictions alone, or after the table's own line in its notation."""
    if not append:
        return "".join(f"{value!r}\n" for value in values)
    separator = chunks.separator or " "
    texts: list[Any] = [repr(value) for value in values]
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
