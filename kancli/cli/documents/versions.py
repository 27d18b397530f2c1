"""The output of log, runs, show and diff."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

# pydantic accepts the TypedDict of typing only from Python 3.12 on, and depends on this package.
from typing_extensions import TypedDict

from kancli.cli.documents.base import Base, Number


class ParentEntry(TypedDict):
    """The version that another was made from."""

    number: int
    file: str
    sha256: str


class Metrics(TypedDict):
    """How well a network fits, in the target's units; *_validation on the rows held out."""

    r2: Number
    r2_validation: Number
    rmse: Number
    rmse_validation: Number


class ShowDocument(Base):
    """show: a version's number and place, and the contents of its checkpoint without the tensors."""

    checkpoint: str
    number: int
    stage: str
    parent: ParentEntry | None
    sha256: str
    inputs: list[str]
    target: str
    metrics: Metrics
    recipe: dict[str, Any]
    formula: NotRequired[str]


class RecipeDocument(Base):
    """show --recipe: the recipe that reproduces a version."""

    recipe: dict[str, Any]


class IntervalsDocument(Base):
    """show --intervals: the constants of a formula, or of a given form, with their `interval`."""

    constants: list[dict[str, Any]]


class VersionEntry(TypedDict):
    """One version of a run; `damage` is the reason why a checkpoint cannot be read."""

    number: int
    stage: str
    parent: int | None
    checkpoint: str
    metrics: Metrics | None
    seconds: Number
    damage: str | None


class LogDocument(Base):
    """log: the versions of a run."""

    run: str
    versions: list[VersionEntry]


class RunEntry(TypedDict):
    """A run by its newest version; `saved` in UTC."""

    run: str
    data: str | None
    target: str | None
    stage: str | None
    versions: int
    r2: Number
    formula: str | None
    saved: str | None
    checkpoint: str | None
    damage: str | None


class RunsDocument(Base):
    """runs: all runs, the newest last."""

    runs: list[RunEntry]


class DifferenceEntry(TypedDict):
    """One difference between two versions."""

    part: Literal["formula", "metrics", "edge", "option", "data"]
    what: str
    a: Any
    b: Any


class DiffDocument(Base):
    """diff: the differences between two versions."""

    a: str
    b: str
    same: bool
    differences: list[DifferenceEntry]


class ViewDocument(Base):
    """view: where the page is, with the token, and the version that it begins with."""

    url: str
    checkpoint: str
