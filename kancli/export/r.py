"""One R function of numbers or vectors. It is not called predict: that is a generic function of R's own."""

from __future__ import annotations

from kancli.export.c_like import numbers
from kancli.export.check import TOLERANCE, Check
from kancli.export.layout import remarks, used
from kancli.export.names import plain_names
from kancli.export.reserved import R
from kancli.export.source import Source
from kancli.export.spelling import calls, definitions
from kancli.symbolic.text.printer import Dialect, render

DESCRIPTION = "an R function"

_DIALECT = Dialect(functions=calls("r", lambda entry: entry.name), power="{base}^{exponent}")


def write(source: Source, check: Check | None = None) -> str:
    parameters = plain_names(source.names, R)
    body = render(source.expression, parameters, _DIALECT)
    lines = remarks(source, parameters, "#")
    if check is not None:
        lines += ["#", "# checks itself: Rscript FILE.R"]
    lines += used(body, definitions("r"))
    lines += [f"predict_formula <- function({', '.join(parameters)}) {{"]
    lines += [f"  {body}", "}"]
    return "\n".join([*lines, *([] if check is None else _main(check))])


def _main(check: Check) -> list[str]:
    width = len(check.rows[0])
    arguments = ", ".join(f"rows[, {index + 1}]" for index in range(width))
    cells = [f"    {numbers(row)}" for row in check.table]
    return [
        "",
        "if (sys.nframe() == 0L) {",
        "  # the inputs, then the expected value",
        "  rows <- matrix(c(",
        ",\n".join(cells),
        f"  ), ncol = {width + 1}, byrow = TRUE)",
        f"  expected <- rows[, {width + 1}]",
        f"  got <- predict_formula({arguments}) + 0 * expected",
        f"  right <- !is.nan(got) & abs(got - expected) <= {TOLERANCE} * abs(expected)",
        "  for (i in which(!right))",
        '    cat(sprintf("row %d: expected %.17g, got %.17g\\n", i, expected[i], got[i]))',
        f'  cat(sum(right), "of", length(right), "rows agree to {TOLERANCE}\\n")',
        "  quit(status = if (all(right)) 0L else 1L)",
        "}",
    ]
