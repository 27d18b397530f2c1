"""Laws that are sums of products of powers, or a power of such a sum: found before any network is trained.

Many laws of physics are: energies, distances, relativistic factors, resistances side by side, and with the cosine of
an angle in a term, forces and interference. As networks they are [d,Kp,1] and [d,Kp,1,1] with a known function on
every edge, so all exponents can be fitted at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from kancli.dataset import Dataset
from kancli.errors import FitError
from kancli.recipe import FitOptions
from kancli.search.candidate import Candidate, quality_of, without_network
from kancli.search.choice.front import most_complex
from kancli.search.edges import edge_rows
from kancli.search.powers.fit import MOST_TERMS, ROWS_EACH, explains, sum_of
from kancli.search.powers.lattice import plain_sums
from kancli.search.powers.model import Basis, Sum, allowed
from kancli.search.trained import Shape
from kancli.stages.reading.formulas import Runner, columns_of
from kancli.symbolic.constants.refit import refit
from kancli.symbolic.formula import finish, tidied, write

# Powers of the target that may be the sum.
ROOTS = (Fraction(1), Fraction(2), Fraction(-1), Fraction(-2), Fraction(1, 2))
# With noise also this one, and so many sums with plain exponents for each, so many bits behind the first.
NOISY_ROOTS = (*ROOTS, Fraction(-1, 2))
PLAIN, NEAR_BITS = 3, 12.0
# So short a formula without a free constant that leaves but noise is not an approximation of another one.
SHORT = 10
# Share of a target's values that must be above 0 for roots.
MOSTLY = 0.9


def suits(dataset: Dataset, options: FitOptions) -> bool:
    """Whether sums of products of powers can be fitted to a table, and are wanted."""
    enough = len(dataset.y) >= ROWS_EACH * (len(dataset.inputs) + 1)
    return allowed("power", options) and enough


def read_powers(dataset: Dataset, options: FitOptions, seed: int, root: Fraction) -> list[Candidate]:
    """Candidates with y^root as a sum, if there is one whose residuals are noise or rounding."""
    whole = Basis.of(dataset, options)
    # Sines and cosines follow noise better than powers: only where powers alone do not do.
    for basis in [replace(whole, extras=()), whole] if whole.extras else [whole]:
        tried: list[Sum] = []
        # One term under a root is the same as without it.
        for terms in range(1 if root == 1 else 2, MOST_TERMS + 1):
            found = sum_of(dataset, basis, root, terms, seed)
            if found is None:
                break
            tried.append(found)
            good = good_ones(tried, dataset, options, seed) if explains(found, dataset) else []
            if good:
                return good
    return []


def read_plain_powers(dataset: Dataset, options: FitOptions, seed: int, root: Fraction) -> list[Candidate]:
    """Candidates with y^root as a sum with whole and half exponents, where what they leave is noise."""
    found = plain_sums(dataset, Basis.of(dataset, options), root, seed)[:PLAIN]
    near = [one for one in found if one.bits <= found[0].bits + NEAR_BITS and explains(one, dataset)]
    # Their exponents are plain already: a long search for a shorter way of writing each is not worth its time.
    quick = options.model_copy(update={"simplify_seconds": 0.0})
    return [c for one in near for c in good_ones([one], dataset, quick, seed)]


def beyond_doubt(candidate: Candidate) -> bool:
    """Whether no other sum need be looked for: this one is exact, or leaves but noise and is as plain as can be."""
    if candidate.exact:
        return candidate.plain
    formula = candidate.formula
    return candidate.noise and not formula.free and formula.complexity <= SHORT


def good_ones(road: Sequence[Sum], dataset: Dataset, options: FitOptions, seed: int) -> list[Candidate]:
    """The candidate with the last sum of the road, if it explains everything and is as short as was asked for.

    Of several terms each may have one free constant: with free exponents too, a sum bends to almost anything.
    """
    candidate = candidate_of(road, dataset, options, seed)
    if candidate is None or not candidate.explains:
        return []
    terms, free = len(road[-1].fitted.factors), candidate.formula.free
    most = most_complex(options)
    long = most is not None and candidate.formula.complexity > most
    return [] if long or (terms > 1 and free > terms) else [candidate]


def candidate_of(tried: Sequence[Sum], dataset: Dataset, options: FitOptions, seed: int) -> Candidate | None:
    """The last sum as a formula, its constants fitted on all rows and made exact; a version without a network.

    The others are its runners-up, as they are. None where it has no value on some row.
    """
    *others, found = tried
    how = columns_of(dataset)
    x, y = dataset.x, dataset.y
    try:
        formula = finish(
            found.expression(), x, y, snapping=options.snap, seconds=options.simplify_seconds, **how
        )
    except FitError:
        return None
    runners = []
    for other in others:
        with np.errstate(all="ignore"):
            nearest = refit(other.expression(), x, y, dataset.weight).expression
            try:
                runners.append(Runner(write(tidied(nearest, x, y, dataset.weight), x, y, **how)))
            except FitError:  # no value on some row
                continue
    shape, terms = shape_of(found, len(dataset.inputs)), len(found.fitted.factors)
    base = without_network(
        "powers", dataset, seed, {"root": str(found.root), "terms": terms}, {"width": str(shape)}
    )
    return Candidate(
        formula,
        quality_of(formula, dataset),
        "sum" if terms > 1 else "product",
        shape,
        base,
        others=tuple(runners),
        edges=tuple(edge_rows(found.edges(x), y - found.values(x), dataset.weight)),
        remarks=(f"fitted without splines, as {described(found, dataset.target)}",),
        effort="first",
    )


def described(found: Sum, target: str) -> str:
    """`y^2 = a sum of 2 products of powers`."""
    terms = len(found.fitted.factors)
    whole = f"a sum of {terms} products of powers" if terms > 1 else "a product of powers"
    return whole if found.root == 1 else f"{target}^{found.root} = {whole}"


def shape_of(found: Sum, inputs: int) -> Shape:
    """The network that it is, with a power on every edge."""
    tail = "1" if found.root == 1 else "1,1"
    return Shape(f"{inputs},{len(found.fitted.factors)}p,{tail}")


def roots(dataset: Dataset, *, noisy: bool = False) -> Sequence[Fraction]:
    """The powers of the target that may be a sum: only itself where more than noise makes it negative."""
    several = NOISY_ROOTS if noisy else ROOTS
    return several if float(np.mean(dataset.y > 0)) >= MOSTLY else several[:1]
