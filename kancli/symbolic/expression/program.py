"""Fast evaluation: a tree compiled to a flat list of numpy steps, differentiated in reverse.

Parts without free constants are evaluated once, when the program is bound to data; only what a
parameter can move is evaluated again in each step of a re-fit. Each such part has exactly one
parent, so the reverse sweep assigns adjoints and never accumulates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.elementary import FUNCTIONS, Array
from kancli.symbolic.expression.tree import (
    Call,
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    Variable,
    constants,
    rational_of,
    walk,
)
from kancli.work import ELEMENTWISE, spend

Forward = Callable[[list[Array]], Array]
Backward = Callable[[list[Array], Array, list[Array | None]], None]


@dataclass(frozen=True)
class Program:
    """A tree bound to data: `value(theta)` and `value_and_jacobian(theta)`.

    `rows` is n. Nothing here warns: outside a function's domain the result is nan or infinite.
    """

    rows: int
    parameters: int
    _slots: list[Array] = field(repr=False)
    _steps: list[tuple[int, Forward]] = field(repr=False)
    _reverse: list[tuple[int, Backward]] = field(repr=False)
    _result: int = 0

    def value(self, theta: Sequence[float] | Array) -> Array:
        """Values (n,) at the free constants `theta` (p,)."""
        with np.errstate(all="ignore"):
            return self._broadcast(self._forward(theta)[self._result])

    def value_and_jacobian(self, theta: Sequence[float] | Array) -> tuple[Array, Array]:
        """Values (n,) and derivatives (n, p) with respect to the free constants."""
        with np.errstate(all="ignore"):
            slots = self._forward(theta)
            adjoints: list[Array | None] = [None] * len(slots)
            adjoints[self._result] = np.ones(self.rows)
            spend(ELEMENTWISE * self.rows * len(self._reverse), calls=0.4 * len(self._reverse))
            for slot, step in self._reverse:
                adjoint = adjoints[slot]
                if adjoint is not None:
                    step(slots, adjoint, adjoints)
            jacobian = np.zeros((self.parameters, self.rows))
            for index in range(self.parameters):
                column = adjoints[index]
                if column is not None:
                    jacobian[index] = column
        return self._broadcast(slots[self._result]), np.transpose(jacobian)

    def many(self, theta: Array) -> tuple[Array, Array]:
        """Values (K, n) and derivatives (K, p, n) of K problems, each at its free constants `theta` (K, p)."""
        shape = (len(theta), self.rows)
        steps = len(self._steps) + len(self._reverse)
        spend(ELEMENTWISE * shape[0] * shape[1] * steps, calls=0.4 * steps)
        slots = self._slots.copy()
        slots[: self.parameters] = [column[:, None] for column in theta.T]
        jacobian = np.zeros((shape[0], self.parameters, self.rows))
        with np.errstate(all="ignore"):
            for slot, forward in self._steps:
                slots[slot] = forward(slots)
            adjoints: list[Array | None] = [None] * len(slots)
            adjoints[self._result] = np.ones(shape)
            for slot, backward in self._reverse:
                adjoint = adjoints[slot]
                if adjoint is not None:
                    backward(slots, adjoint, adjoints)
            for index in range(self.parameters):
                column = adjoints[index]
                if column is not None:
                    jacobian[:, index] = column
        return np.broadcast_to(slots[self._result], shape), jacobian

    def _forward(self, theta: Sequence[float] | Array) -> list[Array]:
        spend(ELEMENTWISE * self.rows * len(self._steps), calls=0.2 * len(self._steps))
        slots = self._slots.copy()
        slots[: self.parameters] = [np.asarray(value, dtype=np.float64) for value in theta]
        for slot, step in self._steps:
            slots[slot] = step(slots)
        return slots

    def _broadcast(self, values: Array) -> Array:
        whole: Array = np.array(np.broadcast_to(values, (self.rows,)), dtype=np.float64)
        return whole


def compiled(expression: Expression, x: NDArray[np.float64]) -> Program:
    """Bind `expression` to the rows of x (n, d); slots 0..p-1 are its free constants in traversal order."""
    columns = np.ascontiguousarray(np.asarray(x, dtype=np.float64).T)
    parameters = len(constants(expression))
    slots: list[Array] = [np.zeros(()) for _ in range(parameters)]
    steps: list[tuple[int, Forward]] = []
    reverse: list[tuple[int, Backward]] = []
    known: dict[Expression, int] = {}
    free = iter(range(parameters))

    def new_slot(value: Array) -> int:
        slots.append(value)
        return len(slots) - 1

    def fixed(node: Expression) -> int:
        """The slot of a part without parameters, evaluated now and shared between equal parts."""
        if node not in known:
            known[node] = new_slot(_fixed_value(node))
        return known[node]

    def _fixed_value(node: Expression) -> Array:
        match node:
            case Constant(value, _):
                return np.asarray(value, dtype=np.float64)
            case Variable(index):
                column: Array = columns[index]
                return column
        forward, _ = _operation(node, [fixed(part) for part in _operands(node)], [])
        return forward(slots)

    def place(node: Expression) -> tuple[int, bool]:
        """The slot of a node and whether a parameter can move it."""
        if isinstance(node, Constant) and node.exact is None:
            return next(free), True
        if not _has_free(node):
            return fixed(node), False
        placed = [place(part) for part in _operands(node)]
        forward, backward = _operation(node, [slot for slot, _ in placed], [moves for _, moves in placed])
        slot = new_slot(np.zeros(()))
        steps.append((slot, forward))
        reverse.append((slot, backward(slot)))
        return slot, True

    with np.errstate(all="ignore"):
        result, _ = place(expression)
    return Program(columns.shape[1], parameters, slots, steps, reverse[::-1], result)


def _has_free(node: Expression) -> bool:
    return any(isinstance(part, Constant) and part.exact is None for part in walk(node))


def _operands(node: Expression) -> tuple[Expression, ...]:
    match node:
        case Sum(terms):
            return terms
        case Product(factors):
            return factors
        case Power(base, exponent):
            return (base,) if rational_of(exponent) is not None else (base, exponent)
        case Call(_, argument):
            return (argument,)
    return ()


def _operation(
    node: Expression, slots: list[int], moves: list[bool]
) -> tuple[Forward, Callable[[int], Backward]]:
    match node:
        case Sum():
            return _sum(slots, moves)
        case Product():
            return _product(slots, moves)
        case Power(_, exponent):
            rational = rational_of(exponent)
            return _power(slots, moves) if rational is None else _fixed_power(slots[0], float(rational))
        case Call(function, _):
            return _call(function, slots[0])
    raise TypeError(f"not an operation: {node!r}")


def _sum(slots: list[int], moves: list[bool]) -> tuple[Forward, Callable[[int], Backward]]:
    first, rest = slots[0], slots[1:]

    def forward(values: list[Array]) -> Array:
        total = values[first]
        for slot in rest:
            total = total + values[slot]
        return total

    moving = [slot for slot, does in zip(slots, moves, strict=False) if does]

    def backward(values: list[Array], adjoint: Array, adjoints: list[Array | None]) -> None:
        for slot in moving:
            adjoints[slot] = adjoint

    return forward, lambda _: backward


def _product(slots: list[int], moves: list[bool]) -> tuple[Forward, Callable[[int], Backward]]:
    first, rest = slots[0], slots[1:]

    def forward(values: list[Array]) -> Array:
        total = values[first]
        for slot in rest:
            total = total * values[slot]
        return total

    # Not value / factor: a factor may be zero in some row.
    moving = [
        (slot, slots[:i] + slots[i + 1 :])
        for i, (slot, does) in enumerate(zip(slots, moves, strict=False))
        if does
    ]

    def backward(values: list[Array], adjoint: Array, adjoints: list[Array | None]) -> None:
        for slot, others in moving:
            partial = adjoint
            for other in others:
                partial = partial * values[other]
            adjoints[slot] = partial

    return forward, lambda _: backward


def _fixed_power(base: int, exponent: float) -> tuple[Forward, Callable[[int], Backward]]:
    raise_to, lower = _raising(exponent), _raising(exponent - 1)

    def forward(values: list[Array]) -> Array:
        return raise_to(values[base])

    def backward(values: list[Array], adjoint: Array, adjoints: list[Array | None]) -> None:
        adjoints[base] = adjoint * (exponent * lower(values[base]))

    return forward, lambda _: backward


def _raising(exponent: float) -> Callable[[Array], Array]:
    def general(u: Array) -> Array:
        return np.asarray(np.power(u, exponent), dtype=np.float64)

    return _POWERS.get(exponent, general)


_POWERS: dict[float, Callable[[Array], Array]] = {
    0.0: np.ones_like,
    1.0: lambda u: u,
    2.0: lambda u: u * u,
    3.0: lambda u: u * u * u,
    4.0: lambda u: (u * u) * (u * u),
    -1.0: lambda u: 1 / u,
    -2.0: lambda u: 1 / (u * u),
    -3.0: lambda u: 1 / (u * u * u),
    0.5: np.sqrt,
    -0.5: lambda u: 1 / np.sqrt(u),
    1.5: lambda u: u * np.sqrt(u),
    -1.5: lambda u: 1 / (u * np.sqrt(u)),
}


def _power(slots: list[int], moves: list[bool]) -> tuple[Forward, Callable[[int], Backward]]:
    base, exponent = slots
    base_moves, exponent_moves = moves if moves else (False, False)

    def forward(values: list[Array]) -> Array:
        return np.power(values[base], values[exponent])

    def bind(slot: int) -> Backward:
        def backward(values: list[Array], adjoint: Array, adjoints: list[Array | None]) -> None:
            u, p = values[base], values[exponent]
            if base_moves:
                adjoints[base] = adjoint * (p * np.power(u, p - 1))
            if exponent_moves:
                # u**p·log u tends to 0 with u where p > 0; elsewhere the value itself is infinite.
                adjoints[exponent] = adjoint * np.where(u == 0, 0.0, values[slot] * np.log(u))

        return backward

    return forward, bind


def _call(function: str, argument: int) -> tuple[Forward, Callable[[int], Backward]]:
    elementary = FUNCTIONS[function]
    value, derivative = elementary.value, elementary.derivative

    def forward(values: list[Array]) -> Array:
        return value(values[argument])

    def bind(slot: int) -> Backward:
        def backward(values: list[Array], adjoint: Array, adjoints: list[Array | None]) -> None:
            adjoints[argument] = adjoint * derivative(values[argument], values[slot])

        return backward

    return forward, bind


def _values(expression: Expression) -> list[float]:
    return [constant.value for constant in constants(expression)]


def evaluate(expression: Expression, x: NDArray[np.float64]) -> Array:
    """Values (n,) of `expression` on the rows of x (n, d); nan or infinite outside its domain."""
    return compiled(expression, x).value(_values(expression))


def value_and_jacobian(expression: Expression, x: NDArray[np.float64]) -> tuple[Array, Array]:
    """Values (n,) and derivatives (n, p) with respect to the free constants in traversal order."""
    return compiled(expression, x).value_and_jacobian(_values(expression))
