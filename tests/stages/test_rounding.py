"""What the digits of a table hide."""

from __future__ import annotations

import numpy as np

from kancli.dataset import from_memory
from kancli.stages.rounding import hidden_variance
from kancli.symbolic.text.parser import parse


def test_rounded_inputs_and_targets_hide_what_they_really_hide() -> None:
    x = np.random.default_rng(0).uniform(1, 5, 5000)
    exact = x**3
    shown_x, shown_y = np.round(x, 2), np.round(exact, 1)
    data, _ = from_memory(shown_x[:, None], shown_y, inputs=("x",))
    law = parse("x**3", ("x",))
    really = np.mean((shown_y - shown_x**3) ** 2)
    assert np.isclose(np.mean(hidden_variance(law, data)), really, rtol=0.1)


def test_computed_and_counted_values_hide_nothing() -> None:
    x = np.arange(1.0, 40)
    data, _ = from_memory(x[:, None], np.sin(x), inputs=("x",))
    assert not hidden_variance(parse("sin(x)", ("x",)), data).any()
