"""What kan fit does where the target is a label."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kancli.cli.frame.session import Session, set_threads
from kancli.cli.output.figures import figure, short
from kancli.cli.output.render import formula_document
from kancli.cli.output.streams import Streams
from kancli.cli.output.tables import Table, print_table
from kancli.errors import UsageError
from kancli.threads import cores
from kancli.visible import one_line

if TYPE_CHECKING:
    from kancli.checkpoint import Checkpoint
    from kancli.dataset import Labelled
    from kancli.recipe import Recipe

MEASURES = {
    "accuracy": "accuracy",
    "log_loss": "log loss",
    "auc": "AUC",
    "calibration_error": "calibration error",
}


def labels_in(session: Session, recipe: Recipe) -> Labelled | None:
    """The table with its labels, if the target is one: of text, or by --task classify; None for numbers.

    A table from standard input is read once, and kept for the search of numbers.
    """
    from kancli.dataset import holds_labels, read_labelled

    task, data = recipe.fit.task, recipe.data
    if task == "regression" or (task == "auto" and (data.path == "-" or recipe.fit.like)):
        return None
    how: dict[str, Any] = {"target": data.target, "inputs": data.inputs, "sep": data.sep}
    # A table of numbers is not read once more, whatever its size.
    if task == "auto" and not holds_labels(data.path, **how):
        return None
    stream = None
    if data.path == "-":
        if sys.stdin.isatty():
            raise UsageError("DATA is - but standard input is a terminal", "pipe a table into it")
        stream = io.BytesIO(sys.stdin.buffer.read())
    labelled = read_labelled(
        data.path,
        **how,
        validation=data.validation,
        seed=recipe.seed,
        numbers_too=task == "classify",
        stream=stream,
    )
    if labelled is None:
        return None
    if data.sigma or data.weights or recipe.fit.like or recipe.units:
        raise UsageError("labels: --sigma, --weights, --like and --unit are for numbers")
    for remark in labelled.table.remarks:
        session.streams.remark(remark)
    return labelled


def classify(session: Session, recipe: Recipe, labelled: Labelled, began: float) -> Checkpoint:
    """The version with the formulas of the classes, kept in a run directory of its own."""
    import time

    from kancli.cli.output.progress import watching

    session.require_place(recipe)
    set_threads(recipe.run.threads)
    from kancli.classify.search import classified

    with watching(session.streams) as report:
        found = classified(labelled, recipe.fit, recipe.seed, recipe.run.jobs or cores(), report, began)
    road = [(found.version, found.table)]
    *_, last = session.keep(recipe, labelled.table, road, time.monotonic() - began)
    return last.checkpoint


def print_classes(streams: Streams, checkpoint: Checkpoint, seconds: float) -> None:
    """One line per class beyond the first, then the measures and the confusion table."""
    facts = checkpoint.metadata["classification"]
    if streams.json:
        streams.document({**formula_document(checkpoint, seconds), **facts})
        return
    target, (first, *_) = checkpoint.metadata["target"], facts["classes"]
    for entry in facts["formulas"]:
        streams.result(
            one_line(f"log(P({target}={entry['class']})/P({target}={first})) = {entry['formula']}")
        )
    from kancli.stages.judging.told import lines

    for name, line in lines(checkpoint.metadata):
        streams.remark(f"{name}: {line}")
    print_table(streams, measures_table(facts))
    streams.result("")
    print_table(streams, confusion_table(facts))
    if streams.terminal():
        streams.remark(f"checkpoint: {checkpoint.path}")
    else:
        streams.result(f"# checkpoint: {checkpoint.path}")


def measures_table(facts: Mapping[str, Any]) -> Table:
    """Measures on all rows, and on those held out."""
    held = facts.get("held_out")
    columns = ("measure", "all rows", *(("held out",) if held else ()))
    full, brief = (
        [[names[name], *(write(f[name]) for f in (facts, held) if f)] for name in MEASURES]
        for write, names in ((figure, dict(zip(MEASURES, MEASURES, strict=True))), (short, MEASURES))
    )
    return Table(columns, full, columns, brief)


def confusion_table(facts: Mapping[str, Any]) -> Table:
    """True classes in rows, predicted ones in columns."""
    columns = ("true", *(f"predicted {label}" for label in facts["classes"]))
    rows = [
        [label, *map(str, counts)] for label, counts in zip(facts["classes"], facts["confusion"], strict=True)
    ]
    return Table(columns, rows, columns, rows)
