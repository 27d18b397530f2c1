"""Completions for the shell: columns, runs, functions, laws. Nothing here imports torch or pandas."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import typer

from kancli.visible import is_visible

# What a table's header is looked for in.
HEAD = 1 << 16
STAGES = ("train", "prune", "refine", "symbolify", "fit")


def columns(ctx: typer.Context, incomplete: str) -> list[str]:
    """The columns of the table on the command line."""
    return matching(column_names(ctx), incomplete)


def column_list(ctx: typer.Context, incomplete: str) -> list[str]:
    """The same for `a,b,…`."""
    return list_matching(column_names(ctx), incomplete)


def function_list(incomplete: str) -> list[str]:
    """The functions of the library, for `x,sin,…`."""
    from kancli.symbolic.library.functions import ALL, SETS

    return list_matching([*ALL, *SETS], incomplete)


def run_names(incomplete: str) -> list[str]:
    """last, the runs in runs/, and after an @ the stages and numbers that a run has; else .kan files."""
    name, at, _ = incomplete.rpartition("@")
    if at:
        return matching([f"{name}@{which}" for which in parts_of(name)], incomplete)
    known = sorted(str(path.parent) for path in Path("runs").glob("*/run.json"))
    folder = Path(incomplete) if incomplete.endswith("/") else Path(incomplete).parent
    files = sorted(str(path) for path in folder.glob("*.kan")) if "/" in incomplete else []
    return matching(["last", *known, *files], incomplete)


def stage_names(incomplete: str) -> list[str]:
    """The stages of a recipe."""
    return matching(STAGES, incomplete)


def law_names(incomplete: str) -> list[str]:
    """The known laws."""
    from kancli.examples import laws

    return matching(laws(), incomplete)


def one_of(choices: Iterable[str]) -> Callable[..., list[str]]:
    """A completer for an option with these values."""
    known = tuple(choices)

    def complete(incomplete: str) -> list[str]:
        return matching(known, incomplete)

    return complete


def matching(known: Iterable[str], incomplete: str) -> list[str]:
    """The names that begin like this, as the shell has to have them."""
    start = incomplete.lstrip("'\"")
    return [as_word(name) for name in known if name.startswith(start) and is_visible(name)]


def list_matching(known: Iterable[str], incomplete: str) -> list[str]:
    """The list with its last entry completed; entries that are already in it are not offered again."""
    before, comma, last = incomplete.lstrip("'\"").rpartition(",")
    taken = before.split(",")
    names = [name for name in known if name.startswith(last) and name not in taken]
    return [as_word(f"{before}{comma}{name}") for name in names if is_visible(name)]


def as_word(name: str) -> str:
    """Escaped for bash, which inserts a completion unchanged; the other shells escape it themselves.

    With backslashes, as typer drops what does not begin as the word at the cursor does.
    """
    if not os.environ.get("_KAN_COMPLETE", "").endswith("bash"):
        return name
    return re.sub(r"([^\w@%+=:,./-])", r"\\\1", name)


def parts_of(run: str) -> list[str]:
    """`prune`, `3`, … of a run directory, by the names of its files."""
    from kancli.errors import CheckpointError

    directory = Path(run)
    if run == "last":
        from kancli.checkpoint import resolve

        try:
            directory = resolve("last").parent
        except CheckpointError:
            return []
    elif not directory.is_dir():
        directory = Path("runs") / run
    names = sorted(path.stem.partition("-") for path in directory.glob("[0-9]*-*.kan"))
    return [*dict.fromkeys(stage for _, _, stage in names), *(str(int(number)) for number, _, _ in names)]


def column_names(ctx: typer.Context) -> tuple[str, ...]:
    """The header of the table among the arguments."""
    # While an option has no value yet, the arguments have not been assigned.
    for value in (*ctx.params.values(), *ctx.args):
        if isinstance(value, str) and value != "-" and (names := header(value)):
            return names
    return ()


def header(path: str) -> tuple[str, ...]:
    """A table's column names; none where it cannot be read."""
    from kancli.errors import KanError

    if not Path(path).is_file() or path.endswith((".kan", ".yaml", ".yml")):
        return ()
    from kancli.dataset.text.layout import detect_layout
    from kancli.dataset.text.pieces import pieces

    try:
        layout = detect_layout(next(pieces(path, size=HEAD)), None)
    except KanError:
        return ()
    return tuple(name for index, name in enumerate(layout.names) if index not in layout.ignored)


def completer_of(
    loc: tuple[Any, ...], metavar: str | None, choices: Iterable[str]
) -> Callable[..., list[str]] | None:
    """The completer of an option, chosen by its place, the name of its value, or its choices."""
    if loc[-1] in ("lib", "exclude"):
        return function_list
    if loc == ("data", "inputs"):
        return column_list
    if metavar == "COLUMN":
        return columns
    if loc == ("export", "format"):
        from kancli.recipe.export_formats import FORMATS

        return one_of(FORMATS)
    known = tuple(choices)
    return one_of(known) if known else None
