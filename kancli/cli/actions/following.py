"""What kan run does with a plan: show it, follow it, or repeat a stored run and compare."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from math import isclose
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from kancli.cli.actions.compare import METRICS, Difference, differences
from kancli.cli.actions.searching import searched
from kancli.cli.frame.session import Session
from kancli.errors import CheckpointError

if TYPE_CHECKING:
    from kancli.checkpoint import Version
    from kancli.dataset import Dataset
    from kancli.recipe import Recipe, StageName
    from kancli.stages.pipeline import Finished
    from kancli.stages.plan import Step

# Another machine rounds otherwise; figures that agree to this are the same.
ROUNDING = 1e-9


def run_of(recipe: Recipe, data: Mapping[str, Any], stage: StageName) -> Path | None:
    """The recipe's run directory, else that of the newest run that has this stage of the same rows, if any."""
    from kancli.checkpoint import runs
    from kancli.stages.plan import intact, newest, same_rows

    if recipe.run.directory:
        return Path(recipe.run.directory)
    for run in reversed(runs()):
        version = newest(intact(run.path), stage)
        if version is not None and same_rows(version.metadata, data):
            return run.path
    return None


def follow(
    session: Session,
    recipe: Recipe,
    dataset: Dataset,
    steps: Sequence[Step],
    again: Sequence[int] | None = None,
) -> Iterator[Finished]:
    """Run the stages that the plan contains, from the version before them; at least the last one is yielded.

    `again`: the units of work after which the clock ended an earlier search, which this one repeats.
    """
    from kancli.checkpoint import load
    from kancli.stages.pipeline import Finished

    stages = [step.stage for step in steps if step.action == "run"]
    before = [step.version for step in steps if step.version is not None]
    for step in steps:
        if step.action == "unchanged" and step.version is not None:
            session.streams.remark(f"{step.stage}: unchanged, {step.version.path}")
    if not stages:
        yield Finished(load(before[-1].path), 0.0)
    elif before:
        yield from session.go_on(recipe, load(before[-1].path), stages)
    elif stages[0] != "fit":
        yield from session.start(recipe, stages, dataset=dataset)
    else:
        for finished in searched(session, recipe, monotonic(), dataset, again):
            last = finished
            yield finished
        yield from session.go_on(recipe, last.checkpoint, stages[1:])


def show_plan(session: Session, recipe: Recipe, steps: Sequence[Step], source: str) -> None:
    """The plan and the resolved recipe: one YAML text that kan run takes, or JSON."""
    from kancli.recipe.order import arranged
    from kancli.recipe.writer import to_yaml

    resolved = resolved_values(recipe)
    if session.streams.json:
        listed = [
            {
                "stage": step.stage,
                "action": step.action,
                "checkpoint": str(step.version.path) if step.version else None,
            }
            for step in steps
        ]
        session.streams.document({"kan": 1, "plan": listed, "recipe": resolved})
        return
    lines = [f"# {source}, with all options; kan run would do this:"]
    for step in steps:
        where = f" ({step.version.path})" if step.version else ""
        words = {"run": "runs", "unchanged": "is unchanged", "leave": "is left as it is"}
        lines.append(f"#   {step.stage} {words[step.action]}{where}")
    session.streams.result("\n".join(lines) + "\n" + to_yaml(arranged(resolved)))


def resolved_values(recipe: Recipe) -> dict[str, Any]:
    """The recipe with every option, without the sections of stages that it does not have."""
    values = recipe.model_dump(mode="json", by_alias=True)
    unused = {"train", "prune", "refine", "symbolify", "fit"} - {*recipe.stages}
    return {key: value for key, value in values.items() if key not in unused}


def stored_version(recipe: Recipe, data: Mapping[str, Any]) -> Version:
    """What --verify compares with: the version that the recipe made, or the newest of its last stage."""
    from kancli.stages.plan import intact, newest, plan

    run = run_of(recipe, data, recipe.stages[-1])
    if run is None:
        raise CheckpointError(
            "no run of this table is stored", "run without --verify first, or name a run with --run"
        )
    last = plan(recipe, data, run)[-1].version
    found = last or newest(intact(run), recipe.stages[-1])
    if found is None:
        raise CheckpointError(f"{run}: no version of stage {recipe.stages[-1]}", "kan runs lists the runs")
    return found


def made_again(
    session: Session, recipe: Recipe, dataset: Dataset, data: Mapping[str, Any], again: Sequence[int]
) -> Mapping[str, Any]:
    """The metadata of the recipe's last version, made again in a temporary folder, with `again` as in `follow`."""
    from kancli.stages.plan import plan

    with tempfile.TemporaryDirectory(prefix="kan-verify-") as folder:
        elsewhere = recipe.model_copy(update={"run": recipe.run.model_copy(update={"directory": folder})})
        *_, last = follow(session, elsewhere, dataset, plan(elsewhere, data, None), again)
        return last.checkpoint.metadata


def deviations(stored: Mapping[str, Any], again: Mapping[str, Any]) -> list[Difference]:
    """What differs from the stored run, beyond the rounding of figures."""
    return [
        difference
        for difference in differences(stored, again)
        if not (difference.what in METRICS and close(difference.a, difference.b))
    ]


def close(a: Any, b: Any) -> bool:
    """Whether two figures are the same but for rounding."""
    numbers = isinstance(a, float | int) and isinstance(b, float | int)
    return numbers and isclose(a, b, rel_tol=ROUNDING, abs_tol=ROUNDING)
