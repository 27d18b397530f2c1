"""The page of `kan report` about a version, section by section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kancli.cli.actions.pictures import Subject, holding_network, picture, with_data
from kancli.cli.output.figures import near_one, short
from kancli.cli.output.render import (
    PARAMETER_COLUMNS,
    SHORT_EDGE_COLUMNS,
    network_text,
    quality,
    short_edge_rows,
    short_parameter_rows,
)
from kancli.errors import KanError

if TYPE_CHECKING:
    from kancli.report.page import Page, Section
    from kancli.report.scene import Scene


# Of the numbers in the drawn formula; the text below it has them all.
DIGITS = 5


def page(about: Subject, data: str | None = None) -> Page:
    """The page about a version; `data` is the table named in place of its own.

    What cannot be drawn without its data is left out, with a note.
    """
    from kancli.report.page import Page

    metadata = about.checkpoint.metadata
    target, formula = str(metadata["target"]), metadata.get("formula")
    holder = holding_network(about.checkpoint)
    drawn = about if holder is about.checkpoint else with_data(holder, None)
    sections = [quality_section(about), network_section(drawn, about), edges_section(drawn)]
    for make in (constants_section, fit_section, loss_section, front_section):
        if (section := make(about)) is not None:
            sections.append(section)
    sections += [recipe_section(metadata), provenance_section(about)]
    title = f"The formula for {target}" if formula else f"A network for {target}"
    source = (metadata.get("data") or {}).get("source", "-")
    lead = f"{target} as a function of {', '.join(metadata['inputs'])}, from {source}"
    return Page(
        title,
        lead,
        formula_mathml(metadata) if formula else None,
        f"{target} = {formula}" if formula else None,
        tuple(section for section in sections if section is not None),
    )


def formula_mathml(metadata: Mapping[str, Any]) -> str | None:
    """The formula as a browser draws it, its numbers rounded; None where it has splines in it."""
    from kancli.export.mathml import write
    from kancli.export.source import source_of
    from kancli.symbolic.expression.tree import Constant, Expression, substitute, walk

    if metadata.get("splines_left"):
        return None
    source = source_of(metadata)
    free = {node for node in walk(source.expression) if isinstance(node, Constant) and node.free}
    rounded: dict[Expression, Expression] = {
        node: Constant(float(f"{node.value:.{DIGITS}g}")) for node in free
    }
    return write(replace(source, expression=substitute(source.expression, rounded)))


def quality_section(about: Subject) -> Section:
    from kancli.report.page import Section, Table
    from kancli.stages.judging.told import lines

    metadata = about.checkpoint.metadata
    metrics = quality(metadata)
    data = metadata.get("data") or {}
    rows = [
        ["r²", near_one(metrics.get("r2"))],
        ["r² held out", near_one(metrics.get("r2_validation"))],
        ["rmse", short(metrics.get("rmse"))],
    ]
    if metadata.get("complexity") is not None:
        rows.append(["complexity", str(metadata["complexity"])])
    said = (f"{name.capitalize()}: {line}." for name, line in lines(metadata))
    words = [*said, *(metadata.get("remarks") or ())]
    rows.append(["rows", f"{data.get('rows', '-')} ({data.get('held_out', '-')} held out)"])
    rows += [
        [f"influence of {entry['input']}", f"{entry['influence']:.3f}"]
        for entry in sorted(metadata.get("influence") or (), key=lambda e: -e["influence"])
    ]
    return Section("How good it is", tuple(words), table=Table(("", ""), rows, frozenset((1,))))


def network_section(about: Subject, of: Subject) -> Section | None:
    """The network in `about`; `of` is the version that the page is about."""
    from kancli.report.page import Section

    drawn = pictured(about, "network")
    if drawn is None:
        return None
    words = [
        f"Width {network_text(about.checkpoint.metadata)}. "
        "Dark edges have a strong effect on the output, faint ones hardly any."
    ]
    if about is not of:
        words.append(f"It belongs to version {about.checkpoint.number}, from which this version was made.")
    if about.missing is not None:
        words.append(
            f"The data cannot be read again ({about.missing.message}): the strengths are computed from rows "
            "spread evenly over the inputs' ranges, and no data points are shown."
        )
    return Section("Network", tuple(words), (drawn,))


def edges_section(about: Subject) -> Section | None:
    from kancli.report.page import Section, Table

    metadata = about.checkpoint.metadata
    words = "The spline of each edge (blue), the function that replaced it (orange, dashed), and the value "
    words += "of the edge that would make each row of the data exact (grey)."
    drawn = pictured(about, "edges")
    table = None
    if metadata.get("edges"):
        rows = short_edge_rows(metadata)
        table = Table(SHORT_EDGE_COLUMNS, rows, frozenset((2, 3, 4, 5, 6, 8)))
        words += " Each function is c·f(a·x + b) + d, fitted to its spline alone."
    if drawn is None and table is None:
        return None
    return Section("Edges", (words,) if drawn else (), (drawn,) if drawn else (), table)


def constants_section(about: Subject) -> Section | None:
    from kancli.report.page import Section, Table

    metadata = about.checkpoint.metadata
    if metadata.get("parameters"):
        rows = short_parameter_rows(metadata)
        return Section("Constants", table=Table(PARAMETER_COLUMNS, rows, frozenset((1, 2))))
    constants = metadata.get("constants") or ()
    if not constants:
        return None
    rows = [
        [
            f"{entry['value']:.10g}",
            short(entry["standard_error"]),
            f"exactly {entry['snapped']}" if entry["snapped"] else "fitted",
        ]
        for entry in constants
    ]
    return Section("Constants", table=Table(("value", "standard error", ""), rows, frozenset((0, 1))))


def fit_section(about: Subject) -> Section | None:
    from kancli.report.page import Section

    if about.dataset is None:
        reason = about.missing.message if about.missing is not None else "no data"
        return Section("Predictions", (f"Not drawn because the data cannot be read again: {reason}.",))
    words = (
        "The law over each of its inputs, the others at their middle (line), with the band in which 19 of "
    )
    words += "20 rows lie (dashed), and the rows: dots, held-out ones in their own colour."
    law = pictured(about, "fit")
    drawn = [scene for kind in ("parity", "residuals") if (scene := pictured(about, kind, half=True))]
    if law is None and not drawn:
        return None
    return Section("Predictions", (words,) if law else (), ((law,) if law else ()) + tuple(drawn))


def loss_section(about: Subject) -> Section | None:
    from kancli.report.page import Section

    drawn = pictured(about, "loss")
    return Section("Loss", pictures=(drawn,)) if drawn else None


def front_section(about: Subject) -> Section | None:
    from kancli.report.page import Section, Table

    entries = about.checkpoint.metadata.get("front") or ()
    if not entries:
        return None
    drawn = pictured(about, "front") if len(entries) > 1 else None
    rows = [
        [str(e["complexity"]), near_one(e["r2"]), near_one(e.get("r2_validation")), str(e["formula"])]
        for e in entries
    ]
    chosen = next((i for i, e in enumerate(entries) if e["chosen"]), None)
    table = Table(("complexity", "r²", "held out", "formula"), rows, frozenset((0, 1, 2)), chosen)
    return Section("Front", pictures=(drawn,) if drawn else (), table=table)


def recipe_section(metadata: Mapping[str, Any]) -> Section | None:
    from kancli.recipe.order import arranged
    from kancli.recipe.writer import to_yaml
    from kancli.report.page import Section

    recipe = metadata.get("recipe")
    if not recipe:
        return None
    words = "kan run reproduces this version from these lines."
    return Section("Recipe", (words,), text=to_yaml(arranged(recipe)).rstrip("\n"))


def provenance_section(about: Subject) -> Section:
    from kancli.checkpoint import read_run_info
    from kancli.report.page import Section, Table
    from kancli.stages.results.picture import lineage

    checkpoint = about.checkpoint
    metadata = checkpoint.metadata
    data = metadata.get("data") or {}
    versions = ", ".join(f"{name} {number}" for name, number in (metadata.get("versions") or {}).items())
    assert checkpoint.path is not None
    info = read_run_info(checkpoint.path.parent)
    chain = lineage(checkpoint)
    road = " → ".join(f"{version.number} {version.stage}" for version in chain)
    if chain[0].parent is not None:
        road = f"(missing: {chain[0].parent.file}) → {road}"
    rows = [
        ["file", str(checkpoint.path)],
        ["sha256", checkpoint.sha256 or "-"],
        ["lineage", road],
        *([f"sha256 of {v.number}", v.sha256 or "-"] for v in chain[:-1]),
        ["command", " ".join(info.get("command") or ()) or "-"],
        ["made", str(info.get("created", "-"))],
        ["data", str(data.get("source", "-"))],
        ["fingerprint of the data", str(data.get("fingerprint", "-"))],
        ["seed", str(metadata.get("seed"))],
        ["versions", versions or "-"],
    ]
    return Section("Provenance", table=Table(("", ""), rows))


def pictured(about: Subject, kind: str, *, half: bool = False) -> Scene | None:
    """A picture for the page; None where the version has nothing to draw it from."""
    from kancli.report.scene import Style

    try:
        style = Style(width=470 if half else 900 if kind == "edges" else 640)
        return picture(about, kind, style, caption=False)
    except KanError:
        return None
