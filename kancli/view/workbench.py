"""The actions of a person on a network: each makes the next version of the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kancli.checkpoint import Checkpoint
from kancli.dataset import Dataset
from kancli.errors import KanError, UsageError
from kancli.recipe import StageName, resolve
from kancli.report.scene import Scene, Style
from kancli.report.svg import svg
from kancli.stages.judging.told import lines
from kancli.stages.pipeline import run_stages, stage_function
from kancli.stages.progress import silent
from kancli.stages.results.drawing import scene
from kancli.stages.results.picture import lineage
from kancli.stages.results.suggest import Suggestions, suggest
from kancli.symbolic.expression.program import evaluate
from kancli.symbolic.text.parser import parse

WIDE, CURVE = Style(width=620), Style(width=300)
# Functions shown for an edge; each has its curve over the values of the spline.
TOP = 8


@dataclass
class Workbench:
    """One version at a time with its rows, and what the person has fixed; `place`: what a version keeps of the rows.

    Raises CheckpointError where the version holds no network.
    """

    version: Checkpoint
    dataset: Dataset
    place: Mapping[str, Any]
    jobs: int = 1
    fixed: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        options = self.version.metadata.get("options") or {}
        self.fixed = dict(options.get("fix") or {})

    def state(self) -> dict[str, Any]:
        """All that the page shows."""
        facts = self.version.metadata
        formula, numbers = facts.get("formula"), facts.get("metrics") or {}
        quality = facts if formula is not None else numbers
        return {
            "target": facts["target"],
            "formula": formula,
            "mathml": self.equation(),
            "r2": quality.get("r2"),
            "r2_validation": quality.get("r2_validation"),
            "rmse": quality.get("rmse"),
            "said": [list(pair) for pair in lines(facts)] if formula is not None else [],
            "network": self.drawn("network"),
            "fit": self.drawn("fit"),
            "residuals": self.drawn("residuals"),
            "edges": [self.edge(name) for name in self.names()],
            "fixed": dict(self.fixed),
            "grid": min(facts["architecture"]["grid"]),
            "versions": [{"number": v.number, "stage": v.stage} for v in lineage(self.version)],
            "version": self.version.number,
            "stage": self.version.stage,
        }

    def names(self) -> list[str]:
        """The edges of the network as layer,from,to."""
        layers = self.version.metadata["architecture"]["edges"]
        return [f"{layer},{s},{t}" for layer, pairs in enumerate(layers) for s, t in pairs]

    def edge(self, name: str) -> dict[str, Any]:
        """The function and r² of an edge, None while it is a spline."""
        for entry in self.version.metadata.get("edges") or ():
            if f"{entry['layer']},{entry['source']},{entry['target']}" == name:
                return {"edge": name, "function": entry["function"], "r2": entry["r2"]}
        return {"edge": name, "function": None, "r2": None}

    def equation(self) -> str | None:
        """The formula as MathML; None where splines are left."""
        from kancli.export import export

        try:
            return export(self.version.metadata, "mathml")
        except KanError:
            return None

    def drawn(self, kind: str) -> str | None:
        """A picture as SVG; None where there is nothing to draw."""
        try:
            return svg(scene(self.version, self.dataset, kind, WIDE, caption=False), inline=True)
        except KanError:
            return None

    def candidates(self, edge: str) -> dict[str, Any]:
        """The functions that could replace an edge, best first, each with r² and curve. Raises UsageError."""
        self.must_have(edge)
        options = self.recipe({}).symbolify
        found = suggest(self.version, self.dataset, edge, options, top=TOP)
        return {
            "edge": edge,
            "variable": found.variable,
            "known_r2": found.known,
            "candidates": [
                {
                    "function": c.function,
                    "r2": c.r2,
                    "complexity": c.complexity,
                    "text": c.text,
                    "curve": curve(found, i),
                }
                for i, c in enumerate(found.candidates)
            ],
        }

    def fix(self, edge: str, function: str) -> dict[str, Any]:
        """Fix the function of an edge and read the formula. Raises UsageError, FitError."""
        self.must_have(edge)
        before = dict(self.fixed)
        self.fixed[edge] = function
        try:
            return self.stage("symbolify", {("symbolify", "fix"): dict(self.fixed)})
        except KanError:
            self.fixed = before
            raise

    def free(self, edge: str) -> dict[str, Any]:
        """Let the search choose the function of an edge again."""
        self.fixed.pop(edge, None)
        return self.read()

    def read(self) -> dict[str, Any]:
        """Read the formula with what is fixed."""
        return self.stage("symbolify", {("symbolify", "fix"): dict(self.fixed)})

    def remove(self, edge: str) -> dict[str, Any]:
        """Remove an edge and fit the rest again. Raises UsageError where nothing would reach the output."""
        self.must_have(edge)
        done = self.stage("prune", {("prune", "remove"): [edge]})
        self.fixed = {name: function for name, function in self.fixed.items() if name in self.names()}
        return done

    def refit(self, grid: int) -> dict[str, Any]:
        """Fit on a finer grid."""
        return self.stage("refine", {("refine", "grid"): [grid]})

    def back(self, number: int) -> dict[str, Any]:
        """Go on from an earlier version of the lineage. Raises UsageError where it is none of it."""
        from kancli.checkpoint import load

        for version in lineage(self.version):
            if version.number == number:
                self.version = load(version.path)
                self.__post_init__()
                return self.state()
        raise UsageError(f"version {number} is none that led to version {self.version.number}")

    def stage(self, name: StageName, flags: Mapping[tuple[str | int, ...], Any]) -> dict[str, Any]:
        """Run one stage on the version; the new version is saved and takes its place."""
        path = self.version.path
        assert path is not None
        how: dict[str, Any] = {
            "jobs": self.jobs,
            "report": silent,
            "parent": self.version,
            "find": stage_function,
        }
        place = path.parent, self.place
        (finished,) = run_stages(
            self.recipe(flags), self.dataset, stages=[name], open_run=lambda: place, **how
        )
        self.version = finished.checkpoint
        return self.state()

    def recipe(self, flags: Mapping[tuple[str | int, ...], Any]) -> Any:
        """The recipe of the version with other options of one stage."""
        before = dict(self.version.metadata.get("recipe", {}))
        base = {key: before[key] for key in ("seed", "data", "train") if key in before}
        return resolve(
            None, dict(flags), base=base, names={loc: f"--{loc[-1]}" for loc in flags}, train=False
        )

    def must_have(self, edge: str) -> None:
        """Raises UsageError for an edge that is not in the network."""
        if edge not in self.names():
            raise UsageError(f"edge {edge} is not in the network", f"its edges are {' '.join(self.names())}")


def curve(found: Suggestions, position: int) -> str:
    """The spline's values and a candidate over them, as SVG."""
    from kancli.report.axes import Frame, axis_of
    from kancli.report.scene import Dots, Polyline

    one = found.candidates[position]
    x, y = found.x, found.y
    fitted = evaluate(parse(one.text, (found.variable,)), x[:, None])
    up = axis_of(y, margin=0.1)
    frame = Frame(46, 8, CURVE.width - 60, 110, axis_of(x, found.variable), up, CURVE)
    every = max(1, len(x) // 200)
    shapes = (
        *frame.shapes(),
        Dots(frame.line(x[::every], y[::every]), "points", 1.6, 0.5),
        Polyline(frame.line(x[::every], fitted[::every]), "fit", 1.8),
    )
    return svg(Scene(CURVE.width, 156, f"{one.function} over the spline", shapes), inline=True)
