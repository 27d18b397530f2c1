"""The commands as values, independent of the output format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kancli.cli.frame.app import COMMANDS, build
from kancli.cli.frame.globals import global_names

EXIT_CODES = {
    0: "success",
    1: "an internal error, or a file that cannot be written",
    2: "usage: a flag or an argument that is not valid",
    3: "bad data; the message starts with file:line:column where there is one",
    4: "a bad recipe; the message lists every mistake with file:line:column",
    5: "a checkpoint that is missing, damaged, or newer than this version",
    6: "the fit failed",
    7: "a quality gate such as --require-r2 was missed",
    8: "an optional package or device is missing",
    130: "interrupted; what was found is kept",
    141: "the reader of standard output has gone",
    143: "terminated; what was found is kept",
}
ENVIRONMENT = {
    "NO_COLOR": "No colours, if it is set and not empty.",
    "TERM": "If it is dumb, the output on a terminal is plain, as in a pipe.",
    "OMP_NUM_THREADS": "Threads per process; kan sets it to 1 if it is not set, see --threads.",
}
DATA = (
    "DATA is a .csv or .tsv file, plain or compressed (.gz, .bz2, .xz, .zip), .parquet, .feather, .jsonl, "
    ".xlsx#SHEET, .db#TABLE, .npz, a folder, a pattern, a URL, or - for standard input. "
    "The target is the last column unless --target names another."
)
RUN = (
    "RUN is a run directory (its newest version), DIR@prune or DIR@3, a .kan file, the name of a run in runs, "
    "last, or - for standard input: the path on its last line. If left out: the path from a pipe, else last. "
    "For show, export, predict and eval, RUN#2 is the second formula of its front, as kan show numbers it."
)


@dataclass(frozen=True)
class Entry:
    """An argument or option: how it is written, and what it means."""

    written: str
    help: str


@dataclass(frozen=True)
class Page:
    """One command. `blocks` are the paragraphs of its text; examples are a tuple with one line each."""

    name: str
    summary: str
    usage: str
    blocks: tuple[str | tuple[str, ...], ...]
    arguments: tuple[Entry, ...]
    options: tuple[Entry, ...]


@dataclass(frozen=True)
class Manual:
    """All commands, and the options that each of them has."""

    version: str
    summary: str
    pages: tuple[Page, ...]
    options: tuple[Entry, ...]


def manual(names: Sequence[str] = tuple(COMMANDS)) -> Manual:
    """The manual of these commands, by default of all."""
    from kancli import __version__

    root = build()
    context = root.make_context("kan", ["fit"], resilient_parsing=True)
    shared = {*global_names(), "help"}
    everywhere = [entry(p) for p in root.get_params(context) if p.name in shared]
    pages = tuple(page(root.get_command(context, name), shared) for name in names)
    return Manual(__version__, str(root.help), pages, tuple(everywhere))


def page(command: Any, shared: set[str]) -> Page:
    """A command's page, without the options that every command has."""
    own = [parameter for parameter in command.params if parameter.name not in shared]
    arguments = [p for p in own if p.param_type_name == "argument"]
    options = [p for p in own if p.param_type_name == "option"]
    summary, *blocks = [as_block(text) for text in str(command.help).split("\n\n")]
    usage = ["kan", command.name, *(bracketed(p) for p in arguments), *(["[OPTIONS]"] if options else [])]
    return Page(
        command.name,
        str(summary),
        " ".join(usage),
        tuple(blocks),
        tuple(entry(p) for p in arguments),
        tuple(entry(p) for p in options),
    )


def as_block(text: str) -> str | tuple[str, ...]:
    """A paragraph on one line, or the lines of what must not be wrapped."""
    if text.startswith("\b\n"):
        return tuple(line.strip() for line in text.splitlines()[1:])
    return " ".join(text.split())


def bracketed(argument: Any) -> str:
    """An argument in the usage line."""
    name = str(argument.metavar or argument.name.upper())
    return name if argument.required or name.startswith("[") else f"[{name}]"


def entry(parameter: Any) -> Entry:
    """An argument or option as it is written, with its default."""
    text = " ".join(str(parameter.help or "").split())
    if parameter.param_type_name == "argument":
        return Entry(str(parameter.metavar or parameter.name.upper()), text)
    switch = parameter.is_flag
    if parameter.show_default and not switch and parameter.default not in (None, False, ()):
        text += f" [default: {parameter.default}]"
    value = "" if switch else f" {parameter.metavar or 'TEXT'}"
    off = f", {parameter.secondary_opts[0]}" if parameter.secondary_opts else ""
    # Those of --help come from a set, in any order.
    return Entry(", ".join(sorted(parameter.opts, key=len)) + off + value, text)
