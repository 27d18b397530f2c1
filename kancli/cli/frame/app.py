"""The command tree. Each command's module is imported when the command is called, so that help is instant."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from kancli.cli.frame.globals import CONTEXT_SETTINGS, global_parameters, take_globals
from kancli.cli.frame.keyword import with_keywords
from kancli.errors import UsageError

COMMANDS = {
    "fit": "Find the formula behind a table: data in, formula out.",
    "relations": "Find the laws among the columns of a table, none of which is the target.",
    "structure": "Tell what a table, or a model, says about the law without a formula.",
    "train": "Fit a network of splines of a given width.",
    "prune": "Remove the edges and nodes that the data do not need.",
    "refine": "Give the splines a finer grid and fit again.",
    "symbolify": "Turn the splines into functions and print the formula.",
    "suggest": "Rank the functions that could replace one edge.",
    "export": "Write the formula as source text.",
    "run": "Run the stages of a recipe.",
    "solve": "Solve a differential equation by a network and read its formula.",
    "predict": "Predict the target for the rows of a table.",
    "eval": "Measure the predictions on a table with known target values.",
    "show": "Describe a version of a run.",
    "plot": "Draw a version: network, edges, law, loss, predictions, residuals, front.",
    "view": "Look at a network in the browser, and choose the functions of its edges.",
    "report": "Write a self-contained HTML report of a version.",
    "log": "List the versions of a run.",
    "runs": "List all runs, the newest last.",
    "diff": "Compare two versions: options, metrics, edges, formula.",
    "init": "Write a recipe for a table.",
    "check": "Report problems in a table or a recipe.",
    "schema": "Print the JSON Schema of a recipe or of the --json output.",
    "example": "Print a table that follows a known law.",
    "doctor": "Check the installation and fit a known law.",
    "functions": "List the functions that can replace an edge.",
    "man": "Print the manual: every command with its options and examples.",
}
"""Name → what the command does; the same text as the first line of the command's own help."""

TOUR = """\
kan finds the formula behind a table:
  kan fit data.csv                                        data in, formula out
  kan example pendulum | kan fit -                        a known law to try it on
  kan init data.csv -o data.yaml && kan run data.yaml     stage by stage, with a recipe
  kan show last; kan runs; kan --help                     the result; all runs; all commands
"""


class LazyGroup(TyperGroup):
    """The commands by name; a command's module is imported when it is looked up."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        return getattr(import_module(f"kancli.cli.commands.{cmd_name}"), cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            near = get_close_matches(name, COMMANDS, n=1)
            guess = f"; did you mean {near[0]}?" if near else ""
            raise UsageError(f"no command {name!r}{guess}", "kan --help lists the commands")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def build() -> Any:
    """The root command."""
    app = typer.Typer(
        cls=LazyGroup, add_completion=True, rich_markup_mode=None, context_settings=CONTEXT_SETTINGS
    )
    app.callback(invoke_without_command=True)(_root())
    return typer.main.get_command(app)


def _root() -> Callable[..., None]:
    def root(context: typer.Context, **given: Any) -> None:
        """Find the formula behind a table of numbers, with Kolmogorov-Arnold networks."""
        streams = take_globals(context, given)
        if context.invoked_subcommand is None:
            streams.result(TOUR)

    return with_keywords(root, global_parameters())
