"""A Fortran module (2008) with one elemental function: it takes numbers and arrays alike."""

from __future__ import annotations

from kancli.export.c_like import PI
from kancli.export.check import TOLERANCE, Check
from kancli.export.layout import mentions, remarks, used, wrapped
from kancli.export.names import plain_names
from kancli.export.reserved import FORTRAN
from kancli.export.source import Source
from kancli.export.spelling import calls, definitions
from kancli.symbolic.text.printer import Dialect, render

DESCRIPTION = "a Fortran module with an elemental function (2008)"

# Lines may have 132 characters.
_WIDTH = 110


def _number(value: float) -> str:
    return f"{value!r}_dp"


_DIALECT = Dialect(
    functions=calls("fortran", lambda entry: entry.name),
    whole_numbers=False,
    whole_power="{base}**{exponent}",
    number=_number,
)


def write(source: Source, check: Check | None = None) -> str:
    parameters = plain_names(source.names, FORTRAN, folds_case=True)
    body = render(source.expression, parameters, _DIALECT)
    lines = remarks(source, parameters, "!")
    if check is not None:
        lines += ["!", "! checks itself: gfortran -O2 FILE.f90 && ./a.out"]
    lines += ["module formula", "    implicit none", "    private", "    public :: predict, dp"]
    lines += ["    integer, parameter :: dp = kind(1.0d0)"]
    if mentions(body, "pi"):
        lines += [f"    real(dp), parameter :: pi = {PI}_dp"]
    lines += ["contains"]
    lines += _continued("    elemental function predict(", ", ".join(parameters), ") result(predicted)")
    lines += [f"        real(dp), intent(in) :: {name}" for name in parameters]
    lines += ["        real(dp) :: predicted", *_continued("        predicted = ", body, "")]
    lines += ["    end function predict", *used(body, definitions("fortran")), "end module formula"]
    return "\n".join([*lines, *([] if check is None else _program(check))])


def _continued(start: str, text: str, end: str) -> list[str]:
    first, *rest = wrapped(text, _WIDTH - len(start) - len(end))
    lines = [start + first, *(f"            {line}" for line in rest)]
    lines[-1] += end
    return [f"{line} &" for line in lines[:-1]] + lines[-1:]


def _program(check: Check) -> list[str]:
    width = len(check.rows[0])
    arguments = ", ".join(f"rows({index + 1}, i)" for index in range(width))
    lines = ["", "program check", "    use formula, only: predict, dp", "    implicit none"]
    lines += ["    ! the inputs, then the expected value"]
    lines += [f"    real(dp), parameter :: rows({width + 1}, {len(check.rows)}) = reshape([ &"]
    cells = ", ".join(_number(cell) for row in check.table for cell in row)
    lines += [f"        {line} &" for line in wrapped(cells, _WIDTH)]
    lines += [f"        ], [{width + 1}, {len(check.rows)}])"]
    lines += ["    real(dp) :: got, expected", "    integer :: i, right", "    right = 0"]
    lines += [f"    do i = 1, {len(check.rows)}", *_continued("        got = predict(", arguments, ")")]
    lines += [f"        expected = rows({width + 1}, i)"]
    lines += [f"        if (abs(got - expected) <= {TOLERANCE}_dp * abs(expected)) then"]
    lines += ["            right = right + 1", "        else"]
    lines += ['            print "(a, i0, 2(a, es24.16))", "row ", i, ": expected ", expected, ", got ", got']
    lines += ["        end if", "    end do"]
    lines += [f'    print "(i0, a)", right, " of {len(check.rows)} rows agree to {TOLERANCE}"']
    return [*lines, f"    if (right /= {len(check.rows)}) stop 1", "end program check"]
