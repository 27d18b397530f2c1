"""The output of the commands that run stages."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

# pydantic accepts the TypedDict of typing only from Python 3.12 on, and depends on this package.
from typing_extensions import TypedDict

from kancli.cli.documents.base import Base, Number
from kancli.cli.documents.versions import DifferenceEntry, Metrics


class RunnerUp(TypedDict):
    """The second best function of an edge."""

    function: str
    r2: Number


class EdgeEntry(TypedDict):
    """What an edge became: c·f(a·x + b) + d. Edges are counted from 0, as --fix takes them.

    `expression` is the whole function in u, the value that enters the edge; older versions lack it.
    """

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
    expression: NotRequired[str | None]
    next: RunnerUp | None


class FrontEntry(TypedDict):
    """A formula that fits better than every shorter one."""

    formula: str
    complexity: int
    r2: Number
    chosen: bool


class ConstantEntry(TypedDict):
    """A constant of the formula: free with a standard error, or exact; `name` in a form that was given.

    `interval` holds it with 95 % confidence, by profile likelihood; null for an end that there is not.
    """

    name: NotRequired[str]
    value: float
    standard_error: Number
    interval: NotRequired[list[Number] | None]
    snapped: str | None


class RivalEntry(TypedDict):
    """A formula of another form; its description is so many bits longer."""

    formula: str
    bits: float


class VerdictEntry(TypedDict):
    """Whether the formula is to be believed; `confidence`: the share of such formulas that are the law."""

    kind: Literal["exact", "law_with_noise", "approximation", "undecided", "nothing"]
    confidence: float
    why: str
    rivals: list[RivalEntry]


class ErrorsEntry(TypedDict):
    """The errors of the target about the formula: the model, the distribution, and their size."""

    model: Literal["additive", "relative", "log", "counts", "mixed", "given"]
    loss: Literal["squares", "t", "huber", "l1"]
    scale: Number
    crossing: NotRequired[float]


class OutlierEntry(TypedDict):
    """A suspicious row, counted from 1, its line in a table with a header, its residual in units of the errors."""

    row: int
    line: int
    residual: Number


class ParameterEntry(TypedDict):
    """A named constant of a given form; `exact` writes its value where that is exact."""

    name: str
    value: float
    standard_error: Number
    interval: NotRequired[list[Number] | None]
    exact: str | None


class FormEntry(TypedDict):
    """A given form beside others; r² of rows predicted from the others, Akaike's corrected criterion."""

    form: str
    formula: str
    chosen: bool
    r2: Number
    r2_press: Number
    aicc: Number
    bits: Number
    constants: list[ParameterEntry]


class UncertaintyEntry(TypedDict):
    """The covariance of the free constants, in the order of the formula or of a form's names, and the degrees of
    freedom; `target`: sizes that its errors depend on."""

    covariance: list[list[float]]
    left: int
    target: dict[str, float]


class GroupsEntry(TypedDict):
    """The constants of a law of several groups, each as (value, standard error): by group, and those they share.

    `constants` has the groups as they are named in the columns `by`, several names joined by commas.
    """

    by: list[str]
    constants: dict[str, dict[str, list[Number]]]
    shared: dict[str, list[Number]]


class UnseenEntry(TypedDict):
    """The formula on rows that no choice has seen; `source`: their file where that is another one."""

    rows: int
    r2: Number
    rmse: Number
    source: str | None


class FoldEntry(TypedDict):
    """What a search without a part of the rows finds, and how well it predicts them."""

    formula: str | None
    r2_test: Number
    rmse_test: Number
    rows: int
    same_form: bool
    constants: dict[str, float] | None


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
    verdict: VerdictEntry | None
    errors: ErrorsEntry | None
    outliers: list[OutlierEntry] | None
    forms: list[FormEntry] | None
    uncertainty: UncertaintyEntry | None
    groups: GroupsEntry | None
    test: UnseenEntry | None
    folds: list[FoldEntry] | None
    symbols: dict[str, str]
    checkpoint: str
    seed: int
    seconds: float
    classes: NotRequired[list[str]]
    formulas: NotRequired[list[dict[str, Any]]]
    accuracy: NotRequired[float]
    log_loss: NotRequired[float]
    auc: NotRequired[Number]
    confusion: NotRequired[list[list[int]]]
    calibration: NotRequired[list[dict[str, float]]]
    calibration_error: NotRequired[float]
    held_out: NotRequired[dict[str, Any] | None]


class LawEntry(FormulaDocument):
    """The law of motion of one state; `group` is null."""

    group: dict[str, str] | None


class FailedLaw(TypedDict):
    """A state without a law."""

    group: dict[str, str] | None
    target: str
    why: str


class SystemDocument(Base):
    """fit --ode: the laws of motion, and why a state has none."""

    results: list[LawEntry]
    failed: list[FailedLaw]


class SolvedNetwork(TypedDict):
    """The network that solves an equation: what it leaves of that between the points of the fit, its mean squared
    error where the recipe gives the solution."""

    residual: float
    coefficients: int
    mse: Number


class SolveDocument(Base):
    """solve: the formula of the solution, null where none was found, and the network."""

    target: str
    formula: str | None
    latex: str | None
    complexity: int | None
    verdict: VerdictEntry | None
    equation: dict[str, Any]
    network: SolvedNetwork
    left: Number
    checkpoint: str
    seconds: float


class Influence(TypedDict):
    """The share of an input in the variation of the output."""

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
    """A stage, whether it is run, and the version that already exists."""

    stage: str
    action: Literal["run", "unchanged", "leave"]
    checkpoint: str | None


class PlanDocument(Base):
    """run --dry-run: what would be done, and the recipe with every option."""

    plan: list[PlanEntry]
    recipe: dict[str, Any]


class VerifyDocument(Base):
    """run --verify: whether a repeated run agrees with the stored one."""

    verified: bool
    checkpoint: str
    formula: str | None
    differences: list[DifferenceEntry]
    seconds: float


class Candidate(TypedDict):
    """A function that could replace an edge."""

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
    """export: the source text, even if it was written to a file."""

    format: str
    with_test: bool
    source: str
    output: str | None
    checkpoint: str


class PlotDocument(Base):
    """plot: the picture as SVG; null with -o."""

    kind: Literal["network", "edges", "fit", "loss", "parity", "residuals", "front"]
    output: str | None
    svg: str | None
    checkpoint: str


class ReportDocument(Base):
    """report: the page; null with -o."""

    output: str | None
    html: str | None
    checkpoint: str
