"""What can be wrong with a recipe although every key is well formed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kancli.cli.frame.session import Session
from kancli.errors import RecipeError, UsageError

if TYPE_CHECKING:
    from kancli.recipe import ReadingOptions, Recipe
    from kancli.recipe.reader import Loc


def check_recipe(session: Session) -> Recipe:
    """The session's recipe, its functions looked up. Raises RecipeError with all mistakes at once."""
    from kancli.recipe import load
    from kancli.recipe.reader import dotted

    recipe = session.recipe()
    assert session.recipe_file is not None
    document = load(session.recipe_file)
    mistakes = []
    for loc, text in function_mistakes(recipe):
        line, column = document.position(loc)
        mistakes.append(((line, column), f"{document.source}:{line}:{column}: {dotted(loc)}: {text}"))
    if mistakes:
        raise RecipeError("\n".join(text for _, text in sorted(mistakes)))
    return recipe


def function_mistakes(recipe: Recipe) -> Iterator[tuple[Loc, str]]:
    """Functions that are not in the library, or that cannot be read, with their place."""
    from kancli.symbolic.library.functions import SETS

    for section in ("symbolify", "fit"):
        options: ReadingOptions = getattr(recipe, section)
        for name, text in options.functions.items():
            if mistake := unreadable(name, {name: text}):
                yield (section, "functions", name), mistake
        own = {
            name: text for name, text in options.functions.items() if unreadable(name, {name: text}) is None
        }
        for key in ("lib", "exclude"):
            for index, name in enumerate(getattr(options, key) or ()):
                if name not in SETS and (mistake := unreadable(name, own)):
                    yield (section, key, index), mistake
    for edge, name in recipe.symbolify.fix.items():
        if mistake := unreadable(name, dict(recipe.symbolify.functions)):
            yield ("symbolify", "fix", edge), mistake


def unreadable(name: str, own: dict[str, str]) -> str | None:
    """Why a function's name or definition is invalid; None if it is valid."""
    from kancli.symbolic.library.functions import named_function

    try:
        named_function(name, own)
    except UsageError as error:
        return f"{error.message}; {error.hint}" if error.hint else error.message
    return None
