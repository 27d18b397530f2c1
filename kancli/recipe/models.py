"""Every option of every stage: name, type, bounds, default and help text, written here and nowhere else.

A model is at once the section of a recipe, the flags of the command, the JSON Schema and the value that
the stage receives.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from kancli.recipe.export_formats import FORMATS, ExportAlias, ExportFormat, known_as
from kancli.recipe.fields import (
    Definitions,
    EdgeFunctions,
    Edges,
    Flag,
    Grids,
    Groups,
    Names,
    Options,
    Width,
    as_seconds,
    as_tuple,
)
from kancli.recipe.width import Layer, parse_width

StageName = Literal["train", "prune", "refine", "symbolify", "fit"]

STAGES: tuple[StageName, ...] = ("train", "prune", "refine", "symbolify")
SEARCH: tuple[StageName, ...] = ("fit",)


class DataOptions(Options):
    """The table: which columns are used and which rows are held out."""

    path: str = Field(
        description="The table: .csv, .tsv, either of them compressed, or - for standard input. "
        "In a recipe, relative to the recipe's own folder.",
        min_length=1,
    )
    target: Annotated[str | None, Flag(metavar="COLUMN")] = Field(
        default=None, description="The column that the formula shall predict; by default the last one."
    )
    inputs: Names | None = Field(
        default=None, description="The columns the formula may use; by default all but the target."
    )
    sep: Annotated[str | None, Flag(metavar="CHAR")] = Field(
        default=None, description="What separates the columns; by default found from the file itself."
    )
    validation: Annotated[float, Flag(name="--val", metavar="FRACTION")] = Field(
        default=0.2,
        ge=0.0,
        le=0.9,
        alias="val",
        description="Share of the rows held out of the fit. They say when to stop and what a simpler network "
        "costs, so leave some unless rows are very few.",
    )
    drop_missing: bool = Field(
        default=False, description="Leave out rows with missing values instead of refusing the table."
    )
    sigma: Annotated[str | None, Flag(metavar="COLUMN")] = Field(
        default=None,
        description="The column of the target's standard errors: a row counts as 1/error². It is no input.",
    )
    weights: Annotated[str | None, Flag(metavar="COLUMN")] = Field(
        default=None, description="The column that says how much each row counts. It is no input."
    )
    positive: Names = Field(
        default=(),
        description="Columns that are positive by their nature. A value that is not is refused with its place, so "
        "sqrt(x^2) is x for certain.",
    )


class TrainOptions(Options):
    """The first fit: a dense network of splines."""

    width: Width = Field(
        description="Nodes per layer, inputs first: 2,5,1 is two inputs, five hidden nodes, one output. "
        "p marks nodes that multiply: 4,3+2p,1. Start wider than you think; pruning removes the rest."
    )
    grid: int = Field(
        default=5,
        ge=1,
        le=1000,
        description="Intervals of each spline. More follow finer detail and need more rows; "
        "start coarse and let refine do the rest.",
    )
    order: int = Field(
        default=3,
        ge=1,
        le=5,
        description="Polynomial degree of the splines: 3 is cubic, smooth to its second derivative.",
    )
    base: Literal["none", "silu", "identity"] = Field(
        default="none", description="A fixed function added to every spline; silu is what the KAN paper uses."
    )
    merge: Groups = Field(
        default=(),
        description="Inputs that enter the formula only through one sum of functions of each, such as x2-x1 or "
        "m*g. The first hidden layer then has a node for each such group, and after them one for each other "
        "input as it is. Repeat for more groups.",
    )
    finer: Grids = Field(
        default=(),
        description="Go on to these finer grids with the restarts that are left, and only then keep the best: "
        "on a coarse grid a wrong function can look right. With lm, and where the coarse fit comes near.",
    )
    optimizer: Literal["lm", "lbfgs", "adam"] = Field(
        default="lm",
        description="lm (Levenberg-Marquardt) reaches the spline's own accuracy in a few dozen steps; "
        "lbfgs and adam are the first-order methods of the KAN paper.",
    )
    steps: Annotated[int | None, Flag(metavar="N")] = Field(
        default=None,
        ge=1,
        description="At most this many optimiser steps; by default what the optimiser needs.",
    )
    restarts: int = Field(
        default=8,
        ge=1,
        le=1000,
        description="Random starts fitted side by side, of which the best is kept. "
        "More of them help when the fit gets stuck.",
    )
    lamb: float = Field(
        default=0.0,
        ge=0.0,
        description="Strength of the sparsity penalty, which pushes unneeded edges to zero while training. "
        "0 leaves that to prune; 1e-3 to 1e-2 is a usual range.",
    )
    lamb_entropy: float = Field(
        default=2.0,
        ge=0.0,
        description="Weight of the penalty's entropy part, which prefers few strong edges to many weak ones.",
    )
    learning_rate: float = Field(
        default=0.02, gt=0.0, description="Step size of adam; the other optimisers choose theirs."
    )
    move_grid: bool = Field(
        default=True,
        description="Let each spline's grid follow the range that its inputs have while training.",
    )
    patience: int = Field(
        default=10,
        ge=1,
        description="Stop after this many steps in which the held-out rows were not fitted better.",
    )

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The width as (sum nodes, product nodes) pairs, inputs first."""
        return parse_width(self.width)


