"""Each option is written once and is then a flag with the same name, bounds and help."""

from __future__ import annotations

import inspect
import re

import pytest
from kit import Kan

from kancli.cli.frame.app import COMMANDS
from kancli.cli.frame.options import FieldFlag, field_flags

SECTIONS = {
    "train": ("train", "data", "run", "seed"),
    "prune": ("prune", "seed"),
    "refine": ("refine", "seed"),
    "symbolify": ("symbolify", "seed"),
    "export": ("export",),
    "run": ("run", "seed"),
}
FLAGS = [(command, flag) for command, sections in SECTIONS.items() for flag in field_flags(sections)]


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize(("command", "flag"), FLAGS, ids=lambda value: getattr(value, "spelling", value))
def test_every_option_is_a_flag_with_its_help(kan: Kan, command: str, flag: FieldFlag) -> None:
    text = kan(command, "--help").out
    assert re.search(rf"(^|\s){flag.spelling}\b", text)
    assert flat(flag.help) in flat(text)


@pytest.mark.parametrize(("command", "flag"), FLAGS, ids=lambda value: getattr(value, "spelling", value))
def test_a_flag_is_named_like_its_recipe_key(command: str, flag: FieldFlag) -> None:
    renamed = {("run", "directory"): "--run"}
    assert flag.spelling == renamed.get(flag.loc, "--" + str(flag.loc[-1]).replace("_", "-"))  # type: ignore[call-overload]


def test_a_flag_left_out_is_absent() -> None:
    for flag in field_flags(["train", "data", "symbolify"]):
        parameter = flag.as_parameter()
        assert parameter.default is None
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY


def test_help_tells_default_and_bounds() -> None:
    order = next(flag for flag in field_flags(["train"]) if flag.spelling == "--order")
    assert order.help.endswith("[default: 3; at least 1; at most 5]")


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_explains_itself_as_the_overview_does_and_has_an_example(
    kan: Kan, command: str
) -> None:
    lines = [line.strip() for line in kan(command, "-h").out.splitlines()]
    assert lines[2] == COMMANDS[command]
    assert any(line.startswith(f"kan {command}") or f"| kan {command}" in line for line in lines)


@pytest.mark.parametrize("command", list(COMMANDS))
def test_the_global_flags_stand_after_the_verb_too(kan: Kan, command: str) -> None:
    text = kan(command, "--help").out
    for flag in (
        "-q, --quiet",
        "-v, --verbose",
        "--json",
        "--no-color",
        "--debug",
        "-V, --version",
        "-h, --help",
    ):
        assert flag in text


def test_kan_alone_shows_a_tour_of_five_lines(kan: Kan) -> None:
    done = kan()
    assert done.code == 0
    assert len(done.out.splitlines()) == 5


def test_version_before_and_after_the_verb(kan: Kan) -> None:
    import kancli

    for argv in (("-V",), ("train", "--version")):
        done = kan(*argv)
        assert (done.code, done.out) == (0, f"kan {kancli.__version__}\n")
