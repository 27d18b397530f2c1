"""`kan functions`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kancli.cli.frame.command import command
from kancli.cli.frame.session import Session
from kancli.cli.output.tables import Table, print_table

if TYPE_CHECKING:
    from kancli.symbolic.library.functions import Function

COLUMNS = ("name", "formula", "complexity", "domain", "tried", "also")
# When a function is tried without being named.
TRIED = {"always": "always", "late": "last", "special": "last", "named": "named"}


@command(options=("symbolify.lib", "symbolify.exclude", "symbolify.functions"))
def functions(session: Session) -> None:
    """List the functions that can replace an edge.

    Each is used as c·f(a·u + b) + d. Simple ones come first; complexity is what it adds to that of a formula.
    Unless --lib names it, a function is tried always, last (on edges that nothing else fits) or never.

    Some names stand for several functions, which --lib adds to the library from the start: special (Bessel's,
    gamma and others that are tried last), physics (without gamma and LambertW, with erf and langevin), biology
    (gamma, LambertW, erf, steps). default is the library itself, as in --lib default,erfc.

    \b
    kan functions
    kan functions --json
    kan functions --lib physics
    kan functions --exclude tan,abs --functions "decay=exp(-u)/u"
    """
    from kancli.symbolic.library.functions import ALL, library

    # Only the library is needed here, but a recipe must name a table.
    options = session.recipe(base={"data": {"path": "-"}}, train=False).symbolify
    names = tuple(ALL) if options.lib is None else options.lib
    known = [described(f) for f in library(names, options.exclude, options.functions)]
    if session.streams.json:
        session.streams.document({"kan": 1, "functions": known})
        return
    rows = [
        [
            f["name"],
            f["formula"],
            str(f["complexity"]),
            f["domain"],
            TRIED[f["tried"]],
            " ".join(f["aliases"]) or "-",
        ]
        for f in known
    ]
    print_table(session.streams, Table(COLUMNS, rows, COLUMNS, rows))


def described(function: Function) -> dict[str, Any]:
    """One function as a JSON value."""
    return {
        "name": function.name,
        "formula": function.template,
        "complexity": function.complexity,
        "domain": domain(function),
        "tried": function.tried,
        "aliases": list(function.aliases),
    }


def domain(function: Function) -> str:
    """Where the function is defined, as a condition on u."""
    import numpy as np

    from kancli.symbolic.library.functions import TINY

    if function.definition is not None:
        return "-"
    if abs(function.low) <= TINY:
        return "u > 0" if function.low else "u >= 0"
    if function.high < np.inf:
        with np.errstate(divide="ignore"):
            less = "<=" if np.isfinite(function.value(np.ones(1))[0]) else "<"
        return f"u {less} 1" if function.low == -np.inf else f"-1 {less} u {less} 1"
    if function.low > -np.inf:
        return "u >= -1/e"
    if function.at_zero == "pole":
        return "u != 0"
    has_poles = function.period is not None and function.wave is None
    return "cos(u) != 0" if has_poles else "all u"
