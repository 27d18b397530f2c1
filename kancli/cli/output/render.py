"""Results as text and as JSON values: everything a command prints, made without printing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kancli.cli.output.figures import duration, figure, near_one, short
from kancli.visible import one_line

if TYPE_CHECKING:
    from kancli.checkpoint import Checkpoint, Version
    from kancli.stages.pipeline import Finished

Rows = Sequence[Sequence[str]]

EDGE_COLUMNS = ("layer", "from", "to", "function", "r2", "a", "b", "c", "d", "runner-up", "runner-up r2")
SHORT_EDGE_COLUMNS = ("edge", "function", "r2", "a", "b", "c", "d", "runner-up", "its r2")
PARAMETER_COLUMNS = ("constant", "value", "standard error", "exact")
INTERVAL_COLUMNS = ("constant", "value", "standard error", "low", "high", "exact")
FORM_COLUMNS = ("chosen", "form", "r2", "r2 press", "aicc", "bits", "constants")
FRONT_COLUMNS = ("number", "chosen", "complexity", "r2", "formula")
LOG_COLUMNS = ("version", "stage", "parent", "edges", "r2", "held out", "rmse", "seconds")

FORMULA_KEYS = (
    "formula", "target", "latex", "r2", "r2_validation", "rmse", "reduced_chi2", "complexity", "front",
    "edges", "constants", "parameters", "splines_left", "symbols", "unsnapped", "remarks", "verdict", "errors",
    "outliers", "forms", "uncertainty", "groups", "test", "folds",
)  # fmt: skip
# Of what is known of groups, what a document has.
GROUP_KEYS = ("by", "constants", "shared")


def formula_line(metadata: Mapping[str, Any]) -> str:
    """`y = exp(x2**2 + sin(pi*x1))`, in the table's column names."""
    return one_line(f"{metadata['target']} = {metadata['formula']}")


def edge_rows(metadata: Mapping[str, Any]) -> Rows:
    """The edge table: one row per edge, numbers in full."""
    return [_edge_row(edge) for edge in metadata.get("edges", ())]


def _edge_row(edge: Mapping[str, Any]) -> list[str]:
    runner_up = edge.get("next") or {}
    return [
        *(str(edge[key]) for key in ("layer", "source", "target")),
        str(edge["function"]),
        *(figure(edge.get(key)) for key in ("r2", "a", "b", "c", "d")),
        str(runner_up.get("function", "-")),
        figure(runner_up.get("r2")),
    ]


def short_edge_rows(metadata: Mapping[str, Any]) -> Rows:
    """The edge table for a terminal: the edge as --fix takes it, numbers rounded."""
    rows = []
    for edge in metadata.get("edges", ()):
        runner_up = edge.get("next") or {}
        rows.append(
            [
                f"{edge['layer']},{edge['source']},{edge['target']}",
                str(edge["function"]),
                near_one(edge.get("r2")),
                *(short(edge.get(key)) for key in ("a", "b", "c", "d")),
                str(runner_up.get("function", "-")),
                near_one(runner_up.get("r2")),
            ]
        )
    return rows


def tsv(columns: Sequence[str], rows: Rows) -> str:
    """Header and rows, tab-separated."""
    return "".join("\t".join(map(one_line, row)) + "\n" for row in (columns, *rows))


def aligned(rows: Iterable[tuple[str, str]], indent: str = "  ") -> str:
    """Names and values in two columns."""
    pairs = [(one_line(name), one_line(value)) for name, value in rows]
    width = max((len(name) for name, _ in pairs), default=0)
    return "\n".join(f"{indent}{name:<{width}}  {value}" for name, value in pairs)


def finished_line(finished: Finished) -> str:
    """`train: r² 0.99998 (held out 0.99997) in 1.2 s`."""
    checkpoint = finished.checkpoint
    quality = quality_text(checkpoint.metadata)
    return f"{checkpoint.stage}: {quality}{' ' if quality else ''}in {duration(finished.seconds)}"


def kept_line(checkpoint: Checkpoint) -> str:
    """`train: r² 0.99998 (held out 0.99997)`, of a version that a search has found."""
    return f"{checkpoint.stage}: {quality_text(checkpoint.metadata)}"


def options_line(stage: str, options: Mapping[str, Any]) -> str:
    """`prune: by=refit threshold=0.01 …`, what -v shows of a stage before it starts."""
    return f"{stage}: {' '.join(f'{name}={value}' for name, value in options.items() if value is not None)}"


