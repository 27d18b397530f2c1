"""From the user's text for a run to one .kan file."""

from __future__ import annotations

import difflib
import json
import os
import re
from pathlib import Path
from typing import IO

from kancli.checkpoint.atomic import numbered
from kancli.checkpoint.run import SUFFIX
from kancli.errors import CheckpointError
from kancli.reading import size

_NUMBER = re.compile(r"[0-9]{1,9}")
_MEMBER = re.compile(r"(.+)#([0-9]{1,9})", re.DOTALL)
_MARK = "# checkpoint:"
# Characters of standard input: the JSON document of a command may be large, a path is not.
_LONGEST = 1 << 26
_NONE_YET = "there are no runs in {} yet; kan fit DATA makes one"


def resolve(
    text: str | None, *, root: Path = Path("runs"), stream: IO[str] | IO[bytes] | None = None
) -> Path:
    """The .kan file that `text` names.

    A .kan file; a run directory (its highest number); `DIR@prune` (the highest number of that stage);
    `DIR@3`; the name of a run in `root`; `last`, also as `last@prune`: the run in `root` whose highest
    numbered file was written last, by the file system's clock, of equals the last by name. None means
    `last`. `-` reads `stream`: the last line that is not blank, with or without "# checkpoint: ", or a
    JSON object's "checkpoint". Raises CheckpointError, which lists the existing ones.
    """
    text = "last" if text is None else text
    if text == "-":
        text = _from_stream(stream)
    try:
        return _resolved(text, root)
    except (OSError, ValueError) as error:  # a name that is too long, no permission; a NUL in a name
        raise CheckpointError(
            f"{text}: cannot be read: {(getattr(error, 'strerror', None) or str(error)).lower()}",
            hint="kan runs lists the runs",
        ) from None


def split_member(text: str | None) -> tuple[str | None, int | None]:
    """`RUN#3` as `RUN` and 3: the third formula of the front. A file or folder of that name is meant as it is."""
    found = _MEMBER.fullmatch(text or "")
    if found is None or os.path.exists(text or ""):
        return text, None
    return found[1], int(found[2])


def _resolved(text: str, root: Path) -> Path:
    path = Path(text)
    if path.is_file():
        return path
    name, at, which = text.rpartition("@")
    if path.is_dir() or not at or not name:
        name, which = text, ""
    return _pick(_run(name, root), which)


def _run(name: str, root: Path) -> Path:
    if name == "last":
        return _last(root)
    path = Path(name)
    if path.is_dir():
        return path
    if not path.is_absolute() and (root / path).is_dir():
        return root / path
    if path.suffix == SUFFIX:
        known = [entry.name for _, entry in _files(path.parent)]
        hint = f"{path.parent} contains {', '.join(known)}" if known else None
        raise CheckpointError(f"{name}: no such checkpoint", hint=hint or "kan runs lists the runs")
    known = [run.name for run in _runs(root)]
    close = difflib.get_close_matches(path.name, known, n=1)
    if close:
        hint = f"did you mean {root / close[0]}?"
    else:
        hint = f"runs in {root}: {_some(known)}; kan runs lists them" if known else _NONE_YET.format(root)
    raise CheckpointError(f"{name}: no such run or checkpoint", hint=hint)


def _pick(run: Path, which: str) -> Path:
    files = _files(run)
    if not files:
        below = [entry.name for entry in _runs(run)]
        hint = f"runs in it: {_some(below)}" if below else "kan train DATA makes the first one"
        raise CheckpointError(f"{run}: no checkpoint in this directory", hint=hint)
    if not which:
        return files[-1][1]
    version = int(which) if _NUMBER.fullmatch(which) else None
    stages = [path.name.removesuffix(SUFFIX).partition("-")[2] for _, path in files]
    chosen = [
        path
        for (number, path), stage in zip(files, stages, strict=True)
        if (number == version if version is not None else stage == which)
    ]
    if not chosen:
        what = "version" if version is not None or which.isdecimal() else "version of stage"
        listed = _some([f"{number} {stage}" for (number, _), stage in zip(files, stages, strict=True)])
        raise CheckpointError(f"{run}: no {what} {which}", hint=f"it has {listed}")
    return chosen[-1]


def _last(root: Path) -> Path:
    newest = [
        (files[-1][1].stat().st_mtime_ns, run.name, run) for run in _runs(root) if (files := _files(run))
    ]
    if not newest:
        raise CheckpointError(f"no run in {root} yet", hint="kan train DATA or kan fit DATA makes one")
    return max(newest)[2]


def _from_stream(stream: IO[str] | IO[bytes] | None) -> str:
    content = "" if stream is None else stream.read(_LONGEST + 1)
    if len(content) > _LONGEST:
        raise CheckpointError(
            f"standard input names no checkpoint: it is larger than {size(_LONGEST)}",
            hint="expected a path, or the JSON document of the command before the pipe",
        )
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise CheckpointError(
            "standard input names no checkpoint: it is empty",
            hint="the command before the pipe may have failed",
        )
    if lines[0].startswith("{") or lines[-1].startswith("{"):
        return _from_json((text, lines[-1]))
    found = lines[-1].removeprefix(_MARK).strip()
    if found == "-" or not found:
        raise CheckpointError("standard input names no checkpoint")
    return found


def _from_json(candidates: tuple[str, ...]) -> str:
    for text in candidates:
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            continue
        found = document.get("checkpoint") if isinstance(document, dict) else None
        if isinstance(found, str) and found != "-":
            return found
        raise CheckpointError('standard input: the JSON object has no "checkpoint"')
    raise CheckpointError("standard input: JSON that cannot be read")


def _files(run: Path) -> list[tuple[int, Path]]:
    return numbered(run, SUFFIX) if run.is_dir() else []


def _runs(root: Path) -> list[Path]:
    if not root.is_dir():
        return []
    return [entry for entry in sorted(root.iterdir()) if entry.is_dir() and _files(entry)]


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return ", ".join(names[-8:]) + more
