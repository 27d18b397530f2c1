"""The report of a version as one HTML page: no scripts, no external files, light and dark."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from kancli.report.scene import Scene
from kancli.report.svg import DARK, FONT, LIGHT, style_sheet, svg
from kancli.visible import visible

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Table:
    """A table: `numbers` are the columns that are set to the right."""

    columns: tuple[str, ...]
    rows: Rows
    numbers: frozenset[int] = frozenset()
    chosen: int | None = None


@dataclass(frozen=True)
class Section:
    """A heading and what is below it: paragraphs, pictures, a table, text as it stands."""

    title: str
    paragraphs: tuple[str, ...] = ()
    pictures: tuple[Scene, ...] = ()
    table: Table | None = None
    text: str | None = None


@dataclass(frozen=True)
class Page:
    """`formula` is MathML, or None; `formula_text` the same to be copied. All other strings are plain text."""

    title: str
    lead: str
    formula: str | None
    formula_text: str | None
    sections: tuple[Section, ...]


def html(page: Page) -> str:
    """The page as the text of a file."""
    body = "".join(map(_section, page.sections))
    formula = f'<div class="formula">{page.formula}</div>\n' if page.formula else ""
    if page.formula_text:
        formula += f'<p class="copy"><code>{_shown(page.formula_text)}</code></p>\n'
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        '<meta name="color-scheme" content="light dark"/>\n'
        f"<title>{_shown(page.title)}</title>\n<style>{_rules()}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{_shown(page.title)}</h1>\n<p class='lead'>{_shown(page.lead)}</p>\n{formula}{body}"
        "</main>\n</body>\n</html>\n"
    )


def _section(section: Section) -> str:
    name = re.sub(r"[^a-z]+", "-", section.title.lower()).strip("-")
    parts = [f"<p>{_shown(text)}</p>\n" for text in section.paragraphs]
    if section.pictures:
        figures = "".join(f"<figure>{svg(scene, inline=True)}</figure>\n" for scene in section.pictures)
        parts.append(f'<div class="pictures">\n{figures}</div>\n')
    if section.table is not None:
        parts.append(_table(section.table))
    if section.text is not None:
        parts.append(f"<pre>{_shown(section.text)}</pre>\n")
    return f'<section id="{name}">\n<h2>{_shown(section.title)}</h2>\n{"".join(parts)}</section>\n'


def _table(table: Table) -> str:
    def row(cells: Sequence[str], tag: str, kind: str = "") -> str:
        inside = "".join(
            f'<{tag} class="number">{_shown(cell)}</{tag}>'
            if i in table.numbers
            else f"<{tag}>{_shown(cell)}</{tag}>"
            for i, cell in enumerate(cells)
        )
        return f"<tr{kind}>{inside}</tr>\n"

    head = f"<thead>{row(table.columns, 'th')}</thead>\n" if any(table.columns) else ""
    body = "".join(
        row(cells, "td", ' class="chosen"' if i == table.chosen else "") for i, cells in enumerate(table.rows)
    )
    return f'<div class="wide"><table>{head}<tbody>{body}</tbody></table></div>\n'


def _rules() -> str:
    def colours(palette: dict[str, str]) -> str:
        return "".join(f"--{name}:{palette[name]};" for name in ("paper", "ink", "soft", "frame", "fit"))

    return (
        f":root{{{colours(LIGHT)}}}@media (prefers-color-scheme:dark){{:root{{{colours(DARK)}}}}}"
        f"body{{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 {FONT}}}"
        "main{max-width:62rem;margin:0 auto;padding:1.5rem 1.25rem 4rem}"
        "h1{font-size:1.6rem;margin:.5rem 0 0}h2{font-size:1.1rem;margin:2.2rem 0 .6rem;"
        "border-bottom:1px solid var(--frame);padding-bottom:.25rem}"
        ".lead{color:var(--soft);margin:.2rem 0 1rem}.formula{overflow-x:auto;font-size:1.5rem;padding:.8rem 0}"
        ".copy{overflow-x:auto;white-space:nowrap;text-align:center;color:var(--soft);margin:0}"
        "code,pre{font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;font-size:.86em}"
        "pre{overflow-x:auto;border:1px solid var(--frame);border-radius:6px;padding:.8rem 1rem;margin:0}"
        ".wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
        "th,td{text-align:left;padding:.25rem .9rem .25rem 0;border-bottom:1px solid var(--frame);"
        "vertical-align:top}th{color:var(--soft);font-weight:600;white-space:nowrap}.number{text-align:right}"
        "td{overflow-wrap:anywhere}td.number{white-space:nowrap}.chosen td{color:var(--fit);font-weight:600}"
        ".pictures{display:flex;flex-wrap:wrap;gap:1rem;justify-content:center}figure{margin:0;max-width:100%}"
        f"svg{{max-width:100%;height:auto}}{style_sheet()}"
    )


def _shown(text: str) -> str:
    return escape(visible(text))
