"""Write the synthetic tables below sample_data/: python tests/sample_data/write_all.py"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import make_lorentz
import make_pendulum
import make_tutorial

FOLDER = Path(__file__).parents[2] / "sample_data"
TABLES: dict[str, ModuleType] = {
    "tutorial.csv": make_tutorial,
    "pendulum.csv": make_pendulum,
    "lorentz.csv": make_lorentz,
}


def text(module: ModuleType) -> str:
    """The table as CSV, every number in the fewest digits that give it back."""
    rows = [",".join(repr(value) for value in row) for row in module.make().tolist()]
    return "\n".join([",".join(module.COLUMNS), *rows]) + "\n"


if __name__ == "__main__":
    for name, module in TABLES.items():
        (FOLDER / name).write_text(text(module), encoding="utf-8", newline="\n")
