"""Files whose checksums are right and whose contents are not: told in one line, whatever reads them."""

from __future__ import annotations

import copy
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kit import Kan

from kancli.checkpoint import Checkpoint, load, save
from kancli.cli import main

ODD: tuple[Any, ...] = (
    None, True, -1, 3, 10**30, 1e300, -2.5, "", "x", "a\n\x1b[31mb", "x" * 3000, [], [[]], [None], ["x"], [1, 2], {},
    {"a": 1}, {"x": [1]}, [{"a": None}], [[[[9, 9]]]],
)  # fmt: skip
COMMANDS = (
    ("show",), ("show", "--json"), ("show", "--front"), ("log",), ("log", "--json"), ("export", "-f", "c"),
    ("export", "-f", "json"), ("export", "-f", "latex", "--with-test"), ("predict", "data.csv"), ("eval", "data.csv"),
    ("report", "-o", "r.html"), ("plot", "-o", "p.svg"), ("suggest", "0,0,0"), ("diff", "forged"),
)  # fmt: skip
SEEDS = 40


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Checkpoint]]:
    """The table, and versions with a network, with a formula, with a form of the user's."""
    folder = tmp_path_factory.mktemp("versions")
    rng = np.random.default_rng(0)
    x, z = rng.uniform(1, 2, (2, 40))
    rows = "\n".join(f"{a!r},{b!r},{a * b!r}" for a, b in zip(x.tolist(), z.tolist(), strict=True))
    (folder / "data.csv").write_text(f"x,z,y\n{rows}\n")
    before = Path.cwd()
    os.chdir(folder)
    try:
        quick = ("--restarts", "1", "--steps", "2")
        assert main(["train", "data.csv", "--width", "2,1p", *quick, "--run", "a", "-q"]) == 0
        assert main(["symbolify", "a", "--lib", "x", "-q"]) == 0
        assert main(["fit", "data.csv", "--like", "a*x*z+b", "--run", "b", "-q"]) == 0
    finally:
        os.chdir(before)
    return folder, [
        load(folder / name) for name in ("a/0001-train.kan", "a/0002-symbolify.kan", "b/0001-like.kan")
    ]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every part of a document but the whole."""
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, entry in entries:
        yield (*path, key)
        yield from places(entry, (*path, key))


def forged(version: Checkpoint, choose: random.Random) -> tuple[Checkpoint, str]:
    """A version with one fact, or one tensor, that kancli would not have written; and what was changed."""
    metadata, tensors = copy.deepcopy(dict(version.metadata)), dict(version.tensors)
    if tensors and choose.random() < 0.15:
        name = choose.choice(sorted(tensors))
        odd = [np.full_like(tensors[name], np.inf), tensors[name] * 1e300, tensors[name][:0], np.zeros(3)]
        tensors[name] = choose.choice(odd)
        return Checkpoint(version.stage, tensors, metadata), name
    ways = list(places(metadata))
    first = choose.choice(sorted({way[0] for way in ways}))  # or most changes would be of edges
    way = choose.choice([w for w in ways if w[0] == first])
    inside: Any = metadata
    for key in way[:-1]:
        inside = inside[key]
    if choose.random() < 0.3:
        del inside[way[-1]]
        return Checkpoint(version.stage, tensors, metadata), f"{way} removed"
    inside[way[-1]] = odd = choose.choice(ODD)
    return Checkpoint(version.stage, tensors, metadata), f"{way} = {str(odd)[:60]}"


def trial(seed: int, source: Path, kept: list[Checkpoint], kan: Kan) -> None:
    choose = random.Random(seed)
    shutil.copy(source / "data.csv", "data.csv")
    shutil.rmtree("forged", ignore_errors=True)
    version, change = forged(choose.choice(kept), choose)
    save(version, Path("forged"), None)
    for command, *more in choose.sample(COMMANDS, 4):
        done = kan(command, "forged", *more)
        assert done.code != 1, (seed, change, command, done.err)
        assert "\x1b" not in done.out + done.err, (seed, change, command)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("block", range(4))
def test_a_version_with_one_wrong_fact_is_read_or_refused(
    block: int, versions: tuple[Path, list[Checkpoint]], kan: Kan
) -> None:
    for seed in range(block * SEEDS // 4, (block + 1) * SEEDS // 4):
        trial(seed, *versions, kan)


@pytest.mark.reliability
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("block", range(20))
def test_two_thousand_versions_with_one_wrong_fact_are_read_or_refused(
    block: int, versions: tuple[Path, list[Checkpoint]], kan: Kan
) -> None:
    for seed in range(1000 + 100 * block, 1100 + 100 * block):
        trial(seed, *versions, kan)


@pytest.mark.parametrize(
    "command", [("show",), ("log",), ("report", "-o", "r.html"), ("predict", "data.csv")]
)
def test_a_version_without_any_facts_is_refused_in_one_line(
    command: tuple[str, ...], versions: tuple[Path, list[Checkpoint]], kan: Kan
) -> None:
    shutil.copy(versions[0] / "data.csv", "data.csv")
    save(Checkpoint("symbolify", {}, {}), Path("forged"), None)
    done = kan(command[0], "forged", *command[1:])
    assert done.code in (0, 2, 5), done.err
    assert "internal error" not in done.err
