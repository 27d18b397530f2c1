"""The manual as a man page, in the classic man macros; see groff_man(7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kancli.cli.manual.pages import DATA, ENVIRONMENT, EXIT_CODES, RUN, Entry, Manual, Page


def roff(manual: Manual) -> str:
    """kan(1). ASCII only, so that every locale can show it."""
    return "\n".join(lines(manual)) + "\n"


def lines(manual: Manual) -> Iterator[str]:
    """The page's lines."""
    name = "KAN" if len(manual.pages) > 1 else f"KAN-{manual.pages[0].name.upper()}"
    yield f'.TH {name} 1 "" "kancli {manual.version}" "User Commands"'
    if len(manual.pages) == 1:
        yield from of_page(manual.pages[0], ".SH")
        return
    summary = manual.summary.rstrip(".")
    yield from (".SH NAME", f"kan \\- {escaped(summary[:1].lower() + summary[1:])}")
    yield from (".SH SYNOPSIS", ".B kan", escaped("COMMAND [ARGUMENTS] [OPTIONS]"))
    yield from (".SH DESCRIPTION", escaped(DATA), ".PP", escaped(RUN))
    yield ".SH OPTIONS OF EVERY COMMAND"
    yield from listed(manual.options)
    yield ".SH COMMANDS"
    for page in manual.pages:
        yield from of_page(page, ".SS")
    yield ".SH EXIT STATUS"
    yield from paired({str(code): text for code, text in EXIT_CODES.items()})
    yield ".SH ENVIRONMENT"
    yield from paired(ENVIRONMENT)


def of_page(page: Page, heading: str) -> Iterator[str]:
    """One command."""
    yield f'{heading} "{escaped(page.usage)}"'
    yield escaped(page.summary)
    for block in page.blocks:
        if isinstance(block, tuple):
            yield from (".PP", ".nf", ".RS 4", *map(escaped, block), ".RE", ".fi")
        else:
            yield from (".PP", escaped(block))
    yield from listed((*page.arguments, *page.options))


def listed(entries: Sequence[Entry]) -> Iterator[str]:
    """Arguments or options, each with its text below."""
    return paired({entry.written: entry.help for entry in entries})


def paired(entries: Mapping[str, str]) -> Iterator[str]:
    """Words in bold, each with its text below."""
    for written, text in entries.items():
        yield from (".TP", f"\\fB{escaped(written)}\\fR", escaped(text))


def escaped(text: str) -> str:
    """Text without requests and escapes, whose hyphens can be copied."""
    marks = {"\\": "\\e", "-": "\\-", '"': "\\(dq", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"}
    plain = "".join(marks.get(mark, mark if mark.isascii() else f"\\[u{ord(mark):04X}]") for mark in text)
    return f"\\&{plain}" if plain.startswith(".") else plain
