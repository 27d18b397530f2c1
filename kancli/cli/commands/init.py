"""`kan init`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kancli.cli.command import command
from kancli.cli.files import replacing
from kancli.cli.session import Session
from kancli.cli.starter import recipe_of_run, starter
from kancli.errors import UsageError

if TYPE_CHECKING:
    pass

Source = Annotated[
    str,
    typer.Argument(
        metavar="DATA|RUN", help="A table, or a run whose recipe shall be written down.", show_default=False
    ),
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
Force = Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")]


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
def init(session: Session, source: Source, output: Output = None, force: Force = False) -> None:
    """Write a recipe for a table.

    Target and inputs are filled in, and each stage with options that suit the number of rows; the comments
    say what they do. From a run it writes the recipe that makes it again.

    \b
    kan init data.csv -o data.yaml && kan run data.yaml
    kan init data.csv --target T --inputs a,b
    kan init last -o again.yaml
    """
    if output and Path(output).exists() and not force:
        raise UsageError(f"-o {output}: is there already", "--force replaces it")
    folder = Path(output).parent if output else Path()
    if names_run(source):
        text, facts = recipe_of_run(session.find(source), folder)
    else:
        if source == "-":
            raise UsageError("a recipe names a file, and standard input is none", "save the table first")
        options = session.with_flag(("data", "path"), source).recipe(base={"train": {"width": "1,1"}})
        place = source if os.path.isabs(source) else os.path.relpath(source, folder)
        text, facts = starter(options.data, options.seed, place, output or f"{Path(source).stem}.yaml")
    if output:
        with replacing(output) as file:
            file.write(text)
        session.streams.remark(f"kan run {output}")
    if session.streams.json:
        session.streams.document({"kan": 1, "recipe": text, **facts, "output": output})
    elif not output:
        session.streams.result(text)


def names_run(source: str) -> bool:
    """Whether the argument means a run rather than a table."""
    path = Path(source)
    return (
        not path.is_file() and (source == "last" or "@" in source or path.is_dir())
    ) or path.suffix == ".kan"
