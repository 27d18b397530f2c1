"""The text of a first recipe for a table."""

from __future__ import annotations

from os.path import isabs
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kancli.dataset import Choice
    from kancli.recipe import DataOptions

SCHEMA = "kan.schema.json"
MODELINE = f"# yaml-language-server: $schema={SCHEMA}\n"
# Fewer rows than this determine a single curve: there is nothing to prune, and no row to hold out.
FEW_ROWS = 30
# Fewer than this need coarse grids.
SOME_ROWS = 200
# Rows needed per coefficient.
ROWS_PER_COEFFICIENT = 2
ORDER = 3
# The column at which comments begin.
COMMENTS = 28


def with_comment(text: str, comment: str) -> str:
    """A line with its comment, all comments starting at the same column."""
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
    """A commented recipe, to be saved as `file`, for the table with the path `place`; and the choices made.

    `search`: a search for the architecture instead of stages with a width.
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
        "# Written by kan init; change it as you like. kan check finds mistakes in a recipe, kan run --dry-run",
        f"# shows what it would do; with kan schema > {SCHEMA} an editor can complete and check it.",
        "version: 1",
        with_comment(f"seed: {seed}", "the same table, recipe and seed give the same formula"),
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
        lines.append(with_comment("  val: 0", "with so few rows, all are needed for the fit"))
    else:
        lines.append(
            with_comment("  val: 0.2", "share of the rows held out: they separate the law from noise")
        )
    return [*lines, ""]


def stage_sections(inputs: int, rows: int) -> list[str]:
    """The stages, with as many coefficients as the rows allow."""
    symbolify = [
        "symbolify:",
        with_comment("  snap: true", "write constants such as 1/2, pi or sqrt(2) exactly"),
        with_comment("  # lib: [x, x^2, exp, sin]", "only these; kan functions lists all"),
        "  # exclude: [tan, abs]",
        "",
    ]
    if rows < FEW_ROWS:
        return [
            "train:",
            with_comment(f"  width: [{inputs}, 1]", "inputs, output: a sum of one function per input"),
            with_comment("  grid: 3", "intervals per spline: few rows allow only few"),
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
        with_comment(f"  grid: {grid}", "intervals per spline: coarse at first"),
        with_comment("  # restarts: 8", "random starts; more of them help when the fit gets stuck"),
        with_comment("  # lamb: 1e-3", "pushes unneeded edges to zero during training"),
        "",
        "prune:",
        with_comment("  tolerance: 0.05", "how much a removal may raise the held-out error"),
        "",
        "refine:",
        with_comment(f"  grid: {finer}", "each doubling reduces the error sixteenfold if the width is right"),
        "",
        *symbolify,
        "# export:",
        "#   format: python",
        "#   output: formula.py",
        "",
        "# run:",
        with_comment(
            "#   directory: runs/mine", "saved here: stages that have not changed are skipped the next time"
        ),
    ]


def hidden_nodes(inputs: int, rows: int, grid: int) -> int:
    """2·d + 1 as in Kolmogorov's theorem, or fewer if the rows do not determine so many coefficients."""
    edges = rows / ROWS_PER_COEFFICIENT / (grid + ORDER)
    return max(1, min(2 * inputs + 1, int(edges / (inputs + 1))))
