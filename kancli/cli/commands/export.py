"""`kan export`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kancli.cli.actions.model import facts
from kancli.cli.commands.arguments import Run
from kancli.cli.frame.command import command
from kancli.cli.frame.session import Session
from kancli.cli.output.files import write_text

if TYPE_CHECKING:
    from kancli.recipe import ExportOptions


@command(options=("export",), recipe=True)
def export(session: Session, run: Run = None) -> None:
    """Write the formula as source text.

    Prints the text, or writes it to the file given with -o.

    \b
    kan export last -f latex
    kan export last#2 -f c
    kan export runs/data-001 -o law.py
    kan export last -f c --with-test -o law.c && cc law.c -lm && ./a.out
    kan symbolify last | kan export -f sympy
    """
    from kancli.checkpoint import read_header

    path, number = session.find_member(run)
    metadata = facts(read_header(path).metadata, number)
    options = session.recipe(base=metadata.get("recipe"), train=False).export
    format, source = source_text(metadata, options)
    if options.output:
        write_text(options.output, source + "\n")
    if session.streams.json:
        session.streams.document(
            {
                "kan": 1,
                "format": format,
                "with_test": options.with_test,
                "source": source,
                "output": options.output,
                "checkpoint": str(path),
            }
        )
    elif not options.output:
        session.streams.result(source)


def source_text(metadata: Mapping[str, Any], options: ExportOptions) -> tuple[str, str]:
    """The requested format, by name or by the file extension, and the formula of a version in it."""
    from kancli.export import export as as_source
    from kancli.recipe.export_formats import format_of_file

    format = options.format or format_of_file(options.output or "")
    return format, as_source(metadata, format, with_test=options.with_test)
