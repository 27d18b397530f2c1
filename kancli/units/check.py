"""Whether the units of a formula are consistent: the dimension of every part, open for constants that may have one.

What may carry a unit: a free constant, and an exact one that no mathematics makes (a decimal such as 9.81, a whole
number of four digits or more). What may not: 1/2, 2, pi, sqrt(2) and the like, exponents, and arguments of
functions. So `9.81*t**2/2` can be a length, `t**2/2` cannot: where a law has a constant with a unit, that
constant is a column or a number of its own.

Logarithms need care, as log(x) of a length is what log(x/a) + c has become: the dimension under a logarithm
travels along until it cancels (log(x) - log(y)), a free constant takes it (log(x) + c), or exp undoes it.

The unknown dimensions are the solution of linear equations with rational coefficients, solved on the way; the
equations that cannot hold are the violations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from kancli.symbolic.expression.exact import is_decimal
from kancli.symbolic.expression.tree import (
    Call,
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    Variable,
    exact_of,
    rational_of,
    variables,
)
from kancli.symbolic.text.printer import render
from kancli.units.dimension import NUMBER, Dimension

# Whole numbers from here on are measured, not derived.
_MEASURED = 1000
_LONGEST = 40


def check(
    expression: Expression,
    units: Mapping[int, Dimension],
    target: Dimension | None = None,
    names: Sequence[str] | None = None,
) -> list[str]:
    """The inconsistencies, in words, in the order of the formula; empty if there are none.

    `units` by input column; a column without one, or a `target` of None, may have any. `names` are the
    columns' in the formula, for the wording.
    """
    columns = 1 + max([*variables(expression), *units, -1])
    checker = _Checker(units, names or [f"x{index}" for index in range(columns)])
    whole = checker.visit(expression)
    if checker.reduced(whole.log):
        checker.complain(f"a logarithm of {checker.shown(whole.log)}", expression)
    if target is not None and not checker.equal(whole.of, _Affine(target)):
        checker.violations.append(f"the formula is in {checker.shown(whole.of)}, the target in {target}")
    return checker.violations


def may_carry_a_unit(constant: Constant) -> bool:
    """Whether a constant can be a quantity rather than a number."""
    number = exact_of(constant)
    if number is None:
        return True
    if not number.is_rational:
        return False
    size = abs(number.rational)
    return is_decimal(size) or (size.denominator == 1 and size >= _MEASURED)


@dataclass(frozen=True)
class _Affine:
    """A dimension known up to unknown ones: known + Σ coefficient·unknown."""

    known: Dimension = NUMBER
    unknown: tuple[tuple[int, Fraction], ...] = ()

    def __add__(self, other: _Affine) -> _Affine:
        total = dict(self.unknown)
        for index, coefficient in other.unknown:
            total[index] = total.get(index, Fraction(0)) + coefficient
        return _Affine(self.known + other.known, tuple((i, c) for i, c in sorted(total.items()) if c))

    def __mul__(self, factor: Fraction) -> _Affine:
        if not factor:
            return _Affine()
        return _Affine(self.known * factor, tuple((i, c * factor) for i, c in self.unknown))

    def __sub__(self, other: _Affine) -> _Affine:
        return self + other * Fraction(-1)

    def __bool__(self) -> bool:
        return bool(self.known) or bool(self.unknown)


@dataclass(frozen=True)
class _Found:
    """The dimension of a part, and the one that stands under logarithms that it adds up."""

    of: _Affine
    log: _Affine = _Affine()


@dataclass
class _Checker:
    units: Mapping[int, Dimension]
    names: Sequence[str]
    violations: list[str] = field(default_factory=list)
    solved: dict[int, _Affine] = field(default_factory=dict)
    columns: dict[int, _Affine] = field(default_factory=dict)
    unknowns: int = 0

    # -- the equations ---------------------------------------------------------------------------

    def fresh(self) -> _Affine:
        """An unknown dimension."""
        self.unknowns += 1
        return _Affine(NUMBER, ((self.unknowns, Fraction(1)),))

    def reduced(self, dimension: _Affine) -> _Affine:
        """The dimension with the solved unknowns inserted."""
        while any(index in self.solved for index, _ in dimension.unknown):
            total = _Affine(dimension.known)
            for index, coefficient in dimension.unknown:
                part = self.solved.get(index, _Affine(NUMBER, ((index, Fraction(1)),)))
                total = total + part * coefficient
            dimension = total
        return dimension

    def equal(self, one: _Affine, other: _Affine) -> bool:
        """Make two dimensions equal; False where they cannot be."""
        rest = self.reduced(one - other)
        if not rest.unknown:
            return not rest.known
        index, coefficient = rest.unknown[-1]
        others = _Affine(rest.known, rest.unknown[:-1])
        self.solved[index] = others * (Fraction(-1) / coefficient)
        return True

    # -- the tree --------------------------------------------------------------------------------

    def visit(self, node: Expression) -> _Found:
        match node:
            case Constant():
                return _Found(self.fresh() if may_carry_a_unit(node) else _Affine())
            case Variable(index):
                return _Found(self.column(index))
            case Sum(terms):
                return self.sum(terms)
            case Product(factors):
                return self.product(node, factors)
            case Power(base, exponent):
                return self.power(node, base, exponent)
            case Call(function, argument):
                return self.call(node, function, argument)
        raise AssertionError(node)

    def column(self, index: int) -> _Affine:
        if index in self.units:
            return _Affine(self.units[index])
        return self.columns.setdefault(index, self.fresh())

    def sum(self, terms: Sequence[Expression]) -> _Found:
        found = [self.visit(term) for term in terms]
        # The shortest text names the two terms that clash, not the whole sum.
        for term, part in zip(terms[1:], found[1:], strict=True):
            if not self.equal(part.of, found[0].of):
                first, other = self.shown(found[0].of), self.shown(part.of)
                self.complain(f"adds {first} and {other}", Sum((terms[0], term)))
        absorbed = any(isinstance(term, Constant) and may_carry_a_unit(term) for term in terms)
        log = _Affine()
        if not absorbed:
            for part in found:
                log = log + part.log
        return _Found(found[0].of, log)

    def product(self, node: Product, factors: Sequence[Expression]) -> _Found:
        found = [self.visit(factor) for factor in factors]
        whole, log = _Affine(), _Affine()
        for part in found:
            whole = whole + part.of
        for factor, part in zip(factors, found, strict=True):
            if not self.reduced(part.log):
                continue
            others = [other for other in factors if other is not factor]
            if not all(isinstance(other, Constant) for other in others):
                self.complain(f"a logarithm of {self.shown(part.log)}", node)
                continue
            scale = Fraction(1)
            for other in others:
                assert isinstance(other, Constant)
                scale *= Fraction(other.value)
            log = log + part.log * scale
        return _Found(whole, log)

    def power(self, node: Power, base: Expression, exponent: Expression) -> _Found:
        below = self.visit(base)
        self.no_logarithm(below, node)
        rational = rational_of(exponent)
        if rational is not None:
            return _Found(below.of * rational)
        if isinstance(exponent, Constant) and not isinstance(base, Constant):
            return _Found(below.of * Fraction(exponent.value))
        above = self.visit(exponent)
        self.number(above.of, f"exponent in {self.shown(above.of)}", node)
        self.number(below.of, f"variable power of {self.shown(below.of)}", node)
        return _Found(_Affine())

    def call(self, node: Call, function: str, argument: Expression) -> _Found:
        inner = self.visit(argument)
        if function == "abs":
            return inner
        if function == "sign":
            return _Found(_Affine())
        if function == "log":
            self.no_logarithm(inner, node)
            left = self.reduced(inner.of)
            if left.unknown:
                self.equal(left, _Affine())
                left = _Affine()
            return _Found(_Affine(), left)
        self.number(inner.of, f"{function} of {self.shown(inner.of)}", node)
        if function == "exp":
            return _Found(self.reduced(inner.log))
        self.no_logarithm(inner, node)
        return _Found(_Affine())

    # -- violations ------------------------------------------------------------------------------

    def number(self, dimension: _Affine, complaint: str, node: Expression) -> None:
        """Require a plain number."""
        if not self.equal(dimension, _Affine()):
            self.complain(complaint, node)

    def no_logarithm(self, part: _Found, node: Expression) -> None:
        if self.reduced(part.log):
            self.complain(f"a logarithm of {self.shown(part.log)}", node)

    def complain(self, complaint: str, node: Expression) -> None:
        text = render(node, self.names)
        where = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
        self.violations.append(f"{complaint}: {where}")

    def shown(self, dimension: _Affine) -> str:
        reduced = self.reduced(dimension)
        return str(reduced.known) if not reduced.unknown else "an open unit"
