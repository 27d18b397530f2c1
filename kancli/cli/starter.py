"""The text of a first recipe for a table."""

from __future__ import annotations

from os.path import isabs
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kancli.dataset import Choice
    from kancli.recipe import DataOptions

SCHEMA = "kan.schema.json"
MODELINE = f"# yaml-language-server: $schema={SCHEMA}\n"
# Fewer rows than this carry one curve and nothing to prune, and none can be spared to be held out.
FEW_ROWS = 30
# Fewer than this want coarse grids.
SOME_ROWS = 200
# Rows that a coefficient should have.
ROWS_PER_COEFFICIENT = 2
ORDER = 3
# The column at which comments begin.
COMMENTS = 28


def with_comment(text: str, comment: str) -> str:
    """A line and what it means, the comments of all lines below each other."""
    return f"{text:<{COMMENTS}}# {comment}"


SEARCH_SECTION = [
    "fit:",
    with_comment("  time_limit: 120", "seconds, or 10m: the best formula found by then"),
    with_comment("  # lib: [x, x^2, exp, sin]", "only these; kan functions lists all"),
    "  # exclude: [tan, abs]",
]


def starter(
    options: DataOptions, seed: int, place: str, file: str, *, search: bool = False
) -> tuple[str, dict[str, Any]]:
    """A commented recipe, to be kept as `file`, for the table, which it calls `place`; and what was chosen.

    `search`: a search for the shape instead of stages with a width.
    """
    from kancli.dataset import choose, profile

    seen = profile(options.path, sep=options.sep)
    choice = choose(seen, options.target, options.inputs)
    chosen = {column.name: column for column in seen.columns}
    gaps = sum(chosen[name].missing for name in (*choice.inputs, choice.target))
    lines = [
        f"# kan run {file}",
        "#",
        f"# {choice.target} from {', '.join(choice.inputs)}: {seen.rows} rows of {place}.",
        "# Written by kan init; change what you like. kan check finds mistakes in a recipe, kan run --dry-run",
        f"# shows what it would do, and kan schema > {SCHEMA} lets an editor complete and check it.",
        "version: 1",
        with_comment(f"seed: {seed}", "same table, recipe and seed: same formula"),
        "",
        *data_section(options, choice, place, seen.rows, gaps),
        *(SEARCH_SECTION if search else stage_sections(len(choice.inputs), seen.rows)),
    ]
    facts = {
        "target": choice.target,
        "inputs": list(choice.inputs),
        "left_out": dict(choice.left_out),
        "rows": seen.rows,
    }
    return MODELINE + "\n".join(lines) + "\n", facts


def data_section(options: DataOptions, choice: Choice, place: str, rows: int, gaps: int) -> list[str]:
    """The table: what is used of it and what is not."""
    from kancli.recipe.writer import inline, scalar

    lines = [
        "data:",
        f"  path: {scalar(place)}"
        if isabs(place)
        else with_comment(f"  path: {scalar(place)} ", "relative to this file"),
        f"  target: {scalar(choice.target)}",
        f"  inputs: {inline(choice.inputs)}",
    ]
    lines += [f"  # left out: {name}, which {reason}" for name, reason in choice.left_out.items()]
    if options.sep is not None:
        lines.append(f"  sep: {scalar(options.sep)}")
    if gaps or options.drop_missing:
        lines.append(
            with_comment("  drop_missing: true", f"{gaps} cell{'s are' if gaps != 1 else ' is'} empty")
        )
    for key in ("sigma", "weights"):
        if (column := getattr(options, key)) is not None:
            lines.append(f"  {key}: {scalar(column)}")
    if rows < FEW_ROWS:
        lines.append(with_comment("  val: 0", "so few rows are all needed for the fit"))
    else:
        lines.append(with_comment("  val: 0.2", "share of the rows held out: they tell noise from law"))
    return [*lines, ""]


def stage_sections(inputs: int, rows: int) -> list[str]:
    """The stages, as large as the rows allow."""
    symbolify = [
        "symbolify:",
        with_comment("  snap: true", "constants that are 1/2, pi or sqrt(2) are written so"),
        with_comment("  # lib: [x, x^2, exp, sin]", "only these; kan functions lists all"),
        "  # exclude: [tan, abs]",
        "",
    ]
    if rows < FEW_ROWS:
        return [
            "train:",
            with_comment(f"  width: [{inputs}, 1]", "inputs, output: a sum of one function of each input"),
            with_comment("  grid: 3", "intervals of a spline: few rows carry few"),
            "",
            *symbolify,
            with_comment("stages: [train, symbolify]", "nothing to prune, and too few rows for a finer grid"),
        ]
    grid, finer = (5, "[10, 20]") if rows >= SOME_ROWS else (3, "[5, 10]")
    hidden = hidden_nodes(inputs, rows, grid)
    return [
        "train:",
        with_comment(
            f"  width: [{inputs}, {hidden}, 1]",
            "inputs, hidden nodes, output; 3p for three nodes that multiply",
        ),
        with_comment(f"  grid: {grid}", "intervals of a spline: coarse at first"),
        with_comment("  # restarts: 8", "random starts; more of them help when the fit gets stuck"),
        with_comment("  # lamb: 1e-3", "pushes edges that are not needed to zero while training"),
        "",
        "prune:",
        with_comment("  tolerance: 0.05", "share of the held-out error that a removal may add"),
        "",
        "refine:",
        with_comment(f"  grid: {finer}", "each doubling cuts the error sixteenfold if the shape is right"),
        "",
        *symbolify,
        "# export:",
        "#   format: python",
        "#   output: formula.py",
        "",
        "# run:",
        with_comment(
            "#   directory: runs/mine", "kept here: stages that have not changed are skipped the next time"
        ),
    ]


def hidden_nodes(inputs: int, rows: int, grid: int) -> int:
    """2·d + 1 as in Kolmogorov's theorem, or fewer where the rows do not determine so many coefficients."""
    edges = rows / ROWS_PER_COEFFICIENT / (grid + ORDER)
    return max(1, min(2 * inputs + 1, int(edges / (inputs + 1))))
