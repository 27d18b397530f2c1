"""pykan's own hello-world notebook as a script: the other side of tutorial_vs_pykan.py.

Every call and every option is the notebook's (pykan 0.2.8, hellokan.ipynb); only the rows come from a CSV
instead of `create_dataset`, and the plots are left out. Prints one JSON document: the formula with all its
digits, and its root mean square error on the rows. Needs pykan, and nothing of kancli.

Run: python tests/benchmarks/pykan_tutorial.py sample_data/tutorial.csv
"""

from __future__ import annotations

import json
import sys

import numpy as np
import sympy
import torch
from kan import KAN

LIBRARY = ["x", "x^2", "x^3", "x^4", "exp", "log", "sqrt", "tanh", "sin", "abs"]


def main(path: str) -> None:
    torch.set_default_dtype(torch.float64)
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    x, y = torch.from_numpy(table[:, :-1]), torch.from_numpy(table[:, -1:])
    dataset = {"train_input": x, "train_label": y, "test_input": x, "test_label": y}
    model = KAN(width=[2, 5, 1], grid=3, k=3, seed=42)
    model.fit(dataset, opt="LBFGS", steps=50, lamb=0.001)
    model = model.prune()
    model.fit(dataset, opt="LBFGS", steps=50)
    model = model.refine(10)
    model.fit(dataset, opt="LBFGS", steps=50)
    model.auto_symbolic(lib=LIBRARY)
    model.fit(dataset, opt="LBFGS", steps=50)
    formula = model.symbolic_formula()[0][0]
    symbols = [sympy.Symbol(f"x_{i + 1}") for i in range(x.shape[1])]
    found = sympy.lambdify(symbols, formula, "numpy")(*table[:, :-1].T)
    error = float(np.sqrt(np.mean((found - table[:, -1]) ** 2)))
    print(json.dumps({"formula": str(formula), "rmse": error}))


if __name__ == "__main__":
    main(sys.argv[1])
