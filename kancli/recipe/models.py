"""Every option of every stage: name, type, bounds, default and help text, written here and nowhere else.

A model is at once the section of a recipe, the flags of the command, the JSON Schema and the value that
the stage receives.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from kancli.recipe.export_formats import FORMATS, ExportAlias, ExportFormat, known_as
from kancli.recipe.fields import (
    Definitions,
    EdgeFunctions,
    Edges,
    Flag,
    Forms,
    Grids,
    Groups,
    Names,
    Options,
    Texts,
    Width,
    as_seconds,
    as_tuple,
)
from kancli.recipe.width import Layer, parse_width

StageName = Literal["train", "prune", "refine", "symbolify", "fit"]

STAGES: tuple[StageName, ...] = ("train", "prune", "refine", "symbolify")
SEARCH: tuple[StageName, ...] = ("fit",)


# torch's generators have seeds of 63 bits.
MOST_SEED = (1 << 63) - 1
# No machine is faster with more; libraries end the process where the system has none left.
MOST_THREADS = 1024


class DataOptions(Options):
    """The table: which columns are used and which rows are held out."""

    path: str = Field(
        description="The table: .csv, .tsv, either of them compressed, or - for standard input. "
        "In a recipe, relative to the recipe's own folder.",
        min_length=1,
    )
    more: Names = Field(
        default=(),
        description="Further tables with the same columns, one trajectory each (with fit.ode).",
    )
    target: Annotated[str | None, Flag(metavar="COLUMN")] = Field(
        default=None,
        description="The column that the formula predicts; by default the last one. With fit also several, a law "
        "of each: a,b in which none is an input of another, or all, each from all others.",
    )
    inputs: Names | None = Field(
        default=None, description="The columns that the formula may use; by default all but the target."
    )
    sep: Annotated[str | None, Flag(metavar="CHAR")] = Field(
        default=None, description="The column separator; by default detected from the file."
    )
    validation: Annotated[float, Flag(name="--val", metavar="FRACTION")] = Field(
        default=0.2,
        ge=0.0,
        le=0.9,
        alias="val",
        description="Share of the rows that are held out of the fit. Held-out rows show when to stop and how much "
        "accuracy a simpler network costs, so hold some out unless there are very few rows.",
    )
    test: Annotated[float | str | None, Flag(metavar="FRACTION|FILE")] = Field(
        default=None,
        description="Rows that no choice sees, on which the formula found is judged: a share of the table, such as "
        "0.2, or another table.",
    )
    drop_missing: bool = Field(
        default=False, description="Leave out rows with missing values instead of rejecting the table."
    )
    sigma: Annotated[str | None, Flag(metavar="COLUMN")] = Field(
        default=None,
        description="The column with the standard errors of the target: a row has the weight 1/error². "
        "The column is not an input.",
    )
    weights: Annotated[str | None, Flag(metavar="COLUMN")] = Field(
        default=None, description="The column with the weight of each row. It is not an input."
    )
    positive: Names = Field(
        default=(),
        description="Columns that are always positive. A value that is not positive is rejected with its line and "
        "column, so that sqrt(x^2) can be written as x. Where the target is named, fit takes a formula that is not "
        "positive over the ranges of all inputs only if there is no other.",
    )

    @field_validator("test")
    @classmethod
    def _a_share_or_a_file(cls, test: float | str | None) -> float | str | None:
        if isinstance(test, float | int) and not 0 < test < 1:
            raise ValueError("a share of the rows must be above 0 and below 1")
        if test == "":
            raise ValueError("must be a number or a file")
        return test


class TrainOptions(Options):
    """The first fit: a dense network of splines."""

    width: Width = Field(
        description="Nodes per layer, inputs first: 2,5,1 is two inputs, five hidden nodes, one output. "
        "p marks nodes that multiply: 4,3+2p,1. Start wider than you think necessary; pruning removes the rest."
    )
    grid: int = Field(
        default=5,
        ge=1,
        le=1000,
        description="Intervals of each spline. More intervals follow finer detail but need more rows; "
        "start coarse and let refine do the rest.",
    )
    order: int = Field(
        default=3,
        ge=1,
        le=5,
        description="Polynomial degree of the splines: 3 is cubic, smooth to its second derivative.",
    )
    base: Literal["none", "silu", "identity"] = Field(
        default="none", description="A fixed function added to every spline; the KAN paper uses silu."
    )
    merge: Groups = Field(
        default=(),
        description="Inputs that enter the formula only through one sum of functions of each, such as x2-x1 or "
        "m*g. The first hidden layer then has a node for each such group, and after them one for each other "
        "input, passed on unchanged. Repeat for more groups.",
    )
    finer: Grids = Field(
        default=(),
        description="Continue the remaining restarts on these finer grids before keeping the best one: on a coarse "
        "grid a wrong function can look right. Only with lm, and if the coarse fit is close enough.",
    )
    optimizer: Literal["lm", "lbfgs", "adam"] = Field(
        default="lm",
        description="lm (Levenberg-Marquardt) reaches the spline's own accuracy in a few dozen steps; "
        "lbfgs and adam are the first-order methods of the KAN paper.",
    )
    steps: Annotated[int | None, Flag(metavar="N")] = Field(
        default=None,
        ge=1,
        description="Maximum number of optimiser steps; the default depends on the optimiser.",
    )
    restarts: int = Field(
        default=8,
        ge=1,
        le=1000,
        description="Random starts fitted side by side; the best one is kept. "
        "More restarts help when the fit gets stuck.",
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
        default=0.02, gt=0.0, description="Step size of adam; the other optimisers choose their own."
    )
    move_grid: bool = Field(
        default=True,
        description="Let the grid of each spline follow the range of its input during training.",
    )
    patience: int = Field(
        default=10,
        ge=1,
        description="Stop after this many steps without a better fit of the held-out rows.",
    )

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The width as (sum nodes, product nodes) pairs, inputs first."""
        return parse_width(self.width)


