"""What each command's --json prints, as types: from these `kan schema output` is made.

Keys may be added in later versions; none is taken away or changes its meaning while "kan" is 1.
A number that is undefined is null.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired

# pydantic reads those of typing from Python 3.12 on only, and brings these with it.
from typing_extensions import TypedDict

Number = float | None


class Base(TypedDict):
    """Every document: the version of its format."""

    kan: Literal[1]


class RunnerUp(TypedDict):
    """The second best function of an edge."""

    function: str
    r2: Number


class EdgeEntry(TypedDict):
    """What an edge became: c·f(a·x + b) + d. Edges are counted from 0, as --fix takes them."""

    layer: int
    source: int
    target: int
    function: str
    a: Number
    b: Number
    c: Number
    d: Number
    r2: Number
    complexity: int | None
    next: RunnerUp | None


class FrontEntry(TypedDict):
    """A formula that no shorter one equals."""

    formula: str
    complexity: int
    r2: Number
    chosen: bool


class ConstantEntry(TypedDict):
    """A constant of the formula: free with a standard error, or exact."""

    value: float
    standard_error: Number
    snapped: str | None


class FormulaDocument(Base):
    """fit, symbolify, run: the formula and what is known about it."""

    formula: str
    target: str
    latex: str | None
    r2: Number
    r2_validation: Number
    rmse: Number
    complexity: int
    front: list[FrontEntry]
    edges: list[EdgeEntry] | None
    constants: list[ConstantEntry]
    splines_left: int | None
    symbols: dict[str, str]
    checkpoint: str
    seed: int
    seconds: float


class Metrics(TypedDict):
    """How well a network fits, in the target's units; *_validation on the rows held out."""

    r2: Number
    r2_validation: Number
    rmse: Number
    rmse_validation: Number


class Influence(TypedDict):
    """How much of the output's movement is an input's."""

    input: str
    influence: float


class StageDocument(Base):
    """train, prune, refine: the version that was made."""

    stage: str
    checkpoint: str
    number: int
    parent: int | None
    inputs: list[str]
    target: str
    metrics: Metrics
    influence: list[Influence] | None
    options: dict[str, Any]
    seed: int
    seconds: float


class PlanEntry(TypedDict):
    """A stage, what becomes of it, and the version that is there already."""

    stage: str
    action: Literal["run", "unchanged", "leave"]
    checkpoint: str | None


class PlanDocument(Base):
    """run --dry-run: what would be done, and the recipe with every option."""

    plan: list[PlanEntry]
    recipe: dict[str, Any]


class DifferenceEntry(TypedDict):
    """One thing that two versions say differently."""

    part: Literal["formula", "metrics", "edge", "option", "data"]
    what: str
    a: Any
    b: Any


class VerifyDocument(Base):
    """run --verify: whether a stored run came out the same once more."""

    verified: bool
    checkpoint: str
    formula: str | None
    differences: list[DifferenceEntry]
    seconds: float


class Candidate(TypedDict):
    """A function that an edge could be."""

    function: str
    r2: Number
    complexity: int
    a: Number
    b: Number
    c: Number
    d: Number
    text: str


class SuggestDocument(Base):
    """suggest: the candidates for one edge, best first."""

    edge: list[int]
    variable: str
    known_r2: Number
    candidates: list[Candidate]
    checkpoint: str


class ExportDocument(Base):
    """export: the source text, also where it was written to a file."""

    format: str
    source: str
    output: str | None
    checkpoint: str


class PredictDocument(Base):
    """predict: a prediction for each row; null with -o."""

    checkpoint: str
    model: Literal["formula", "network"]
    data: str
    column: str
    rows: int
    dropped: int
    outside: dict[str, int]
    undefined: int
    predictions: list[Number] | None
    output: str | None


class EvalDocument(Base):
    """eval: how well the predictions meet the truth. `outside` counts rows beyond the trained ranges."""

    checkpoint: str
    model: Literal["formula", "network"]
    data: str
    target: str
    rows: int
    r2: Number
    rmse: Number
    mae: Number
    max_error: Number
    dropped: int
    outside: dict[str, int]
    undefined: int
    required_r2: Number
    passed: bool


class ParentEntry(TypedDict):
    """The version that another was made from."""

    number: int
    file: str
    sha256: str


