"""Measures of predicted probabilities, on tables that can be counted by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kancli.classify.measures import auc, calibration, confusion, log_loss, mean_auc, measures, probabilities


def test_probabilities_add_up_and_are_those_of_the_log_odds() -> None:
    p = probabilities(np.array([[0.0, math.log(2.0)], [800.0, 0.0]]))
    assert p[0] == pytest.approx([0.25, 0.25, 0.5])
    assert p.sum(axis=1) == pytest.approx([1.0, 1.0])


def test_the_area_is_the_share_of_pairs_in_the_right_order() -> None:
    score, positive = np.array([0.1, 0.4, 0.35, 0.8, 0.4]), np.array([False, False, True, True, True])
    pairs = [(a > b) + 0.5 * (a == b) for a in score[positive] for b in score[~positive]]
    assert auc(score, positive) == pytest.approx(sum(pairs) / len(pairs))
    assert auc(score, np.ones(5, dtype=bool)) is None


def test_counts_of_a_small_table() -> None:
    p, codes = np.array([[0.8, 0.2], [0.3, 0.7], [0.6, 0.4]]), np.array([0, 1, 1])
    assert confusion(p, codes) == [[1, 0], [1, 1]]
    assert log_loss(p, codes) == pytest.approx(-(math.log(0.8) + math.log(0.7) + math.log(0.4)) / 3)
    assert mean_auc(p, codes) == 1.0
    assert measures(p, codes)["accuracy"] == pytest.approx(2 / 3)


def test_right_probabilities_are_calibrated_and_overconfident_ones_are_not() -> None:
    generator = np.random.default_rng(0)
    p = generator.uniform(size=20000)
    happened = (generator.uniform(size=20000) < p).astype(np.intp)
    both = np.column_stack([1 - p, p])
    assert measures(both, happened)["calibration_error"] < 0.02
    sure = np.column_stack([p < 0.5, p >= 0.5]).astype(float)
    assert measures(sure, happened)["calibration_error"] > 0.2
    assert sum(group["rows"] for group in calibration(both, happened)) == 20000
