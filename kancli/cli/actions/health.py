"""What doctor checks: packages, the machine, and one small fit from a table to its formula."""

from __future__ import annotations

import locale
import os
import platform
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from time import perf_counter
from typing import Literal

from kancli.errors import KanError

State = Literal["ok", "absent", "missing", "failed"]
# These extras are for people who work on kancli.
FOR_DEVELOPERS = frozenset({"test", "dev", "benchmark"})
# The law of the self-test and the width of a network that can represent it.
LAW, WIDTH = "pendulum", "2,1,1"


@dataclass(frozen=True)
class Finding:
    """One thing checked. `absent` is an extra that is not installed, `missing` a package that must be there."""

    what: str
    state: State
    detail: str


def machine() -> list[Finding]:
    """Python, the system, its cores and text encoding."""
    from kancli import __version__
    from kancli.threads import cores

    return [
        Finding("kancli", "ok", __version__),
        Finding("python", "ok", f"{platform.python_version()} ({sys.executable})"),
        Finding("system", "ok", platform.platform()),
        Finding("cores", "ok", f"{cores()} of {os.cpu_count()} may be used"),
        Finding(
            "encoding",
            "ok",
            f"{sys.stdout.encoding} on standard output, {locale.getpreferredencoding(False)} files",
        ),
    ]


def packages() -> Iterator[Finding]:
    """The packages that kancli needs, with their versions."""
    for name, extra in requirements():
        if extra is None:
            found = version(name)
            yield Finding(name, "missing" if found is None else "ok", found or f"pip install {name}")


def extras() -> Iterator[Finding]:
    """The optional parts: which are installed, and what the others lack."""
    by_extra: dict[str, list[str]] = {}
    for name, extra in requirements():
        if extra is not None and extra not in FOR_DEVELOPERS and name != "kancli":
            by_extra.setdefault(extra, []).append(name)
    for extra, names in by_extra.items():
        lacking = [name for name in names if version(name) is None]
        if lacking:
            detail = f"without {', '.join(lacking)}: pip install 'kancli[{extra}]'"
        else:
            detail = ", ".join(f"{name} {version(name)}" for name in names)
        yield Finding(f"extra {extra}", "absent" if lacking else "ok", detail)


def requirements() -> list[tuple[str, str | None]]:
    """(package, its extra or None) as declared by the installed kancli."""
    try:
        declared = metadata.requires("kancli") or []
    except metadata.PackageNotFoundError:  # run from a folder of sources
        declared = []
    found = []
    for line in declared:
        name = re.match(r"[\w.-]+", line)
        extra = re.search(r"""extra\s*==\s*['"]([\w.-]+)['"]""", line)
        if name:
            found.append((name.group(), extra.group(1) if extra else None))
    return found


def version(name: str) -> str | None:
    """The installed version of a package, None where it is not there."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def threads() -> Finding:
    """How many threads torch uses: more than one slows small fits down on a busy machine."""
    try:
        import torch
    except Exception as error:  # a broken installation fails in many ways
        return Finding("torch threads", "missing", one_line(error))
    return Finding("torch threads", "ok", f"{torch.get_num_threads()}; --threads sets them")


def self_test() -> Finding:
    """A known law, from a table through every stage to a formula that is kept, read again and compared."""
    began = perf_counter()
    try:
        with tempfile.TemporaryDirectory(prefix="kan-doctor-") as folder:
            formula = fit_known_law(Path(folder))
    except KanError as error:
        return Finding("self-test", "failed", error.message)
    except Exception as error:  # whatever is broken, the report must show it and continue
        return Finding("self-test", "failed", f"{type(error).__name__}: {one_line(error)}")
    return Finding("self-test", "ok", f"{formula} in {perf_counter() - began:.1f} s")


def fit_known_law(folder: Path) -> str:
    """Run the four stages in a folder and return the equation. Raises FitError where it is not the law."""
    import numpy as np

    from kancli.checkpoint import load, new_run
    from kancli.dataset import read_dataset
    from kancli.errors import FitError
    from kancli.examples import law, sample
    from kancli.recipe import STAGES, resolve
    from kancli.stages.pipeline import run_stages
    from kancli.stages.progress import silent
    from kancli.stages.results.predict import by_formula
    from kancli.stages.source import describe

    known = law(LAW)
    x, y = sample(known, 200)
    table = folder / "data.csv"
    columns = [*known.inputs, known.target]
    np.savetxt(
        table, np.column_stack([x, y]), delimiter=",", header=",".join(columns), comments="", fmt="%.17g"
    )
    recipe = resolve(
        None, {("data", "path"): str(table), ("train", "width"): WIDTH, ("train", "restarts"): 4}
    )
    dataset = read_dataset(str(table), seed=recipe.seed)
    run = new_run(folder, str(table))
    place = (run, describe(dataset, recipe.data, recipe.seed, run))
    *_, last = run_stages(recipe, dataset, stages=STAGES, open_run=lambda: place, jobs=1, report=silent)
    assert last.checkpoint.path is not None
    kept = load(last.checkpoint.path).metadata
    error = float(np.max(np.abs(by_formula(kept)(x) - y)) / y.std())
    if not error < 1e-9:
        raise FitError(f"found {kept['target']} = {kept['formula']}, which is not {known.formula}")
    return f"{kept['target']} = {kept['formula']}"


def one_line(error: object) -> str:
    """An exception's text without its line breaks."""
    return " ".join(str(error).split())
