"""`kan run`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kancli.cli.actions.compare import name_of
from kancli.cli.actions.following import deviations, follow, made_again, run_of, show_plan, stored_version
from kancli.cli.commands.export import source_text
from kancli.cli.frame.command import command
from kancli.cli.frame.completing import stage_names
from kancli.cli.frame.session import Session
from kancli.cli.output.files import write_text
from kancli.cli.output.formula import print_formula
from kancli.cli.output.render import influence_text, stage_document
from kancli.cli.output.tables import Table, print_table
from kancli.errors import QualityError, UsageError

if TYPE_CHECKING:
    from kancli.checkpoint import Checkpoint
    from kancli.dataset import Dataset
    from kancli.recipe import Recipe, StageName
    from kancli.stages.pipeline import Finished

RecipeFile = Annotated[str, typer.Argument(metavar="RECIPE", help="A YAML file.", show_default=False)]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Set an option of the recipe: train.grid=10. Repeat for more.",
        show_default=False,
    ),
]  # fmt: skip
First = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="STAGE", help="Begin with this stage, on the version before it in the table's newest run.",
        autocompletion=stage_names,
        show_default=False,
    ),
]  # fmt: skip
Until = Annotated[
    str | None,
    typer.Option(
        "--until",
        metavar="STAGE",
        help="End with this stage.",
        show_default=False,
        autocompletion=stage_names,
    ),
]
Again = Annotated[
    bool, typer.Option("--force", help="Run every stage, including those that have not changed.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the plan and the whole recipe; run nothing.")]
Verify = Annotated[
    bool,
    typer.Option(
        "--verify", help="Run the recipe again and compare with the stored run; exit with 7 if they differ."
    ),
]


@command(options=("run", "seed"))
def run(
    session: Session,
    recipe: RecipeFile,
    settings: Settings = None,
    first: First = None,
    until: Until = None,
    force: Again = False,
    dry_run: DryRun = False,
    verify: Verify = False,
) -> None:
    """Run the stages of a recipe.

    Prints what the last stage prints. In a run directory that has been used before (--run, or run.directory
    in the recipe) a stage is skipped if its options, data and parent have not changed.

    \b
    kan run recipes/quickstart.yaml
    kan run recipes/quickstart.yaml --seed 1 --run runs/second-try
    kan run recipes/quickstart.yaml --set train.grid=10 --dry-run
    kan run recipes/quickstart.yaml --from symbolify --set symbolify.lib=[x,x^2,sin,exp]
    kan run recipes/quickstart.yaml --verify
    """
    from kancli.stages.plan import plan
    from kancli.stages.source import facts_of

    started = perf_counter()
    resolved = with_settings(replace(session, recipe_file=recipe), settings or ()).recipe()
    dataset = session.read_data(resolved)
    data = facts_of(dataset, resolved.data, resolved.seed)
    if verify:
        if first or until or dry_run:
            raise UsageError("--verify runs the whole recipe", "leave out --from, --until and --dry-run")
        verify_run(session, resolved, dataset, data, started)
        return
    place = run_of(resolved, data, before(resolved, first)) if first or resolved.run.directory else None
    steps = plan(resolved, data, place, first=first, until=until, again=force)
    if dry_run:
        show_plan(session, resolved, steps, recipe)
        return
    for finished in follow(session, resolved, dataset, steps):
        last = finished
        if steps[0].action == "run" and last.checkpoint.stage == "train":
            remark_on_influence(session, last.checkpoint)
    if resolved.export.output:
        _, source = source_text(last.checkpoint.metadata, resolved.export)
        write_text(resolved.export.output, source + "\n")
    print_last(session, last, perf_counter() - started)


def before(recipe: Recipe, first: str | None) -> StageName:
    """The stage that --from starts after."""
    index = list(recipe.stages).index(first) if first in recipe.stages else 0
    return recipe.stages[max(index - 1, 0)]


def with_settings(session: Session, settings: Sequence[str]) -> Session:
    """The session with `--set KEY=VALUE` as flags. Raises UsageError for any other text."""
    from kancli.errors import RecipeError
    from kancli.recipe.reader import parse_document

    flags, names = dict(session.flags), dict(session.names)
    for text in settings:
        key, equals, value = text.partition("=")
        loc = tuple(key.strip().split("."))
        if not equals or not all(loc):
            raise UsageError(f"--set {text}: must have the form KEY=VALUE", "for example --set train.grid=10")
        try:
            document = parse_document(f"value: {value.strip()}", text)
        except RecipeError:
            raise UsageError(
                f"--set {text}: {value.strip()!r} is not a value", "lists are written [10,20]"
            ) from None
        flags[loc], names[loc] = document.values["value"], f"--set {key.strip()}"
    return Session(session.streams, flags, names, session.recipe_file)


def remark_on_influence(session: Session, trained: Checkpoint) -> None:
    """Which inputs matter, once they are known."""
    if influence := influence_text(trained.metadata):
        session.streams.remark(influence)


def print_last(session: Session, last: Finished, seconds: float) -> None:
    """What the last stage prints."""
    if last.checkpoint.metadata.get("formula") is not None:
        print_formula(session.streams, last.checkpoint, seconds)
    elif session.streams.json:
        session.streams.document(stage_document(replace(last, seconds=seconds)))
    else:
        session.streams.result(str(last.checkpoint.path))


def ended_after(metadata: Mapping[str, Any]) -> list[int]:
    """The units of work after which the clock ended the search for a version; none where it did not."""
    return [int(unit) for unit in metadata.get("ended_after") or ()]


def verify_run(
    session: Session, recipe: Recipe, dataset: Dataset, data: dict[str, Any], started: float
) -> None:
    """Repeat the run and compare it with the stored one. Raises QualityError where they differ."""
    from kancli.checkpoint import load
    from kancli.stages.pipeline import Finished

    stored = load(stored_version(recipe, data).path)
    assert stored.path is not None
    found = deviations(
        stored.metadata, made_again(session, recipe, dataset, data, ended_after(stored.metadata))
    )
    streams = session.streams
    if streams.json:
        streams.document(
            {
                "kan": 1,
                "verified": not found,
                "checkpoint": str(stored.path),
                "formula": stored.metadata.get("formula"),
                "differences": [vars(difference) for difference in found],
                "seconds": round(perf_counter() - started, 3),
            }
        )
    elif found:
        columns = ("part", "what", name_of(stored.path), "again")
        full = [[d.part, d.what, d.text(d.a), d.text(d.b)] for d in found]
        brief = [[d.part, d.what, d.brief(d.a), d.brief(d.b)] for d in found]
        print_table(streams, Table(columns, full, columns, brief))
    else:
        print_last(session, Finished(stored, 0.0), perf_counter() - started)
    if found:
        raise QualityError(f"{stored.path}: repeated, it differs in {len(found)} points")
    streams.remark(f"verified: {stored.path} is the same when repeated")
