"""`kan doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from kancli.cli.actions.health import extras, machine, packages, self_test, threads
from kancli.cli.frame.command import command
from kancli.cli.frame.session import Session, set_threads
from kancli.cli.output.tables import Table, print_table
from kancli.errors import KanError, MissingDependencyError, UsageError

COLUMNS = ("what", "state", "detail")

Need = Annotated[
    list[str] | None,
    typer.Option(
        "--require", metavar="EXTRA", help="Exit with 8 if this optional part is absent. Repeat for more.",
        show_default=False,
    ),
]  # fmt: skip


@command()
def doctor(session: Session, require: Need = None) -> None:
    """Check the installation and fit a known law.

    Lists versions, threads and optional parts, then fits the formula of a small table. Exits with 0 if
    everything works, 1 if the self-test fails, 8 if a package is missing.

    \b
    kan doctor
    kan doctor --json
    kan doctor --require plot && kan plot last -o network.pdf
    """
    wanted = [f"extra {name}" for name in require or ()]
    optional = list(extras())
    unknown = [name for name in wanted if name not in {finding.what for finding in optional}]
    if unknown:
        known = ", ".join(finding.what.removeprefix("extra ") for finding in optional) or "none"
        raise UsageError(f"no optional part {unknown[0].removeprefix('extra ')!r}", f"there are: {known}")
    found = [*machine(), *packages()]
    lacking = [f.what for f in found if f.state == "missing"]
    lacking += [f.what for f in optional if f.what in wanted and f.state == "absent"]
    if not any(f.state == "missing" for f in found):
        session.streams.detail("fitting a known law")
        set_threads(1)
        found += [threads(), *optional, self_test()]
    else:
        found += optional
    failed = [f for f in found if f.state == "failed"]
    streams = session.streams
    if streams.json:
        well = not (lacking or failed)
        streams.document({"kan": 1, "well": well, "findings": [vars(finding) for finding in found]})
    else:
        rows = [[finding.what, finding.state, finding.detail] for finding in found]
        print_table(streams, Table(COLUMNS, rows, COLUMNS, rows))
    if lacking:
        raise MissingDependencyError(f"missing: {', '.join(lacking)}", "kan doctor shows how to install it")
    if failed:
        raise KanError(f"{failed[0].what}: {failed[0].detail}", "reinstalling kancli and torch may help")
