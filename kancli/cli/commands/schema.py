"""`kan schema`."""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import Annotated, Any

import typer

from kancli.cli.frame.command import command
from kancli.cli.frame.session import Session
from kancli.cli.output.encoding import unicode
from kancli.cli.output.files import write_text
from kancli.errors import UsageError

DRAFT = "https://json-schema.org/draft/2020-12/schema"

What = Annotated[str, typer.Argument(metavar="[recipe|output]", help="Of what.", show_default=True)]
Which = Annotated[
    str | None,
    typer.Argument(
        metavar="COMMAND", help="With output: only of this command.", show_default=False
    ),
]  # fmt: skip
Output = Annotated[
    str | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Write to this file instead of standard output.",
        show_default=False,
    ),
]


@command()
def schema(session: Session, what: What = "recipe", which: Which = None, output: Output = None) -> None:
    """Print the JSON Schema of a recipe or of the --json output.

    With the recipe's schema, an editor completes and checks a recipe while you type; recipes from kan init name
    it in their first line.

    \b
    kan schema -o kan.schema.json
    kan schema output fit
    kan schema output > kan-output.schema.json
    """
    if what == "recipe" and which is None:
        from kancli.recipe import json_schema

        found = json_schema()
    elif what == "output":
        found = output_schema(which)
    else:
        raise UsageError(
            f"schema {what} {which or ''}".rstrip() + ": no such schema", "kan schema recipe|output"
        )
    text = json.dumps(found, indent=2, ensure_ascii=not (output or unicode())) + "\n"
    if output:
        write_text(output, text)
    else:
        session.streams.result(text)


def output_schema(which: str | None) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one command's document, or of all, each under its name in `$defs`.

    Raises UsageError for an unknown command.
    """
    from pydantic import TypeAdapter

    from kancli.cli.documents import DOCUMENTS

    if which is not None:
        if which not in DOCUMENTS:
            near = get_close_matches(which, DOCUMENTS, n=1)
            raise UsageError(
                f"no command {which!r}", f"did you mean {near[0]}?" if near else "kan --help lists them"
            )
        found = TypeAdapter(DOCUMENTS[which]).json_schema()
        return {"$schema": DRAFT, "title": f"kan {which} --json", **_without_title(found)}
    adapters = [(name, "validation", TypeAdapter(document)) for name, document in DOCUMENTS.items()]
    references, definitions = TypeAdapter.json_schemas(adapters)  # type: ignore[arg-type]
    commands = {name: references[name, "validation"] for name in DOCUMENTS}
    return {
        "$schema": DRAFT,
        "title": "kan --json",
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in DOCUMENTS],
        "$defs": {**commands, **definitions.get("$defs", {})},
    }


def _without_title(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "title"}
