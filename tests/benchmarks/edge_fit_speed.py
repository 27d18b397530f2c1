"""How much processor time one edge takes, one thread: the whole library, all pairs, sums, over the number of rows.

"everything" is `fit_data` on a curve that nothing fits exactly: all that may be tried on measured points.

OMP_NUM_THREADS=1 python tests/benchmarks/edge_fit_speed.py
"""

from __future__ import annotations

import time

import numpy as np

from kancli.symbolic.edge.fit import fit_data, fit_edge
from kancli.symbolic.library.functions import library

REPEATS = 7


def main() -> None:
    """Print best and median of a few runs for each part of the search."""
    functions = library()
    print(f"{len(functions)} functions, median (best) of {REPEATS} runs in ms")
    print(f"{'rows':>6s} {'library':>16s} {'and all pairs':>16s} {'and sums':>16s} {'everything':>16s}")
    for rows in (20, 100, 1000, 10_000):
        x = np.sort(np.random.default_rng(0).uniform(-1, 1, rows))
        y = np.exp(-np.sin(3 * x)) + 0.3 * np.tanh(x**3)
        cells = []
        for compositions, sums in ((False, False), (True, False), (True, True)):
            times = []
            for _ in range(REPEATS):
                start = time.process_time()
                fit_edge(x, y, None, functions, compositions=compositions, sums=sums)
                times.append(1e3 * (time.process_time() - start))
            cells.append(f"{np.median(times):8.0f} ({min(times):.0f})")
        start = time.process_time()
        fit_data(x, y, None, functions)
        cells.append(f"{1e3 * (time.process_time() - start):8.0f} (once)")
        print(f"{rows:6d} " + " ".join(f"{cell:>16s}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
