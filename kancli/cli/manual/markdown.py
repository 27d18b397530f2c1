"""The manual as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kancli.cli.manual.pages import DATA, ENVIRONMENT, EXIT_CODES, RUN, Entry, Manual, Page


def markdown(manual: Manual) -> str:
    """One section per command; if there are several, preceded by what they have in common."""
    parts = [section for page in manual.pages for section in of_page(page)]
    if len(manual.pages) > 1:
        parts = [*opening(manual), *parts, *closing()]
    return "\n\n".join(parts) + "\n"


def opening(manual: Manual) -> Iterator[str]:
    """What kan is, and the list of commands."""
    yield "# kan"
    yield manual.summary
    yield from (DATA, RUN)
    yield table(
        ("command", "what it does"), ((f"[{p.name}](#kan-{p.name})", p.summary) for p in manual.pages)
    )
    yield "Every command has these options as well, before its name or after it:"
    yield listed(manual.options)


def closing() -> Iterator[str]:
    """What applies to all commands."""
    yield "## Exit codes"
    yield table(("code", "meaning"), numbered(EXIT_CODES))
    yield "## Environment"
    yield table(("variable", "effect"), ((f"`{name}`", text) for name, text in ENVIRONMENT.items()))


def of_page(page: Page) -> Iterator[str]:
    """One command."""
    yield f"## kan {page.name}"
    yield page.summary
    yield code([page.usage])
    for block in page.blocks:
        yield code(block) if isinstance(block, tuple) else escaped(block)
    if page.arguments:
        yield listed(page.arguments)
    if page.options:
        yield listed(page.options)


def listed(entries: Sequence[Entry]) -> str:
    """A list of arguments or options."""
    return "\n".join(f"* `{entry.written}`: {escaped(entry.help)}" for entry in entries)


def code(lines: Iterable[str]) -> str:
    """Lines as they are."""
    return "\n".join(f"    {line}" for line in lines)


def table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with one line per row."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def numbered(codes: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    """Codes as rows."""
    return ((str(code), text) for code, text in codes.items())


def escaped(text: str) -> str:
    """Text whose own stars, bars and brackets are escaped."""
    return "".join(f"\\{mark}" if mark in "*_<>|" else mark for mark in text)
