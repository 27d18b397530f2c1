"""What a notebook shows of a formula: the equation, whether to believe it, its constants, data and law."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.errors import KanError, UsageError
from kancli.visible import visible

if TYPE_CHECKING:
    from kancli.report.scene import Scene

# The width of a picture beside text, and constants that are listed.
SMALL, MOST = 460.0, 12


@dataclass(frozen=True, eq=False)
class Picture:
    """A drawing; a notebook shows it, `save` writes it as .svg, .png or .pdf."""

    scene: Scene

    def save(self, path: str | Path) -> None:
        """Write it to a file. Raises UsageError for another extension."""
        path = Path(path)
        if path.suffix == ".svg":
            path.write_text(self._repr_svg_(), encoding="utf-8")
        elif path.suffix in (".png", ".pdf"):
            from kancli.report.matplotlib import image

            path.write_bytes(image(self.scene, cast(Literal["png", "pdf"], path.suffix[1:])))
        else:
            raise UsageError(f"{path}: pictures are .svg, .png or .pdf")

    def __repr__(self) -> str:
        return f"<kancli.Picture {self.scene.title}>"

    def _repr_svg_(self) -> str:
        from kancli.report.svg import svg

        return svg(self.scene)


def picture(checkpoint: Checkpoint, dataset: Dataset | None, kind: str, width: float) -> Picture:
    """A picture of a version. Raises UsageError for an unknown kind, or where it needs rows that are not there."""
    from kancli.report.scene import Style
    from kancli.stages.results.drawing import KINDS, NEEDS_DATA, scene

    if kind not in KINDS:
        raise UsageError(f"{kind}: no such picture", f"kinds: {', '.join(KINDS)}")
    if kind in NEEDS_DATA and dataset is None:
        raise UsageError(
            f"{kind} needs the rows, which a loaded version does not hold", "kan plot reads them again"
        )
    return Picture(scene(checkpoint, dataset, kind, Style(width=width)))


def html(checkpoint: Checkpoint, dataset: Dataset | None) -> str:
    """The display: one element, no script, nothing from outside."""
    from kancli.report.svg import svg
    from kancli.stages.judging.told import lines

    facts = checkpoint.metadata
    parts = [equation(facts)]
    parts += [
        f"<div><b>{escape(name)}</b> {shown(text)}</div>" for name, text in (*measures(facts), *lines(facts))
    ]
    parts += [table(("constant", "standard error", ""), constant_rows(facts))] if constant_rows(facts) else []
    drawing = ""
    if dataset is not None:
        with suppress(KanError):  # nothing to draw is no reason to show nothing
            drawing = f"<div>{svg(picture(checkpoint, dataset, 'fit', SMALL).scene)}</div>"
    return f'<div style="display:flex;flex-wrap:wrap;gap:1.5em"><div>{"".join(parts)}</div>{drawing}</div>'


def equation(facts: Mapping[str, Any]) -> str:
    """`target = formula` as MathML, or as text where splines are left in it."""
    from kancli.export import export

    target = str(facts["target"])
    if facts.get("formula") is None:
        return f"<div>{shown(target)}: a network of splines, no formula yet</div>"
    try:
        return f'<div style="font-size:1.3em;padding:.3em 0">{export(facts, "mathml")}</div>'
    except KanError:
        return f"<div><code>{shown(target)} = {shown(str(facts['formula']))}</code></div>"


def measures(facts: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """r², on held-out rows as well, of the formula or else of the network."""
    numbers = facts if facts.get("formula") is not None else facts.get("metrics") or {}
    for name, key in (("r²", "r2"), ("r² held out", "r2_validation")):
        if numbers.get(key) is not None:
            yield name, f"{float(numbers[key]):.6g}"


def constant_rows(facts: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Value, standard error and what is known of it, of each constant; of a form of the user's by name."""
    if facts.get("parameters"):
        return [
            (f"{entry['name']} = {float(entry['value']):.8g}", error(entry.get("standard_error")), "")
            for entry in facts["parameters"][:MOST]
        ]
    return [
        (
            f"{float(entry['value']):.8g}",
            error(entry.get("standard_error")),
            f"exactly {entry['snapped']}" if entry.get("snapped") else "fitted",
        )
        for entry in (facts.get("constants") or ())[:MOST]
    ]


def error(value: float | None) -> str:
    return "" if value is None else f"{value:.2g}"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A plain table."""
    head = "".join(f"<th>{shown(name)}</th>" for name in columns)
    body = "".join(f"<tr>{''.join(f'<td>{shown(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def shown(text: str) -> str:
    """A text as HTML, without characters that are not printable."""
    return escape(visible(text))
