"""Predictions of labels, and how good they are."""

from __future__ import annotations

import csv
import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kancli.cli.actions.classifying import confusion_table, measures_table
from kancli.cli.actions.model import Model, Tally, chunks_of, facts, remark_on
from kancli.cli.frame.session import Session
from kancli.cli.output.files import write_text
from kancli.cli.output.tables import print_table
from kancli.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Classes:
    """A classification: where it is kept, and its facts."""

    path: Path
    metadata: dict[str, Any]

    @property
    def labels(self) -> list[str]:
        """The classes in their order."""
        return list(self.metadata["classification"]["classes"])


def class_model(session: Session, run: str | None) -> tuple[str, Classes | None]:
    """The path of a version, which a pipe names only once, and its classification; None where it predicts numbers."""
    from kancli.checkpoint import read_header

    path, number = session.find_member(run)
    metadata = dict(read_header(path).metadata)
    name = str(path) if number is None else f"{path}#{number}"
    if not metadata.get("classification"):
        return name, None
    return name, Classes(path, dict(facts(metadata, number)))


def predict_classes(session: Session, model: Classes, data: str, *, append: bool, output: str | None) -> None:
    """CSV of the likeliest label and the probability of each class, one row per row of the table."""
    import numpy as np

    from kancli.classify.predict import by_formulas

    if append:
        raise UsageError("--append: not for labels")
    predict, inputs = by_formulas(model.metadata), tuple(model.metadata["inputs"])
    numbers = Model(model.path, model.metadata, "formula", inputs, lambda x: predict(x)[:, 0])
    chunks, tally = chunks_of(session, data, numbers), Tally.of(numbers)
    parts: list[NDArray[np.float64]] = []
    for chunk in chunks.rows:
        tally.outside.count(chunks.found, chunk.values)
        tally.dropped += chunk.dropped
        parts.append(predict(chunk.values[:, : len(inputs)]))
        tally.undefined += int((~np.isfinite(parts[-1]).all(axis=1)).sum())
    p = np.concatenate(parts) if parts else np.empty((0, len(model.labels)))
    labels = [model.labels[int(row.argmax())] if np.isfinite(row).all() else None for row in p]
    target = str(model.metadata["target"])
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([target, *(f"P({label})" for label in model.labels)])
    table.writerows([label or "", *map(repr, row)] for label, row in zip(labels, p.tolist(), strict=True))
    if output:
        write_text(output, text.getvalue())
    elif not session.streams.json:
        session.streams.data(text.getvalue())
    remark_on(session, data, tally)
    if session.streams.json:
        session.streams.document(
            {
                "kan": 1,
                "checkpoint": str(model.path),
                "model": "formula",
                "data": data,
                "column": target,
                "rows": len(p),
                "dropped": tally.dropped,
                "outside": tally.outside.counts,
                "undefined": tally.undefined,
                "predictions": None if output else labels,
                "probabilities": {} if output else dict(zip(model.labels, p.T.tolist(), strict=True)),
                "interval": None,
                "output": output,
            }
        )


def eval_classes(session: Session, model: Classes, data: str, target: str | None) -> None:
    """Accuracy, log loss, AUC, calibration and confusion on a table with known labels."""
    from kancli.classify.measures import measures
    from kancli.classify.predict import by_formulas
    from kancli.dataset import read_labelled

    target = target or str(model.metadata["target"])
    stream = io.BytesIO(sys.stdin.buffer.read()) if data == "-" else None
    labelled = read_labelled(
        data,
        target=target,
        inputs=model.metadata["inputs"],
        numbers_too=True,
        classes=model.labels,
        validation=0.0,
        stream=stream,
    )
    assert labelled is not None
    found = measures(by_formulas(model.metadata)(labelled.table.x), labelled.codes)
    if session.streams.json:
        session.streams.document(
            {
                "kan": 1,
                "checkpoint": str(model.path),
                "model": "classes",
                "data": data,
                "target": target,
                "rows": len(labelled.codes),
                "classes": model.labels,
                **found,
            }
        )
        return
    facts = {**found, "classes": model.labels}
    print_table(session.streams, measures_table(facts))
    session.streams.result("")
    print_table(session.streams, confusion_table(facts))
