"""What C and C++ share: the dialect, the helpers, the table of a check."""

from __future__ import annotations

from collections.abc import Sequence

from kancli.export.check import TOLERANCE, Check
from kancli.export.spelling import calls
from kancli.symbolic.text.printer import Dialect

PI = "3.141592653589793"


def dialect(language: str, prefix: str = "") -> Dialect:
    """math.h with `prefix`, so that a double is never converted to another type."""
    return Dialect(
        functions=calls(language, lambda entry: f"{prefix}{entry.name}"),
        power=f"{prefix}pow({{base}}, {{exponent}})",
        square_root=f"{prefix}sqrt({{}})",
        whole_numbers=False,
        multiplied=3,
    )


def main_function(check: Check, function: str, fabs: str, table_type: str) -> list[str]:
    """`main`, which prints how many rows agree and returns 0 or 1."""
    width = len(check.rows[0])
    arguments = ", ".join(f"row[{index}]" for index in range(width))
    return [
        "int main(void)" if fabs == "fabs" else "int main()",
        "{",
        "    // the inputs, then the expected value",
        f"    {table_type} double rows[][{width + 1}] = {{",
        *(f"        {{{numbers(row)}}}," for row in check.table),
        "    };",
        f"    const int count = {len(check.rows)};",
        "    int right = 0;",
        "    for (int i = 0; i < count; i++) {",
        "        const double *row = rows[i];",
        f"        const double got = {function}({arguments}), expected = row[{width}];",
        f"        if ({fabs}(got - expected) <= {TOLERANCE} * {fabs}(expected))",
        "            right++;",
        "        else",
        '            printf("row %d: expected %.17g, got %.17g\\n", i + 1, expected, got);',
        "    }",
        f'    printf("%d of %d rows agree to {TOLERANCE}\\n", right, count);',
        "    return right == count ? 0 : 1;",
        "}",
    ]


def numbers(row: Sequence[float]) -> str:
    """Doubles that read back as they are."""
    return ", ".join(map(repr, row))
