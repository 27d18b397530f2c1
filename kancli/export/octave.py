"""predict.m for GNU Octave and MATLAB: numbers, vectors and matrices, element by element."""

from __future__ import annotations

from kancli.export.c_like import numbers
from kancli.export.check import TOLERANCE, Check
from kancli.export.layout import remarks, used
from kancli.export.names import plain_names
from kancli.export.reserved import OCTAVE
from kancli.export.source import Source
from kancli.export.spelling import calls_in_domain, definitions, partial
from kancli.symbolic.text.printer import Dialect, render

DESCRIPTION = "a function file for GNU Octave and MATLAB"

_DIALECT = Dialect(
    functions=calls_in_domain("octave"),
    power="pow_({base}, {exponent})",
    whole_power="{base}.^{exponent}",
    square_root="sqrt_({})",
    whole_numbers=False,
    times=".*",
    over="./",
)
# The languages' own functions turn complex where the others give nan.
_HELPERS = {
    **{
        f"{name}_": f"\nfunction y = {name}_(v)\n    y = real_({name}(v));\nend"
        for name in ("sqrt", *(entry.name for entry in partial("octave")))
    },
    "pow_": "\nfunction y = pow_(v, p)\n    y = real_(v.^p);\nend",
    "real_": "\nfunction y = real_(z)\n    y = real(z);\n    y(imag(z) ~= 0) = NaN;\nend",
    **definitions("octave"),
}


def write(source: Source, check: Check | None = None) -> str:
    parameters = plain_names(source.names, OCTAVE, folds_case=False)
    body = render(source.expression, parameters, _DIALECT)
    lines = [f"function predicted = predict({', '.join(parameters)})"]
    lines += [f"    {line}" for line in remarks(source, parameters, "%")]
    if check is not None:
        lines += [
            "    %",
            '    % checks itself as predict.m: octave --eval predict, or matlab -batch "predict"',
        ]
        lines += ["    if nargin == 0", "        check_();", "        return", "    end"]
    lines += [f"    predicted = {body};", "end", *used(body, _HELPERS)]
    return "\n".join([*lines, *([] if check is None else _check(check))])


def _check(check: Check) -> list[str]:
    width = len(check.rows[0])
    arguments = ", ".join(f"rows(:, {index + 1})" for index in range(width))
    return [
        "",
        "function check_()",
        "    % the inputs, then the expected value",
        "    rows = [",
        *(f"        {numbers(row)};" for row in check.table),
        "    ];",
        f"    expected = rows(:, {width + 1});",
        f"    got = predict({arguments}) + zeros(size(expected));",
        f"    wrong = ~(abs(got - expected) <= {TOLERANCE} * abs(expected));",
        "    for i = find(wrong)'",
        "        fprintf('row %d: expected %.17g, got %.17g\\n', i, expected(i), got(i));",
        "    end",
        f"    fprintf('%d of %d rows agree to {TOLERANCE}\\n', sum(~wrong), numel(wrong));",
        # An error is exit code 1 with --eval and -batch, and does not end an interactive session.
        "    if any(wrong), error('the formula is not what was exported'); end",
        "end",
    ]