class PruneOptions(Options):
    """Removing the edges and nodes that the data do not need."""

    by: Literal["refit", "score"] = Field(
        default="refit",
        description="refit removes an edge, fits the rest again and looks at the held-out error; "
        "score cuts what lies below --threshold without fitting, as the KAN paper does.",
    )
    threshold: float = Field(
        default=1e-2,
        ge=0.0,
        description="With --by score: an edge or node is cut when its score is below this.",
    )
    steps: int = Field(default=15, ge=1, description="Optimiser steps of the re-fit after each removal.")
    tolerance: float = Field(
        default=0.05,
        ge=0.0,
        description="With --by refit: the share of the held-out error that a removal may add although it is "
        "more than chance. Larger gives simpler, rougher networks.",
    )
    products: bool = Field(
        default=True,
        description="With --by refit: try a product node in the place of sum nodes that together only multiply.",
    )


class RefineOptions(Options):
    """Finer splines: the same function on more intervals, then fitted again."""

    grid: Grids = Field(
        default=(10, 20),
        min_length=1,
        description="Intervals of the splines, one stop after another; stops early when the held-out error "
        "rises. Each doubling of a cubic spline cuts the error about sixteenfold while the shape is right.",
    )
    steps: int = Field(default=30, ge=1, description="Optimiser steps at each grid.")

    @field_validator("grid")
    @classmethod
    def _finer_and_finer(cls, grid: tuple[int, ...]) -> tuple[int, ...]:
        if any(later <= earlier for earlier, later in pairwise(grid)):
            raise ValueError(f"each grid must be finer than the one before, not {','.join(map(str, grid))}")
        return grid


class ReadingOptions(Options):
    """How functions are read off splines: shared by symbolify and fit."""

    lib: Names | None = Field(
        default=None,
        description="The functions an edge may become, such as x,x^2,sin,exp; by default the whole library.",
    )
    exclude: Names = Field(default=(), description="Functions of the library that no edge may become.")
    compositions: bool = Field(
        default=True,
        description="Also try one function inside another, such as sqrt(1 + x²), on a single edge.",
    )
    snap: bool = Field(
        default=True, description="Replace constants by exact values (1/2, pi, sqrt(2)) where the data agree."
    )
    functions: Definitions = Field(
        default_factory=dict,
        description="Functions of your own for the library, in u: decay=exp(-u)/u. Repeat for more.",
    )
    simplify_seconds: float = Field(
        default=5.0, gt=0.0, description="Time that simplifying the formula may take."
    )


class SymbolifyOptions(ReadingOptions):
    """From splines to a formula."""

    fix: EdgeFunctions = Field(
        default_factory=dict,
        description="Give an edge its function: 0,1,0=sin is layer 0, from node 1, to node 0. "
        "Repeat for more edges.",
    )
    keep_spline: Edges = Field(
        default=(), description="Leave this edge (layer,from,to) a spline. Repeat for more edges."
    )
    min_r2: Annotated[float | None, Flag(metavar="R2")] = Field(
        default=None,
        le=1.0,
        description="An edge that no function fits with at least this r² stays a spline and is called so.",
    )
    thorough: bool = Field(
        default=True,
        description="Exchange functions between edges until nothing gets better, instead of a first look.",
    )
    top: int = Field(
        default=5, ge=1, le=100, description="Candidates kept per edge while all edges are chosen together."
    )


class FitOptions(ReadingOptions):
    """From the table to the formula, with the shape of the network found on the way."""

    time_limit: Annotated[float, BeforeValidator(as_seconds), Flag(metavar="TIME")] = Field(
        default=120.0,
        gt=0.0,
        description="Seconds, or 10m, or 1h: the best formula found by then is printed.",
    )
    grid: int = Field(
        default=3, ge=2, le=100, description="Intervals of each spline while shapes are compared."
    )
    restarts: int = Field(default=16, ge=1, le=1000, description="Random starts of each shape.")
    refine: Grids = Field(
        default=(10, 20),
        min_length=1,
        description="Intervals of the splines before functions are read off them.",
    )
    select: Annotated[str, Flag(metavar="mdl|knee|error|complexity<=N")] = Field(
        default="mdl",
        pattern=r"^(mdl|knee|error|complexity<=[0-9]+)$",
        description="Which formula of the front to take: the shortest description of formula and data (mdl), "
        "the one after which length buys little (knee), the least held-out error, or that with a bound on "
        "the length.",
    )
    max_complexity: Annotated[int | None, Flag(metavar="N")] = Field(
        default=None, ge=1, description="Take no formula with more than N nodes; x + 1 has three."
    )
    like: Annotated[str | None, Flag(metavar="FORM")] = Field(
        default=None,
        min_length=1,
        description='Fit only the constants of a form, "a*exp(-b*x) + c": names that are no columns are '
        "constants, pi and e numbers.",
    )
    units: Annotated[Literal["check", "reduce", "ignore"] | None, Flag(metavar="check|reduce|ignore")] = (
        Field(
            default=None,
            description="Take formulas whose units do not add up only where there is no other (check), search among "
            "dimensionless numbers (reduce), or ignore units; check where units are given, else only a remark.",
        )
    )