class PruneOptions(Options):
    """Removing the edges and nodes that the data do not need."""

    by: Literal["refit", "score"] = Field(
        default="refit",
        description="refit removes edges, several at a time, fits the rest again and compares the held-out error; "
        "score removes what scores below --threshold without fitting, as in the KAN paper.",
    )
    remove: Edges = Field(
        default=(),
        description="Remove this edge (layer,from,to) and no other, then fit the rest again. Repeat for more edges.",
    )
    threshold: float = Field(
        default=1e-2,
        ge=0.0,
        description="With --by score: an edge or node is removed when its score is below this.",
    )
    steps: int = Field(default=15, ge=1, description="Optimiser steps of the refit after each removal.")
    tolerance: float = Field(
        default=0.05,
        ge=0.0,
        description="With --by refit: how much a removal may raise the held-out error, as a share of it, even if "
        "that is more than chance. Larger values give simpler, less accurate networks.",
    )
    products: bool = Field(
        default=True,
        description="With --by refit: try a product node in place of sum nodes that together form a product.",
    )


class RefineOptions(Options):
    """Finer splines: the same function on more intervals, then fitted again."""

    grid: Grids = Field(
        default=(10, 20),
        min_length=1,
        description="Intervals of the splines, one grid after another; stops early when the held-out error "
        "rises. If the architecture is right, each doubling reduces the error of a cubic spline about sixteenfold.",
    )
    steps: int = Field(default=30, ge=1, description="Optimiser steps at each grid.")

    @field_validator("grid")
    @classmethod
    def _finer_and_finer(cls, grid: tuple[int, ...]) -> tuple[int, ...]:
        if any(later <= earlier for earlier, later in pairwise(grid)):
            raise ValueError(f"each grid must be finer than the one before, not {','.join(map(str, grid))}")
        return grid


class ReadingOptions(Options):
    """How splines are replaced by functions: shared by symbolify and fit."""

    lib: Names | None = Field(
        default=None,
        description="The functions that may replace an edge, such as x,x^2,sin,exp; by default the whole library. "
        "special, physics and biology add functions such as Bessel's to it: see kan functions.",
    )
    exclude: Names = Field(default=(), description="Functions of the library that must not replace an edge.")
    compositions: bool = Field(
        default=True,
        description="Also try compositions of two functions, such as sqrt(1 + x²), on a single edge.",
    )
    snap: bool = Field(
        default=True,
        description="Replace constants by exact values (1/2, pi, sqrt(2)) where the data allow it; "
        "with --like only if asked for.",
    )
    functions: Definitions = Field(
        default_factory=dict,
        description="Add your own function of u to the library: decay=exp(-u)/u. Repeat for more.",
    )
    simplify_seconds: float = Field(
        default=5.0, gt=0.0, description="Maximum time for simplifying the formula, in seconds."
    )
    errors: Literal["auto", "additive", "relative", "log", "counts", "mixed"] = Field(
        default="auto",
        description="How large the errors of the target are: all of one size (additive), in proportion to the value "
        "(relative, or log for those of its logarithm), to its root (counts), or the sum of the first two (mixed). "
        "By default what describes the table most briefly; errors given with --sigma win.",
    )
    loss: Literal["auto", "squares", "t", "huber", "l1"] = Field(
        default="auto",
        description="The distribution of the errors: normal (squares), or with long tails, so that outliers count "
        "little: Student's t, Huber's (huber) or Laplace's (l1). By default squares, or t where outliers make that "
        "the shorter description.",
    )


