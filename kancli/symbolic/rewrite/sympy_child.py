"""The child process of `simplify`: reads a formula, prints one rewriting a line, cheapest first.

x0*c0 + x1*c0        the formula
x0,x1,c0             its names
1,0,-1               their signs on the data: positive, unknown, negative
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any, TextIO

from kancli.processes import end_with_parent
from kancli.symbolic.text.parser import parse
from kancli.symbolic.text.printer import render
from kancli.symbolic.text.sympy import from_sympy, to_sympy


def rewritings(expression: Any) -> Iterator[Any]:
    """Forms of a sympy expression, each rewriting applied to the original and to what came before."""
    import sympy

    steps: list[Callable[[Any], Any]] = [
        lambda e: e,
        sympy.powsimp,
        sympy.factor_terms,
        sympy.powdenest,
        sympy.together,
        sympy.cancel,
        sympy.factor,
        sympy.logcombine,
        lambda e: sympy.factor(sympy.expand_log(e)),
        lambda e: sympy.factor_terms(sympy.expand(e)),
        lambda e: sympy.factor(sympy.powsimp(sympy.expand(e))),
        sympy.radsimp,
        sympy.trigsimp,
        sympy.simplify,
    ]
    seen = {expression}
    shortest = expression
    for step in steps:
        for start in dict.fromkeys((expression, shortest)):
            try:
                form = step(start)
            except (
                ArithmeticError,
                NotImplementedError,
                TypeError,
                ValueError,
                RecursionError,
                AttributeError,
            ):
                continue  # sympy gives up on some forms by raising; the other rewritings remain
            if form in seen:
                continue
            seen.add(form)
            if sympy.count_ops(form) < sympy.count_ops(shortest):
                shortest = form
            yield form


def main(source: TextIO, sink: TextIO) -> None:
    """Answer one request."""
    import sympy

    text, names_line, signs_line = (source.readline().strip() for _ in range(3))
    names = names_line.split(",") if names_line else []
    symbols = [
        sympy.Symbol(name, positive=True) if sign == "1"
        else sympy.Symbol(name, negative=True) if sign == "-1"
        else sympy.Symbol(name, real=True)
        for name, sign in zip(names, signs_line.split(","), strict=bool(names))
    ]  # fmt: skip
    for form in rewritings(to_sympy(parse(text, names), symbols)):
        try:
            line = render(from_sympy(form, symbols), names)
        except ValueError:
            continue
        sink.write(line + "\n")
        sink.flush()  # the parent may stop us before the next


if __name__ == "__main__":
    if len(sys.argv) > 1:
        end_with_parent(int(sys.argv[1]))
        # Processor time of this process: when it is over, the kernel ends the process.
        import sympy  # noqa: F401  (its import does not count)

        signal.setitimer(signal.ITIMER_PROF, float(sys.argv[2]))
    main(sys.stdin, sys.stdout)
