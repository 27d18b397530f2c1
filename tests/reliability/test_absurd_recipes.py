"""Recipes of thousands of mistakes: refused soon, in no more lines than anybody reads."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from kit import Kan

KEYS = 9_900
BEGINNING = "data: {path: data.csv}\ntrain: {width: [1, 1]}\n"


@pytest.mark.parametrize(
    "text",
    [
        BEGINNING + "".join(f"k{i}: 1\n" for i in range(KEYS)),
        BEGINNING + "fit: {" + ",".join(f"k{i}: 1" for i in range(KEYS)) + "}\n",
        BEGINNING.replace("[1, 1]", f"[{','.join(['1'] * KEYS)}]"),
        BEGINNING.replace("[1, 1]", "[" * 90 + "1" + "]" * 90),
        BEGINNING + "symbolify: {lib: [" + ",".join(["1"] * KEYS) + "]}\n",
    ],
    ids=["unknown sections", "unknown keys", "layers", "deep", "numbers for names"],
)
def test_thousands_of_mistakes_are_told_within_seconds(kan: Kan, text: str) -> None:
    Path("recipe.yaml").write_text(text)
    began = time.process_time()
    done = kan("run", "recipe.yaml")
    assert (done.code, done.out) == (4, "")
    assert time.process_time() - began < 10
    assert len(done.err.splitlines()) <= 101
