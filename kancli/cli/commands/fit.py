"""`kan fit`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from kancli.cli.actions.classifying import classify, labels_in, print_classes
from kancli.cli.actions.each import laws_of_each, several
from kancli.cli.actions.grouping import searched_in_groups
from kancli.cli.actions.laws import print_many
from kancli.cli.actions.motion import laws_of_motion, print_laws
from kancli.cli.actions.searching import searched
from kancli.cli.frame.command import command
from kancli.cli.frame.session import Session
from kancli.cli.output.formula import print_formula
from kancli.errors import UsageError

if TYPE_CHECKING:
    from kancli.recipe import Recipe


@command(options=("data", "units", "fit", "run", "seed"), recipe=True, argument_name="DATA")
def fit(
    session: Session,
    data: Annotated[
        list[str],
        typer.Argument(
            metavar="DATA...",
            help="A .csv or .tsv file, also compressed, or - . With --ode also several, one trajectory each.",
            show_default=False,
        ),
    ],
    front: Annotated[
        bool,
        typer.Option(
            "--front",
            help="Also print the formulas that fit better than every shorter one.",
            show_default=False,
        ),
    ] = False,
    shard: Annotated[
        str | None,
        typer.Option(
            "--shard", metavar="I/N",
            help="With --each or several targets: only every Nth law from the Ith on, for the jobs of an array. They "
            "meet in one folder; the same command without --shard prints all.",
            show_default=False,
        ),
    ] = None,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="With --each or several targets: exit with 6 where a law was not found.",
            show_default=False,
        ),
    ] = False,
) -> None:  # fmt: skip
    """Find the formula behind a table: data in, formula out.

    Prints TARGET = FORMULA, then a table of the edges with the function chosen and the runner-up. Where the target
    is a label, prints the log-odds of each class against the first, and how well they predict.

    \b
    kan fit data.csv
    kan fit data.csv --target T --time-limit 10m
    kan fit data.csv --front --select knee
    kan fit data.csv --like "a*exp(-b*t) + c" --sigma error
    kan fit data.csv --groups species
    kan fit data.csv --groups species --like "Vm*c/(K + c)" --free Vm
    kan fit data.csv --each well --target pressure
    kan fit data.csv --target all --run runs/columns
    kan fit data.csv --unit L=m --unit g=m/s^2 --unit T=s --units reduce
    kan fit data.csv --exclude tan,abs --json
    kan fit data.csv --test 0.2 --cv 5
    kan fit data.csv --through 0,0 --monotone x:+ --limit "x->inf: 1"
    kan fit data.csv --start "2.1*x + a*sin(t)"
    kan fit data.csv --target passed --task classify
    kan fit run1.csv run2.csv --ode t
    """
    began = time.monotonic()
    first, *more = data
    session = session.with_flag(("data", "path"), first)
    if more:
        session = session.with_flag(("data", "more"), more)
    recipe = session.with_flag(("stages",), ("fit",)).recipe()
    if several(recipe):
        refuse_beside(recipe, "a law of each")
        print_many(session.streams, laws_of_each(session, recipe, shard), strict=strict, shard=shard)
        return
    if shard or strict:
        raise UsageError("--shard and --strict are for laws of each", "--each COLUMN, or --target a,b")
    refuse_beside(recipe)
    refuse_alone(recipe)
    if recipe.fit.ode is not None:
        print_laws(session.streams, laws_of_motion(session, recipe, began), time.monotonic() - began)
        return
    if more:
        raise UsageError("several tables are for --ode, which names their column of time", "give one table")
    if recipe.fit.groups:
        last = searched_in_groups(session, recipe, began)
    elif (labelled := labels_in(session, recipe)) is not None:
        refuse_beside(recipe, "a target of labels")
        print_classes(session.streams, classify(session, recipe, labelled, began), time.monotonic() - began)
        return
    else:
        *_, last = searched(session, recipe, began)
    print_formula(session.streams, last.checkpoint, time.monotonic() - began, front=front)


def refuse_alone(recipe: Recipe) -> None:
    """Raises UsageError for an option that another one has to come with."""
    options = recipe.fit
    if (options.free or options.shared) and not options.groups:
        raise UsageError("--free and --shared are for laws of groups", "name their column with --groups")
    if options.trajectory and options.ode is None:
        raise UsageError("--trajectory is for laws of motion", "name the column of time with --ode")


def refuse_beside(recipe: Recipe, what: str | None = None) -> None:
    """Raises UsageError where rows of a test, folds or what is known of the curve are given to a search that takes
    none."""
    if what is None and recipe.fit.groups:
        what = "--groups"
    elif what is None and recipe.fit.ode is not None:
        what = "--ode"
    if what is None:
        return
    options = recipe.fit
    asked = {
        "--test": recipe.data.test,
        "--cv": options.cv,
        "--through": options.through,
        "--monotone": options.monotone,
        "--limit": options.limit,
    }
    for name, value in asked.items():
        if value:
            raise UsageError(f"{name}: not with {what}", "kan eval judges a formula on other rows")
