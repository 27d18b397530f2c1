"""pykan's own road to a formula, as its documentation walks it: the other side of pykan_feynman.py.

train (L-BFGS, lamb 1e-3), prune, train, refine to 10, train, auto_symbolic, train, formula; pykan 0.2.8's
defaults in all else but the library, which is that of its tutorial and what the 27 laws need beyond it: the whole
library takes pykan some 20 s an edge. Prints one JSON document. Needs pykan, and nothing of kancli.

Run: python tests/benchmarks/pykan_feynman_auto.py data.csv '[[2,0],[0,1],[1,0]]' 0
"""

from __future__ import annotations

import json
import sys

import numpy as np
import torch
from kan import KAN

LIBRARY = ["x", "x^2", "x^3", "x^4", "exp", "log", "sqrt", "tanh", "sin", "abs"]  # pykan's tutorial
LIBRARY += ["1/x", "1/x^2", "1/sqrt(x)", "cos", "arcsin"]


def main(path: str, width: str, seed: str) -> None:
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    with open(path, encoding="utf-8") as file:
        names = file.readline().strip().split(",")[:-1]
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    x, y = torch.from_numpy(table[:, :-1]), torch.from_numpy(table[:, -1:])
    dataset = {"train_input": x, "train_label": y, "test_input": x, "test_label": y}
    model = KAN(width=json.loads(width), grid=5, k=3, seed=int(seed))
    model.fit(dataset, opt="LBFGS", steps=50, lamb=0.001)
    model = model.prune()
    model.fit(dataset, opt="LBFGS", steps=50)
    model = model.refine(10)
    model.fit(dataset, opt="LBFGS", steps=50)
    model.auto_symbolic(lib=LIBRARY)
    model.fit(dataset, opt="LBFGS", steps=50)
    formula = model.symbolic_formula(var=names)[0][0]
    print(json.dumps({"formula": str(formula)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
