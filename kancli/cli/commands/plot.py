"""`kan plot`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from kancli.cli.actions.pictures import Subject, ascii_only, columns, picture, subject
from kancli.cli.commands.arguments import DataPath, Run
from kancli.cli.frame.command import command
from kancli.cli.frame.completing import one_of
from kancli.cli.frame.session import Session
from kancli.cli.output.files import write_bytes, write_text
from kancli.errors import UsageError
from kancli.stages.results.drawing import KINDS

if TYPE_CHECKING:
    from kancli.report.scene import Scene

FORMATS = (".svg", ".png", ".pdf")

KindName = Annotated[
    str | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="; ".join(f"{name}: {text}" for name, text in KINDS.items())
        + ". By default the network, or fit where a formula has none.",
        autocompletion=one_of(KINDS),
        show_default=False,
    ),
]
Output = Annotated[
    str | None,
    typer.Option(
        "-o", "--output", metavar="FILE", help="Write the picture to this file: .svg, .png or .pdf.",
        show_default=False,
    ),
]  # fmt: skip
LayerNumber = Annotated[
    int | None,
    typer.Option("--layer", metavar="N", min=0, help="Only the edges of this layer.", show_default=False),
]
EdgeName = Annotated[
    str | None,
    typer.Option(
        "--edge", metavar="EDGE", help="Only this edge, as layer,from,to counted from 0; implies --kind edges.",
        show_default=False,
    ),
]  # fmt: skip


@command()
def plot(
    session: Session,
    run: Run = None,
    kind: KindName = None,
    output: Output = None,
    layer: LayerNumber = None,
    edge: EdgeName = None,
    data: DataPath = None,
) -> None:
    """Draw a version: network, edges, law, loss, predictions, residuals, front.

    Draws in the terminal; in a pipe, or with -o FILE.svg, writes SVG. PNG and PDF need kancli[plot].

    \b
    kan plot last
    kan plot last -o network.svg
    kan plot last@refine --kind edges --layer 0
    kan plot last --kind fit -o law.png
    """
    asked, kind = kind, chosen_kind(kind, layer, edge)
    format = format_of(output)
    about = subject(session, run, data, kind)
    if asked is None and kind == "network" and "architecture" not in about.checkpoint.metadata:
        kind = "fit"
        about = subject(session, run, data, kind)
        session.streams.remark("the formula was fitted without a network: data and law are drawn")
    remark_on(session, run, about, kind)
    if edge is not None:
        from kancli.cli.commands.suggest import checked

        edge = checked(edge)
    from kancli.report.scene import PAGE, terminal_style

    streams = session.streams
    on_terminal = streams.terminal() and not streams.json and output is None
    style = terminal_style(columns()) if on_terminal else PAGE
    scene = picture(about, kind, style, edge=edge, layer=layer)
    if on_terminal:
        from kancli.report.terminal import draw

        streams.drawing(draw(scene, color=streams.color(), plain=ascii_only()))
        return
    text = written(scene, output, format)
    if streams.json:
        path = str(about.checkpoint.path)
        streams.document({"kan": 1, "kind": kind, "output": output, "svg": text, "checkpoint": path})
    elif text is not None:
        streams.result(text)


def chosen_kind(kind: str | None, layer: int | None, edge: str | None) -> str:
    """The kind of picture: `edges` where one, or one layer of them, is named. Raises UsageError."""
    if edge is not None or layer is not None:
        kind = "edges" if kind in (None, "network") else kind
        if kind != "edges":
            raise UsageError(f"--{'edge' if edge is not None else 'layer'} goes with --kind edges only")
    kind = "network" if kind is None else kind
    check_kind(kind)
    return kind


def remark_on(session: Session, run: str | None, about: Subject, kind: str) -> None:
    """Say where the picture shows something else than RUN, or less than it could."""
    if kind in ("network", "edges") and about.checkpoint.path != session.find(run):
        session.streams.remark(
            f"a formula without a network: the drawing shows {about.checkpoint.path}, which it was made from"
        )
    if about.missing is not None:
        session.streams.remark(
            f"the data cannot be read again ({about.missing.message}): drawn without data points, with strengths "
            "from rows spread evenly over the inputs' ranges; name the table with --data"
        )


def written(scene: Scene, output: str | None, format: str) -> str | None:
    """The picture as SVG where no file is named; None where it is in that file now."""
    from kancli.report.svg import svg

    if output is None:
        return svg(scene)
    if format == ".svg":
        write_text(output, svg(scene))
    else:
        from kancli.report.matplotlib import image

        write_bytes(output, image(scene, cast(Literal["png", "pdf"], format.removeprefix("."))))
    return None


def check_kind(kind: str) -> None:
    """Raises UsageError for an unknown kind of picture."""
    from difflib import get_close_matches

    if kind not in KINDS:
        near = get_close_matches(kind, KINDS, n=1)
        guess = f"did you mean {near[0]}?" if near else f"kinds: {', '.join(KINDS)}"
        raise UsageError(f"--kind {kind}: no such picture", guess)


def format_of(output: str | None) -> str:
    """The file extension. Raises UsageError where it is not that of a known format."""
    if output is None:
        return ".svg"
    ending = Path(output).suffix.lower()
    if ending not in FORMATS:
        raise UsageError(
            f"-o {output}: pictures are .svg, .png or .pdf", "give the file one of these extensions"
        )
    return ending
