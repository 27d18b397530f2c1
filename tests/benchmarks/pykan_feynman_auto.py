"""pykan's own road to a formula, as its documentation walks it: the other side of pykan_feynman.py.

train (L-BFGS, lamb 1e-3), prune, train, refine to 10, train, auto_symbolic, train, formula; pykan 0.2.8's
defaults in all else. Prints one JSON document. Needs pykan, and nothing of kancli.

Run: python tests/benchmarks/pykan_feynman_auto.py data.csv '[[2,0],[0,1],[1,0]]' 0
"""

from __future__ import annotations

import json
import sys

import numpy as np
import torch
from kan import KAN


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
    model.auto_symbolic()
    model.fit(dataset, opt="LBFGS", steps=50)
    formula = model.symbolic_formula(var=names)[0][0]
    print(json.dumps({"formula": str(formula)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
