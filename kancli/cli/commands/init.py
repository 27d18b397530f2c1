"""`kan init`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from kancli.cli.actions.starter import starter
from kancli.cli.frame.command import command
from kancli.cli.frame.session import Session
from kancli.cli.output.files import write_text
from kancli.errors import UsageError

Data = Annotated[
    str, typer.Argument(metavar="DATA", help="A .csv or .tsv file, also compressed.", show_default=False)
]
Search = Annotated[
    bool, typer.Option("--search", help="Let the recipe search for the architecture, as kan fit does.")
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
Force = Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")]


@command(
    options=(
        "data.target",
        "data.inputs",
        "data.sep",
        "data.drop_missing",
        "data.sigma",
        "data.weights",
        "seed",
    )
)
def init(
    session: Session, data: Data, search: Search = False, output: Output = None, force: Force = False
) -> None:
    """Write a recipe for a table.

    Target and inputs are filled in, and each stage gets options that suit the number of rows; the comments
    explain them. (kan show RUN --recipe prints the recipe of a run.)

    \b
    kan init data.csv -o data.yaml && kan run data.yaml
    kan init data.csv --target T --inputs a,b
    kan init data.csv --search
    """
    if output and Path(output).exists() and not force:
        raise UsageError(f"-o {output}: already exists", "--force replaces it")
    if data == "-":
        raise UsageError(
            "a recipe needs the name of a file, and standard input has none", "save the table first"
        )
    options = session.with_flag(("data", "path"), data).recipe(train=False)
    place = data if os.path.isabs(data) else os.path.relpath(data, Path(output).parent if output else ".")
    file = output or f"{Path(data).name.partition('.')[0]}.yaml"
    text, facts = starter(options.data, options.seed, place, file, search=search)
    if output:
        write_text(output, text)
        session.streams.remark(f"kan run {output}")
    if session.streams.json:
        session.streams.document({"kan": 1, "recipe": text, **facts, "output": output})
    elif not output:
        session.streams.result(text)
