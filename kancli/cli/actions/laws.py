"""What kan fit prints and leaves of many laws: a table, or one JSON document, and a page in their folder."""

from __future__ import annotations

from kancli.cli.actions.each import Found
from kancli.cli.output.files import write_text
from kancli.cli.output.laws import laws_table
from kancli.cli.output.render import tsv
from kancli.cli.output.streams import Streams
from kancli.cli.output.tables import Table, print_table
from kancli.errors import FitError

REPORT, ROWS = "report.html", "results.tsv"


def print_many(streams: Streams, found: Found, *, strict: bool, shard: str | None) -> None:
    """The laws and what failed. Raises FitError at the end where something did and that is not allowed."""
    table = laws_table(found.results, found.failed)
    if shard is None:  # a run without shards, after them, has all
        write_text(str(found.folder / ROWS), tsv(table.columns, table.rows))
        write_text(str(found.folder / REPORT), page_of(found, table))
    if streams.json:
        streams.document({"kan": 1, "results": list(found.results), "failed": list(found.failed)})
    else:
        print_table(streams, table)
        streams.remark(f"kept in {found.folder}")
    if strict and found.failed:
        count = len(found.failed)
        raise FitError(f"{count} of {count + len(found.results)} laws were not found")


def page_of(found: Found, table: Table) -> str:
    """The page about all laws."""
    from kancli.report.page import Page, Section, html
    from kancli.report.page import Table as Shown

    count = len(found.results) + len(found.failed)
    lead = f"{len(found.results)} of {count} laws found; kan report on a folder beside this page tells more of one"
    section = Section("Laws", table=Shown(table.short_columns, table.short_rows))
    return html(Page("Laws", lead, None, None, (section,)))
