"""The recipe of `kan solve`: an equation, its box and conditions, and the network that solves it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, field_validator

from kancli.errors import RecipeError
from kancli.recipe.fields import Grids, Options, as_tuple
from kancli.recipe.reader import Problem, dotted, read_document
from kancli.recipe.wording import wording

Texts = Annotated[tuple[str, ...], BeforeValidator(as_tuple)]


class EquationRecipe(Options):
    """A boundary value problem, and how it is solved and read."""

    version: Literal[1] = 1
    seed: int = Field(default=0, ge=0)
    equation: str = Field(min_length=3)
    unknown: str = Field(default="u", pattern=r"^[A-Za-z]\w*$")
    box: dict[str, tuple[float, float]]
    conditions: Texts
    nodes: int = Field(default=10, ge=1, le=100)
    grid: Grids = (6, 10, 16)
    points: int = Field(default=32, ge=4, le=400)
    restarts: int = Field(default=4, ge=1, le=1000)
    steps: int = Field(default=100, ge=1)
    read: bool = True
    time_limit: float = Field(default=120.0, gt=0.0)
    exact: str | None = None

    @field_validator("box", mode="before")
    @classmethod
    def _ends(cls, box: Any) -> Any:
        if not isinstance(box, dict) or not box or len(box) > 3:
            raise ValueError("must name one to three coordinates with their ends, such as x: [0, 1]")
        ends = {name: tuple(float(e) for e in pair) for name, pair in box.items() if isinstance(pair, list)}
        if len(ends) < len(box) or any(len(pair) != 2 or not pair[0] < pair[1] for pair in ends.values()):
            raise ValueError("each coordinate has two ends, the lower one first")
        return ends


def read_equation(path: str) -> EquationRecipe:
    """Read such a recipe. Raises RecipeError with one line for each mistake."""
    document = read_document(Path(path), path)
    problems = list(document.problems)
    try:
        recipe = EquationRecipe.model_validate(document.values)
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False):
            loc = tuple(part for part in error["loc"] if part != "[key]")
            problems.append(Problem(document.position(loc), dotted(loc), wording(error)))
    if problems:
        raise RecipeError("\n".join(problem.line(path) for problem in problems))
    return recipe
