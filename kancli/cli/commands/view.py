"""`kan view`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from kancli.cli.commands.arguments import DataPath, Run
from kancli.cli.frame.command import command
from kancli.cli.frame.session import Session
from kancli.errors import UsageError

Port = Annotated[
    int,
    typer.Option(
        "--port", metavar="N", min=0, max=65535, help="Listen at this port; by default one that is free."
    ),
]
Browser = Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")]


@command(options=("run.jobs",))
def view(
    session: Session, run: Run = None, data: DataPath = None, port: Port = 0, browser: Browser = True
) -> None:
    """Look at a network in the browser, and choose the functions of its edges.

    Click an edge to see the functions that could replace it, with r² and curve; use one, remove the edge, fit again.
    Every click makes a version, as kan symbolify --fix, kan prune --remove and kan refine do. Only this machine is
    answered, and only with the token in the address. Ctrl-C ends it.

    \b
    kan view last
    kan view last@refine --no-browser --port 8000
    """
    from kancli.checkpoint import load, require_place
    from kancli.cli.actions.pictures import holding_network
    from kancli.errors import CheckpointError
    from kancli.stages.source import reopen
    from kancli.threads import cores
    from kancli.view import Workbench, serve

    version = holding_network(load(session.find(run)))
    if "architecture" not in version.metadata:
        raise CheckpointError("this version has a formula but no network", "kan train makes one")
    assert version.path is not None
    require_place(version.path.parent, hint=None)
    dataset, place = reopen(version, data)
    before = dict(version.metadata.get("recipe", {}))
    base = {key: before[key] for key in ("seed", "data", "train") if key in before}
    jobs = session.recipe(base=base, train=False).run.jobs or cores()
    bench = Workbench(version, dataset, place, jobs)
    try:
        with serve(bench, port) as served:
            if session.streams.json:
                session.streams.document({"kan": 1, "url": served.url, "checkpoint": str(version.path)})
            else:
                session.streams.result(served.url)
            sys.stdout.flush()
            if browser:
                import webbrowser

                webbrowser.open(served.url)
            served.forever()
    except OSError as problem:
        raise UsageError(f"--port {port}: {problem.strerror or problem}", "another one, or none") from problem
