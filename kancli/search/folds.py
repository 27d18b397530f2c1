"""A search repeated without one part of the rows after the other: whether it finds the same law and constants.

Stone, "Cross-validatory choice and assessment of statistical predictions" (1974): the whole choice is repeated.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from kancli.dataset import folds
from kancli.errors import FitError
from kancli.search.schedule import find_formula
from kancli.search.task import Budget, Task
from kancli.stages.judging.tested import tested
from kancli.symbolic.expression import Expression, constants, with_constants
from kancli.symbolic.expression.form_of import form_of, freed
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.text.parser import parse


def in_folds(
    task: Task, number: int, whole: Mapping[str, Any], seconds: float, validation: float
) -> list[dict[str, Any]]:
    """An entry per fold: the `formula` that a search without it finds, `r2_test` and `rmse_test` on its `rows`,
    whether it is of the form (`same_form`) that the search of all rows has found, and then its `constants` in the
    order of that form, by name in a form that was given.

    `whole`: the metadata of the version found in all rows. Each search may take so many `seconds`; of what is left of
    a fold a share `validation` is held out. A fold without any formula has None for all of it.
    """
    return list(entries(task, number, whole, seconds, validation))


def entries(
    task: Task, number: int, whole: Mapping[str, Any], seconds: float, validation: float
) -> Iterator[dict[str, Any]]:
    """The same one by one."""
    names = safe_names(task.dataset.inputs)
    law = parse(str(whole["formula"]), names)
    for count, table in enumerate(folds(task.dataset, number, validation, task.seed), start=1):
        assert table.test is not None
        task.tell(f"fold {count} of {number}")
        budget = Budget.of_seconds(time.monotonic(), seconds)
        try:
            ledger = find_formula(replace(task, dataset=table, budget=budget))
        except FitError:
            yield {"formula": None, "r2_test": None, "rmse_test": None, "rows": len(table.test.y),
                   "same_form": False, "constants": None}  # fmt: skip
            continue
        version, _ = ledger.road[-1]
        found = parse(str(version.metadata["formula"]), names)
        judged = tested(version.metadata, table) or {}
        same = form_of(found) == form_of(law)
        yield {
            "formula": version.metadata["formula"],
            "r2_test": judged.get("r2"),
            "rmse_test": judged.get("rmse"),
            "rows": len(table.test.y),
            "same_form": same,
            "constants": constants_of(version.metadata, found, law) if same else None,
        }


def constants_of(metadata: Mapping[str, Any], found: Expression, law: Expression) -> dict[str, float] | None:
    """The constants of a formula that stand where the law has its own; None where the two are written differently."""
    if metadata.get("parameters"):
        return {str(entry["name"]): float(entry["value"]) for entry in metadata["parameters"]}
    own, free = freed(found), freed(law)
    if skeleton(own) != skeleton(free):
        return None
    return {f"c{i}": one.value for i, one in enumerate(constants(own), start=1)}


def skeleton(expression: Expression) -> Expression:
    """The same with every free constant one and the same number."""
    return with_constants(expression, [0.5] * len(constants(expression)))
