"""The output of the commands that read or write tables and recipes, or describe kancli itself."""

from __future__ import annotations

from typing import Literal, NotRequired

# pydantic accepts the TypedDict of typing only from Python 3.12 on, and depends on this package.
from typing_extensions import TypedDict

from kancli.cli.documents.base import Base, Number


class IntervalEntry(TypedDict):
    """Between `low` and `high` of each row lies a share `level` of new observations."""

    level: float
    low: list[Number]
    high: list[Number]


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
    predictions: list[Number] | list[str | None] | None
    probabilities: NotRequired[dict[str, list[Number]]]
    interval: IntervalEntry | None
    output: str | None


class GroupEvaluation(TypedDict):
    """The same of the rows with one value in a column."""

    group: str
    rows: int
    r2: Number
    rmse: Number
    mae: Number
    max_error: Number


class EvalDocument(Base):
    """eval: how well the predictions agree with the known values. `outside` counts rows beyond the trained ranges.
    `checkpoint` is null with --formula."""

    checkpoint: str | None
    model: Literal["formula", "network"]
    data: str
    target: str
    rows: int
    r2: Number
    rmse: Number
    mae: Number
    max_error: Number
    quantiles: dict[str, Number]
    groups: list[GroupEvaluation] | None
    dropped: int
    outside: dict[str, int]
    undefined: int
    required_r2: Number
    passed: bool


class EvalClassesDocument(Base):
    """eval of a classification: log loss in nats; rows of `confusion` are the true classes."""

    checkpoint: str
    model: Literal["classes"]
    data: str
    target: str
    rows: int
    classes: list[str]
    accuracy: float
    log_loss: float
    auc: Number
    confusion: list[list[int]]
    calibration: list[dict[str, float]]
    calibration_error: float


class InitDocument(Base):
    """init: the text of the recipe, and the choices in it."""

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
    """A finding about a column, or about the table (null)."""

    level: Literal["error", "warning", "note"]
    column: str | None
    text: str
    hint: str | None


class CheckDocument(Base):
    """check: mistakes, and the contents of the table if it could be read."""

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
    """example: the known laws."""

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
    """One thing that doctor checked."""

    what: str
    state: Literal["ok", "absent", "missing", "failed"]
    detail: str


class DoctorDocument(Base):
    """doctor: what was checked, and whether everything works."""

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


class ManDocument(Base):
    """man: the manual, of one command or (null) of all."""

    command: str | None
    format: Literal["man", "markdown"]
    text: str


class RelationEntry(TypedDict):
    """A relation: `target` and `formula` are null where it is implicit or no law was found."""

    columns: list[str]
    text: str
    kind: Literal["exact", "law_with_noise", "approximation", "undecided", "nothing", "dependent"]
    target: str | None
    formula: str | None
    r2: Number
    rmse: Number
    complexity: int | None


class DependenceEntry(TypedDict):
    """The permutation test of a column against all others, alone (p) and among all columns (adjusted)."""

    column: str
    p: float
    adjusted: float
    dependent: bool


class RelationsDocument(Base):
    """relations: laws among columns, and the columns that are independent of all others."""

    data: str
    rows: int
    columns: list[str]
    groups: list[list[str]]
    independent: list[str]
    relations: list[RelationEntry]
    tests: list[DependenceEntry]
    size: float
    permutations: int
    seconds: float


class ClaimEntry(TypedDict):
    """A claim, the bits that it saves, the chance that what it leaves is noise, and its degree, period or sign."""

    kind: Literal[
        "irrelevant",
        "additive",
        "multiplicative",
        "symmetry",
        "homogeneous",
        "periodic",
        "monotonic",
        "convex",
    ]
    columns: list[str]
    text: str
    bits: Number
    p: Number
    value: Number


class InfluenceEntry(TypedDict):
    """The share of the target's variance that changes with an input, and its 95 % interval."""

    column: str
    share: float
    low: float
    high: float


class StructureDocument(Base):
    """structure: of a table (`data`) or of a model's predictions (`checkpoint`); `p`: the chance that noise is
    explained as well."""

    data: str | None
    checkpoint: str | None
    target: str
    rows: int
    explained: float
    p: float
    claims: list[ClaimEntry]
    influence: list[InfluenceEntry]
