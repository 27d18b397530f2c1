"""Expressions: the tree, exact numbers, its algebra, its values and derivatives, all in one import.

`Sum`, `Product`, … build a node as it is written; `add`, `multiply`, `power` and `call` merge trivial
structure.
"""

from kancli.symbolic.elementary import FUNCTIONS
from kancli.symbolic.expression.algebra import add, call, divide, multiply, negate, power, sqrt, subtract
from kancli.symbolic.expression.program import Program, compiled, evaluate, value_and_jacobian
from kancli.symbolic.expression.tree import (
    HALF,
    MINUS_ONE,
    ONE,
    ZERO,
    Call,
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    Variable,
    children,
    complexity,
    constants,
    exact,
    exact_constants,
    substitute,
    variables,
    walk,
    with_constants,
    with_leaves,
)

__all__ = [
    "FUNCTIONS",
    "HALF",
    "MINUS_ONE",
    "ONE",
    "ZERO",
    "Call",
    "Constant",
    "Expression",
    "Power",
    "Product",
    "Program",
    "Sum",
    "Variable",
    "add",
    "call",
    "children",
    "compiled",
    "complexity",
    "constants",
    "divide",
    "evaluate",
    "exact",
    "exact_constants",
    "multiply",
    "negate",
    "power",
    "sqrt",
    "substitute",
    "subtract",
    "value_and_jacobian",
    "variables",
    "walk",
    "with_constants",
    "with_leaves",
]
