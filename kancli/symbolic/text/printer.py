"""An expression as source text: one printer, a `Dialect` table a language.

Terms and factors are laid out as a person writes them: subtraction, a fraction line instead of negative
powers, square roots by name, a positive term first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kancli.symbolic.elementary import FUNCTIONS, called
from kancli.symbolic.expression.algebra import multiply, times
from kancli.symbolic.expression.exact import Exact, Part, is_decimal, written_parts
from kancli.symbolic.expression.tree import (
    HALF,
    MINUS_ONE,
    ONE,
    ZERO,
    Call,
    Constant,
    Expression,
    Power,
    Product,
    Sum,
    Variable,
    exact,
    integer_of,
    rational_of,
    split,
)

_SUM, _PRODUCT, _POWER, _ATOM = range(4)
Piece = tuple[str, int]


@dataclass(frozen=True)
class Dialect:
    """What one language writes differently.

    `functions` names each call, or writes all of it around {0}; `power` and `square_root` are templates
    ("{base}**{exponent}", where an infix power gets its operands in parentheses as needed,
    "pow({base}, {exponent})" does not),
    `fraction` writes a quotient of two whole numbers that stands alone;
    `whole_numbers` says whether 1/2 is a half (else every number is written with a decimal point).
    `whole_power` is the template for a whole exponent, where that differs, with the exponent as an integer;
    up to the exponent `multiplied` such a power of a variable is written as a product.
    `times` and `over` are the operators of a product and of a quotient.
    """

    functions: Mapping[str, str]
    pi: str = "pi"
    power: str = "{base}**{exponent}"
    square_root: str = "sqrt({})"
    fraction: str = "{}/{}"
    whole_numbers: bool = True
    number: Callable[[float], str] = repr
    whole_power: str | None = None
    multiplied: int = 1
    times: str = "*"
    over: str = "/"


SYMPY_TEXT = Dialect(functions={name: entry.spelling for name, entry in FUNCTIONS.items()})


def render(expression: Expression, names: Sequence[str], dialect: Dialect = SYMPY_TEXT) -> str:
    """The expression in `dialect`, with names[i] for input column i."""
    return _Printer(names, dialect).piece(expression)[0]


def signed(term: Expression) -> tuple[bool, Expression]:
    """(is it subtracted, what is added or subtracted)."""
    term = flat(term)
    coefficient, _ = split(term)
    if coefficient.value < 0:
        return True, multiply(MINUS_ONE, term) if coefficient.exact is not None else _negated(term)
    return False, term


def _negated(term: Expression) -> Expression:
    if isinstance(term, Constant):
        return Constant(-term.value)
    coefficient, rest = split(term)
    return Product((Constant(-coefficient.value), *(rest.factors if isinstance(rest, Product) else (rest,))))


def ordered_terms(node: Sum) -> list[tuple[bool, Expression]]:
    """The terms with their signs, a positive one first where there is one."""
    terms = [signed(term) for term in node.terms]
    first = next((index for index, (minus, _) in enumerate(terms) if not minus), 0)
    return [terms[first], *terms[:first], *terms[first + 1 :]]


def flat(node: Expression) -> Expression:
    """A product with its nested products opened and one coefficient in front; powers stay as they are."""
    if not isinstance(node, Product):
        return node
    coefficient, others = ONE, list[Expression]()
    for factor in map(flat, node.factors):
        number, rest = split(factor)
        coefficient = times(coefficient, number)
        others += rest.factors if isinstance(rest, Product) else [] if rest == ONE else [rest]
    if coefficient == ZERO or not others:
        return coefficient
    kept = others if coefficient == ONE else [coefficient, *others]
    return kept[0] if len(kept) == 1 else Product(tuple(kept))


def fraction(node: Expression) -> tuple[list[Expression], list[Expression]]:
    """Factors over and under the fraction line (the coefficient is left to the caller)."""
    over: list[Expression] = []
    under: list[Expression] = []
    for factor in node.factors if isinstance(node, Product) else (node,):
        exponent = rational_of(factor.exponent) if isinstance(factor, Power) else None
        if isinstance(factor, Power) and isinstance(factor.base, Product) and exponent == -1:
            # One fraction line: u·(v·w⁻¹)⁻¹ is u·w over v.
            above, below = fraction(factor.base)
            over += below
            under += above
        elif isinstance(factor, Power) and exponent is not None and exponent < 0:
            under.append(factor.base if exponent == -1 else Power(factor.base, exact(-exponent)))
        else:
            over.append(factor)
    return over, under


class _Printer:
    def __init__(self, names: Sequence[str], dialect: Dialect) -> None:
        self._names = names
        self._dialect = dialect

    def piece(self, node: Expression) -> Piece:
        """The text of a node and how tightly it binds."""
        match node:
            case Variable(index):
                return self._names[index], _ATOM
            case Call(function, argument):
                return called(self._dialect.functions[function], self.piece(argument)[0]), _ATOM
            case Sum():
                return self._sum(node), _SUM
            case Constant(value, None):
                text = self._dialect.number(abs(value))
                return (f"-{text}", _SUM) if value < 0 else (text, _ATOM)
        exponent = rational_of(node.exponent) if isinstance(node, Power) else None
        if isinstance(node, Power) and (exponent is None or exponent > 0):
            return self._power(node)
        if isinstance(node, Product) and not isinstance(flat(node), Product | Power):
            return self.piece(flat(node))
        minus, size = signed(node)
        text, binding = self._product(size)
        return (f"-{text}", _SUM) if minus else (text, binding)

    def inside(self, node: Expression, binding: int) -> str:
        text, own = self.piece(node)
        return text if own >= binding else f"({text})"

    def _sum(self, node: Sum) -> str:
        (minus, first), *rest = ordered_terms(node)
        text = ("-" if minus else "") + self.inside(first, _PRODUCT)
        for subtracted, term in rest:
            text += (" - " if subtracted else " + ") + self.inside(term, _PRODUCT)
        return text

    def _product(self, node: Expression) -> Piece:
        """A product, quotient or exact number without its sign."""
        coefficient, rest = split(node)
        alone = rational_of(node)
        if alone is not None and alone.denominator != 1 and not is_decimal(alone):
            text = self._dialect.fraction.format(self._whole(alone.numerator), self._whole(alone.denominator))
            return text, _ATOM if text.endswith(")") else _PRODUCT
        over: list[Piece] = []
        under: list[Piece] = []
        if coefficient.free:
            over.append((self._dialect.number(coefficient.value), _ATOM))
        elif coefficient != ONE or rest == ONE:
            above, below = written_parts(Exact.parse(coefficient.exact or "1"))
            over += [self._part(part) for part in above]
            under += [self._part(part) for part in below]
        if rest != ONE:
            above_rest, below_rest = fraction(rest)
            over += [self.piece(factor) for factor in above_rest]
            under += [self.piece(factor) for factor in below_rest]
        times = self._dialect.times
        numerator = times.join(
            self._wrapped(piece, _PRODUCT + (index > 0)) for index, piece in enumerate(over)
        )
        numerator = numerator or self._whole(Fraction(1))
        if not under:
            return numerator, over[0][1] if len(over) == 1 else _PRODUCT
        denominator = times.join(self._wrapped(piece, _POWER) for piece in under)
        denominator = denominator if len(under) == 1 else f"({denominator})"
        return f"{numerator}{self._dialect.over}{denominator}", _PRODUCT

    @staticmethod
    def _wrapped(piece: Piece, binding: int) -> str:
        return piece[0] if piece[1] >= binding else f"({piece[0]})"

    def _power(self, node: Power) -> Piece:
        if node.exponent == HALF:
            return self._dialect.square_root.format(self.piece(node.base)[0]), _ATOM
        whole = integer_of(node.exponent)
        if whole is not None and isinstance(node.base, Variable) and 1 < whole <= self._dialect.multiplied:
            return self._dialect.times.join([self._names[node.base.index]] * whole), _PRODUCT
        template, exponent = self._dialect.power, self.piece(node.exponent)
        if whole is not None and self._dialect.whole_power is not None:
            template, exponent = self._dialect.whole_power, (str(whole), _ATOM if whole >= 0 else _SUM)
        if template.endswith(")"):
            return template.format(base=self.piece(node.base)[0], exponent=exponent[0]), _ATOM
        texts = {"base": self.inside(node.base, _ATOM), "exponent": self._wrapped(exponent, _ATOM)}
        return template.format(**texts), _POWER

    def _part(self, part: Part) -> Piece:
        pi, number = self._dialect.pi, part.number
        match part.kind:
            case "number":
                return self._whole(number), _ATOM
            case "pi" if number == 1:
                return pi, _ATOM
            case "pi":
                return self._power(Power(exact("pi"), exact(number)))
            case "exp":
                return f"{self._dialect.functions['exp']}({self._rational(number)})", _ATOM
            case "root":
                return self._dialect.square_root.format(self._whole(number)), _ATOM
        if part.kind == "root over pi":
            inside = f"{self._whole(number)}{self._dialect.over}{pi}"
        elif number < 1:
            inside = f"{pi}{self._dialect.over}{self._whole(number.denominator)}"
        else:
            inside = pi if number == 1 else f"{self._whole(number)}{self._dialect.times}{pi}"
        return self._dialect.square_root.format(inside), _ATOM

    def _rational(self, number: Fraction) -> str:
        return self.piece(exact(number))[0]

    def _whole(self, number: Fraction | int) -> str:
        if is_decimal(Fraction(number)) or not self._dialect.whole_numbers:
            return self._dialect.number(float(number))
        return str(number)