def quality(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """r2, r2_validation, rmse of the formula, or of the network where there is no formula yet."""
    return metadata if metadata.get("formula") is not None else metadata.get("metrics") or {}


def quality_text(metadata: Mapping[str, Any]) -> str:
    """r², and in brackets that on the held-out rows."""
    metrics = quality(metadata)
    r2, held_out = metrics.get("r2"), metrics.get("r2_validation")
    if r2 is None:
        return ""
    return f"r² {near_one(r2)}" + (f" (held out {near_one(held_out)})" if held_out is not None else "")


def influence_text(metadata: Mapping[str, Any]) -> str:
    """The inputs by influence, the strongest first."""
    entries = sorted(metadata.get("influence") or (), key=lambda entry: -entry["influence"])
    if not entries:
        return ""
    rows = [(entry["input"], f"{entry['influence']:.3f}") for entry in entries]
    return f"influence on {metadata['target']}:\n{aligned(rows)}"


def stage_document(finished: Finished) -> dict[str, Any]:
    """`--json` of train, prune and refine."""
    checkpoint = finished.checkpoint
    metadata = checkpoint.metadata
    return {
        "kan": 1,
        "stage": checkpoint.stage,
        "checkpoint": str(checkpoint.path),
        "number": checkpoint.number,
        "parent": checkpoint.parent.number if checkpoint.parent else None,
        "inputs": metadata.get("inputs"),
        "target": metadata.get("target"),
        "metrics": metadata.get("metrics"),
        "influence": metadata.get("influence"),
        "options": metadata.get("options"),
        "seed": metadata.get("seed"),
        "seconds": round(finished.seconds, 3),
    }


def formula_document(checkpoint: Checkpoint, seconds: float) -> dict[str, Any]:
    """`--json` of symbolify and run."""
    facts = {key: checkpoint.metadata.get(key) for key in FORMULA_KEYS}
    # The edges of the formulas that were not chosen are left to `kan show`.
    front = [{k: v for k, v in entry.items() if k != "edges"} for entry in facts["front"] or ()]
    groups = facts["groups"]
    return {
        "kan": 1,
        **facts,
        "front": front,
        "groups": groups and {key: groups[key] for key in GROUP_KEYS},
        "checkpoint": str(checkpoint.path),
        "seed": checkpoint.metadata.get("seed"),
        "seconds": round(seconds, 3),
    }


def show_document(version: Version) -> dict[str, Any]:
    """`--json` of show: everything but the tensors."""
    return {
        "kan": 1,
        "checkpoint": str(version.path),
        "number": version.number,
        "stage": version.stage,
        "parent": vars(version.parent) if version.parent else None,
        "sha256": version.sha256,
        **version.metadata,
    }


def show_rows(version: Version) -> list[tuple[str, str]]:
    """The report of one version, without its formula and edges."""
    from kancli.stages.judging.told import lines

    metadata = version.metadata
    data, metrics = metadata.get("data") or {}, quality(metadata)
    rows = [("version", f"{version.number} ({version.stage})"), ("file", str(version.path))]
    if version.parent:
        rows.append(("made from", f"{version.parent.number} ({version.parent.file})"))
    if data:
        held_out = f", {data['held_out']} held out" if data.get("held_out") else ""
        rows.append(("data", f"{data['source']} ({data['rows']} rows{held_out})"))
    rows.append(("columns", f"{', '.join(metadata.get('inputs', ()))} → {metadata.get('target')}"))
    if (network := network_text(metadata)) is not None:
        rows.append(("network", network))
    names = {"r2": "r²", "r2_validation": "r² held out", "rmse": "rmse", "rmse_validation": "rmse held out"}
    for key, name in names.items():
        if metrics.get(key) is not None:
            rows.append((name, near_one(metrics[key]) if key.startswith("r2") else f"{metrics[key]:.6g}"))
    if metadata.get("reduced_chi2") is not None:
        rows.append(("χ² per degree of freedom", f"{metadata['reduced_chi2']:.3g}"))
    if metadata.get("complexity") is not None:
        rows.append(("complexity", str(metadata["complexity"])))
    if metadata.get("unsnapped") and metadata["unsnapped"] != metadata.get("formula"):
        rows.append(("unsnapped", f"{metadata['target']} = {metadata['unsnapped']}"))
    rows += lines(metadata)
    rows.append(("seed", str(metadata.get("seed"))))
    return rows


def front_rows(metadata: Mapping[str, Any]) -> Rows:
    """The front of formulas by complexity and error, numbered as in last#2, the chosen one marked with a star."""
    return [
        [
            str(number),
            "*" if entry["chosen"] else "",
            str(entry["complexity"]),
            figure(entry["r2"]),
            str(entry["formula"]),
        ]
        for number, entry in enumerate(metadata.get("front") or (), 1)
    ]


def parameter_rows(metadata: Mapping[str, Any]) -> Rows:
    """The named constants of a given form; no standard error where the value is exact."""
    return [
        [entry["name"], figure(entry["value"]), figure(entry["standard_error"]), entry["exact"] or "-"]
        for entry in metadata["parameters"]
    ]


def interval_rows(entries: Sequence[Mapping[str, Any]], shown: Callable[[Any], str]) -> Rows:
    """Constants with the ends of their intervals, - for an end that there is not; `shown` writes a number."""
    rows = []
    for number, entry in enumerate(entries, start=1):
        ends = entry.get("interval") or (None, None)
        values = (entry["value"], entry["standard_error"], *ends)
        exact = entry.get("exact") or entry.get("snapped") or "-"
        rows.append([entry.get("name") or f"c{number}", *map(shown, values), exact])
    return rows


def short_parameter_rows(metadata: Mapping[str, Any]) -> Rows:
    """The same for a terminal."""
    return [
        [entry["name"], short(entry["value"]), short(entry["standard_error"]), entry["exact"] or "-"]
        for entry in metadata["parameters"]
    ]


def short_front_rows(metadata: Mapping[str, Any]) -> Rows:
    """The same for a terminal."""
    return [
        [*row[:3], near_one(entry["r2"]), row[4]]
        for row, entry in zip(front_rows(metadata), metadata.get("front") or (), strict=True)
    ]


def edge_count(metadata: Mapping[str, Any]) -> int | None:
    """How many edges a version's network or formula has."""
    if metadata.get("edges") is not None:
        return len(metadata["edges"])
    layers = (metadata.get("architecture") or {}).get("edges")
    return None if layers is None else sum(len(layer) for layer in layers)


def network_text(metadata: Mapping[str, Any]) -> str | None:
    """`2,5,1 with 3 edges, grid 20, order 3`; None where the version holds no network."""
    shape = metadata.get("architecture")
    if not shape:
        return None
    count = edge_count({"architecture": shape})
    products = [len(nodes) for nodes in shape["products"]]
    width = ",".join(
        f"{nodes - p}+{p}p" if p and nodes > p else f"{p}p" if p else str(nodes)
        for nodes, p in zip(shape["width"], products, strict=True)
    )
    grids = ",".join(map(str, dict.fromkeys(shape["grid"])))
    return f"{width} with {count} edge{'' if count == 1 else 's'}, grid {grids}, order {shape['order']}"


def log_rows(versions: Sequence[Version], seconds: Mapping[int, float | None]) -> Rows:
    """One row per version: number, stage, the number it was made from, and how good it is."""
    rows = []
    for version in versions:
        metrics = quality(version.metadata)
        figures = (figure(metrics.get(key)) for key in ("r2", "r2_validation", "rmse"))
        rows.append([*_log_head(version), *figures, figure(seconds.get(version.number))])
    return rows


def short_log_rows(versions: Sequence[Version], seconds: Mapping[int, float | None]) -> Rows:
    """The same for a terminal."""
    rows = []
    for version in versions:
        metrics = quality(version.metadata)
        nearness = (near_one(metrics.get(key)) for key in ("r2", "r2_validation"))
        took = seconds.get(version.number)
        rows.append(
            [
                *_log_head(version),
                *nearness,
                short(metrics.get("rmse")),
                "-" if took is None else f"{took:.1f}",
            ]
        )
    return rows


def _log_head(version: Version) -> list[str]:
    parent = str(version.parent.number) if version.parent else "-"
    return [str(version.number), version.stage, parent, figure(edge_count(version.metadata))]


def form_rows(metadata: Mapping[str, Any]) -> Rows:
    """Given forms beside each other: figures, and constants ± standard errors."""
    return [
        [
            "*" if entry["chosen"] else "",
            entry["form"],
            near_one(entry["r2"]),
            near_one(entry["r2_press"]),
            *("-" if entry[key] is None else f"{entry[key]:.1f}" for key in ("aicc", "bits")),
            " ".join(
                f"{c['name']}={short(c['value'])}±{short(c['standard_error'])}" for c in entry["constants"]
            ),
        ]
        for entry in metadata.get("forms", ())
    ]
