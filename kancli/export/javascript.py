"""One JavaScript function, for a browser or Node."""

from __future__ import annotations

from kancli.export.c_like import numbers
from kancli.export.check import TOLERANCE, Check
from kancli.export.layout import remarks, used
from kancli.export.names import plain_names
from kancli.export.reserved import JAVASCRIPT
from kancli.export.source import Source
from kancli.export.spelling import calls, definitions
from kancli.symbolic.text.printer import Dialect, render

DESCRIPTION = "a JavaScript function"

# -x ** 2 is a syntax error, so a power is a call.
_DIALECT = Dialect(
    functions=calls("javascript", lambda entry: f"Math.{entry.name}"),
    pi="Math.PI",
    power="Math.pow({base}, {exponent})",
    square_root="Math.sqrt({})",
    multiplied=3,
)


def write(source: Source, check: Check | None = None) -> str:
    parameters = plain_names(source.names, JAVASCRIPT)
    body = render(source.expression, parameters, _DIALECT)
    lines = remarks(source, parameters, "//")
    if check is not None:
        lines += ["//", "// checks itself: node FILE.js"]
    lines += used(body, definitions("javascript"))
    lines += [f"function predict({', '.join(parameters)}) {{"]
    lines += [f"  return {body};", "}", ""]
    # Node and bundlers import it from here; in a browser's script it is an ordinary function.
    lines += ['if (typeof module !== "undefined") module.exports = { predict };']
    return "\n".join([*lines, *([] if check is None else _main(check))])


def _main(check: Check) -> list[str]:
    return [
        "",
        'if (typeof require !== "undefined" && require.main === module) {',
        "  // the inputs, then the expected value",
        "  const rows = [",
        *(f"    [{numbers(row)}]," for row in check.table),
        "  ];",
        "  let right = 0;",
        "  rows.forEach((row, i) => {",
        "    const expected = row[row.length - 1];",
        "    const got = predict(...row.slice(0, -1));",
        f"    if (Math.abs(got - expected) <= {TOLERANCE} * Math.abs(expected)) right += 1;",
        "    else console.log(`row ${i + 1}: expected ${expected}, got ${got}`);",
        "  });",
        f"  console.log(`${{right}} of ${{rows.length}} rows agree to {TOLERANCE}`);",
        "  process.exitCode = right === rows.length ? 0 : 1;",
        "}",
    ]
