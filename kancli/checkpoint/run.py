"""Runs: a folder of numbered checkpoints with run.json and metrics.jsonl beside them."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from kancli.checkpoint import atomic
from kancli.checkpoint.file import Header, encode, read_header
from kancli.checkpoint.value import JSON, Checkpoint, Parent, canonical, plain
from kancli.errors import CheckpointError, UsageError
from kancli.reading import read_file
from kancli.writing import replacing

SUFFIX = ".kan"
_INFO = "run.json"
_METRICS = "metrics.jsonl"
# Bytes of each of the two; a version takes some hundred, its history some thousand.
_LARGEST = 1 << 26
# Bytes that the smallest version takes; a full disk has no room for them.
_BLOCK = 1 << 12
OTHER_PLACE = "--run names another directory"


@dataclass(frozen=True)
class Version:
    """One checkpoint of a run, from its header; `damage` is the reason why there is no header."""

    number: int
    stage: str
    path: Path
    parent: Parent | None
    metadata: Mapping[str, JSON]
    sha256: str | None
    damage: str | None = None


@dataclass(frozen=True)
class Run:
    """One run directory: the contents of run.json, the number of versions, and the newest (None: none yet)."""

    path: Path
    info: Mapping[str, JSON]
    count: int
    newest: Version | None


def new_run(
    root: Path,
    data_source: str,
    *,
    directory: Path | None = None,
    command: Sequence[str] = (),
) -> Path:
    """Make a run directory: `root/<data>-NNN`, the next free number, or exactly `directory`.

    An existing `directory` is continued: its versions stay and are counted on.
    """
    if directory is not None:
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise UsageError(f"{directory}: exists and is not a directory") from None
        except OSError as error:
            raise UsageError(f"{directory}: cannot be made: {_reason(error)}") from None
        path = directory
    else:
        path = _numbered_folder(root, _stem(data_source))
    info = {
        "created": _now(),
        **read_run_info(path),
        "data": data_source,
        "command": list(command),
        "versions": _listing(path),
    }
    try:
        _write_info(path, info)
    except OSError as error:
        raise UsageError(f"{path / _INFO}: cannot be written: {_reason(error)}", OTHER_PLACE) from None
    return path


def require_place(root: Path, directory: Path | None = None, *, hint: str | None = OTHER_PLACE) -> None:
    """Raise UsageError where `new_run` and `save` would find no room: better told before a long fit than after it."""
    place = root if directory is None else directory
    try:
        where = place if place.is_absolute() else Path.cwd() / place  # which may be gone
        while not where.exists():
            where = where.parent
        with tempfile.TemporaryFile(dir=where) as file:
            file.write(bytes(_BLOCK))
    except OSError as error:
        raise UsageError(f"{place}: no version can be kept there: {_reason(error)}", hint) from None


def save(
    checkpoint: Checkpoint,
    run: Path,
    parent: Checkpoint | None,
    *,
    seconds: float | None = None,
    history: Sequence[tuple[int, float]] = (),
) -> Checkpoint:
    """Write the next version of a run and return it as `load` would, with the tensors given.

    The file is complete or absent after a crash and never overwrites another; two processes get two
    numbers. `seconds`, the time that the stage took, goes to metrics.jsonl: nothing in the .kan file
    depends on the clock. So does `history`, (step, loss) on the way. What only describes the version, there
    and in run.json, is left out where it cannot be written. Raises CheckpointError where the version cannot.
    """
    run = Path(run)
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", checkpoint.stage):
        raise ValueError(f"{checkpoint.stage!r} cannot be part of a file name")
    lineage = None if parent is None else _as_parent(parent, run)
    header: Header | None = None

    def content(number: int) -> bytes:
        nonlocal header
        encoded, header = encode(checkpoint, number, lineage)
        return encoded

    try:
        run.mkdir(parents=True, exist_ok=True)
        path, number = atomic.create_numbered(run, checkpoint.stage, SUFFIX, content)
    except OSError as error:
        raise CheckpointError(f"{run}: the checkpoint cannot be written: {_reason(error)}") from None
    assert header is not None
    # From here on the version is there: what only describes it is not worth reporting it as lost.
    with suppress(OSError):
        line = {
            "number": number,
            "stage": checkpoint.stage,
            "file": path.name,
            "parent": None if lineage is None else lineage.number,
            "metrics": plain(checkpoint.metadata.get("metrics")),
            "seconds": plain(seconds),
            **({"history": plain(history)} if history else {}),
            "saved": _now(),
        }
        atomic.append_line(run / _METRICS, canonical(line))
    with suppress(OSError):
        # Repeated if another process has saved meanwhile: the last to write lists them all.
        listed: list[str] = []
        while listed != (listed := _listing(run)):
            _write_info(run, {**read_run_info(run), "versions": listed})
    return replace(
        checkpoint,
        metadata=header.metadata,
        path=path,
        number=number,
        parent=lineage,
        sha256=header.sha256,
    )


def write(checkpoint: Checkpoint, path: Path) -> Checkpoint:
    """Write one version as a file of its own, outside any run, over an older one; return it as `load` would.

    Raises CheckpointError where it cannot be written.
    """
    content, header = encode(checkpoint, 1, None)
    try:
        with replacing(path) as file:
            file.write(content)
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be written: {_reason(error)}") from None
    return replace(
        checkpoint, metadata=header.metadata, path=path, number=1, parent=None, sha256=header.sha256
    )


def versions(run: Path) -> tuple[Version, ...]:
    """The versions of a run by number, headers only; a damaged one is listed with its damage."""
    return tuple(_version(number, path) for number, path in _files(run))


def runs(root: Path = Path("runs")) -> tuple[Run, ...]:
    """The runs below `root`, the one with the newest checkpoint last; see `resolve` for what newest means."""
    if not root.is_dir():
        return ()
    found = []
    for path in sorted(root.iterdir()):
        if not path.is_dir():
            continue
        files = _files(path)
        if files or (path / _INFO).is_file():
            newest = _version(*files[-1]) if files else None
            found.append(Run(path=path, info=read_run_info(path), count=len(files), newest=newest))
    return tuple(sorted(found, key=_age))


def read_run_info(run: Path) -> dict[str, JSON]:
    """The contents of run.json: data, command, created, versions. Empty where it is missing or unreadable."""
    try:
        info = json.loads(read_file(run / _INFO, _LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return info if isinstance(info, dict) else {}


def metrics_log(run: Path) -> tuple[Mapping[str, JSON], ...]:
    """The lines of metrics.jsonl: number, stage, file, parent, metrics, seconds, history, saved (UTC)."""
    try:
        text = read_file(run / _METRICS, _LARGEST)
    except OSError:
        return ()
    lines = []
    for line in text.splitlines():
        with suppress(ValueError, RecursionError):  # what a crashed process or a torn write has left
            if isinstance(entry := json.loads(line), dict):
                lines.append(entry)
    return tuple(lines)


def _files(run: Path) -> list[tuple[int, Path]]:
    return atomic.numbered(run, SUFFIX) if run.is_dir() else []


def _version(number: int, path: Path) -> Version:
    try:
        header = read_header(path)
    except CheckpointError as error:
        stage = path.name.removesuffix(SUFFIX).partition("-")[2]
        return Version(number, stage, path, None, {}, None, damage=error.message)
    return Version(number, header.stage, path, header.parent, header.metadata, header.sha256)


def _age(run: Run) -> tuple[int, int, str]:
    if run.newest is None:
        return (0, 0, run.path.name)
    return (1, run.newest.path.stat().st_mtime_ns, run.path.name)


def _as_parent(parent: Checkpoint, run: Path) -> Parent:
    if parent.path is None or parent.number is None or parent.sha256 is None:
        raise ValueError("a parent must have been saved or loaded")
    file = Path(os.path.relpath(parent.path.resolve(), run.resolve())).as_posix()
    return Parent(parent.number, file, parent.sha256)


def _stem(data_source: str) -> str:
    if data_source == "-":
        return "stdin"
    name = re.split(r"[/\\]", data_source.rstrip("/\\"))[-1].lstrip(".").partition(".")[0]
    return re.sub(r"[^\w-]+", "-", name).strip("-") or "data"


def _numbered_folder(root: Path, stem: str) -> Path:
    try:
        root.mkdir(parents=True, exist_ok=True)
        taken = [e.name.removeprefix(f"{stem}-") for e in root.iterdir() if e.name.startswith(f"{stem}-")]
        number = max((int(t) for t in taken if t.isdecimal() and t.isascii()), default=0)
        while True:
            number += 1
            path = root / f"{stem}-{number:03d}"
            with suppress(FileExistsError):  # another process was faster
                path.mkdir()
                return path
    except OSError as error:
        raise UsageError(
            f"{root}: no run can be made here: {_reason(error)}",
            hint=OTHER_PLACE,
        ) from None


def _listing(run: Path) -> list[str]:
    return [path.name for _, path in _files(run)]


def _write_info(run: Path, info: Mapping[str, JSON]) -> None:
    with replacing(run / _INFO) as file:
        file.write((json.dumps(info, indent=2, ensure_ascii=False) + "\n").encode())


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
