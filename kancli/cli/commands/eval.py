"""`kan eval`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from kancli.cli.actions.classes import class_model, eval_classes
from kancli.cli.actions.model import (
    ByNetwork,
    Table,
    Tally,
    chunks_of,
    open_model,
    predicted,
    remark_on,
    run_and_data,
    written_model,
)
from kancli.cli.commands.arguments import Run
from kancli.cli.frame.command import command
from kancli.cli.frame.completing import columns
from kancli.cli.frame.session import Session
from kancli.cli.output.figures import figure, near_one, short
from kancli.cli.output.tables import Table as Drawn
from kancli.cli.output.tables import print_table
from kancli.errors import QualityError, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kancli.stages.results.evaluate import Evaluation

    Array = NDArray[np.float64]

COLUMNS = ("metric", "value")
NAMES = {"r2": "r²", "rmse": "rmse", "mae": "mean error", "max_error": "largest error"}

Target = Annotated[
    str | None,
    typer.Option(
        "--target", metavar="COLUMN", help="The column with the known values, if its name is not that of the target.",
        autocompletion=columns,
        show_default=False,
    ),
]  # fmt: skip
Written = Annotated[
    str | None,
    typer.Option(
        "--formula",
        metavar="FORMULA",
        help="Judge this formula of the table's columns in place of a run.",
        show_default=False,
    ),
]
Gate = Annotated[
    float | None,
    typer.Option("--require-r2", metavar="R2", help="Exit with 7 if r² is below this.", show_default=False),
]


By = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="COLUMN",
        help="Also measure each group of rows with the same value, or text, in this column.",
        autocompletion=columns,
        show_default=False,
    ),
]


@command(options=("data.sep", "data.drop_missing"))
def eval(
    session: Session,
    run: Run = None,
    data: Table = None,
    network: ByNetwork = False,
    target: Target = None,
    formula: Written = None,
    require_r2: Gate = None,
    by: By = None,
) -> None:
    """Measure the predictions on a table with known target values.

    Prints r², the root mean square, the mean absolute and the largest error, the error that half, 90 and 99 % of the
    rows stay below, and the number of rows; of a classification accuracy, log loss and AUC.

    \b
    kan eval last new.csv
    kan eval last#2 new.csv
    kan eval runs/data-001@refine new.csv --network
    kan eval --formula "m0/sqrt(1 - v**2/c**2)" data.csv
    kan eval last new.csv --by species
    kan eval last new.csv --require-r2 0.99 && echo good enough
    """
    from kancli.stages.results.evaluate import Evaluation
    from kancli.stages.results.quantiles import Quantiles

    if formula is not None:
        if network or (run is not None and data is not None):
            raise UsageError("--formula is judged without a run", 'kan eval --formula "a*b + 1" data.csv')
        _, data = run_and_data(None, data or run)
        model, truth = written_model(session, formula, data, target)
    else:
        run, data = run_and_data(run, data)
        run, classes = class_model(session, run)
        if classes is not None:
            if require_r2 is not None:
                raise UsageError("--require-r2: labels have no r²")
            if by is not None:
                raise UsageError("--by: not with a classification")
            eval_classes(session, classes, data, target)
            return
        model = open_model(session, run, network=network)
        truth = target or str(model.metadata["target"])
    chunks, tally = chunks_of(session, data, model, truth), Tally.of(model)
    so_far, errors = Evaluation(), Quantiles()
    groups: dict[str, Evaluation] = {}
    for chunk, values in predicted(model, chunks, tally):
        known = chunk.values[:, len(model.inputs)]
        so_far = so_far.add(known, values)
        errors.add(known, values)
        if by is not None:
            groups = added(groups, chunk.cells(by), known, values)
    remark_on(session, data, tally)
    metrics = so_far.metrics()
    r2 = metrics["r2"]
    missed = require_r2 is not None and (r2 is None or r2 < require_r2)
    if session.streams.json:
        session.streams.document(
            {
                "kan": 1,
                "checkpoint": None if model.path is None else str(model.path),
                "model": model.kind,
                "data": data,
                "target": truth,
                "rows": so_far.rows,
                **metrics,
                "quantiles": {f"{share:g}": value for share, value in errors.values().items()},
                "groups": None
                if by is None
                else [{"group": name, "rows": one.rows, **one.metrics()} for name, one in groups.items()],
                "dropped": tally.dropped,
                "outside": tally.outside.counts,
                "undefined": tally.undefined,
                "required_r2": require_r2,
                "passed": not missed,
            }
        )
    else:
        print_table(session.streams, drawn(metrics, errors.values(), so_far.rows))
        if by is not None:
            session.streams.result("")
            print_table(session.streams, of_groups(by, groups))
    if missed:
        raise QualityError(f"r² is {near_one(r2)}, and {require_r2:g} is required")


def added(
    groups: Mapping[str, Evaluation], cells: Sequence[str], known: Array, predicted: Array
) -> dict[str, Evaluation]:
    """The groups with more rows, (n,) each, in the order in which they first occur."""
    import numpy as np

    from kancli.stages.results.evaluate import Evaluation

    found, names = dict(groups), np.array(cells, dtype=object)
    for name in dict.fromkeys(cells):
        rows = names == name
        found[name] = found.get(name, Evaluation()).add(known[rows], predicted[rows])
    return found


def drawn(metrics: Mapping[str, float | None], errors: Mapping[float, float | None], rows: int) -> Drawn:
    """The metrics, the quantiles of the errors and the number of rows as a table: with all digits, and short on a
    terminal."""
    full = [[name, figure(value)] for name, value in metrics.items()]
    brief = [
        [NAMES[name], near_one(value) if name == "r2" else short(value)] for name, value in metrics.items()
    ]
    full += [[f"error_{100 * share:g}%", figure(value)] for share, value in errors.items()]
    brief += [[f"error of {100 * share:g} % below", short(value)] for share, value in errors.items()]
    count = ["rows", str(rows)]
    return Drawn(COLUMNS, [*full, count], COLUMNS, [*brief, count])


def of_groups(by: str, groups: Mapping[str, Evaluation]) -> Drawn:
    """One row per group, with the same metrics."""
    several = {name: (one.rows, one.metrics()) for name, one in groups.items()}
    full = [[name, str(n), *map(figure, metrics.values())] for name, (n, metrics) in several.items()]
    brief = [
        [name, str(n), near_one(metrics["r2"]), *(short(v) for k, v in metrics.items() if k != "r2")]
        for name, (n, metrics) in several.items()
    ]
    return Drawn((by, "rows", *NAMES), full, (by, "rows", *NAMES.values()), brief)
