"""`kan man`."""

from __future__ import annotations

import shutil
import subprocess
from difflib import get_close_matches
from typing import Annotated

import typer

from kancli.cli.frame.command import command
from kancli.cli.frame.session import Session
from kancli.errors import UsageError

FORMATS = ("man", "markdown")

Which = Annotated[
    str | None,
    typer.Argument(
        metavar="COMMAND", help="Only of this command; agent: how a program calls kan.", show_default=False
    ),
]
Format = Annotated[
    str,
    typer.Option("-f", "--format", metavar="man|markdown", help="A man page, or Markdown."),
]


@command()
def man(session: Session, which: Which = None, format: Format = "man") -> None:
    """Print the manual: every command with its options and examples.

    On a terminal the man page is shown by man; elsewhere its source is printed.

    \b
    kan man
    kan man fit
    kan man agent
    kan man -f markdown > kan.md
    kan man > ~/.local/share/man/man1/kan.1
    """
    from kancli.cli.frame.app import COMMANDS
    from kancli.cli.manual import manual
    from kancli.cli.manual.markdown import markdown
    from kancli.cli.manual.roff import roff

    if format not in FORMATS:
        raise UsageError(f"--format {format}: must be man or markdown")
    if which == "agent":
        from kancli.cli.manual.agent import agent

        text = agent()
        if session.streams.json:
            session.streams.document({"kan": 1, "command": which, "format": "markdown", "text": text})
        else:
            session.streams.result(text)
        return
    if which is not None and which not in COMMANDS:
        near = get_close_matches(which, COMMANDS, n=1)
        raise UsageError(
            f"no command {which!r}", f"did you mean {near[0]}?" if near else "kan --help lists them"
        )
    pages = manual(tuple(COMMANDS) if which is None else (which,))
    text = roff(pages) if format == "man" else markdown(pages)
    if session.streams.json:
        session.streams.document({"kan": 1, "command": which, "format": format, "text": text})
    elif format == "markdown" or not session.streams.terminal() or not shown(text):
        session.streams.result(text)


def shown(page: str) -> bool:
    """Whether the system's man has shown a page: it may be missing or unable to read standard input."""
    program = shutil.which("man")
    if program is None:
        return False
    return subprocess.run([program, "-l", "-"], input=page, text=True, check=False).returncode == 0
