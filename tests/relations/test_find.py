"""All relations of a table, each once."""

from __future__ import annotations

import numpy as np
import pytest

from kancli.recipe import FitOptions
from kancli.relations import Relations, find_relations
from kancli.relations.law import How, unexplained
from kancli.stages.progress import silent


def relations(seed: int = 0, seconds: float = 100.0, **columns: np.ndarray) -> Relations:
    """What is found in a table."""
    how = How(FitOptions(), seed, 1, silent)
    return find_relations(list(columns), np.column_stack(list(columns.values())), how, seconds=seconds)


def texts(found: Relations) -> list[str]:
    """The relations as they are printed."""
    return [relation.text for relation in found.relations]


def papers_toy(seed: int, rows: int = 400) -> dict[str, np.ndarray]:
    """The table of the KAN paper's unsupervised example (Liu et al. 2024, section 4.3)."""
    x1, x2, x4, x6 = np.random.default_rng(seed).uniform(-1, 1, (4, rows))
    x3, x5 = np.exp(np.sin(np.pi * x1) + x2**2), x4**3
    return {"x1": x1, "x2": x2, "x3": x3, "x4": x4, "x5": x5, "x6": x6}


@pytest.mark.parametrize("seed", [0, 3, pytest.param(2024, marks=pytest.mark.slow)])
def test_both_relations_of_the_papers_example_are_found_and_the_free_column_named(seed: int) -> None:
    found = relations(seed, **papers_toy(seed))
    assert sorted(texts(found)) == ["x3 = exp(sin(pi*x1) + x2**2)", "x5 = x4**3"]
    assert found.independent == ("x6",)
    assert {relation.kind for relation in found.relations} == {"exact"}


def test_a_circle_is_a_relation_though_neither_column_is_a_function_of_the_other() -> None:
    angle = np.random.default_rng(0).uniform(0, 2 * np.pi, 200)
    found = relations(x=np.cos(angle), y=np.sin(angle))
    assert texts(found) == ["y**2 + x**2 = 1"]
    assert found.relations[0].target is None


def test_a_circle_with_noise_is_one_for_a_square() -> None:
    generator = np.random.default_rng(0)
    angle = generator.uniform(0, 2 * np.pi, 300)
    x, y = np.cos(angle), np.sin(angle)
    found = relations(x=x + generator.normal(0, 0.01, 300), y=y + generator.normal(0, 0.01, 300))
    assert len(found.relations) == 1
    assert texts(found)[0] in ("y**2 = 1 - x**2", "x**2 = 1 - y**2")


def test_three_columns_that_one_determines_have_two_relations() -> None:
    a = np.random.default_rng(5).uniform(0.5, 2, 200)
    found = relations(a=a, b=a**2, c=1 / a)
    assert len(found.relations) == 2
    assert {relation.kind for relation in found.relations} == {"exact"}
    assert {name for relation in found.relations for name in relation.columns} == {"a", "b", "c"}


def test_a_relation_is_one_whichever_of_its_columns_it_is_written_for() -> None:
    # exp(-a)*b is written shortest for b, and is dependent on a by itself.
    a, b = np.random.default_rng(8).uniform(0.5, 2, (2, 300))
    found = relations(a=a, b=b, c=np.exp(-a) * b)
    assert len(found.relations) == 1
    assert found.relations[0].columns == ("a", "b", "c")


def test_columns_that_depend_without_a_law_are_named() -> None:
    generator = np.random.default_rng(6)
    a, b = generator.normal(size=(2, 200))
    found = relations(seconds=5.0, a=a, b=b * np.exp(a))
    assert [relation.kind for relation in found.relations] == ["dependent"]
    assert found.independent == ()


def test_neighbours_tell_a_function_from_none() -> None:
    generator = np.random.default_rng(7)
    x = generator.uniform(-1, 1, (500, 2))
    assert unexplained(x, np.sin(3 * x[:, 0]) * x[:, 1]) < 0.1
    assert unexplained(x, generator.normal(size=500)) > 0.7
