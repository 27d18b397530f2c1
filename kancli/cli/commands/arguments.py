"""Arguments that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

from kancli.cli.frame.completing import run_names

Run = Annotated[
    str | None,
    typer.Argument(
        metavar="RUN",
        help="A run directory, DIR@prune, DIR@3, a .kan file, last, or - for standard input. "
        "If left out: the path from a pipe, else last.",
        show_default=False,
        autocompletion=run_names,
    ),
]

DataPath = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="PATH",
        help="Use this table instead of the one that the run was trained on.",
        show_default=False,
    ),
]
