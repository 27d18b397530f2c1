"""Signatures made at run time, in the form that typer reads."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer


def keyword(name: str, kind: Any, option: Any, default: Any = None) -> inspect.Parameter:
    """A keyword-only parameter annotated with its typer option or argument."""
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option]
    )


def with_keywords(
    function: Callable[..., None], keywords: Sequence[inspect.Parameter]
) -> Callable[..., None]:
    """Make a function that takes `context` and keywords look as if it had declared each of them."""
    context = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    parameters = [context, *keywords]
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    function.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return function