class ShowDocument(Base):
    """show: a version's number and place, and all that its checkpoint says but the tensors."""

    checkpoint: str
    number: int
    stage: str
    parent: ParentEntry | None
    sha256: str
    inputs: list[str]
    target: str
    metrics: Metrics
    recipe: dict[str, Any]
    formula: NotRequired[str]


class RecipeDocument(Base):
    """show --recipe: the recipe that makes a version again."""

    recipe: dict[str, Any]


class VersionEntry(TypedDict):
    """One version of a run; `damage` says why a checkpoint cannot be read."""

    number: int
    stage: str
    parent: int | None
    checkpoint: str
    metrics: Metrics | None
    seconds: Number
    damage: str | None


class LogDocument(Base):
    """log: the versions of a run."""

    run: str
    versions: list[VersionEntry]


class RunEntry(TypedDict):
    """A run by its newest version; `saved` in UTC."""

    run: str
    data: str | None
    target: str | None
    stage: str | None
    versions: int
    r2: Number
    formula: str | None
    saved: str | None
    checkpoint: str | None
    damage: str | None


class RunsDocument(Base):
    """runs: all runs, the newest last."""

    runs: list[RunEntry]


class DiffDocument(Base):
    """diff: what two versions say differently."""

    a: str
    b: str
    same: bool
    differences: list[DifferenceEntry]


class InitDocument(Base):
    """init: the recipe's text, and what was chosen."""

    recipe: str
    target: str
    inputs: list[str]
    left_out: dict[str, str]
    rows: int
    output: str | None


class ColumnEntry(TypedDict):
    """A column of a table."""

    column: str
    role: Literal["input", "target", "-"]
    kind: Literal["numbers", "whole", "text", "empty"]
    missing: int
    distinct: int
    low: Number
    median: Number
    high: Number


class FindingEntry(TypedDict):
    """Something noticed about a column, or about the table (null)."""

    level: Literal["error", "warning", "note"]
    column: str | None
    text: str
    hint: str | None


class CheckDocument(Base):
    """check: mistakes, and what is in the table where it could be read."""

    recipe: str | None
    well: bool
    mistakes: list[str]
    data: NotRequired[str]
    rows: NotRequired[int]
    columns: NotRequired[list[ColumnEntry]]
    findings: NotRequired[list[FindingEntry]]


class LawEntry(TypedDict):
    """A known law, and the range of each input."""

    name: str
    about: str
    target: str
    formula: str
    inputs: list[str]
    ranges: dict[str, list[float]]


class ExamplesDocument(Base):
    """example: the laws there are."""

    examples: list[LawEntry]


class ExampleDocument(Base):
    """example NAME: rows that follow a law, the target last."""

    name: str
    about: str
    target: str
    formula: str
    columns: list[str]
    rows: list[list[float]]


class DoctorEntry(TypedDict):
    """Something that doctor looked at."""

    what: str
    state: Literal["ok", "absent", "missing", "failed"]
    detail: str


class DoctorDocument(Base):
    """doctor: what was looked at, and whether all is well."""

    well: bool
    findings: list[DoctorEntry]


class FunctionEntry(TypedDict):
    """A function of the library, in u."""

    name: str
    formula: str
    complexity: int
    domain: str
    aliases: list[str]


class FunctionsDocument(Base):
    """functions: the library, simple ones first."""

    functions: list[FunctionEntry]


DOCUMENTS: dict[str, Any] = {
    "fit": FormulaDocument,
    "train": StageDocument,
    "prune": StageDocument,
    "refine": StageDocument,
    "symbolify": FormulaDocument,
    "suggest": SuggestDocument,
    "export": ExportDocument,
    "run": FormulaDocument | StageDocument | PlanDocument | VerifyDocument,
    "predict": PredictDocument,
    "eval": EvalDocument,
    "show": ShowDocument | RecipeDocument,
    "log": LogDocument,
    "runs": RunsDocument,
    "diff": DiffDocument,
    "init": InitDocument,
    "check": CheckDocument,
    "schema": dict[str, Any],
    "example": ExampleDocument | ExamplesDocument,
    "doctor": DoctorDocument,
    "functions": FunctionsDocument,
}
"""Command → what its --json prints."""
