"""How long reading, search and passes over all rows take, and how much memory: `python scale.py 1e5 1e6 1e7:parquet`.

Each case runs in a process of its own. The table has four inputs and a target with 1 % noise; the search is that of
`kan fit` with `--time-limit` (default 60).
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

STEP = 500_000


def generated(rows: int, form: str, path: Path) -> None:
    """Write a table of y = m·v²/2 + 9.81·m·h, with noise and an idle column."""
    generator = np.random.default_rng(1)
    writer = None
    with path.open("wb") as file:
        for start in range(0, rows, STEP):
            x = generator.uniform(0.5, 3.0, (min(STEP, rows - start), 4))
            y = 0.5 * x[:, 0] * x[:, 1] ** 2 + 9.81 * x[:, 0] * x[:, 2]
            y += 0.3 * generator.standard_normal(len(y))
            if form == "csv":
                header = "m,v,h,q,E" if start == 0 else ""
                np.savetxt(file, np.column_stack([x, y]), "%.10g", ",", header=header, comments="")
                continue
            import pyarrow
            from pyarrow import parquet

            batch = pyarrow.table(dict(zip("mvhqE", [*x.T, y], strict=True)))
            writer = writer or parquet.ParquetWriter(file, batch.schema, use_dictionary=False)
            writer.write_table(batch)
        if writer is not None:
            writer.close()


def measured(path: str, limit: float) -> None:
    """Read, search and fit to all rows; print a row of the table."""
    from kancli.dataset import read_table
    from kancli.recipe import FitOptions
    from kancli.search import Budget, Ledger, Task, find_formula, schedule
    from kancli.search.choice.whole import on_all_rows

    began = time.monotonic()
    table = read_table(path)
    read = time.monotonic() - began
    passes = [0.0]

    def timed(*args, **more):  # type: ignore[no-untyped-def]
        start = time.monotonic()
        found = on_all_rows(*args, **more)
        passes[0] = time.monotonic() - start
        return found

    schedule.on_all_rows = timed
    task = Task(table, FitOptions(), 0, 1, Budget.of_seconds(began, limit), lambda progress: None)
    ledger = find_formula(task, Ledger())
    total = time.monotonic() - began
    formula = ledger.road[-1][0].metadata["formula"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
    rows = len(table.y) if table.whole is None else table.whole.rows
    print(
        f"| {rows} | {Path(path).suffix[1:]} | {read:.1f} | {total - read - passes[0]:.1f} | {passes[0]:.1f} "
        f"| {peak:.0f} MB, {children:.0f} MB in a child | {formula} |",
        flush=True,
    )


def main() -> None:
    """The table of all cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", default=["1e5", "1e6"], help="ROWS or ROWS:parquet")
    parser.add_argument("--time-limit", type=float, default=60.0)
    parser.add_argument("--table", help="measure this table, and nothing else")
    options = parser.parse_args()
    if options.table:
        measured(options.table, options.time_limit)
        return
    print("| rows | format | reading, s | search, s | all rows, s | peak memory | formula |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for case in options.cases:
        rows, _, form = case.partition(":")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"data.{form or 'csv'}"
            generated(int(float(rows)), form or "csv", path)
            command = [
                sys.executable,
                __file__,
                "--table",
                str(path),
                "--time-limit",
                str(options.time_limit),
            ]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
