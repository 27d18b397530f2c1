"""What plot and report share: the data of a run, if they still exist, and pictures by kind."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kancli.cli.frame.session import Session
from kancli.cli.output.encoding import unicode
from kancli.errors import DataError
from kancli.stages.results.drawing import NEEDS_DATA

if TYPE_CHECKING:
    from kancli.checkpoint import Checkpoint
    from kancli.dataset import Dataset
    from kancli.report.scene import Scene, Style

NARROWEST, WIDEST = 40, 200


@dataclass(frozen=True)
class Subject:
    """A version, and its data where they could be read; else `missing` is the reason."""

    checkpoint: Checkpoint
    dataset: Dataset | None
    missing: DataError | None = None


def subject(session: Session, run: str | None, data: str | None, kind: str | None = None) -> Subject:
    """A version with what a kind of picture of it needs, or all that any needs.

    For pictures of a network, a version without one is replaced by the version that it was made from and
    that has one. Raises DataError where the kind needs data that cannot be read.
    """
    from kancli.checkpoint import load

    checkpoint = load(session.find(run))
    if kind in ("loss", "front"):
        return Subject(checkpoint, None)
    if kind in ("network", "edges"):
        checkpoint = holding_network(checkpoint)
    return with_data(checkpoint, data, needed=kind in NEEDS_DATA)


def holding_network(checkpoint: Checkpoint) -> Checkpoint:
    """The checkpoint, or where it holds a formula only, the last one before it that holds a network, if any."""
    from kancli.checkpoint import load
    from kancli.stages.results.picture import lineage

    if "architecture" in checkpoint.metadata:
        return checkpoint
    before = reversed(lineage(checkpoint))
    path = next((version.path for version in before if "architecture" in version.metadata), None)
    return checkpoint if path is None else load(path)


def with_data(checkpoint: Checkpoint, data: str | None, *, needed: bool = False) -> Subject:
    """A version and its data. Raises DataError where they are `needed`, or named, and cannot be read."""
    from kancli.stages.common import check_columns
    from kancli.stages.source import reopen

    try:
        dataset, _ = reopen(checkpoint, data)
        check_columns(checkpoint, dataset)
    except DataError as error:
        if needed or data is not None:
            raise DataError(error.message, error.hint or "name the table with --data") from error
        return Subject(checkpoint, None, error)
    return Subject(checkpoint, dataset)


def picture(
    about: Subject,
    kind: str,
    style: Style,
    *,
    edge: str | None = None,
    layer: int | None = None,
    caption: bool = True,
) -> Scene:
    """One picture of a version; `caption` writes the formula below the network."""
    from kancli.stages.results.drawing import scene

    return scene(about.checkpoint, about.dataset, kind, style, edge=edge, layer=layer, caption=caption)


def columns() -> int:
    """The width of the terminal, within the limits of a picture."""
    try:
        wide = int(os.environ.get("COLUMNS", "")) or os.get_terminal_size(sys.stdout.fileno()).columns
    except (ValueError, OSError):
        try:
            wide = os.get_terminal_size(sys.stdout.fileno()).columns
        except (ValueError, OSError):
            wide = 80
    # The last column stays free: some terminals start a new line when it is written.
    return max(NARROWEST, min(wide, WIDEST)) - 1


def ascii_only() -> bool:
    """Whether standard output can show only ASCII."""
    return not unicode()
