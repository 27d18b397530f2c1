"""Expressions, all of it in one import: the tree, its algebra, its values and derivatives, sympy.

`Sum`, `Product`, … build a node as it is written; `add`, `multiply`, `power` and `call` merge trivial
structure; `canonical` also removes redundant free constants.
"""

from kancli.symbolic.expression_algebra import add, call, divide, multiply, negate, power, sqrt, subtract
from kancli.symbolic.expression_canonical import canonical, ordered
from kancli.symbolic.expression_functions import FUNCTIONS
from kancli.symbolic.expression_program import Program, compiled, evaluate, value_and_jacobian
from kancli.symbolic.expression_sympy import from_sympy, to_sympy
from kancli.symbolic.expression_tree import (
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
    "canonical",
    "children",
    "compiled",
    "complexity",
    "constants",
    "divide",
    "evaluate",
    "exact",
    "exact_constants",
    "from_sympy",
    "multiply",
    "negate",
    "ordered",
    "power",
    "sqrt",
    "substitute",
    "subtract",
    "to_sympy",
    "value_and_jacobian",
    "variables",
    "walk",
    "with_constants",
    "with_leaves",
]
