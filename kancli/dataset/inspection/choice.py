"""Which columns of a table to start with, when none are named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kancli.dataset.columns import choose_columns
from kancli.dataset.inspection.profile import Column, Profile
from kancli.errors import DataError


@dataclass(frozen=True)
class Choice:
    """Inputs and target, and why each other column is left out."""

    inputs: tuple[str, ...]
    target: str
    left_out: Mapping[str, str]


def choose(profile: Profile, target: str | None = None, inputs: Sequence[str] | None = None) -> Choice:
    """The named columns; else the last numeric column as target, and all others that can help to predict it.

    Raises DataError where there are not two columns of numbers, or a name is not there.
    """
    reasons = {column.name: reason for column in profile.columns if (reason := useless(column)) is not None}
    usable = [column.name for column in profile.columns if column.name not in reasons]
    if target is None:
        spare = [name for name in usable if name not in (inputs or ())]
        target = spare[-1] if spare else None
    if inputs is None:
        inputs = [name for name in usable if name != target]
    if target is None or not inputs:
        told = "; ".join(f"{name} {reason}" for name, reason in reasons.items())
        raise DataError(
            f"{profile.label}: fewer than two numeric columns that vary",
            f"left out: {told}" if told else None,
        )
    chosen, aim = choose_columns(profile.layout, target, inputs, profile.label)
    names = profile.layout.names
    kept = (*(names[column] for column in chosen), names[aim])
    left_out = {
        column.name: reasons.get(column.name, "was not chosen")
        for column in profile.columns
        if column.name not in kept
    }
    return Choice(kept[:-1], kept[-1], left_out)


def useless(column: Column) -> str | None:
    """Why a column cannot be part of a formula, or None."""
    if column.kind in ("text", "empty"):
        return "is text" if column.kind == "text" else "is empty"
    numbers = column.numbers
    if column.texts:
        return "contains text as well as numbers"
    if (numbers == numbers[0]).all():
        return f"is always {numbers[0]:g}"
    if len(numbers) > 2 and column.kind == "whole" and (np.diff(column.values) == 1).all():
        return "counts the rows"
    return None
