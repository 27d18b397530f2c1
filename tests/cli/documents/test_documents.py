"""What --json prints is one document, and what `kan schema output` says of it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import torch
from jsonschema import Draft202012Validator
from kit import ROOT, Kan

from kancli.cli import main
from kancli.cli.commands.schema import output_schema
from kancli.cli.documents import DOCUMENTS
from kancli.cli.frame.app import COMMANDS
from kancli.recipe import json_schema

torch.set_num_threads(1)
RECIPE = ROOT / "recipes" / "kepler.yaml"
RUN = ("run", RECIPE, "--run", "runs/one", "--set", "symbolify.compositions=false")

# Each command as a script may call it, in an order in which one finds what the one before has left.
CALLS: list[tuple[str, tuple[object, ...]]] = [
    ("example", ("kepler", "--rows", "40")),
    ("example", ()),
    ("train", ("data.csv", "--width", "1,1", "--restarts", "1", "--steps", "5")),
    ("prune", ("last",)),
    ("refine", ("last", "--grid", "7")),
    ("symbolify", ("last",)),
    ("fit", ("data.csv", "--no-compositions", "--lib", "x,x^2,power", "--restarts", "2", "--jobs", "1")),
    ("relations", ("data.csv",)),
    ("structure", ("data.csv",)),
    ("structure", ("last",)),
    ("suggest", ("runs/data-001@refine", "--edge", "0,0,0", "--top", "2")),
    ("export", ("last", "-f", "latex")),
    ("export", ("last", "-o", "law.c", "--with-test")),
    ("predict", ("last", "data.csv")),
    ("predict", ("runs/data-001@train", "data.csv", "-o", "out.csv")),
    ("eval", ("last", "data.csv", "--require-r2", "0.5")),
    ("show", ("last",)),
    ("show", ("runs/data-001@train",)),
    ("show", ("last", "--recipe")),
    ("plot", ("last",)),
    ("plot", ("runs/data-001@train", "--kind", "parity", "-o", "parity.svg")),
    ("view", ("runs/data-001@train", "--no-browser")),
    ("report", ("last",)),
    ("report", ("runs/data-001@train", "-o", "report.html")),
    ("log", ("last",)),
    ("runs", ()),
    ("runs", ("nowhere",)),
    ("diff", ("runs/data-001",)),
    ("init", ("data.csv",)),
    ("check", ("data.csv",)),
    ("check", (RECIPE,)),
    ("schema", ("output", "fit")),
    ("functions", ()),
    ("doctor", ()),
    ("man", ("fit",)),
    ("run", RUN[1:]),
    ("run", (*RUN[1:], "--dry-run")),
    ("run", (*RUN[1:], "--verify")),
    ("run", (*RUN[1:], "--until", "train")),
    ("fit", ("motion.csv", "--ode", "t", "--time-limit", "10")),
    ("solve", ("equation.yaml",)),
]

EQUATION = """\
equation: u_tt = -u
box:
  t: [0, 1]
conditions: ["t = 0: u = 0", "t = 1: u = 1"]
nodes: 1
grid: [4]
points: 20
restarts: 1
read: false
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[int, str]]]:
    """Exit code and standard output of each call, all in one folder."""
    folder = tmp_path_factory.mktemp("documents")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("http.server.HTTPServer.serve_forever", lambda server: None)
        with redirect_stdout(io.StringIO()) as table:
            main(["example", "kepler", "--rows", "40"])
        Path("data.csv").write_text(table.getvalue())
        Path("motion.csv").write_text("t,x\n" + "".join(f"{k / 9},{2.0 * 0.9**k}\n" for k in range(60)))
        Path("equation.yaml").write_text(EQUATION)
        results = []
        for command, arguments in CALLS:
            with redirect_stdout(io.StringIO()) as out:
                code = main([command, *map(str, arguments), "--json", "-q"])
            results.append((code, out.getvalue()))
        yield results


@pytest.mark.parametrize(
    ("index", "command"), [(i, command) for i, (command, _) in enumerate(CALLS)], ids=lambda value: str(value)
)
def test_each_command_prints_one_document_that_its_schema_accepts(
    printed: list[tuple[int, str]], index: int, command: str
) -> None:
    code, text = printed[index]
    assert code == 0
    document = json.loads(text)  # one and nothing else, or this fails
    schema = output_schema(command)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(document)
    if command != "schema":
        assert document["kan"] == 1


def test_every_command_is_called_here_and_has_a_schema() -> None:
    assert {command for command, _ in CALLS} == set(DOCUMENTS) == set(COMMANDS)


def test_a_schema_refuses_what_is_no_such_document() -> None:
    validator = Draft202012Validator(output_schema("eval"))
    assert not validator.is_valid({"kan": 1})
    assert not Draft202012Validator(output_schema("runs")).is_valid({"kan": 2, "runs": []})


def test_the_schema_of_all_commands_holds_each(kan: Kan) -> None:
    schema = json.loads(kan("schema", "output").out)
    Draft202012Validator.check_schema(schema)
    for command in COMMANDS:
        assert command in schema["$defs"]
    Draft202012Validator(schema).validate({"kan": 1, "runs": []})


@pytest.mark.parametrize("recipe", sorted((ROOT / "recipes").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_schema_of_recipes_accepts_those_that_are_shipped(recipe: Path) -> None:
    from kancli.recipe.reader import parse_document

    values: dict[str, Any] = parse_document(recipe.read_text(), recipe.name).values
    Draft202012Validator(json_schema()).validate(values)
    assert not Draft202012Validator(json_schema()).is_valid({**values, "trian": {}})


def test_the_schema_goes_to_a_file_where_asked(kan: Kan) -> None:
    assert kan("schema", "-o", "kan.schema.json").out == ""
    assert json.loads(Path("kan.schema.json").read_text()) == json_schema()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("outptu",), "recipe|output"),
        (("recipe", "fit"), "no such schema"),
        (("output", "ftt"), "did you mean fit?"),
    ],
)
def test_what_has_no_schema_is_named(kan: Kan, arguments: tuple[str, ...], words: str) -> None:
    done = kan("schema", *arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
