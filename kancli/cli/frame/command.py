"""What a command module declares itself with: its own arguments, plus flags from the option models."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import typer

from kancli.cli.frame.globals import CONTEXT_SETTINGS, global_parameters, take_globals
from kancli.cli.frame.keyword import keyword, with_keywords
from kancli.cli.frame.session import Session


def command(
    *, options: Sequence[str] = (), recipe: bool = False, argument_name: str | None = None
) -> Callable[[Callable[..., None]], Any]:
    """Turn `f(session, …)` into a command.

    `options` names the recipe's sections, or single keys such as `run.jobs`, whose flags the command
    has; the function gets them resolved, through the session. `recipe` adds `--recipe FILE`.
    `argument_name` is the name of the table argument in usage errors, if the command has one.
    """

    def decorate(function: Callable[..., None]) -> Any:
        from kancli.cli.frame.options import field_flags, given_values

        flags = list(field_flags(options))
        declared = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in declared]
        keywords = [*own, *(flag.as_parameter() for flag in flags)]
        if recipe:
            help_text = "Take the options from this recipe; flags override it."
            option = typer.Option("--recipe", metavar="FILE", help=help_text, show_default=False)
            keywords.append(keyword("recipe", str | None, option))

        def invoke(context: typer.Context, **given: Any) -> None:
            streams = take_globals(context, given)
            names = {flag.loc: flag.spelling for flag in flags}
            if argument_name:
                names["data", "path"] = argument_name
            session = Session(streams, given_values(flags, given), names, given.get("recipe"))
            function(session, **{parameter.name: given[parameter.name] for parameter in own})

        invoke.__doc__ = function.__doc__
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(name=function.__name__, context_settings=CONTEXT_SETTINGS)(
            with_keywords(invoke, [*keywords, *global_parameters()])
        )
        return typer.main.get_command(app)

    return decorate