class SymbolifyOptions(ReadingOptions):
    """From splines to a formula."""

    fix: EdgeFunctions = Field(
        default_factory=dict,
        description="Fix the function of an edge: 0,1,0=sin is layer 0, from node 1, to node 0. "
        "Repeat for more edges.",
    )
    keep_spline: Edges = Field(
        default=(), description="Keep this edge (layer,from,to) as a spline. Repeat for more edges."
    )
    min_r2: Annotated[float | None, Flag(metavar="R2")] = Field(
        default=None,
        le=1.0,
        description="An edge that no function fits with at least this r² stays a spline and is reported as one.",
    )
    thorough: bool = Field(
        default=True,
        description="Exchange the functions on the edges until nothing improves, instead of a quick first reading.",
    )
    top: int = Field(
        default=5, ge=1, le=100, description="Candidates kept per edge while all edges are chosen together."
    )


class FitOptions(ReadingOptions):
    """From the table to the formula, with the architecture found during the search."""

    time_limit: Annotated[float, BeforeValidator(as_seconds), Flag(metavar="TIME")] = Field(
        default=120.0,
        gt=0.0,
        description="Time limit in seconds, or as 10m or 1h: the best formula found by then is printed.",
    )
    task: Literal["auto", "regression", "classify"] = Field(
        default="auto",
        description="What the target is: numbers (regression), or labels of classes (classify), for which the "
        "formula is the log-odds of each class against the first. By default a target of text is taken for labels.",
    )
    grid: int = Field(
        default=3, ge=2, le=100, description="Intervals of each spline while architectures are compared."
    )
    restarts: int = Field(default=16, ge=1, le=1000, description="Random starts of each architecture.")
    refine: Grids = Field(
        default=(10, 20),
        min_length=1,
        description="Intervals of the splines before they are replaced by functions.",
    )
    select: Annotated[str, Flag(metavar="mdl|knee|error|complexity<=N")] = Field(
        default="mdl",
        pattern=r"^(mdl|knee|error|complexity<=[0-9]{1,9})$",
        description="Which formula of the front to take: the one with the shortest description of formula and data "
        "(mdl), the one after which more complexity gains little (knee), the one with the smallest held-out "
        "error (error), or that among the formulas of at most N nodes (complexity<=N).",
    )
    max_complexity: Annotated[int | None, Flag(metavar="N")] = Field(
        default=None, ge=1, description="Maximum number of nodes in the formula; x + 1 has three."
    )
    like: Forms = Field(
        default=(),
        description='Fit only the constants of a given form, such as "a*exp(-b*x) + c", by least squares: names that '
        "are not columns are constants; pi is a number, and e in e**(-k*t). They keep their values unless --snap is "
        "given. Repeat to compare forms.",
    )
    start: Annotated[str | None, Flag(metavar="FORMULA")] = Field(
        default=None,
        min_length=1,
        description='Begin the search at a formula, such as "2.1*x + a*sin(t)": its decimal numbers and names that '
        "are not columns are constants to fit. A remark tells by how much what is found describes the data more "
        "briefly.",
    )

    ode: Annotated[str | None, Flag(metavar="TIME")] = Field(
        default=None,
        min_length=1,
        description="The table is a trajectory and this column the time: find the law of motion, dx/dt = f(x), of "
        "each other column.",
    )
    ode_order: Annotated[Literal["1", "2"], BeforeValidator(str, json_schema_input_type=Literal[1, 2])] = (
        Field(
            default="1",
            description="With --ode: 1 for laws of dx/dt, 2 for laws of d2x/dt2, where x_dot is the velocity of x.",
        )
    )
    trajectory: Annotated[str | None, Flag(metavar="COLUMN")] = Field(
        default=None,
        min_length=1,
        description="With --ode: the column that tells several trajectories in one table apart.",
    )
    each: Annotated[Names | None, Flag(metavar="COLUMN,…")] = Field(
        default=None,
        description="Find a law for each group of rows, named by this column; prints a table of the laws. The time "
        "limit is then that of each law, 10 s unless given, and what has been found is not looked for again.",
    )
    groups: Annotated[Names | None, Flag(metavar="COLUMN,…")] = Field(
        default=None,
        description="Find one law for all groups of rows, named by this column: the same form, with constants that "
        "the groups share or that each has of its own, as the description length decides.",
    )
    free: Names | None = Field(
        default=None,
        description="With --groups and --like: constants that each group has of its own; the others are shared.",
    )
    shared: Names | None = Field(
        default=None,
        description="With --groups and --like: constants that the groups share; the others are of their own. With "
        "both options, what neither names is decided by the description length.",
    )
    through: Texts = Field(
        default=(),
        description="A point that the curve goes through: the inputs in their order, then the target, such as 0,0; "
        "or by name, x=0,y=0, whatever the other inputs are. Formulas that do not are taken only if there is no "
        "other; a remark tells what that costs. Repeat for more.",
    )
    monotone: Texts = Field(
        default=(),
        description="An input with which the target rises (x:+) or falls (x:-) over the range of the table; obeyed "
        "like --through. Repeat for more.",
    )
    limit: Texts = Field(
        default=(),
        description='A limit of the curve, such as "x->inf: 0" or "x->0: inf"; obeyed like --through. '
        "Repeat for more.",
    )
    cv: Annotated[int | None, Flag(metavar="K")] = Field(
        default=None,
        ge=2,
        le=100,
        description="Search K times more, each time without another part of the rows, and tell how often the same "
        "form is found, with which constants, and how well it predicts the rows left out. All searches share the "
        "time limit.",
    )
    units: Annotated[Literal["check", "reduce", "ignore"] | None, Flag(metavar="check|reduce|ignore")] = (
        Field(
            default=None,
            description="Take a formula with inconsistent units only if there is no other (check), search among "
            "dimensionless numbers (reduce), or ignore units. The default is check if units are given in a "
            "recipe or with --unit; if they come from headers, inconsistent units only cause a remark.",
        )
    )

    @model_validator(mode="before")
    @classmethod
    def _forms_stay_as_given(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("like") and "snap" not in data:
            return {**data, "snap": False}
        return data


class ExportOptions(Options):
    """The formula as source text for other programs."""

    format: Annotated[
        ExportFormat | None,
        BeforeValidator(known_as, json_schema_input_type=ExportFormat | ExportAlias | None),
        Flag(name="-f,--format", metavar="FORMAT"),
    ] = Field(
        default=None,
        description=f"The output format: {', '.join(FORMATS)}. By default chosen by the extension of FILE, "
        "else text.",
    )
    output: Annotated[str | None, Flag(name="-o,--output", metavar="FILE")] = Field(
        default=None, description="Write to this file instead of standard output."
    )
    with_test: bool = Field(
        default=False,
        description="Add a few rows with expected values and a program that compares with them to 1e-12.",
    )


class RunOptions(Options):
    """Where a run is stored and how many processes and threads it may use."""

    directory: Annotated[str | None, Flag(name="--run", metavar="DIR")] = Field(
        default=None, description="Folder for the run's versions; by default a new one, runs/<data>-NNN."
    )
    jobs: Annotated[int | None, Flag(metavar="N")] = Field(
        default=None,
        ge=1,
        le=MOST_THREADS,
        description="Number of parallel processes; by default one per core. The result does not depend on it.",
    )
    threads: int = Field(
        default=1,
        ge=1,
        le=MOST_THREADS,
        description="Threads per process; more than 1 is faster only for very large tables.",
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
        le=MOST_SEED,
        description="Seed of all random numbers: the same data, options and seed give the same formula.",
    )
    data: Annotated[DataOptions, BeforeValidator(_section)]
    units: Annotated[
        dict[str, str],
        BeforeValidator(_unit_texts, json_schema_input_type=dict[str, str | int]),
        BeforeValidator(_section),
        Flag(name="--unit", metavar="COLUMN=UNIT", repeat=True),
    ] = Field(
        default_factory=dict,
        description="The units of columns, for fit: kg*m/s^2, N, km/h, or 1 if dimensionless. Headers such as T [K] "
        "already give the unit. Repeat for more.",
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
        "architecture and takes the place of train; it is the default if there is a fit section but no "
        "train section.",
    )

    @field_validator("stages")
    @classmethod
    def _train_comes_first(cls, stages: tuple[StageName, ...]) -> tuple[StageName, ...]:
        starts = ("train", "fit")
        if not stages or stages[0] not in starts or any(start in stages[1:] for start in starts):
            raise ValueError("must begin with train, or with fit, which occurs once")
        return stages
