"""A formula in memory: its text, its predictions, and how to save it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kancli.checkpoint import Checkpoint, resolve
from kancli.checkpoint import load as load_checkpoint
from kancli.dataset import Dataset, frame_of, rows_of
from kancli.door.display import Picture, html, picture
from kancli.door.saving import Origin, save_file, save_run
from kancli.errors import UsageError
from kancli.stages.results.predict import by_formula, by_network, has_formula
from kancli.symbolic.expression import constants
from kancli.symbolic.expression.names import safe_names
from kancli.symbolic.text.latex import latex_name
from kancli.symbolic.text.parser import parse


@dataclass(frozen=True)
class Member:
    """A formula of the front: none that is shorter has as small an error."""

    formula: str
    complexity: int
    r2: float | None
    r2_validation: float | None
    rmse: float | None
    chosen: bool


@dataclass(frozen=True, eq=False, repr=False)
class Fitted:
    """What `fit` finds and `load` reads: a version of a run, its formula in the names of `symbols`.

    `columns` are the inputs as they were given, in their order; `remarks` are single lines that a user should
    know about table and formula; `origin` is None for a loaded version.
    """

    checkpoint: Checkpoint
    columns: tuple[str, ...]
    remarks: tuple[str, ...]
    origin: Origin | None = None

    @property
    def formula(self) -> str | None:
        """The right-hand side in sympy's syntax; None where the version is a network of splines only."""
        return self._text("formula")

    @property
    def target(self) -> str:
        """The column that the formula is for."""
        return str(self.checkpoint.metadata["target"])

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns that the formula may use: those given without the constant ones."""
        return tuple(self.checkpoint.metadata["inputs"])

    @property
    def symbols(self) -> Mapping[str, str]:
        """Name in the formula → column, for columns whose name cannot stand in a formula."""
        return dict(self._fact("symbols") or {})

    @property
    def latex(self) -> str | None:
        """The right-hand side as LaTeX."""
        return self._text("latex")

    @property
    def r2(self) -> float | None:
        """1 − SS_res/SS_tot of the rows that were fitted."""
        return self._measure("r2")

    @property
    def r2_validation(self) -> float | None:
        """The same on the held-out rows; None if there were none."""
        return self._measure("r2_validation")

    @property
    def rmse(self) -> float | None:
        """Root mean squared error over all rows, in the target's units."""
        return self._measure("rmse")

    @property
    def complexity(self) -> int | None:
        """Nodes of the formula's tree: x + 1 has three."""
        found = self._fact("complexity")
        return None if found is None else int(found)

    @property
    def front(self) -> tuple[Member, ...]:
        """The formulas that fit better than every shorter one, shortest first."""
        names = Member.__dataclass_fields__
        return tuple(
            Member(**{name: entry.get(name) for name in names}) for entry in self._fact("front") or ()
        )

    @property
    def constants(self) -> tuple[Mapping[str, Any], ...]:
        """The formula's constants: value, standard_error and the exact value they were `snapped` to, or None."""
        return tuple(self._fact("constants") or ())

    @property
    def verdict(self) -> Mapping[str, Any] | None:
        """Whether the formula is to be believed: `kind`, `confidence`, `why`, `rivals`; None for a network."""
        found = self._fact("verdict")
        return None if found is None else dict(found)

    @property
    def errors(self) -> Mapping[str, Any] | None:
        """The errors of the target about the formula: `model`, `loss` and `scale`; None for a network."""
        found = self._fact("errors")
        return None if found is None else dict(found)

    @property
    def outliers(self) -> tuple[Mapping[str, Any], ...]:
        """Suspicious rows, the farthest first: `row` counted from 1, `line` in a file, `residual` in σ."""
        return tuple(self._fact("outliers") or ())

    def predict(self, table: Any) -> NDArray[np.float64]:
        """The target (rows,) for a data frame or mapping that has the inputs by name, or an array (rows, columns)
        in the order of `columns` or of `inputs`.

        By the formula if it is complete, else by the network; nan where the formula has no value. Raises
        DataError for anything but such a table of finite numbers.
        """
        x = rows_of(table, self.columns, self.inputs)
        facts = self.checkpoint.metadata
        return (by_formula(facts) if has_formula(facts) else by_network(self.checkpoint))(x)

    def export(self, format: str = "text", *, with_test: bool = False) -> str:
        """The formula as source text, as `kan export` writes it. Raises UsageError where that is not possible."""
        from kancli.export import export

        return export(self.checkpoint.metadata, format, with_test=with_test)

    @property
    def parameters(self) -> Mapping[str, float]:
        """The fitted constants of a form given with `like`, by the names that it has for them."""
        return {str(entry["name"]): float(entry["value"]) for entry in self._fact("parameters") or ()}

    @property
    def table(self) -> Any:
        """The front as a pandas data frame: formula, complexity, r2, r2_validation, rmse, chosen."""
        return frame_of(
            {name: [getattr(m, name) for m in self.front] for name in Member.__dataclass_fields__}
        )

    def sympy(self) -> Any:
        """The right-hand side as a sympy expression in the symbols of `symbols`. Raises UsageError for a network."""
        import sympy

        from kancli.symbolic.text.sympy import to_sympy

        if self.formula is None or not has_formula(self.checkpoint.metadata):
            raise UsageError("this version has no formula", "stages prune, refine and symbolify lead to one")
        names = safe_names(self.inputs)
        expression = parse(self.formula, names)
        # The decimals that are printed, not the binary fraction next to them.
        free = [sympy.Float(repr(constant.value)) for constant in constants(expression)]
        return to_sympy(expression, [sympy.Symbol(name) for name in names], free)

    def plot(self, kind: str = "fit", *, width: float = 640.0) -> Picture:
        """A picture that a notebook shows: data and law (`fit`), `network`, `edges`, `loss`, `parity`, `residuals`,
        `front`. Raises UsageError for another kind, or for rows that a loaded version does not hold."""
        return picture(self.checkpoint, self._rows, kind, width)

    def save(self, path: str | Path) -> Fitted:
        """Save it: `law.kan` is one file with this version alone, any other name a run directory with every
        version on the way and a copy of the data. Returns what `load` would.

        Raises CheckpointError or UsageError where it cannot be written.
        """
        path = Path(path)
        if path.suffix == ".kan":
            return of_checkpoint(save_file(self.checkpoint, self.origin, path))
        if self.origin is None:
            path.mkdir(parents=True, exist_ok=True)
            return of_checkpoint(save_file(self.checkpoint, None, path / f"0001-{self.checkpoint.stage}.kan"))
        return of_checkpoint(save_run(self.origin, path))

    def __str__(self) -> str:
        return f"{self.target} = {self.formula or '(a network of splines)'}"

    def __repr__(self) -> str:
        r2 = "" if self.r2 is None else f", r2={self.r2:.6g}"
        return f"<kancli.Fitted {self}{r2}>"

    def _repr_latex_(self) -> str | None:
        """The equation, where a notebook shows no HTML."""
        return None if self.latex is None else f"$\\displaystyle {self.target_latex} = {self.latex}$"

    def _repr_html_(self) -> str:
        """The display in notebooks: the equation, its verdict, r², constants with errors, data and law."""
        return html(self.checkpoint, self._rows)

    @property
    def target_latex(self) -> str:
        """The target's name as LaTeX."""
        return latex_name(self.target)

    @property
    def _rows(self) -> Dataset | None:
        return None if self.origin is None else self.origin.dataset

    def _fact(self, name: str) -> Any:
        return self.checkpoint.metadata.get(name)

    def _text(self, name: str) -> str | None:
        found = self._fact(name)
        return None if found is None else str(found)

    def _measure(self, name: str) -> float | None:
        facts = self.checkpoint.metadata
        found = (
            facts.get(name) if facts.get("formula") is not None else (facts.get("metrics") or {}).get(name)
        )
        return None if found is None else float(found)


def load(run: str | Path = "last") -> Fitted:
    """A saved version: a run directory, `DIR@prune`, `DIR@3`, a .kan file, a name in `runs`, or `last`.

    Raises CheckpointError if there is none, or it is damaged.
    """
    return of_checkpoint(load_checkpoint(resolve(str(run))))


def of_checkpoint(checkpoint: Checkpoint) -> Fitted:
    """A saved or loaded version as a `Fitted`."""
    facts = checkpoint.metadata
    given = ((facts.get("data") or {}).get("options") or {}).get("inputs")
    columns = given or [*facts["inputs"], *(facts.get("constant") or {})]
    return Fitted(checkpoint, tuple(columns), tuple(facts.get("remarks", ())))
