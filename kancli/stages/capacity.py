"""What a network takes, estimated before memory is taken: refused with the number and what to lower."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kancli.errors import UsageError
from kancli.memory import memory
from kancli.reading import size
from kancli.recipe import RefineOptions, TrainOptions, format_width
from kancli.recipe.width import Layer

# Of the memory that there is: the table, torch and other programs need some.
SHARE = 2
# A Levenberg-Marquardt step holds the system of every restart, the damped one and its factors.
SYSTEMS = 3
# Rows whose derivatives are in memory at the least, by each parameter.
ROWS = 64
# A first-order optimiser holds a history of 20 pairs, and some vectors beside it.
VECTORS = 48
# Values and derivatives of every edge on every row, as automatic differentiation keeps them.
VALUES = 4
NUMBER = 8


@dataclass(frozen=True)
class Demand:
    """A network's parameters per restart, its edges, restarts, rows, and whether it solves systems of equations."""

    parameters: int
    edges: int
    restarts: int
    rows: int
    systems: bool = True

    @property
    def bytes(self) -> int:
        """A lower bound of the memory that fitting takes."""
        per_restart = self.parameters * (SYSTEMS * self.parameters + ROWS if self.systems else VECTORS) + (
            0 if self.systems else VALUES * self.edges * self.rows
        )
        return NUMBER * self.restarts * per_restart


def edges_of(layers: Sequence[Layer]) -> int:
    """The edges of a dense network."""
    nodes = [sums + products for sums, products in layers]
    return sum(before * after for before, after in pairwise(nodes))


def check_training(options: TrainOptions, rows: int) -> None:
    """Raises UsageError where networks of these options do not fit into memory."""
    edges, base = edges_of(options.layers), int(options.base != "none")
    systems = options.optimizer == "lm"
    # A finer grid than the table has rows for is not tried.
    demand = Demand(edges * (options.grid + options.order + base), edges, options.restarts, rows, systems)
    width = format_width(options.layers)
    shown = width if len(width) <= 60 else f"of {len(options.layers)} layers"
    _check(
        demand,
        f"--width {shown} --grid {options.grid} --restarts {options.restarts}",
        "use fewer nodes, a coarser --grid, or fewer --restarts",
    )


def check_refining(options: RefineOptions, edges: int, more: int, rows: int) -> None:
    """The same for a network of so many edges on the finest grid; `more` parameters per edge beside the intervals."""
    finest = max(options.grid)
    demand = Demand(edges * (finest + more), edges, 1, rows)
    _check(demand, f"--grid {finest}", "use a coarser --grid, or prune first")


def _check(demand: Demand, what: str, hint: str) -> None:
    room = memory() // SHARE
    if demand.bytes > room:
        networks = f" in each of {demand.restarts:,} networks" if demand.restarts > 1 else ""
        raise UsageError(
            f"{what}: {demand.parameters:,} parameters{networks} need {size(demand.bytes)}; half of this machine's "
            f"memory is {size(room)}",
            hint,
        )
