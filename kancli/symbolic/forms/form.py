"""A form whose constants have names, such as `a*exp(-b*x) + c`: read, bound to data, its linear constants known."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kancli.symbolic.expression.program import Program, compiled
from kancli.symbolic.expression.tree import (
    Call,
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    Variable,
    children,
    constants,
    exact,
    substitute,
    walk,
    with_leaves,
)
from kancli.symbolic.text.parser import parse

# Of what the parser reads as numbers, E is an energy or a modulus where somebody names constants.
_NUMBERS = frozenset({"pi"})

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Form:
    """`expression` has Variable(i) for columns[i] and Variable(len(columns) + k) for the constant names[k]; `text` is
    what the user wrote."""

    columns: tuple[str, ...]
    names: tuple[str, ...]
    expression: Expression
    text: str = ""

    @property
    def shared(self) -> bool:
        """Whether a constant occurs more than once."""
        return len(self.leaves) > len(self.names)

    @property
    def leaves(self) -> NDArray[np.intp]:
        """Which constant each leaf is, in traversal order."""
        inputs = len(self.columns)
        found = [
            n.index - inputs for n in walk(self.expression) if isinstance(n, Variable) and n.index >= inputs
        ]
        return np.array(found, dtype=np.intp)

    def with_values(self, values: Sequence[Expression]) -> Expression:
        """The expression with a value for every constant."""
        inputs = len(self.columns)
        return substitute(self.expression, {Variable(inputs + k): value for k, value in enumerate(values)})

    def free(self, theta: Sequence[float] | Array) -> Expression:
        """The expression with the constants free, at `theta` (names,)."""
        return self.with_values([Constant(float(value)) for value in theta])

    @property
    def linear(self) -> NDArray[np.bool_]:
        """Constants, (names,), in which the form is linear together, given the others."""
        inputs = len(self.columns)
        chosen: set[Expression] = set()
        for k in range(len(self.names)):
            leaf = Variable(inputs + k)
            if _affine(self.expression, frozenset({*chosen, leaf})):
                chosen.add(leaf)
        return np.array([Variable(inputs + k) in chosen for k in range(len(self.names))], dtype=bool)


def read_form(text: str, columns: Sequence[str]) -> Form:
    """The form that `text` writes; every name that is no column, function or number is a constant.

    pi is a number, and so is e as the base of exponentials, in a form without exp: e**(-k*t). Numbers stay what they
    are, decimals too. Raises ParseError.
    """
    names = _free_names(text, columns)
    parsed = parse(text, [*columns, *names])
    written = with_leaves(parsed, [exact(repr(c.value)) for c in constants(parsed)])
    present = {node.index for node in walk(written) if isinstance(node, Variable)}
    kept = [k for k in range(len(names)) if len(columns) + k in present]  # a - a is gone
    renumbered: dict[Expression, Expression] = {
        Variable(len(columns) + old): Variable(len(columns) + new) for new, old in enumerate(kept)
    }
    return Form(tuple(columns), tuple(names[k] for k in kept), substitute(written, renumbered), text)


def _free_names(text: str, columns: Sequence[str]) -> list[str]:
    """The names of constants, in the order in which they are written; none where the text is no formula."""
    try:
        tree = ast.parse(" ".join(text.split("\n")).strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return []  # the parser reports what is wrong
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called]
    nodes.sort(key=lambda node: (node.lineno, node.col_offset))
    known = {*columns, *_NUMBERS, *(["e"] if _is_euler(tree) else [])}
    return list(dict.fromkeys(node.id for node in nodes if node.id not in known))


def _is_euler(tree: ast.Expression) -> bool:
    """Whether e is 2.718…: somebody who names constants a, b, c, d, e writes exp(x), or e**2, but not e**x."""
    bases = {
        id(node.left)
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)
        if any(isinstance(part, ast.Name) for part in ast.walk(node.right))
    }
    called = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "e"]
    return "exp" not in called and all(id(use) in bases for use in uses)


def _affine(node: Expression, leaves: frozenset[Expression]) -> bool:
    """Whether a node is a straight line in all of `leaves` together."""
    if node in leaves or not _has(node, leaves):
        return True
    match node:
        case Sum(terms):
            return all(_affine(term, leaves) for term in terms)
        case Product(factors):
            moving = [factor for factor in factors if _has(factor, leaves)]
            return len(moving) == 1 and _affine(moving[0], leaves)
        case Power() | Call():
            return False
    return False


def _has(node: Expression, leaves: frozenset[Expression]) -> bool:
    return node in leaves or any(_has(part, leaves) for part in children(node))


@dataclass(frozen=True)
class Bound:
    """A form on data, as a program of its named constants: `value` and `value_and_jacobian` as of a Program."""

    program: Program
    leaves: NDArray[np.intp]
    names: int

    @staticmethod
    def of(form: Form, x: Array) -> Bound:
        """The form on rows x (n, columns)."""
        return Bound(compiled(form.free([1.0] * len(form.names)), x), form.leaves, len(form.names))

    def value(self, theta: Array) -> Array:
        """Values (n,) at the constants `theta` (names,)."""
        return self.program.value(theta[self.leaves])

    def value_and_jacobian(self, theta: Array) -> tuple[Array, Array]:
        """Values (n,) and derivatives (n, names)."""
        values, at_leaves = self.program.value_and_jacobian(theta[self.leaves])
        jacobian = np.zeros((len(values), self.names))
        for leaf, name in enumerate(self.leaves):
            jacobian[:, name] += at_leaves[:, leaf]
        return values, jacobian

    def many(self, theta: Array) -> tuple[Array, Array]:
        """Values (K, n) and derivatives (K, names, n) of K problems at once, `theta` (K, names)."""
        values, at_leaves = self.program.many(theta[:, self.leaves])
        jacobian = np.zeros((len(theta), self.names, at_leaves.shape[-1]))
        for leaf, name in enumerate(self.leaves):
            jacobian[:, name] += at_leaves[:, leaf]
        return values, jacobian