class ExportOptions(Options):
    """The formula as source text for other programs."""

    format: Annotated[
        ExportFormat | None,
        BeforeValidator(known_as, json_schema_input_type=ExportFormat | ExportAlias | None),
        Flag(name="-f,--format", metavar="FORMAT"),
    ] = Field(
        default=None,
        description=f"What to write the formula as: {', '.join(FORMATS)}. By default what the ending of FILE says, "
        "else text.",
    )
    output: Annotated[str | None, Flag(name="-o,--output", metavar="FILE")] = Field(
        default=None, description="Write to this file instead of standard output."
    )
    with_test: bool = Field(
        default=False,
        description="Add a few rows with their expected values and a program that checks them to 1e-12.",
    )


class RunOptions(Options):
    """Where a run is kept and what of the machine it may use."""

    directory: Annotated[str | None, Flag(name="--run", metavar="DIR")] = Field(
        default=None, description="Folder for the run's versions; by default a new one, runs/<data>-NNN."
    )
    jobs: Annotated[int | None, Flag(metavar="N")] = Field(
        default=None,
        ge=1,
        description="Processes that work side by side; by default one a core. The result is the same.",
    )
    threads: int = Field(
        default=1, ge=1, description="Threads of each process; more than 1 only pays for very large tables."
    )


def _unit_texts(value: Any) -> Any:
    """The 1 of a plain number is text like other units."""
    if not isinstance(value, dict):
        return value
    return {
        key: str(unit) if isinstance(unit, int) and not isinstance(unit, bool) else unit
        for key, unit in value.items()
    }


def _section(value: Any) -> Any:
    """A section with a heading and nothing under it is a section with all defaults."""
    return {} if value is None else value


class Recipe(Options):
    """A whole run: the data, the options of every stage, and the order of the stages.

    `train` is None where no stage needs it, as in the recipe of a search.
    """

    version: Literal[1] = Field(default=1, description="Version of the recipe format.")
    seed: Annotated[int, Flag(metavar="N")] = Field(
        default=0,
        ge=0,
        description="Seed of all randomness: same data, options and seed give the same formula.",
    )
    data: Annotated[DataOptions, BeforeValidator(_section)]
    units: Annotated[
        dict[str, str],
        BeforeValidator(_unit_texts, json_schema_input_type=dict[str, str | int]),
        BeforeValidator(_section),
        Flag(name="--unit", metavar="COLUMN=UNIT", repeat=True),
    ] = Field(
        default_factory=dict,
        description="The units of columns, for fit: kg*m/s^2, N, km/h, or 1 for a number. Headers such as T [K] "
        "say theirs by themselves. Repeat for more.",
    )
    train: Annotated[TrainOptions | None, BeforeValidator(_section)] = None
    prune: Annotated[PruneOptions, BeforeValidator(_section)] = PruneOptions()
    refine: Annotated[RefineOptions, BeforeValidator(_section)] = RefineOptions()
    symbolify: Annotated[SymbolifyOptions, BeforeValidator(_section)] = SymbolifyOptions()
    export: Annotated[ExportOptions, BeforeValidator(_section)] = ExportOptions()
    fit: Annotated[FitOptions, BeforeValidator(_section)] = FitOptions()
    run: Annotated[RunOptions, BeforeValidator(_section)] = RunOptions()
    stages: Annotated[
        tuple[StageName, ...], BeforeValidator(as_tuple, json_schema_input_type=list[StageName])
    ] = Field(
        default=STAGES,
        description="The stages to run, in this order; a stage may occur more than once. fit searches for the "
        "shape by itself and takes the place of train; it is the default where there is a fit section but no "
        "train section.",
    )

    @field_validator("stages")
    @classmethod
    def _train_comes_first(cls, stages: tuple[StageName, ...]) -> tuple[StageName, ...]:
        starts = ("train", "fit")
        if not stages or stages[0] not in starts or any(start in stages[1:] for start in starts):
            raise ValueError("must begin with train, or with fit, which occurs once")
        return stages
