"""What predict and eval share: the model of a run, and its predictions for the rows of a table."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kancli.cli.frame.session import Session, set_threads
from kancli.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kancli.dataset import Chunk, Chunks
    from kancli.stages.results.groups import ByGroup
    from kancli.stages.results.predict import Outside, Predict

Table = Annotated[
    str | None,
    typer.Argument(metavar="DATA", help="A .csv or .tsv file, also compressed, or - .", show_default=False),
]
ByNetwork = Annotated[
    bool,
    typer.Option("--network", help="Use the network of splines even if there is a formula."),
]


@dataclass(frozen=True)
class Model:
    """A version ready to predict from the columns `inputs`. `kind` is formula or network; `path` is None for a
    formula that was typed. With `groups`, the constants of each row's group come after the inputs."""

    path: Path | None
    metadata: Mapping[str, Any]
    kind: str
    inputs: tuple[str, ...]
    predict: Predict
    groups: ByGroup | None = None


def run_and_data(run: str | None, data: str | None) -> tuple[str | None, str]:
    """Assign the arguments: a single one is the table, and the run is found without a name."""
    if data is None:
        run, data = None, run
    if data is None:
        raise UsageError("DATA is missing", "name a table, or - for standard input")
    if data == "-":
        if run == "-":
            raise UsageError("RUN and DATA cannot both come from standard input")
        if sys.stdin.isatty():
            raise UsageError("DATA is - but standard input is a terminal", "pipe a table into it")
        run = run or "last"
    return run, data


def facts(metadata: Mapping[str, Any], number: int | None) -> Mapping[str, Any]:
    """The facts of a version, or with a number those of that formula of its front. Errors as in `member`."""
    from kancli.stages.results.member import member

    return metadata if number is None else member(metadata, number)


def open_model(session: Session, run: str | None, *, network: bool) -> Model:
    """The formula of a version, or its network if it has no formula or the network is requested."""
    from kancli.checkpoint import load, read_header
    from kancli.stages.results.predict import by_network, has_formula, needed

    path, number = session.find_member(run)
    metadata = facts(read_header(path).metadata, number)
    if network and number is not None:
        raise UsageError(f"--network: {run} is a formula of the front", "leave # and the number out")
    if not network and has_formula(metadata) and metadata.get("groups"):
        from kancli.stages.results.groups import by_group

        return Model(path, metadata, "formula", *by_group(metadata))
    if not network and has_formula(metadata):
        return Model(path, metadata, "formula", *needed(metadata))
    if not network and metadata.get("splines_left"):
        session.streams.remark("splines remain in the formula: the network predicts")
    set_threads(1)
    return Model(path, metadata, "network", tuple(metadata["inputs"]), by_network(load(path)))


def written_model(session: Session, text: str, data: str, target: str | None) -> tuple[Model, str]:
    """A formula that was typed, in the columns of a table, and the column with the known values: `target`, else the
    last one. Raises UsageError for a text that is no formula of these columns."""
    import numpy as np

    from kancli.dataset import read_names
    from kancli.symbolic.expression.names import safe_names
    from kancli.symbolic.expression.program import evaluate
    from kancli.symbolic.expression.tree import variables
    from kancli.symbolic.text.parser import ParseError, parse

    if data == "-":
        raise UsageError("--formula reads a table twice: DATA cannot be standard input")
    columns = read_names(data, sep=session.flags.get(("data", "sep")))
    truth = target or columns[-1]
    inputs = tuple(name for name in columns if name != truth)
    try:
        expression = parse(text, safe_names(inputs))
    except ParseError as problem:
        raise UsageError(
            f"--formula {text}: {problem}", f"columns: {', '.join(safe_names(inputs))}"
        ) from problem
    used = sorted(variables(expression)) or [0]

    def predict(x: NDArray[np.float64]) -> NDArray[np.float64]:
        rows = np.zeros((len(x), len(inputs)))
        rows[:, used] = x
        return np.broadcast_to(evaluate(expression, rows), len(x))

    names = tuple(inputs[k] for k in used)
    return Model(None, {"inputs": list(names), "target": truth}, "formula", names, predict), truth


def chunks_of(session: Session, data: str, model: Model, *more: str) -> Chunks:
    """The model's inputs, then the columns `more`, of a table; its remarks go to standard error."""
    from kancli.dataset import from_metadata, read_chunks

    # Columns that the model does not need are read if present: a remark on their range may help.
    aside = [*model.metadata["inputs"], *(model.metadata.get("constant") or {})]
    others = [name for name in aside if name not in (*model.inputs, *more)]
    options = {key: value for (_, key), value in session.flags.items() if key in ("sep", "drop_missing")}
    kept = from_metadata((model.metadata.get("data") or {}).get("encodings"))
    chunks = read_chunks(data, [*model.inputs, *more], optional=others, encodings=kept, **options)
    for remark in chunks.remarks:
        session.streams.remark(remark)
    return chunks


@dataclass
class Tally:
    """What is counted while the predictions of a table are made."""

    outside: Outside
    dropped: int = 0
    undefined: int = 0

    @classmethod
    def of(cls, model: Model) -> Tally:
        """Nothing counted yet."""
        from kancli.stages.results.predict import Outside

        return cls(Outside.of(model.metadata))

    def remarks(self) -> list[str]:
        """What a reader of the predictions should know about the table."""
        remarks = list(self.outside.remarks())
        if self.undefined:
            remarks.append(f"{self.undefined} of {self.outside.rows} rows lie where the formula has no value")
        if self.dropped:
            remarks.append(f"{self.dropped} row{'s' * (self.dropped != 1)} with missing values left out")
        return remarks


def predicted(model: Model, chunks: Chunks, tally: Tally) -> Iterator[tuple[Chunk, NDArray[np.float64]]]:
    """Chunk after chunk with its predictions (rows,), counted in the tally."""
    import numpy as np

    from kancli.dataset import labels_of

    for chunk in chunks.rows:
        tally.outside.count(chunks.found, chunk.values)
        inputs = chunk.values[:, : len(model.inputs)]
        if model.groups is not None:
            constants = model.groups.constants(labels_of(chunk, chunks, model.groups.by))
            inputs = np.column_stack([inputs, constants])
        values = model.predict(inputs)
        tally.dropped += chunk.dropped
        tally.undefined += int(np.count_nonzero(~np.isfinite(values)))
        yield chunk, values


def remark_on(session: Session, data: str, tally: Tally) -> None:
    """Print the remarks of a tally, with the name of the table."""
    label = "<stdin>" if data == "-" else data
    for remark in tally.remarks():
        session.streams.remark(f"{label}: {remark}")
