"""What the Python exports share: one function over arrays of numpy, torch or jax, and its check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kancli.export.c_like import numbers
from kancli.export.check import TOLERANCE, Check
from kancli.export.layout import used
from kancli.export.names import python_names
from kancli.export.source import Source
from kancli.export.spelling import calls, definitions
from kancli.symbolic.expression.tree import Constant, Expression, children, exact_of, rebuilt, variables
from kancli.symbolic.text.printer import Dialect, render


@dataclass(frozen=True)
class Library:
    """`imports` and `preparation` stand before the function; `convert` makes an array of the parameter `{}`.

    `folded`: the library's functions accept only arrays, so sqrt(2) is written as its value.
    """

    language: str
    dialect: Dialect
    imports: Sequence[str]
    convert: str
    avoided: frozenset[str]
    preparation: Sequence[str] = ()
    check_imports: Sequence[str] = ()
    folded: bool = False


def dialect(language: str, prefix: str, pi: str) -> Dialect:
    """Calls by `prefix`; numpy, torch and jax all have the long names arcsin and the like."""
    return Dialect(
        functions=calls(language, lambda entry: f"{prefix}{entry.long_name}"),
        pi=pi,
        square_root=f"{prefix}sqrt({{}})",
    )


def module(source: Source, library: Library, check: Check | None) -> str:
    """The Python source of the module."""
    own = definitions(library.language)
    parameters = python_names(source.names, library.avoided | own.keys())
    expression = folded(source.expression) if library.folded else source.expression
    body = render(expression, parameters, library.dialect)
    lines = [*library.imports, "", "", *used(body, own), *library.preparation]
    lines += [f"def predict({', '.join(parameters)}):"]
    lines += [f'    """{_quoted(source.one_line)}', ""]
    lines += [f"    {name}: {_quoted(source.about(index))}" for index, name in enumerate(parameters)]
    lines += [f"    returns {_quoted(source.about_target)}", '    """']
    occurring = variables(source.expression)
    lines += [
        f"    {name} = {library.convert.format(name)}"
        for index, name in enumerate(parameters)
        if index in occurring
    ]
    lines += [f"    return {body}"]
    return "\n".join([*lines, *([] if check is None else _main(check, library))])


def folded(node: Expression) -> Expression:
    """The same with every part that has no variable, save whole and broken numbers, as its float64 value."""
    number = exact_of(node)
    if number is not None:
        return node if number.is_rational or number.text in ("pi", "-pi") else Constant(number.value)
    parts = children(node)
    if parts and not variables(node):
        import numpy as np

        from kancli.symbolic.expression.program import evaluate

        return Constant(float(evaluate(node, np.zeros((1, 0)))[0]))
    return rebuilt(node, [folded(part) for part in parts]) if parts else node


def _quoted(text: str) -> str:
    """Text that may stand inside a docstring."""
    return text.replace('"""', "'''")


def _main(check: Check, library: Library) -> list[str]:
    return [
        "",
        "",
        'if __name__ == "__main__":',
        "    import sys",
        *(f"    {line}" for line in library.check_imports),
        "",
        "    # the inputs, then the expected value",
        "    rows = [",
        *(f"        ({numbers(row)})," for row in check.table),
        "    ]",
        "    right = 0",
        "    for *row, expected in rows:",
        "        got = float(predict(*row))",
        f"        if abs(got - expected) <= {TOLERANCE} * abs(expected):",
        "            right += 1",
        "        else:",
        '            print(f"at {row}: expected {expected!r}, got {got!r}")',
        f'    print(f"{{right}} of {{len(rows)}} rows agree to {TOLERANCE}")',
        "    sys.exit(0 if right == len(rows) else 1)",
    ]
