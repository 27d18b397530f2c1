"""`kan runs`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kancli.cli.frame.command import command
from kancli.cli.frame.session import Session
from kancli.cli.output.figures import figure, near_one, shortened
from kancli.cli.output.render import quality
from kancli.cli.output.tables import Table, print_table

if TYPE_CHECKING:
    from kancli.checkpoint import Run

COLUMNS = ("run", "data", "target", "stage", "versions", "r2", "formula", "saved")
SHORT_COLUMNS = ("run", "data", "stage", "r2", "formula", "saved")

Folder = Annotated[str, typer.Argument(metavar="[DIR]", help="The folder with the runs.", show_default=True)]


@command()
def runs(session: Session, directory: Folder = "runs") -> None:
    """List all runs, the newest last.

    \b
    kan runs
    kan runs elsewhere/runs
    kan runs --json | jq -r '.runs[].formula'
    """
    from kancli.checkpoint import runs as known_runs

    found = [described(run) for run in known_runs(Path(directory))]
    streams = session.streams
    if streams.json:
        streams.document({"kan": 1, "runs": found})
        return
    if not found:
        streams.remark(f"no runs in {directory} yet; kan fit DATA makes one")
    full = [
        [*text_of(run, *COLUMNS[:5]), figure(run["r2"]), *text_of(run, "formula", "saved")] for run in found
    ]
    brief = [
        [
            run["run"],
            Path(run["data"] or "-").name,
            *text_of(run, "stage"),
            near_one(run["r2"]),
            equation(run),
            local_time(run["saved"]),
        ]
        for run in found
    ]
    print_table(streams, Table(COLUMNS, full, SHORT_COLUMNS, brief))


def described(run: Run) -> dict[str, Any]:
    """One run as a JSON value: the contents of its newest version, and when it was saved (UTC)."""
    from kancli.checkpoint import metrics_log

    newest = run.newest
    metadata = newest.metadata if newest else {}
    saved = [line.get("saved") for line in metrics_log(run.path)]
    return {
        "run": str(run.path),
        "data": (metadata.get("data") or run.info).get("source", run.info.get("data")),
        "target": metadata.get("target"),
        "stage": newest.stage if newest else None,
        "versions": run.count,
        "r2": quality(metadata).get("r2"),
        "formula": metadata.get("formula"),
        "saved": saved[-1] if saved else run.info.get("created"),
        "checkpoint": str(newest.path) if newest else None,
        "damage": newest.damage if newest else None,
    }


def text_of(run: dict[str, Any], *keys: str) -> list[str]:
    """Entries of a run, `-` where there is none."""
    return [str(run[key] or "-") for key in keys]


def equation(run: dict[str, Any]) -> str:
    """`T = a**(3/2)`, not longer than a line; `T` where there is no formula yet."""
    if run["formula"] is None:
        return run["target"] or "-"
    return shortened(f"{run['target']} = {run['formula']}", 40)


def local_time(saved: str | None) -> str:
    """`2026-03-01 14:05`, in the time zone of the reader."""
    if saved is None:
        return "-"
    try:
        return datetime.fromisoformat(saved).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return saved
