"""Formula text → Expression, through Python's grammar and a whitelist: nothing outside it is ever run.

Numbers, the given names, `+ - * / **`, calls of the known functions, `pi` and `e`. Whole numbers, their
quotients and pi are exact; a number with a decimal point is a free constant.
"""

from __future__ import annotations

import ast
import difflib
import math
import warnings
from collections.abc import Callable, Sequence
from functools import partial

from kancli.symbolic.elementary import FUNCTIONS
from kancli.symbolic.expression.algebra import add, call, divide, multiply, negate, power, sqrt, subtract
from kancli.symbolic.expression.tree import ZERO, Constant, Expression, Variable, exact

_LONGEST_TEXT = 100_000
_MOST_NODES = 10_000
_DEEPEST = 150

_EXTREMES = frozenset({"Max", "max", "Min", "min"})
# Those that have an order before their argument, as besselj(0, x) has.
_OF_ORDER = {
    (entry.sympy_name, entry.order): entry.name for entry in FUNCTIONS.values() if entry.order is not None
}
FUNCTION_NAMES: dict[str, str] = {name: entry.name for entry in FUNCTIONS.values() for name in entry.names}
_OPERATORS: dict[type[ast.operator], Callable[[Expression, Expression], Expression]] = {
    ast.Add: add,
    ast.Sub: subtract,
    ast.Mult: multiply,
    ast.Div: divide,
    ast.Pow: power,
}


class ParseError(ValueError):
    """What is wrong and at which column of the text, counted from 1."""

    def __init__(self, message: str, column: int = 1) -> None:
        super().__init__(f"column {column}: {message}")
        self.message = message
        self.column = column


def parse(text: str, names: Sequence[str]) -> Expression:
    """The expression of `text` with Variable(i) for names[i]; a name hides pi and e. Raises ParseError."""
    if len(text) > _LONGEST_TEXT:
        raise ParseError(f"a formula of {len(text)} characters is too long (at most {_LONGEST_TEXT})")
    line = " ".join(text.split("\n"))
    offset = len(line) - len(line.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of literals that it will refuse in the future
            body = ast.parse(line.lstrip(), mode="eval").body
    except SyntaxError as problem:
        raise ParseError(_syntax_message(line, problem), (problem.offset or 1) + offset) from None
    except (ValueError, MemoryError, RecursionError):
        raise ParseError(
            "the formula cannot be read: it is nested too deeply or has an impossible character"
        ) from None
    if sum(1 for _ in ast.walk(body)) > _MOST_NODES:
        raise ParseError(f"the formula has more than {_MOST_NODES} parts")
    return _Reader(line, offset, names).read(body)


def _syntax_message(line: str, problem: SyntaxError) -> str:
    if not line.strip():
        return "the formula is empty"
    if "integer string conversion" in problem.msg:
        return "a number has too many digits"
    return f"not a formula ({problem.msg})"


class _Reader:
    def __init__(self, line: str, offset: int, names: Sequence[str]) -> None:
        self._bytes = line.encode()
        self._offset = offset
        self._names = {name: index for index, name in enumerate(names)}

    def read(self, node: ast.expr, depth: int = 0) -> Expression:
        if depth > _DEEPEST:
            raise self._error(node, f"nested more than {_DEEPEST} deep")
        match node:
            case ast.Constant(value=bool() | complex()):
                raise self._error(node, "only real numbers are understood")
            case ast.Constant(value=int() as value):
                return self._finite(node, exact(value))
            case ast.Constant(value=float() as value):
                return self._finite(node, Constant(value))
            case ast.Name(id=name):
                return self._name(node, name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return negate(self.read(operand, depth + 1))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.read(operand, depth + 1)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                made = _OPERATORS[type(op)](self.read(left, depth + 1), self.read(right, depth + 1))
                # Numbers are computed as they are read: 1e308*10 is none.
                return self._finite(node, made) if isinstance(made, Constant) else made
            case ast.BinOp(op=ast.BitXor()):
                raise self._error(node, "a power is written **, not ^")
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords):
                if name in _EXTREMES and not keywords:
                    return self._extreme(node, name, arguments, depth)
                if any(name == known for known, _ in _OF_ORDER):
                    return self._of_order(node, name, arguments, depth)
                function = self._function(node, name)
                if len(arguments) != 1 or keywords:
                    raise self._error(node, f"{name} takes one argument")
                return function(self.read(arguments[0], depth + 1))
        raise self._error(node, f"{type(node).__name__} has no place in a formula")

    def _of_order(self, node: ast.Call, name: str, arguments: list[ast.expr], depth: int) -> Expression:
        match arguments:
            case [ast.Constant(value=int() as order), argument] if (name, order) in _OF_ORDER:
                return call(_OF_ORDER[name, order], self.read(argument, depth + 1))
        orders = " or ".join(str(order) for known, order in _OF_ORDER if known == name)
        raise self._error(node, f"{name} takes two arguments, of which the first is {orders}")

    def _extreme(self, node: ast.Call, name: str, arguments: list[ast.expr], depth: int) -> Expression:
        """max(a, b) = a + max(0, b - a), min(a, b) = a - max(0, a - b)."""
        if len(arguments) != 2:
            raise self._error(node, f"{name} takes two arguments")
        one, other = (self.read(argument, depth + 1) for argument in arguments)
        if name in ("Max", "max"):
            return call("hinge", other) if one == ZERO else add(one, call("hinge", add(other, negate(one))))
        return add(one, negate(call("hinge", add(one, negate(other)))))

    def _name(self, node: ast.Name, name: str) -> Expression:
        if name in self._names:
            return Variable(self._names[name])
        if name == "pi":
            return exact("pi")
        if name in ("e", "E"):
            return exact("exp(1)")
        close = difflib.get_close_matches(name, self._names, 1)
        known = ", ".join(list(self._names)[:8]) or "none"
        raise self._error(
            node, f"unknown name {name}; " + (f"did you mean {close[0]}?" if close else f"known: {known}")
        )

    def _function(self, node: ast.expr, name: str) -> Callable[[Expression], Expression]:
        if name == "sqrt":
            return sqrt
        if name in FUNCTION_NAMES:
            return partial(call, FUNCTION_NAMES[name])
        close = difflib.get_close_matches(
            name, ["sqrt", *FUNCTION_NAMES, *(known for known, _ in _OF_ORDER)], 1
        )
        raise self._error(node, f"unknown function {name}" + (f"; did you mean {close[0]}?" if close else ""))

    def _finite(self, node: ast.expr, constant: Constant) -> Constant:
        if not math.isfinite(constant.value):
            raise self._error(node, "this number is too large, or none")
        return constant

    def _error(self, node: ast.expr, message: str) -> ParseError:
        # ast counts bytes of the text without leading blanks; people count characters of their own text.
        before = self._bytes[self._offset :][: node.col_offset].decode(errors="ignore")
        return ParseError(message, len(before) + self._offset + 1)
