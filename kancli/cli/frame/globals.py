"""The flags that every command has, before the verb or after it."""

from __future__ import annotations

import inspect
from typing import Any

import typer

from kancli.cli.frame.keyword import keyword
from kancli.cli.output.streams import Streams
from kancli.errors import UsageError

CONTEXT_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

_FLAGS = {
    "quiet": ("-q,--quiet", "No progress and no remarks; errors only."),
    "verbose": ("-v,--verbose", "Print more about what is being done."),
    "json": ("--json", "One JSON document on standard output."),
    "no_color": ("--no-color", "No colours, even on a terminal."),
    "debug": ("--debug", "Show the traceback of an internal error."),
}


PROGRESS = ("auto", "json")


def global_parameters() -> list[inspect.Parameter]:
    """The keywords that declare the global flags to typer."""
    flags = [
        keyword(name, bool, typer.Option(*names.split(","), help=text, show_default=False), default=False)
        for name, (names, text) in _FLAGS.items()
    ]
    version = typer.Option(
        "-V", "--version", help="Show the version and exit.", is_eager=True, callback=_show_version
    )
    progress = typer.Option(
        "--progress",
        metavar="auto|json",
        help="Progress, remarks and errors on standard error: for a reader, or one JSON object per line.",
        show_default=False,
    )
    return [
        *flags,
        keyword("progress", str | None, progress),
        keyword("version", bool, version, default=False),
    ]


def global_names() -> tuple[str, ...]:
    """The names of these keywords."""
    return (*_FLAGS, "progress", "version")


def take_globals(context: typer.Context, given: dict[str, Any]) -> Streams:
    """Move the global flags out of the keywords into the invocation's streams."""
    streams = context.find_object(Streams)
    assert streams is not None
    for name in _FLAGS:
        if given.pop(name):
            setattr(streams, name, True)
    progress = given.pop("progress", None)
    if progress is not None:
        if progress not in PROGRESS:
            raise UsageError(f"--progress {progress}: must be {' or '.join(PROGRESS)}")
        streams.events = progress == "json"
    given.pop("version", None)
    return streams


def _show_version(wanted: bool) -> None:
    if wanted:
        import kancli

        typer.echo(f"kan {kancli.__version__}")
        raise typer.Exit
