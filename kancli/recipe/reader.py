"""A recipe's text → plain values, with the place of each, so that a mistake can be pointed at.

PyYAML composes the node tree; this module gives the scalars their YAML 1.2 meaning, refuses keys that
occur twice, and remembers line and column of every key and value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from kancli.errors import RecipeError
from kancli.reading import read_file
from kancli.recipe.scalars import parse_scalar
from kancli.visible import one_line

LARGEST = 1 << 18
"""Bytes of a recipe: the names of ten thousand columns fit in."""

MOST = 20_000
"""Keys and values of a recipe, what an alias stands for counted each time: twice what fits without aliases.

Ten lines of aliases, each repeating the one before ten times, stand for ten thousand million values.
"""
DEEPEST = 100
"""Lists and sections within each other: a recipe has four, Python's own recursion goes to a thousand."""

Loc = tuple[str | int, ...]
"""Where a value stands inside a recipe: ("train", "grid")."""

Position = tuple[int, int]
"""Line and column, both counted from 1."""


@dataclass(frozen=True)
class Problem:
    """One mistake: its place, the dotted key it concerns (may be empty), and what is wrong."""

    position: Position
    key: str
    text: str

    def line(self, source: str) -> str:
        """`file:line:column: key: what is wrong`."""
        where = f"{source}:{self.position[0]}:{self.position[1]}"
        # A key, and a value that is repeated in the text, may hold a line break.
        return one_line(f"{where}: {self.key}: {self.text}" if self.key else f"{where}: {self.text}")


@dataclass
class Document:
    """The contents of a recipe file, before anything is checked against the models."""

    source: str
    values: dict[str, Any]
    keys: dict[Loc, Position] = field(default_factory=dict)
    places: dict[Loc, Position] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def position(self, loc: Loc, *, of_key: bool = False) -> Position:
        """The place of a value (or of its key), or of the innermost section around it that exists."""
        table = self.keys if of_key else self.places
        while loc:
            if loc in table:
                return table[loc]
            loc, table = loc[:-1], self.keys
        return (1, 1)


def read_document(path: Path, source: str) -> Document:
    """Read a recipe file; `source` is its name in messages. Raises RecipeError when it is no YAML."""
    try:
        text = read_file(path, LARGEST, pipes=True).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecipeError(f"{source}: is not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise RecipeError(
            f"{source}: {error.strerror or error}", "name a recipe file, such as recipes/quickstart.yaml"
        ) from error
    return parse_document(text, source)


def parse_document(text: str, source: str) -> Document:
    """Parse a recipe's text; duplicate keys are noted in `problems`; RecipeError where it is no YAML or too much."""
    try:
        root = yaml.compose(text, Loader=_TextLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{source}:{mark.line + 1}:{mark.column + 1}" if mark else source
        raise RecipeError(f"{where}: is not YAML: {error.problem or error.context}") from error
    except yaml.reader.ReaderError as error:
        raise RecipeError(f"{source}: is not YAML: character {error.position} is not allowed") from error
    except RecursionError as error:
        raise RecipeError(f"{source}: is nested too deeply") from error
    if root is None:
        raise RecipeError(
            f"{source}: is empty", "a recipe needs at least data: and train: sections, or data: and fit:"
        )
    if not isinstance(root, yaml.MappingNode):
        raise RecipeError(f"{source}:1:1: must be sections such as data: and train:")
    document = Document(source, {})
    document.values = _Builder(document).mapping(root, ())
    return document


class _TextLoader(yaml.SafeLoader):
    """Composes every plain scalar as text, so that its YAML 1.2 meaning can be given afterwards."""

    yaml_implicit_resolvers: Mapping[str, Any] = {}  # type: ignore[assignment]


_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "map", "seq"))


class _Builder:
    """Turns nodes into values and writes places and problems into the document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.open: list[yaml.Node] = []
        self.count = 0

    def value(self, node: yaml.Node, loc: Loc) -> Any:
        position = _position(node)
        self._count(position)
        if len(loc) > DEEPEST:
            raise RecipeError(f"{self._where(position)}: is nested too deeply")
        self.document.places[loc] = position
        if node.tag not in _PLAIN_TAGS:
            self._problem(position, loc, f"the tag {node.tag} is not allowed")
            return None
        if any(node is outer for outer in self.open):
            self._problem(position, loc, "refers to itself")
            return None
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            self.open.append(node)
            values = [self.value(entry, (*loc, index)) for index, entry in enumerate(node.value)]
            self.open.pop()
            return values
        assert isinstance(node, yaml.ScalarNode)
        return parse_scalar(node.value) if node.style is None else node.value

    def mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[str, Any]:
        self.open.append(node)
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            position = _position(key_node)
            self._count(position)
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(position, loc, "a key must be plain text")
                continue
            # The text itself, so that the edge `0,1,0` and a function called `1` are names like any other.
            key = str(key_node.value)
            if key in values:
                first = self.document.keys[(*loc, key)][0]
                self._problem(position, (*loc, key), f"occurs twice, first on line {first}")
                continue
            self.document.keys[(*loc, key)] = position
            values[key] = self.value(value_node, (*loc, key))
        self.open.pop()
        return values

    def _count(self, position: Position) -> None:
        self.count += 1
        if self.count > MOST:
            raise RecipeError(
                f"{self._where(position)}: more than {MOST:,} keys and values, counting those of an alias each time",
                "write what is repeated without aliases (*name)",
            )

    def _where(self, position: Position) -> str:
        return f"{self.document.source}:{position[0]}:{position[1]}"

    def _problem(self, position: Position, loc: Loc, text: str) -> None:
        self.document.problems.append(Problem(position, dotted(loc), text))


def dotted(loc: Loc) -> str:
    """("refine", "grid", 1) → `refine.grid[1]`."""
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _position(node: yaml.Node) -> Position:
    mark = node.start_mark
    return (mark.line + 1, mark.column + 1)
