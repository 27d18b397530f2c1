"""The --json output of each command, as types, from which `kan schema output` is made.

Keys may be added in later versions; no key is removed or changes its meaning while "kan" is 1.
A number that is undefined is null.
"""

from __future__ import annotations

from typing import Any

from kancli.cli.documents.stages import (
    ExportDocument,
    FormulaDocument,
    PlanDocument,
    PlotDocument,
    ReportDocument,
    SolveDocument,
    StageDocument,
    SuggestDocument,
    SystemDocument,
    VerifyDocument,
)
from kancli.cli.documents.tables import (
    CheckDocument,
    DoctorDocument,
    EvalClassesDocument,
    EvalDocument,
    ExampleDocument,
    ExamplesDocument,
    FunctionsDocument,
    InitDocument,
    ManDocument,
    PredictDocument,
    RelationsDocument,
    StructureDocument,
)
from kancli.cli.documents.versions import (
    DiffDocument,
    IntervalsDocument,
    LogDocument,
    RecipeDocument,
    RunsDocument,
    ShowDocument,
    ViewDocument,
)

DOCUMENTS: dict[str, Any] = {
    "fit": FormulaDocument | SystemDocument,
    "relations": RelationsDocument,
    "structure": StructureDocument,
    "train": StageDocument,
    "prune": StageDocument,
    "refine": StageDocument,
    "symbolify": FormulaDocument,
    "suggest": SuggestDocument,
    "export": ExportDocument,
    "run": FormulaDocument | StageDocument | PlanDocument | VerifyDocument,
    "solve": SolveDocument,
    "predict": PredictDocument,
    "eval": EvalDocument | EvalClassesDocument,
    "show": ShowDocument | RecipeDocument | IntervalsDocument,
    "plot": PlotDocument,
    "view": ViewDocument,
    "report": ReportDocument,
    "log": LogDocument,
    "runs": RunsDocument,
    "diff": DiffDocument,
    "init": InitDocument,
    "check": CheckDocument,
    "schema": dict[str, Any],
    "example": ExampleDocument | ExamplesDocument,
    "doctor": DoctorDocument,
    "functions": FunctionsDocument,
    "man": ManDocument,
}
"""Command → its --json output."""
