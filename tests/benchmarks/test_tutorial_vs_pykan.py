"""The figures against pykan, asserted by the benchmark that prints them.

Needs the extra `benchmark`; KANCLI_PYKAN_PYTHON names an interpreter that has pykan where this one has not.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest
import tutorial_vs_pykan

PYTHON = os.environ.get("KANCLI_PYKAN_PYTHON", sys.executable)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.executable == PYTHON and importlib.util.find_spec("kan") is None, reason="pykan is not installed"
    ),
]


def test_the_tutorial_takes_a_twentieth_of_pykans_time_and_a_thousandth_of_its_error() -> None:
    found = tutorial_vs_pykan.compare(PYTHON, str(Path(sys.executable).with_name("kan")), repeats=3)
    assert found.speedup >= 20, found
    assert found.accuracy >= 1000, found
