"""A form as the user wrote it, with numbers in place of the names of its constants."""

from __future__ import annotations

import ast
from collections.abc import Mapping

_SUM, _PRODUCT, _MINUS, _POWER, _ATOM = range(1, 6)
_SIGNS: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: (" + ", _SUM),
    ast.Sub: (" - ", _SUM),
    ast.Mult: ("*", _PRODUCT),
    ast.Div: ("/", _PRODUCT),
}


def written(text: str, values: Mapping[str, str]) -> str:
    """`text`, which the parser has accepted, with the texts of numbers for the names in `values`.

    A minus that comes with a number joins the sign before it: a + b*x becomes 2 - 3*x.
    """
    line = " ".join(text.split("\n")).strip()
    return _text(ast.parse(line, mode="eval").body, values)[0]


def _text(node: ast.expr, values: Mapping[str, str]) -> tuple[str, int]:
    """The text of a node and how tightly it holds together."""
    match node:
        case ast.Name(id=name):
            number = values.get(name, name)
            return number, _MINUS if number.startswith("-") else _ATOM
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _text(operand, values)
        case ast.UnaryOp(operand=operand):
            inner, level = _text(operand, values)
            if inner.startswith("-") and level > _SUM:
                return inner[1:], _ATOM if level == _MINUS else level
            return f"-{_within(inner, level, _MINUS)}", _MINUS
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            base, exponent = _text(left, values), _text(right, values)
            return f"{_within(*base, _ATOM)}**{_within(*exponent, _POWER)}", _POWER
        case ast.BinOp(left=left, op=op, right=right):
            sign, level = _SIGNS[type(op)]
            before = _within(*_text(left, values), level)
            after, own = _text(right, values)
            if level == _SUM and after.startswith("-") and own > _SUM:
                return f"{before}{' - ' if sign == ' + ' else ' + '}{after[1:]}", level
            # a - (b + c) and a/(b*c) need their parentheses, a + (b + c) does not.
            least = level if sign in (" + ", "*") else level + 1
            least = _POWER if after.startswith("-") else least
            return f"{before}{sign}{_within(after, own, least)}", level
        case ast.Call(func=function, args=arguments):
            return f"{ast.unparse(function)}({', '.join(_text(a, values)[0] for a in arguments)})", _ATOM
    return ast.unparse(node), _ATOM


def _within(text: str, level: int, least: int) -> str:
    return text if level >= least else f"({text})"
