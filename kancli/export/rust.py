"""One Rust function over f64, without any crate."""

from __future__ import annotations

from kancli.export.c_like import numbers
from kancli.export.check import TOLERANCE, Check
from kancli.export.layout import mentions, remarks, used
from kancli.export.names import plain_names
from kancli.export.reserved import RUST
from kancli.export.source import Source
from kancli.export.spelling import calls, definitions
from kancli.symbolic.text.printer import Dialect, render

DESCRIPTION = "a Rust function"

_DIALECT = Dialect(
    functions=calls("rust", lambda entry: f"f64::{entry.name}"),
    pi="PI",
    power="f64::powf({base}, {exponent})",
    whole_power="f64::powi({base}, {exponent})",
    square_root="f64::sqrt({})",
    whole_numbers=False,
    multiplied=3,
)


def write(source: Source, check: Check | None = None) -> str:
    parameters = plain_names(source.names, RUST)
    body = render(source.expression, parameters, _DIALECT)
    lines = remarks(source, parameters, "//")
    if check is not None:
        lines += ["//", "// checks itself: rustc -O FILE.rs -o check && ./check"]
    lines += [
        *(["use std::f64::consts::PI;"] if mentions(body, "PI") else []),
        "",
        *used(body, definitions("rust")),
    ]
    lines += ["#[allow(non_snake_case, unused_variables, clippy::all)]"]
    lines += [f"pub fn predict({', '.join(f'{name}: f64' for name in parameters)}) -> f64 {{"]
    lines += [f"    {body}", "}"]
    return "\n".join([*lines, *([] if check is None else _main(check))])


def _main(check: Check) -> list[str]:
    width = len(check.rows[0])
    arguments = ", ".join(f"row[{index}]" for index in range(width))
    return [
        "",
        "fn main() {",
        "    // the inputs, then the expected value",
        f"    let rows: [[f64; {width + 1}]; {len(check.rows)}] = [",
        *(f"        [{numbers(row)}]," for row in check.table),
        "    ];",
        "    let mut right = 0;",
        "    for (i, row) in rows.iter().enumerate() {",
        f"        let (got, expected) = (predict({arguments}), row[{width}]);",
        f"        if (got - expected).abs() <= {TOLERANCE} * expected.abs() {{",
        "            right += 1;",
        "        } else {",
        '            println!("row {}: expected {:?}, got {:?}", i + 1, expected, got);',
        "        }",
        "    }",
        f'    println!("{{}} of {{}} rows agree to {TOLERANCE}", right, rows.len());',
        "    std::process::exit(if right == rows.len() { 0 } else { 1 });",
        "}",
    ]
